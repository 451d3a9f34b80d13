#include <sangam/causality/assert.hpp>
#include <sangam/causality/error.hpp>
#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/rga_text.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace sangam::crdt;
using sangam::causality::replica_id;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};
constexpr replica_id carol{3};

using patches_t = std::vector<text_patch>;
using ranges_t = std::vector<text_id_range>;

operation_context of(replica_id origin) {
    return {{origin, 1}, {}};
}

rga_text::insert_op type(rga_text& text, std::size_t position, std::string_view added, replica_id origin) {
    auto op = text.insert(position, added, origin);
    text.apply(op, of(origin));
    return op;
}

rga_text::erase_op cut(rga_text& text, std::size_t position, std::size_t count, replica_id origin = alice) {
    auto op = text.erase(position, count);
    text.apply(op, of(origin));
    return op;
}

rga_text holding(std::string_view content) {
    rga_text text;
    type(text, 0, content, alice);
    return text;
}

/// What the call throws, "" if nothing; `code` must be the error's code.
template <class Call>
std::string reason(errc code, Call call) {
    try {
        static_cast<void>(call());
    } catch (const sangam::exception& e) {
        CHECK(e.code() == code);
        return e.reason().where;
    }
    return {};
}

} // namespace

TEST_CASE("rga_text: a new text is empty") {
    const rga_text text;
    CHECK(text.empty());
    CHECK(text.size() == 0);
    CHECK(text.size_with_tombstones() == 0);
    CHECK(text.str().empty());
    CHECK(text.utf16_size() == 0);
    CHECK(text.to_utf16(0) == 0);
    CHECK(text.from_utf16(0) == 0);
    CHECK(text.elements().empty());
    CHECK(text.check_invariants().empty());
    CHECK(text.reset().ranges.empty());
}

TEST_CASE("rga_text: an insert lands in front of the character at its position") {
    rga_text text = holding("hello");
    type(text, 5, " world", alice);
    type(text, 0, ">", bob);
    type(text, 6, ",", alice);
    CHECK(text.str() == ">hello, world");
    CHECK(text.str(1, 5) == "hello");
    CHECK(text.str(13, 0).empty());
}

TEST_CASE("rga_text: an insert among tombstones lands between its visible neighbours") {
    rga_text text = holding("abcdef");
    cut(text, 1, 4);
    REQUIRE(text.str() == "af");
    type(text, 1, "X", bob);
    CHECK(text.str() == "aXf");
    type(text, 2, "Y", alice);
    type(text, 1, "Z", alice);
    CHECK(text.str() == "aZXYf");
    cut(text, 0, 5);
    type(text, 0, "new", bob);
    CHECK(text.str() == "new");
}

TEST_CASE("rga_text: a prepared insert names its ids and the visible character in front of it") {
    rga_text text = holding("abc");
    const auto first = text.insert(0, "x", bob);
    CHECK(first.first == text_id{4, bob});
    CHECK(first.parent == std::nullopt);
    cut(text, 1, 1);
    const auto second = text.insert(1, "yz", bob);
    CHECK(second == rga_text::insert_op{{4, bob}, text_id{1, alice}, "yz"});
    text.apply(second, of(bob));
    CHECK(text.insert(4, "!", alice) == rga_text::insert_op{{6, alice}, text_id{3, alice}, "!"});
}

TEST_CASE(
    "rga_text: of concurrent inserts at one place the greater replica's comes first when both saw as much") {
    const rga_text base = holding("ab");
    const auto by_alice = base.insert(1, "A", alice);
    const auto by_bob = base.insert(1, "B", bob);
    rga_text here = base;
    here.apply(by_alice, of(alice));
    here.apply(by_bob, of(bob));
    rga_text there = base;
    there.apply(by_bob, of(bob));
    there.apply(by_alice, of(alice));
    CHECK(here.str() == "aBAb");
    CHECK(here == there);
}

