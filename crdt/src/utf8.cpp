#include <sangam/crdt/utf8.hpp>

#include <sangam/causality/assert.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace sangam::crdt::utf8 {
namespace {

/// How a sequence goes on after its first byte: a row of Unicode's table 3-7.
struct sequence_form {
    std::size_t length = 0; ///< 0: no sequence starts with this byte
    unsigned char second_min = 0x80;
    unsigned char second_max = 0xBF;
};

constexpr sequence_form form_of(unsigned char first) noexcept {
    if (first < 0x80) return {1};
    if (first < 0xC2) return {0};
    if (first < 0xE0) return {2};
    if (first == 0xE0) return {3, 0xA0, 0xBF};
    if (first == 0xED) return {3, 0x80, 0x9F};
    if (first < 0xF0) return {3};
    if (first == 0xF0) return {4, 0x90, 0xBF};
    if (first < 0xF4) return {4};
    if (first == 0xF4) return {4, 0x80, 0x8F};
    return {0};
}

constexpr unsigned char byte_at(std::string_view text, std::size_t offset) noexcept {
    return static_cast<unsigned char>(text[offset]);
}

constexpr bool continues(unsigned char byte) noexcept {
    return (byte & 0xC0U) == 0x80U;
}

/// The length of the well-formed sequence at the front of `text`, which is not empty; 0 if there is none.
std::size_t valid_length(std::string_view text) noexcept {
    const sequence_form form = form_of(byte_at(text, 0));
    if (form.length <= 1) return form.length;
    if (text.size() < form.length) return 0;
    const unsigned char second = byte_at(text, 1);
    if (second < form.second_min || second > form.second_max) return 0;
    for (std::size_t i = 2; i < form.length; ++i) {
        if (!continues(byte_at(text, i))) return 0;
    }
    return form.length;
}

} // namespace

std::size_t count_ascii(std::string_view text) noexcept {
    std::size_t offset = 0;
    for (std::uint64_t eight = 0; offset + sizeof eight <= text.size(); offset += sizeof eight) {
        std::memcpy(&eight, text.data() + offset, sizeof eight);
        if ((eight & 0x8080808080808080U) != 0) break;
    }
    while (offset < text.size() && byte_at(text, offset) < 0x80)
        ++offset;
    return offset;
}

std::optional<std::size_t> find_invalid(std::string_view text) noexcept {
    for (std::size_t offset = count_ascii(text); offset < text.size();) {
        const std::size_t length = valid_length(text.substr(offset));
        if (length == 0) return offset;
        offset += length;
    }
    return std::nullopt;
}

std::size_t count_scalars(std::string_view text) noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return !continues(static_cast<unsigned char>(c)); }));
}

std::u32string to_scalars(std::string_view text) {
    SANGAM_ASSERT(!find_invalid(text));
    std::u32string scalars;
    scalars.reserve(count_scalars(text));
    for (std::size_t offset = 0; offset < text.size();) {
        const unsigned char first = byte_at(text, offset);
        const std::size_t length = form_of(first).length;
        // The first byte of a sequence of n > 1 bytes has n + 1 marker bits, every other byte two.
        char32_t scalar = length == 1 ? first : first & (0x7FU >> length);
        for (std::size_t i = 1; i < length; ++i) {
            scalar = (scalar << 6) | (byte_at(text, offset + i) & 0x3FU);
        }
        scalars.push_back(scalar);
        offset += length;
    }
    return scalars;
}

void append(std::string& text, char32_t scalar) {
    SANGAM_ASSERT(scalar <= 0x10FFFF && (scalar < 0xD800 || scalar > 0xDFFF));
    const auto put = [&text](char32_t byte) { text.push_back(static_cast<char>(byte)); };
    if (scalar < 0x80) {
        put(scalar);
    } else if (scalar < 0x800) {
        put(0xC0 | (scalar >> 6));
        put(0x80 | (scalar & 0x3F));
    } else if (scalar < 0x10000) {
        put(0xE0 | (scalar >> 12));
        put(0x80 | ((scalar >> 6) & 0x3F));
        put(0x80 | (scalar & 0x3F));
    } else {
        put(0xF0 | (scalar >> 18));
        put(0x80 | ((scalar >> 12) & 0x3F));
        put(0x80 | ((scalar >> 6) & 0x3F));
        put(0x80 | (scalar & 0x3F));
    }
}

} // namespace sangam::crdt::utf8
