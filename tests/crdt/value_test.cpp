#include "context.hpp"

#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/value.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

using namespace sangam::crdt;
using sangam::crdt::test::error_of;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

bytes raw(std::initializer_list<int> numbers) {
    bytes content;
    for (const int number : numbers) {
        content.push_back(static_cast<std::byte>(number));
    }
    return content;
}

/// The error of a value made from `content`; one without a code when there is none.
template <class Content>
sangam::error refusal_of(Content content) {
    return error_of([&] { const value refused(std::move(content)); });
}

} // namespace

TEST_CASE("value: each kind gives back what was put in, and nothing else") {
    CHECK(value().is_null());
    CHECK(value(null_t{}).is_null());
    CHECK(*value(true).as_bool());
    CHECK(*value(-7).as_integer() == -7);
    CHECK(*value(0.5).as_real() == 0.5);
    CHECK(*value("text").as_text() == "text");
    CHECK(*value(std::string_view("view")).as_text() == "view");
    CHECK(*value(raw({1, 2})).as_bytes() == raw({1, 2}));

    const value one = 1;
    CHECK_FALSE(one.is_null());
    CHECK(one.as_bool() == nullptr);
    CHECK(one.as_real() == nullptr);
    CHECK(one.as_text() == nullptr);
    CHECK(one.as_bytes() == nullptr);
    CHECK(value(true).as_integer() == nullptr);
}

TEST_CASE("value: integers keep their sign and width, and unsigned 64-bit ones are refused by the compiler") {
    CHECK(*value(std::numeric_limits<std::int64_t>::min()).as_integer() ==
          std::numeric_limits<std::int64_t>::min());
    CHECK(*value(std::uint32_t{4'000'000'000}).as_integer() == 4'000'000'000);
    CHECK_FALSE(std::is_constructible_v<value, std::uint64_t>);
    CHECK_FALSE(std::is_constructible_v<value, void*>);
}

TEST_CASE("value: kinds with the same look are different values") {
    CHECK(value(1) != value(1.0));
    CHECK(value(0.0) != value(-0.0));
    CHECK(value(true) != value(1));
    CHECK(value("1") != value(1));
    CHECK(value("a") != value(raw({'a'})));
    CHECK(value(false) != value());
}

TEST_CASE("value: the order is by kind as listed, then by content") {
    const std::vector<value> increasing{
        null_t{},    false,      true,        std::numeric_limits<std::int64_t>::min(),
        -1,          0,          1,           std::numeric_limits<std::int64_t>::max(),
        -infinity,   -1.0,       -0.0,        0.0,
        5e-324,      1.0,        infinity,    "",
        "Z",         "a",        "aa",        "b",
        "\x7f",      "\xc3\xa9", raw({}),     raw({0}),
        raw({0, 0}), raw({1}),   raw({0x7f}), raw({0x80})};
    for (std::size_t i = 0; i < increasing.size(); ++i) {
        for (std::size_t j = 0; j < increasing.size(); ++j) {
            CAPTURE(increasing[i]);
            CAPTURE(increasing[j]);
            CHECK((increasing[i] <=> increasing[j]) == (i <=> j));
            CHECK((increasing[i] == increasing[j]) == (i == j));
        }
    }
}

TEST_CASE("value: a double that is not a number is refused") {
    const auto error = refusal_of(std::numeric_limits<double>::quiet_NaN());
    CHECK(error.code == errc::not_a_number);
    CHECK(error.message() == "crdt: not a number: a value that is a double");
    CHECK(refusal_of(-std::numeric_limits<double>::quiet_NaN()).code == errc::not_a_number);
    CHECK_FALSE(refusal_of(infinity).code);
}

TEST_CASE("value: text that is not UTF-8 is refused at its first wrong byte") {
    const auto error = refusal_of("ab\xff"
                                  "c");
    CHECK(error.code == errc::invalid_utf8);
    CHECK(error.where == "byte 2 of a text of 4 bytes");
    CHECK_FALSE(refusal_of(raw({0xff})).code);
}

TEST_CASE("value: text and bytes may have the greatest size and not one byte more") {
    const std::size_t most = limits::value_bytes_max;
    CHECK(value(std::string(most, 'x')).content_bytes() == most);
    CHECK(value(bytes(most)).content_bytes() == most);

    const auto text = refusal_of(std::string(most + 1, 'x'));
    CHECK(text.code == errc::too_large);
    CHECK(text.where == "a value of 1048577 bytes; the limit is 1048576");
    CHECK(refusal_of(bytes(most + 1)).code == errc::too_large);
}

TEST_CASE("value: only text and bytes have content bytes") {
    CHECK(value("four").content_bytes() == 4);
    CHECK(value(raw({1, 2, 3})).content_bytes() == 3);
    CHECK(value(7).content_bytes() == 0);
    CHECK(value().content_bytes() == 0);
}

TEST_CASE("value: to_string shows the kind as well as the content") {
    CHECK(to_string(value()) == "null");
    CHECK(to_string(true) == "true");
    CHECK(to_string(false) == "false");
    CHECK(to_string(-42) == "-42");
    CHECK(to_string(0.5) == "0.5");
    CHECK(to_string(2.0) == "2.0");
    CHECK(to_string(-0.0) == "-0.0");
    CHECK(to_string(1e300) == "1e+300");
    CHECK(to_string(-infinity) == "-inf");
    CHECK(to_string(raw({0x0a, 0xff})) == "0x0aff");
    CHECK(to_string(raw({})) == "0x");
}

TEST_CASE("value: to_string escapes text as JSON does and leaves other characters as they are") {
    CHECK(to_string("\"\\/\b\f\n\r\t") == R"("\"\\/\b\f\n\r\t")");
    CHECK(to_string(std::string("\0\x1f\x7f", 3)) == "\"\\u0000\\u001f\x7f\"");
    CHECK(to_string("\xe0\xa4\xb8\xe0\xa4\x82") == "\"\xe0\xa4\xb8\xe0\xa4\x82\"");
}

TEST_CASE("errc: every code has its own text, and others say their number") {
    std::vector<std::string> texts;
    for (int code = static_cast<int>(errc::not_a_number); code <= static_cast<int>(errc::nested_too_deeply);
         ++code) {
        texts.push_back(make_error_code(static_cast<errc>(code)).message());
        CHECK(texts.back().find("unknown") == std::string::npos);
    }
    std::ranges::sort(texts);
    CHECK(texts.size() == 7);
    CHECK(std::ranges::adjacent_find(texts) == texts.end());
    CHECK(make_error_code(errc::too_large).category().name() == std::string("crdt"));
    CHECK(make_error_code(static_cast<errc>(99)).message() == "unknown error 99");
}
