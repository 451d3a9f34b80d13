#include "context.hpp"
#include "support/seeds.hpp"

#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/value.hpp>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
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

bytes bytes_of(const value& v) {
    const auto content = v.as_bytes().value();
    return {content.begin(), content.end()};
}

/// The order that `value` has, by the types of the standard library.
using plain = std::variant<null_t, bool, std::int64_t, double, std::string, bytes>;

value to_value(const plain& p) {
    return std::visit([](const auto& content) { return value(content); }, p);
}

std::strong_ordering order(const plain& a, const plain& b) {
    if (a.index() != b.index()) {
        return a.index() <=> b.index();
    }
    const auto same_kind = [&b]<class T>(const T& content) {
        if constexpr (std::is_same_v<T, double>) {
            return std::strong_order(content, std::get<double>(b));
        } else {
            return std::strong_ordering(content <=> std::get<T>(b));
        }
    };
    return std::visit(same_kind, a);
}

/// Lengths around what is held inline, content that differs late, if at all.
plain random_plain(std::mt19937_64& rng) {
    const std::size_t length = sangam::test::draw(rng, 3) == 0
                                   ? sangam::test::draw(rng, 3)
                                   : value::inline_bytes_max - 1 + sangam::test::draw(rng, 3);
    std::string text(length, 'm');
    if (length > 0) {
        text[length - 1 - sangam::test::draw(rng, std::min<std::size_t>(length, 2))] = "am\x7f"[rng() % 3];
    }
    const double reals[] = {0.0, -0.0, 0.5, -0.5, infinity, -infinity, 5e-324};
    const std::int64_t integers[] = {0, 1, -1, std::numeric_limits<std::int64_t>::min(),
                                     std::numeric_limits<std::int64_t>::max()};
    switch (sangam::test::draw(rng, 6)) {
    case 0:
        return null_t{};
    case 1:
        return rng() % 2 == 0;
    case 2:
        return integers[rng() % std::size(integers)];
    case 3:
        return reals[rng() % std::size(reals)];
    case 4:
        return text;
    default:
        bytes content(length);
        std::ranges::transform(text, content.begin(), [&](char c) {
            return rng() % 4 == 0 ? std::byte{0xff} : static_cast<std::byte>(c);
        });
        return content;
    }
}

/// One value of each kind and place: inline and on the heap.
std::vector<value> samples() {
    std::vector<value> all{null_t{}, true, -7, 0.5};
    for (const std::size_t length :
         {std::size_t{0}, std::size_t{1}, value::inline_bytes_max - 1, value::inline_bytes_max,
          value::inline_bytes_max + 1, std::size_t{1000}}) {
        all.emplace_back(std::string(length, 't'));
        all.emplace_back(bytes(length, std::byte{0xb}));
    }
    return all;
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
    CHECK(bytes_of(value(raw({1, 2}))) == raw({1, 2}));
    CHECK(bytes_of(value(std::as_bytes(std::span("ab", 2)))) == raw({'a', 'b'}));

    const value one = 1;
    CHECK_FALSE(one.is_null());
    CHECK(one.as_bool() == nullptr);
    CHECK(one.as_real() == nullptr);
    CHECK_FALSE(one.as_text());
    CHECK_FALSE(one.as_bytes());
    CHECK_FALSE(value("text").as_bytes());
    CHECK_FALSE(value(raw({1})).as_text());
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

TEST_CASE("value: equality and order are those of the standard types, inline and on the heap") {
    sangam::test::for_each_seed(20, [](std::mt19937_64& rng) {
        std::vector<plain> drawn(60);
        std::ranges::generate(drawn, [&] { return random_plain(rng); });
        for (const plain& a : drawn) {
            for (const plain& b : drawn) {
                CAPTURE(to_value(a));
                CAPTURE(to_value(b));
                CHECK((to_value(a) <=> to_value(b)) == order(a, b));
                CHECK((to_value(a) == to_value(b)) == (order(a, b) == 0));
            }
        }
    });
}

TEST_CASE("value: text and bytes of each length around the inline size come back whole") {
    for (std::size_t length = 0; length <= 2 * value::inline_bytes_max; ++length) {
        std::string text;
        bytes content;
        for (std::size_t i = 0; i < length; ++i) {
            text += static_cast<char>('a' + i % 26);
            content.push_back(static_cast<std::byte>(0x80 + i));
        }
        CHECK(value(text).as_text() == text);
        CHECK(value(text).content_bytes() == length);
        CHECK(bytes_of(value(content)) == content);
        CHECK(value(std::string(length, '\0')).as_text() == std::string(length, '\0'));
    }
}

TEST_CASE("value: a copy is equal to the original and apart from it") {
    for (const value& original : samples()) {
        CAPTURE(original);
        value copy = original;
        CHECK(copy == original);
        for (const value& other : samples()) {
            copy = other;
            CHECK(copy == other);
        }
        CHECK(original == value(original));
    }
}

TEST_CASE("value: a move leaves null, which can be assigned to") {
    for (const value& original : samples()) {
        for (const value& other : samples()) {
            CAPTURE(original);
            CAPTURE(other);
            value source = original;
            value target = std::move(source);
            CHECK(target == original);
            CHECK(source.is_null());
            source = other;
            target = std::move(source);
            CHECK(target == other);
            CHECK(source.is_null());
            source = original;
            CHECK(source == original);
        }
    }
}

TEST_CASE("value: an assignment to itself changes nothing") {
    for (const value& original : samples()) {
        CAPTURE(original);
        value v = original;
        value& same = v;
        v = same;
        CHECK(v == original);
        v = std::move(same);
        CHECK(v == original);
    }
}

TEST_CASE("value: a move never throws") {
    CHECK(sizeof(value) == 16);
    CHECK(std::is_nothrow_move_constructible_v<value>);
    CHECK(std::is_nothrow_move_assignable_v<value>);
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