TEST_CASE("rga_text: of concurrent inserts at one place the one that saw more comes first") {
    rga_text here = holding("ab");
    rga_text there = here;
    const auto early = type(there, 1, "B", bob);
    const auto far_away = type(here, 2, "c", alice);
    const auto late = type(here, 1, "A", alice);
    here.apply(early, of(bob));
    there.apply(far_away, of(alice));
    there.apply(late, of(alice));
    CHECK(here.str() == "aABbc");
    CHECK(here == there);
}

TEST_CASE("rga_text: concurrent runs at one place do not interleave") {
    rga_text here;
    rga_text there;
    std::vector<rga_text::insert_op> from_here;
    std::vector<rga_text::insert_op> from_there;
    for (std::size_t i = 0; i < 5; ++i) {
        from_here.push_back(type(here, i, std::string(1, "milk,"[i]), alice));
        from_there.push_back(type(there, i, std::string(1, "eggs."[i]), bob));
    }
    for (const auto& op : from_there)
        here.apply(op, of(bob));
    for (const auto& op : from_here)
        there.apply(op, of(alice));
    CHECK(here.str() == "eggs.milk,");
    CHECK(here == there);
}

TEST_CASE("rga_text: an insert goes behind everything that was inserted into a greater neighbour") {
    const rga_text base = holding("ab");
    const auto by_alice = base.insert(1, "1", alice);
    rga_text there = base;
    const auto by_bob = type(there, 1, "xyz", bob);
    const auto by_carol = type(there, 2, "_", carol);
    const auto erase = cut(there, 1, 2, carol);
    rga_text here = base;
    here.apply(by_alice, of(alice));
    here.apply(by_bob, of(bob));
    here.apply(by_carol, of(carol));
    here.apply(erase, of(carol));
    there.apply(by_alice, of(alice));
    CHECK(there.str() == "ayz1b");
    CHECK(here == there);
}

TEST_CASE("rga_text: what is inserted into a range stays when the range is erased concurrently") {
    rga_text here = holding("the old text");
    rga_text there = here;
    const auto insert = type(here, 6, "ish-", alice);
    const auto erase = cut(there, 0, 8, bob);
    patches_t patches;
    here.apply(erase, of(bob), &patches);
    there.apply(insert, of(alice));
    CHECK(here.str() == "ish-text");
    CHECK(here == there);
    CHECK(patches == patches_t{{0, 6, ""}, {4, 2, ""}});
}

TEST_CASE("rga_text: an insert behind an erased character lands where that was") {
    rga_text here = holding("abc");
    rga_text there = here;
    const auto insert = there.insert(2, "X", bob);
    cut(here, 1, 1);
    patches_t patches;
    here.apply(insert, of(bob), &patches);
    CHECK(here.str() == "aXc");
    CHECK(patches == patches_t{{1, 0, "X"}});
}

TEST_CASE("rga_text: an erase of erased characters changes nothing and yields no patch") {
    rga_text text = holding("abc");
    const auto erase = cut(text, 0, 2);
    const rga_text before = text;
    patches_t patches;
    text.apply(erase, of(bob), &patches);
    CHECK(patches.empty());
    CHECK(text == before);
    text.apply(rga_text::erase_op{{{{1, alice}, 3}}}, of(bob), &patches);
    CHECK(patches == patches_t{{0, 1, ""}});
    CHECK(text.empty());
    CHECK(text.size_with_tombstones() == 3);
    CHECK(text.check_invariants().empty());
}

TEST_CASE("rga_text: an erase names runs of consecutive ids in the order of the text") {
    rga_text text = holding("abcd");
    type(text, 2, "XY", bob);
    cut(text, 1, 1);
    REQUIRE(text.str() == "aXYcd");
    CHECK(text.erase(0, 5).ranges == ranges_t{{{1, alice}, 1}, {{5, bob}, 2}, {{3, alice}, 2}});
}

