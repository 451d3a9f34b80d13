#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace sangam::crdt {

/// How many bytes `copy_short` may write behind what it copies.
inline constexpr std::size_t copy_short_slack = 16;

/// Copies `length` bytes of `text`; returns behind them. Most pieces of a text are short, and of a length
/// that nobody could guess: those are copied as 16 bytes, what is too much is overwritten by the next piece.
inline char* copy_short(char* to, std::string_view text, std::size_t from, std::size_t length) noexcept {
    if (length <= copy_short_slack && from + copy_short_slack <= text.size()) {
        std::memcpy(to, text.data() + from, copy_short_slack);
    } else {
        std::memcpy(to, text.data() + from, length);
    }
    return to + length;
}

} // namespace sangam::crdt
