#pragma once

#include <sangam/causality/dot.hpp>
#include <sangam/causality/replica_id.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace sangam::crdt {

/// The name of one character: its Lamport number in the text (from 1), then the replica that inserted it.
struct text_id {
    std::uint64_t lamport = 0;
    causality::replica_id replica;
    friend constexpr auto operator<=>(const text_id&, const text_id&) = default;
};

/// `length` characters with consecutive Lamport numbers of one replica.
struct text_id_range {
    text_id first;
    std::uint64_t length = 0;
    friend constexpr auto operator<=>(const text_id_range&, const text_id_range&) = default;
};

/// `count` transactions of one replica with consecutive sequence numbers.
struct dot_range {
    causality::dot first;
    std::uint64_t count = 0;
    friend constexpr auto operator<=>(const dot_range&, const dot_range&) = default;
};

/// One visible change: at `position`, `erased` characters went and `inserted` (UTF-8) came. Positions and
/// counts are Unicode scalar values; patches of one change apply one after another.
struct text_patch {
    std::size_t position = 0;
    std::size_t erased = 0;
    std::string inserted;
    friend bool operator==(const text_patch&, const text_patch&) = default;
};

/// Which neighbour a cursor stays with when text is inserted exactly at it.
enum class text_bias : std::uint8_t {
    left,  ///< stays behind the character to its left: new text appears after the cursor
    right, ///< stays before the character to its right: new text appears before the cursor
};

/// A place in a text that keeps its meaning while others edit. Plain data: it can be stored and sent.
/// `anchor` is the character it stays with; none: the start (left) or the end (right) of the text.
struct text_cursor {
    std::optional<text_id> anchor;
    text_bias bias = text_bias::left;
    friend bool operator==(const text_cursor&, const text_cursor&) = default;
};

} // namespace sangam::crdt
