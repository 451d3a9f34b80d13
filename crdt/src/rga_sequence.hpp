#pragma once

#include "text_blocks.hpp"

#include <sangam/causality/replica_id.hpp>
#include <sangam/crdt/text_types.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sangam::crdt {

/// The order of a replicated sequence, whatever its elements are: what rga_text and rga_list have in common.
/// The content of an element is a number of 32 bits, which its owner understands.
///
/// Cost: as rga_text says.
class rga_sequence {
public:
    [[nodiscard]] const text_blocks& blocks() const noexcept { return blocks_; }
    [[nodiscard]] std::size_t size() const noexcept { return blocks_.totals().visible; }

    // --- to prepare: `who` is named in errors; they throw errc::position_past_end and too_large

    void check_position(std::size_t position, const char* who) const;
    void check_range(std::size_t position, std::size_t count, const char* who) const;
    /// The id of the first of `length` elements that `self` inserts next.
    [[nodiscard]] text_id next_id(std::uint64_t length, causality::replica_id self, const char* who) const;
    /// What an insert in front of the visible element at `position` is put behind.
    [[nodiscard]] std::optional<text_id> parent_at(std::size_t position) const;
    /// The ids of `count` visible elements from `position` on, in the order of the sequence.
    [[nodiscard]] std::vector<text_id_range> ids_at(std::size_t position, std::size_t count) const;

    // --- to judge an operation of `origin`; `pending` as rga_text::accepts says

    [[nodiscard]] bool accepts_insert(const text_id& first, std::uint64_t length,
                                      const std::optional<text_id>& parent, causality::replica_id origin,
                                      std::span<const text_id_range> pending) const;
    [[nodiscard]] bool accepts_erase(std::span<const text_id_range> ranges,
                                     std::span<const text_id_range> pending) const;

    // --- to apply one that is accepted

    /// Returns how many visible elements are in front of the new ones.
    std::size_t insert(const text_id& first, const std::optional<text_id>& parent,
                       std::u32string_view contents);
    /// Hides the next elements of `range` that follow on one another, and takes them off its front.
    struct hidden {
        text_blocks::place first;
        std::size_t passed = 0;
        std::size_t erased = 0; ///< how many of them were visible
    };
    hidden erase_some(text_id_range& range) noexcept;

    // --- cursors

    [[nodiscard]] text_cursor cursor_at(std::size_t position, text_bias bias, const char* who) const;
    [[nodiscard]] std::optional<std::size_t> position_of(const text_cursor& cursor) const;

private:
    text_blocks blocks_;
};

} // namespace sangam::crdt
