#pragma once

#include <editor/history.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

/// Transactions of each writer that are known; writers past the end: none.
using writer_counts = std::vector<std::uint32_t>;

[[nodiscard]] std::uint32_t count_of(const writer_counts& counts, std::size_t writer) noexcept;
/// Every count of `a` is at most that of `b`.
[[nodiscard]] bool within(const writer_counts& a, const writer_counts& b) noexcept;
[[nodiscard]] std::uint64_t total(const writer_counts& counts) noexcept;

/// Which replica issues which transaction, so that each replica's transactions follow one another: an agent
/// that goes on without having seen its own last transaction goes on as another writer.
/// Cost: n transactions, w writers: O(n w) time and memory.
struct writers {
    explicit writers(const editor::history& recorded);

    struct place {
        std::size_t writer = 0;
        std::uint32_t number = 0; ///< of the writer's transactions, from 1
        writer_counts seen;       ///< what its positions refer to
    };

    /// Neither has seen the other.
    [[nodiscard]] bool concurrent(std::size_t a, std::size_t b) const noexcept;
    /// The transactions within `to` and not within `from`, in the order of the file.
    [[nodiscard]] std::vector<std::size_t> between(const writer_counts& from, const writer_counts& to) const;

    std::vector<place> places;                          ///< of each transaction
    std::vector<std::vector<std::size_t>> transactions; ///< of each writer
};

} // namespace bench
