#include <editor/key_parser.hpp>
#include <editor/limits.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using editor::key;
using editor::key_parser;
using editor::motion;

namespace {

key typed(char32_t c) {
    return {key::kind::character, c, {}, {}};
}
key move(motion how) {
    return {key::kind::move, 0, how, {}};
}
key plain(key::kind what) {
    return {what, 0, {}, {}};
}
key pasted(std::string text) {
    return {key::kind::paste, 0, {}, std::move(text)};
}

/// Whatever the bytes are cut into, they are the same keys.
void check(std::string_view bytes, const std::vector<key>& expected) {
    for (std::size_t length = 1; length <= bytes.size(); ++length) {
        CAPTURE(length);
        key_parser parser;
        std::vector<key> keys;
        for (std::size_t at = 0; at < bytes.size(); at += length) {
            for (key& one : parser.feed(bytes.substr(at, length)))
                keys.push_back(std::move(one));
        }
        CHECK(keys == expected);
        CHECK(parser.waits() == key_parser::waiting::for_nothing);
    }
}

} // namespace

TEST_CASE("key_parser: characters, cursor keys and control keys are the same however they are cut") {
    check("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80",
          {typed(U'a'), typed(U'\u00E4'), typed(U'\u20AC'), typed(U'\U0001F600')});
    check("\x1b[A\x1bOB\x1b[1;5C\x1b[D",
          {move(motion::up), move(motion::down), move(motion::right), move(motion::left)});
    check("\x1b[H\x1b[F\x1b[1~\x1b[8~\x1b[1;5H\x1b[1;5F",
          {move(motion::row_start), move(motion::row_end), move(motion::row_start), move(motion::row_end),
           move(motion::text_start), move(motion::text_end)});
    check("\x1b[5~\x1b[6~\x1b[3~\x7f\x08\x13\x11",
          {move(motion::page_up), move(motion::page_down), plain(key::kind::erase_after),
           plain(key::kind::erase_before), plain(key::kind::erase_before), plain(key::kind::save),
           plain(key::kind::quit)});
}

TEST_CASE("key_parser: a return, a newline, and both are one Enter each") {
    check("a\rb\nc\r\nd\r\re", {typed(U'a'), typed(U'\n'), typed(U'b'), typed(U'\n'), typed(U'c'),
                                typed(U'\n'), typed(U'd'), typed(U'\n'), typed(U'\n'), typed(U'e')});
}

TEST_CASE("key_parser: what means nothing here is no key, and what follows is one") {
    check("\x1b[11~a\x1b[[Bb\x1b[<0;1;1Mc\x1bxd\x1b[201~e",
          {typed(U'a'), typed(U'b'), typed(U'c'), typed(U'd'), typed(U'e')});
    check("\xFF"
          "a\xE2(b",
          {typed(U'\uFFFD'), typed(U'a'), typed(U'\uFFFD'), typed(U'('), typed(U'b')});
    check(std::string("\x1b[") + std::string(64, '1') + "~", {typed(U'1'), typed(U'1'), typed(U'~')});
}

// A paste lost its lines, or each of its characters was an edit.
TEST_CASE("key_parser: a bracketed paste is one key with all its lines") {
    check("x\x1b[200~one\rtwo\r\nthree\nfour\x1b[A\x13\x1b[201~y",
          {typed(U'x'), pasted("one\ntwo\nthree\nfour\x1b[A\x13"), typed(U'y')});
    check("\x1b[200~\x1b[201~\x1b[200~a\xFF\xC3\xA4\x1b[201~", {pasted("a\xEF\xBF\xBD\xC3\xA4")});
}

TEST_CASE("key_parser: a long paste is told in parts, between characters and line breaks") {
    key_parser parser;
    std::string told;
    const auto hear = [&](std::string_view bytes) {
        for (const key& one : parser.feed(bytes)) {
            REQUIRE(one.what == key::kind::paste);
            told += one.text;
        }
    };
    hear("\x1b[200~");
    std::string all;
    const std::string part = std::string(9'998, 'x') + "\xC3\xA4\r\n";
    while (all.size() < 2 * editor::limits::paste_bytes_max) {
        hear(part.substr(0, 9'999));
        hear(part.substr(9'999, 2));
        hear(part.substr(10'001));
        all += std::string(9'998, 'x') + "\xC3\xA4\n";
    }
    CHECK(told.size() > editor::limits::paste_bytes_max);
    hear("\x1b[201~");
    CHECK(told == all);
}

TEST_CASE("key_parser: a silence ends what has no rest") {
    key_parser parser;
    CHECK(parser.feed("\x1b").empty());
    CHECK(parser.waits() == key_parser::waiting::for_rest);
    CHECK(parser.time_out() == std::vector<key>{plain(key::kind::escape)});
    CHECK(parser.feed("\x1b[").empty());
    CHECK(parser.time_out().empty());
    CHECK(parser.feed("[A").size() == 2);
    CHECK(parser.feed("\xE2\x82").empty());
    CHECK(parser.time_out() == std::vector<key>{typed(U'\uFFFD')});
    CHECK(parser.feed("\x1b[200~lost").empty());
    CHECK(parser.waits() == key_parser::waiting::for_paste);
    CHECK(parser.time_out() == std::vector<key>{pasted("lost")});
    CHECK(parser.feed("\x11") == std::vector<key>{plain(key::kind::quit)});
}
