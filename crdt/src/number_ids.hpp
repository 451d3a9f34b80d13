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
        std::uint64_t end = 0;
        for (const text_columns::id_run& run : columns.ids) {
            increase_ = increase_ && run.lamport >= end;
            end = run.lamport + run.length;
            first_.push_back(first);
            first += run.length;
        }
    }
    /// A greater number has a greater id: they are one replica's, in their order.
    [[nodiscard]] bool increase_with_numbers() const noexcept {
        return increase_ && columns_.replicas.size() == 1;
    }
    [[nodiscard]] text_id operator()(std::uint32_t number) const noexcept {
        const auto run =
            static_cast<std::size_t>(std::ranges::upper_bound(first_, number) - first_.begin()) - 1;
        return {columns_.ids[run].lamport + (number - first_[run]),
                columns_.replicas[columns_.ids[run].replica]};
    }

private:
    const text_columns& columns_;
    std::vector<std::uint32_t> first_;
    bool increase_ = true;
};

} // namespace sangam::crdt
