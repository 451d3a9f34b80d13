#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Well-formed UTF-8 as Unicode defines it (table 3-7): no overlong form, no surrogate, nothing above
/// U+10FFFF.
namespace sangam::crdt::utf8 {

/// The offset of the first byte that is not part of well-formed UTF-8, or nothing if all of `text` is.
/// Cost: O(n).
[[nodiscard]] std::optional<std::size_t> find_invalid(std::string_view text) noexcept;

/// How many bytes at the front of `text` are ASCII. Cost: O(n), eight bytes at a time.
[[nodiscard]] std::size_t count_ascii(std::string_view text) noexcept;

/// The number of Unicode scalar values in `text`. Precondition: well-formed. Cost: O(n).
[[nodiscard]] std::size_t count_scalars(std::string_view text) noexcept;

/// The scalar values of `text`. Precondition: well-formed. Cost: O(n).
[[nodiscard]] std::u32string to_scalars(std::string_view text);

/// Appends one scalar value.
void append(std::string& text, char32_t scalar);

/// How many UTF-16 units one scalar value takes: 1, or 2 outside the basic plane.
[[nodiscard]] constexpr std::size_t utf16_units(char32_t scalar) noexcept {
    return scalar >= 0x10000 ? 2 : 1;
}

} // namespace sangam::crdt::utf8
