#pragma once

#include <sangam/crdt/text_columns.hpp>
#include <sangam/crdt/text_types.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sangam::crdt {

/// The ids of the numbers of columns. Precondition of all: the replicas and ids are those of a text.
/// Cost: a lookup is O(log runs).
class number_ids {
public:
    explicit number_ids(const text_columns& columns) : columns_(columns) {
        first_.reserve(columns.ids.size());
        std::uint32_t first = 0;
        for (const text_columns::id_run& run : columns.ids) {
            first_.push_back(first);
            first += run.length;
        }
    }
    /// All are one replica's, one run after another, so that a greater number has a greater id.
    [[nodiscard]] bool increase_with_numbers() const noexcept { return columns_.replicas.size() == 1; }
    [[nodiscard]] text_id operator()(std::uint32_t number) const noexcept {
        const auto run =
            static_cast<std::size_t>(std::ranges::upper_bound(first_, number) - first_.begin()) - 1;
        return {columns_.ids[run].lamport + (number - first_[run]),
                columns_.replicas[columns_.ids[run].replica]};
    }

private:
    const text_columns& columns_;
    std::vector<std::uint32_t> first_;
};

} // namespace sangam::crdt
