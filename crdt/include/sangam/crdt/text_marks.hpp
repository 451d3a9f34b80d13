#pragma once

#include <sangam/crdt/value.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sangam::crdt {

/// At which ends of a mark text that is typed there belongs to it. Bold text grows at its end (`after`), a
/// link or a comment does not grow.
enum class mark_growth : std::uint8_t { none, after, before, both };

/// What is said of a character: "bold" is true, "link" is "https://...", "comment:7" is "why?".
struct text_mark {
    std::string name;
    value content; ///< not null
    friend bool operator==(const text_mark&, const text_mark&) = default;
};

/// Neighbouring visible characters.
struct text_range {
    std::size_t position = 0;
    std::size_t length = 0;
    friend bool operator==(const text_range&, const text_range&) = default;
};

/// Neighbouring visible characters that have the same marks.
struct formatted_run {
    std::size_t position = 0;
    std::size_t length = 0;
    std::vector<text_mark> marks; ///< by increasing name
    friend bool operator==(const formatted_run&, const formatted_run&) = default;
};

} // namespace sangam::crdt
