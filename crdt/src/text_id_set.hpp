#pragma once

#include <sangam/crdt/text_types.hpp>

#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace sangam::crdt {

/// A set of ids, in ranges.
///
/// Cost: k ranges that do not touch; `add` is amortised O(log k).
class text_id_set {
public:
    /// Calls back with every part of the range that was not there, from left to right. Precondition: the
    /// range is not empty, and its numbers do not overflow. If `added` throws, some of the range is there.
    template <class Function>
    void add(const text_id_range& range, Function&& added) {
        const causality::replica_id replica = range.first.replica;
        std::uint64_t from = range.first.lamport;
        const std::uint64_t end = from + range.length;
        auto at = ranges_.upper_bound({replica, from});
        if (at != ranges_.begin()) {
            const auto before = std::prev(at);
            if (before->first.first == replica && before->second >= from) at = before;
        }
        // From here on each range that touches becomes a part of one, which grows at its end.
        if (at == ranges_.end() || at->first.first != replica || at->first.second > from)
            at = ranges_.emplace_hint(at, std::pair(replica, from), from);
        while (at->second < end) {
            from = at->second;
            const auto next = std::next(at);
            const bool touches =
                next != ranges_.end() && next->first.first == replica && next->first.second <= end;
            const std::uint64_t to = touches ? next->first.second : end;
            if (from < to) added(text_id_range{{from, replica}, to - from});
            at->second = touches ? next->second : end;
            if (touches) ranges_.erase(next);
        }
    }

private:
    std::map<std::pair<causality::replica_id, std::uint64_t>, std::uint64_t> ranges_; ///< first: end
};

/// None if no two of the ranges overlap; else the same ids in the same order, without what earlier ones hold
/// already. Precondition: each as `text_id_set::add` says. Cost: O(n log n), without memory where the ranges
/// of each replica come in one direction.
[[nodiscard]] std::optional<std::vector<text_id_range>> each_once(std::span<const text_id_range> ranges);

} // namespace sangam::crdt