TEST_CASE("rga_text: characters that are erased side by side make one patch") {
    rga_text text = holding("abcd");
    type(text, 2, "XY", bob);
    patches_t patches;
    SUBCASE("across ranges") {
        text.apply(text.erase(1, 4), of(alice), &patches);
        CHECK(patches == patches_t{{1, 4, ""}});
    }
    SUBCASE("across tombstones") {
        cut(text, 2, 2);
        text.apply(text.erase(0, 4), of(alice), &patches);
        CHECK(patches == patches_t{{0, 4, ""}});
    }
    SUBCASE("from the back") {
        text.apply(rga_text::erase_op{{{{4, alice}, 1}, {{3, alice}, 1}, {{6, bob}, 1}}}, of(alice),
                   &patches);
        CHECK(patches == patches_t{{3, 3, ""}});
    }
    SUBCASE("from the back, range by range") {
        text.apply(rga_text::erase_op{{{{3, alice}, 2}, {{5, bob}, 2}}}, of(alice), &patches);
        CHECK(patches == patches_t{{2, 4, ""}});
    }
    SUBCASE("from the middle to both sides") {
        text.apply(rga_text::erase_op{{{{6, bob}, 1}, {{3, alice}, 1}, {{5, bob}, 1}}}, of(alice), &patches);
        CHECK(patches == patches_t{{2, 3, ""}});
        patches.clear();
        text.apply(rga_text::erase_op{{{{2, alice}, 1}, {{1, alice}, 2}, {{4, alice}, 1}}}, of(alice),
                   &patches);
        CHECK(patches == patches_t{{0, 3, ""}});
    }
    SUBCASE("around others that went before them") {
        rga_text other = holding("abcd");
        other.apply(rga_text::erase_op{{{{2, alice}, 1}, {{1, alice}, 3}}}, of(alice), &patches);
        CHECK(patches == patches_t{{0, 3, ""}});
        other.apply(rga_text::erase_op{{{{1, alice}, 4}}}, of(alice), &patches);
        CHECK(patches == patches_t{{0, 3, ""}, {0, 1, ""}});
    }
    SUBCASE("but not those with a visible one between") {
        text.apply(rga_text::erase_op{{{{1, alice}, 1}, {{4, alice}, 1}}}, of(alice), &patches);
        CHECK(patches == patches_t{{0, 1, ""}, {4, 1, ""}});
    }
    SUBCASE("but not with the patches of an earlier operation") {
        text.apply(text.erase(0, 1), of(alice), &patches);
        text.apply(text.erase(0, 1), of(alice), &patches);
        CHECK(patches == patches_t{{0, 1, ""}, {0, 1, ""}});
    }
}

TEST_CASE("rga_text: patches of a range whose characters lie apart say where each was") {
    rga_text text;
    type(text, 0, "b", alice);
    type(text, 0, "a", alice);
    type(text, 1, "-", bob);
    patches_t patches;
    text.apply(rga_text::erase_op{{{{1, alice}, 2}}}, of(alice), &patches);
    CHECK(patches == patches_t{{2, 1, ""}, {0, 1, ""}});
    CHECK(text.str() == "-");
}

TEST_CASE("rga_text: a reset erases what is visible") {
    rga_text text = holding("abc");
    type(text, 1, "X", bob);
    const auto unseen = text.insert(2, "new", carol);
    text.apply(text.reset(), of(bob));
    CHECK(text.empty());
    text.apply(unseen, of(carol));
    CHECK(text.str() == "new");
}

TEST_CASE("rga_text: a position or range past the end is refused and named") {
    const rga_text text = holding("a\U0001F600c");
    const errc past = errc::position_past_end;
    CHECK(reason(past, [&] { return text.insert(3, "x", bob); }).empty());
    CHECK(reason(past, [&] { return text.insert(4, "x", bob); }) == "rga_text::insert: position 4, size 3");
    CHECK(reason(past, [&] { return text.erase(0, 3); }).empty());
    CHECK(reason(past, [&] { return text.erase(1, 3); }) == "rga_text::erase: position 1, count 3, size 3");
    CHECK(reason(past, [&] { return text.erase(4, 1); }) == "rga_text::erase: position 4, count 1, size 3");
    CHECK(!reason(past, [&] { return text.erase(1, std::numeric_limits<std::size_t>::max()); }).empty());
    CHECK(reason(past, [&] { return text.str(3, 0); }).empty());
    CHECK(reason(past, [&] { return text.str(2, 2); }) == "rga_text::str: position 2, count 2, size 3");
    CHECK(reason(past, [&] { return text.to_utf16(3); }).empty());
    CHECK(reason(past, [&] { return text.to_utf16(4); }) == "rga_text::to_utf16: position 4, size 3");
    CHECK(reason(past, [&] { return text.from_utf16(4); }).empty());
    CHECK(reason(past, [&] { return text.from_utf16(5); }) == "rga_text::from_utf16: position 5, size 4");
    CHECK(reason(past, [&] { return text.cursor_at(3, text_bias::left); }).empty());
    CHECK(reason(past, [&] { return text.cursor_at(4, text_bias::left); }) ==
          "rga_text::cursor_at: position 4, size 3");
}

