#pragma once

#include "text_index.hpp"

#include <sangam/crdt/rga_text.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sangam::crdt {

/// The elements of a text in order, cut into blocks of at most `block_max`, with counts per block: the
/// sequence without the rule that orders it.
///
/// Invariants: (B1) no block is empty or over `block_max`; (B2) each block's counts agree with its elements,
///   and the sums with the blocks; (B3) `ranks_` is the inverse of `order_`; (B4) the index has every
///   element's block and nothing else.
/// Cost: n elements; finding by position, `find` and `before` are O(n / block_max + block_max).
class text_blocks {
public:
    using element = rga_text::element;
    static constexpr std::size_t block_max = 256;

    struct counts {
        std::size_t visible = 0;
        std::size_t units = 0; ///< UTF-16, of the visible ones
        friend bool operator==(const counts&, const counts&) = default;
    };

    /// An element; or the end of the text, which is {number of blocks, 0}. Valid until the next `insert`.
    struct place {
        std::size_t rank = 0;   ///< of the block, in the order of the text
        std::size_t offset = 0; ///< in the block
        friend bool operator==(const place&, const place&) = default;
    };

    [[nodiscard]] const text_index& index() const noexcept { return index_; }
    [[nodiscard]] const counts& totals() const noexcept { return totals_; }
    [[nodiscard]] std::size_t size() const noexcept { return index_.size(); }

    [[nodiscard]] place begin() const noexcept { return {0, 0}; }
    [[nodiscard]] place end() const noexcept { return {order_.size(), 0}; }
    /// Precondition of both: not the end.
    [[nodiscard]] const element& at(const place& p) const noexcept;
    [[nodiscard]] place next(const place& p) const noexcept;

    /// Precondition: the index knows it.
    [[nodiscard]] place find(const text_id& id) const noexcept;
    /// The visible element with `position` visible ones before it; the end if there is none.
    [[nodiscard]] place find_visible(std::size_t position) const noexcept;
    /// The visible element that holds the UTF-16 unit with `units` units before it; the end if there is none.
    [[nodiscard]] place find_unit(std::size_t units) const noexcept;
    /// What is in front of the element (or the end).
    [[nodiscard]] counts before(const place& p) const noexcept;

    /// Puts visible elements in front of `p`. Precondition: text_index::add's; `scalars` is not empty.
    void insert(place p, const text_id& first, std::u32string_view scalars);

    struct hidden_run {
        std::size_t passed = 0; ///< elements looked at, at least 1
        std::size_t hidden = 0; ///< those of them that were visible
        std::size_t units = 0;  ///< UTF-16, of the hidden ones
    };
    /// Hides the element at `p` and those right behind it in the same block whose ids follow on it,
    /// `length_max` at most.
    hidden_run hide(const place& p, std::uint64_t length_max) noexcept;

    /// Empty, or what does not hold of B1 to B4, X1 and X2.
    [[nodiscard]] std::string check_invariants() const;

private:
    using block = std::vector<element>;
    struct entry {
        text_index::home_t home = 0; ///< the block's place in `blocks_`, which never changes
        std::uint32_t visible = 0;
        std::uint32_t units = 0;
        friend bool operator==(const entry&, const entry&) = default;
    };

    [[nodiscard]] const block& block_at(std::size_t rank) const noexcept {
        return blocks_[order_[rank].home];
    }
    [[nodiscard]] static entry count(text_index::home_t home, std::span<const element> elements) noexcept;
    text_index::home_t add_home(block elements);
    void split(std::size_t rank);

    std::vector<block> blocks_;        ///< in the order of their making
    std::vector<entry> order_;         ///< in the order of the text: compact, for it is scanned
    std::vector<std::uint32_t> ranks_; ///< by home: where the block is in `order_`
    text_index index_;
    counts totals_;
};

} // namespace sangam::crdt
