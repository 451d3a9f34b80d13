#include <sangam/crdt/utf8.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace utf8 = sangam::crdt::utf8;
using namespace std::string_literals;

namespace {

constexpr bool is_scalar(char32_t c) {
    return c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
}

std::string encoded(char32_t scalar) {
    std::string text;
    utf8::append(text, scalar);
    return text;
}

} // namespace

TEST_CASE("utf8: every scalar value comes back from its encoding") {
    std::size_t wrong = 0;
    for (char32_t scalar = 0; scalar <= 0x10FFFF; ++scalar) {
        if (!is_scalar(scalar)) continue;
        const std::string text = encoded(scalar);
        const std::size_t length = scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4;
        if (text.size() != length || utf8::find_invalid(text) || utf8::count_scalars(text) != 1 ||
            utf8::to_scalars(text) != std::u32string(1, scalar)) {
            ++wrong;
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("utf8: nothing but the encodings of scalar values is well-formed") {
    std::array<std::array<bool, 256>, 256> begins_a_scalar{};
    for (char32_t scalar = 0x80; scalar <= 0x10FFFF; ++scalar) {
        if (!is_scalar(scalar)) continue;
        const std::string text = encoded(scalar);
        begins_a_scalar[static_cast<unsigned char>(text[0])][static_cast<unsigned char>(text[1])] = true;
    }
    std::size_t wrong = 0;
    for (std::size_t first = 0x80; first < 256; ++first) {
        for (std::size_t second = 0; second < 256; ++second) {
            std::string text{static_cast<char>(first), static_cast<char>(second)};
            text.append(first >= 0xF0 ? 2 : first >= 0xE0 ? 1 : 0, '\x80');
            const bool valid = begins_a_scalar[first][second];
            if (utf8::find_invalid(text) != (valid ? std::nullopt : std::optional<std::size_t>(0))) ++wrong;
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("utf8: the offset of a malformed sequence is where it starts") {
    CHECK(utf8::find_invalid("") == std::nullopt);
    CHECK(utf8::find_invalid("plain, \u00e9, \u20ac, \U0001F600") == std::nullopt);
    CHECK(utf8::find_invalid("a\0b"s) == std::nullopt);
    CHECK(utf8::find_invalid("ab\xFF") == 2);
    CHECK(utf8::find_invalid("ab\x80") == 2);
    CHECK(utf8::find_invalid("\u20ac\xE2\x82") == 3);
    CHECK(utf8::find_invalid("\xE2\x82x") == 0);
    CHECK(utf8::find_invalid("\xF0\x9F\x98") == 0);
    CHECK(utf8::find_invalid("\xF0\x9F\x98x") == 0);
    CHECK(utf8::find_invalid("\xF0\x9Fx\x80") == 0);
    CHECK(utf8::find_invalid("\xC3") == 0);
    CHECK(utf8::find_invalid(std::string_view("\u20ac").substr(0, 2)) == 0);
}

TEST_CASE("utf8: an overlong form, a surrogate and a number over U+10FFFF are malformed") {
    const std::vector<std::string_view> malformed{"\xC0\x80",         "\xC1\xBF",        "\xE0\x9F\xBF",
                                                  "\xF0\x8F\xBF\xBF", "\xED\xA0\x80",    "\xED\xBF\xBF",
                                                  "\xF4\x90\x80\x80", "\xF5\x80\x80\x80"};
    for (const std::string_view text : malformed) {
        CAPTURE(text.size());
        CHECK(utf8::find_invalid(text) == 0);
    }
}

TEST_CASE("utf8: scalar values are counted and taken apart in order") {
    const std::string text = "a\u00e9\u20ac\U0001F600z";
    CHECK(utf8::count_scalars(text) == 5);
    CHECK(utf8::count_scalars("") == 0);
    CHECK((utf8::to_scalars(text) == U"a\u00e9\u20ac\U0001F600z"));
    CHECK(utf8::to_scalars("").empty());
}

TEST_CASE("utf8: a scalar value outside the basic plane takes two UTF-16 units") {
    CHECK(utf8::utf16_units(U'a') == 1);
    CHECK(utf8::utf16_units(0xFFFF) == 1);
    CHECK(utf8::utf16_units(0x10000) == 2);
    CHECK(utf8::utf16_units(0x10FFFF) == 2);
}