TEST_CASE("rga_text: an insert that is not UTF-8 is refused, and the byte is named") {
    const rga_text text = holding("abc");
    CHECK(reason(errc::invalid_utf8, [&] { return text.insert(1, "x\xC3", bob); }) ==
          "rga_text::insert: byte 1 of 2 at position 1");
}

TEST_CASE("rga_text: positions convert to UTF-16 and back") {
    rga_text text = holding("a\U0001F600b\U0001F601");
    CHECK(text.size() == 4);
    CHECK(text.utf16_size() == 6);
    const std::vector<std::size_t> units{0, 1, 3, 4, 6};
    for (std::size_t position = 0; position < units.size(); ++position) {
        CAPTURE(position);
        CHECK(text.to_utf16(position) == units[position]);
        CHECK(text.from_utf16(units[position]) == position);
    }
    CHECK(reason(errc::inside_surrogates, [&] { return text.from_utf16(2); }) ==
          "rga_text::from_utf16: position 2, size 6");
    CHECK(!reason(errc::inside_surrogates, [&] { return text.from_utf16(5); }).empty());

    cut(text, 1, 1);
    CHECK(text.utf16_size() == 4);
    CHECK(text.to_utf16(2) == 2);
    CHECK(text.from_utf16(2) == 2);
    CHECK(text.str() == "ab\U0001F601");
}

TEST_CASE("rga_text: a cursor stays with the neighbour of its bias when text comes exactly there") {
    rga_text text = holding("ab");
    const text_cursor left = text.cursor_at(1, text_bias::left);
    const text_cursor right = text.cursor_at(1, text_bias::right);
    CHECK(left == text_cursor{text_id{1, alice}, text_bias::left});
    CHECK(right == text_cursor{text_id{2, alice}, text_bias::right});
    type(text, 1, "XYZ", bob);
    CHECK(text.position_of(left) == 1);
    CHECK(text.position_of(right) == 4);
    type(text, 0, ">", bob);
    CHECK(text.position_of(left) == 2);
    CHECK(text.position_of(right) == 5);
}

TEST_CASE("rga_text: a cursor at an end of the text stays there") {
    rga_text text = holding("ab");
    const text_cursor start = text.cursor_at(0, text_bias::left);
    const text_cursor end = text.cursor_at(2, text_bias::right);
    CHECK(start.anchor == std::nullopt);
    CHECK(end.anchor == std::nullopt);
    const text_cursor first = text.cursor_at(0, text_bias::right);
    const text_cursor last = text.cursor_at(2, text_bias::left);
    type(text, 2, ".", bob);
    type(text, 0, ">", bob);
    CHECK(text.position_of(start) == 0);
    CHECK(text.position_of(first) == 1);
    CHECK(text.position_of(last) == 3);
    CHECK(text.position_of(end) == 4);
}

TEST_CASE("rga_text: a cursor whose character was erased is where that character was") {
    rga_text text = holding("abcd");
    const text_cursor left = text.cursor_at(3, text_bias::left);
    const text_cursor right = text.cursor_at(1, text_bias::right);
    cut(text, 1, 2);
    CHECK(text.position_of(left) == 1);
    CHECK(text.position_of(right) == 1);
}

TEST_CASE("rga_text: a cursor at a character that is not known has no position") {
    const rga_text text = holding("ab");
    CHECK(text.position_of({text_id{3, alice}, text_bias::left}) == std::nullopt);
    CHECK(text.position_of({text_id{1, bob}, text_bias::right}) == std::nullopt);
    CHECK(rga_text{}.position_of({text_id{1, alice}, text_bias::right}) == std::nullopt);
}

TEST_CASE("rga_text: a copy shares nothing with the original") {
    rga_text original = holding("abc");
    rga_text copy = original;
    type(copy, 3, "d", bob);
    cut(original, 0, 1);
    CHECK(original.str() == "bc");
    CHECK(copy.str() == "abcd");
    CHECK(copy != original);
    original = copy;
    CHECK(original == copy);
    cut(copy, 0, 4);
    CHECK(original.str() == "abcd");
    const rga_text& self = original;
    original = self;
    CHECK(original.str() == "abcd");
}

TEST_CASE("rga_text: a text that was moved from is empty and can be used") {
    rga_text from = holding("abc");
    rga_text to = std::move(from);
    CHECK(to.str() == "abc");
    CHECK(from.empty());
    CHECK(from == rga_text{});
    type(from, 0, "new", bob);
    CHECK(from.str() == "new");
    to = std::move(from);
    CHECK(to.str() == "new");
    CHECK(from.check_invariants().empty());
}

TEST_CASE("rga_text: texts are equal iff every element is, tombstones included") {
    rga_text erased = holding("ab");
    cut(erased, 1, 1);
    CHECK(erased.str() == holding("a").str());
    CHECK(erased != holding("a"));
    using element = rga_text::element;
    CHECK(erased.elements() == std::vector<element>{{{1, alice}, U'a', true}, {{2, alice}, 0, false}});
}

TEST_CASE("rga_text: a long text is one range to erase and one patch") {
    rga_text text;
    type(text, 0, std::string(5000, 'x'), alice);
    CHECK(text.erase(0, 5000).ranges == ranges_t{{{1, alice}, 5000}});
    patches_t patches;
    text.apply(text.erase(10, 4980), of(bob), &patches);
    CHECK(patches == patches_t{{10, 4980, ""}});
    CHECK(text.size() == 20);
    CHECK(text.check_invariants().empty());
}

TEST_CASE("rga_text: a text typed one character at a time, forwards or backwards, is what was typed") {
    rga_text text;
    std::string typed;
    std::size_t position = 0;
    SUBCASE("forwards") {
        for (; position < 2000; ++position) {
            typed += static_cast<char>('a' + position % 26);
            type(text, position, typed.substr(position), alice);
            if (position < 600) REQUIRE(text.check_invariants().empty());
        }
    }
    SUBCASE("backwards") {
        for (; position < 2000; ++position) {
            typed += static_cast<char>('a' + position % 26);
            type(text, 0, typed.substr(position), alice);
        }
        std::reverse(typed.begin(), typed.end());
    }
    CHECK(text.str() == typed);
    CHECK(text.check_invariants().empty());
}

TEST_CASE(
    "rga_text: who comes behind 200,000 erased and 200,000 other siblings need not pass them one by one") {
    // Each goes behind all that are there. In steps of one this would be 80 billion of them.
    const rga_text seen = holding("<>");
    rga_text text = seen;
    std::string inserted;
    for (std::uint64_t n = 400'000; n > 0; --n) {
        if (n == 200'000) cut(text, 1, inserted.size());
        if (n == 200'000) inserted.clear();
        inserted += static_cast<char>('a' + n % 26);
        text.apply(seen.insert(1, std::string_view(inserted).substr(inserted.size() - 1), {n + 1}),
                   of({n + 1}));
    }
    CHECK(text.str() == "<" + inserted + ">");
    CHECK(text.check_invariants().empty());
}

#ifndef NDEBUG
TEST_CASE("rga_text: to insert or erase nothing breaks a precondition") {
    struct broken {};
    const auto before =
        sangam::causality::set_invariant_handler([](const char*, const char*, int) { throw broken{}; });
    const rga_text text = holding("abc");
    CHECK_THROWS_AS(static_cast<void>(text.insert(0, "", alice)), broken);
    CHECK_THROWS_AS(static_cast<void>(text.erase(0, 0)), broken);
    sangam::causality::set_invariant_handler(before);
}
#endif
