#pragma once

#include <cstdint>
#include <iterator>
#include <map>

namespace sangam::crdt {

/// A count for each of many numbers, of which nearly all are 0, in runs of equal counts.
///
/// Cost: k runs that are not 0; all is O(log k) for each run that it touches.
class interval_counts {
public:
    /// Up to where it is the same.
    struct part {
        std::uint64_t end = 0;
        std::uint32_t count = 0;
    };
    /// What is at `number`, and how far it goes on the way to `end`.
    [[nodiscard]] part part_at(std::uint64_t number, std::uint64_t end) const noexcept {
        auto next = runs_.upper_bound(number);
        if (next != runs_.begin()) {
            const run& r = std::prev(next)->second;
            if (number < r.end) return {r.end < end ? r.end : end, r.count};
        }
        return {next != runs_.end() && next->first < end ? next->first : end, 0};
    }

    /// Makes room for an `add` or a `subtract` of [first, end), which then does not throw. If it throws, all
    /// counts are as they were.
    void prepare(std::uint64_t first, std::uint64_t end) {
        split(first);
        split(end);
        for (std::uint64_t at = first; at < end;) {
            const auto next = runs_.lower_bound(at);
            const std::uint64_t to = next != runs_.end() && next->first < end ? next->first : end;
            if (at < to) runs_.emplace_hint(next, at, run{to, 0});
            at = to < end ? next->second.end : end;
        }
    }
    /// One more of each. Precondition: prepared.
    void add(std::uint64_t first, std::uint64_t end) noexcept { change(first, end, 1); }
    /// One fewer of each. Preconditions: prepared; none is 0.
    void subtract(std::uint64_t first, std::uint64_t end) noexcept { change(first, end, 0U - 1U); }

    /// So many of each, behind all that is counted. Precondition: first < end, count > 0.
    void append(std::uint64_t first, std::uint64_t end, std::uint32_t count) {
        join(runs_.emplace_hint(runs_.end(), first, run{end, count}));
    }

    [[nodiscard]] bool empty() const noexcept { return runs_.empty(); }
    /// Calls back with every run: first, end, count.
    template <class Function>
    void for_each(Function&& function) const {
        for (const auto& [first, r] : runs_)
            if (r.count > 0) function(first, r.end, r.count);
    }

private:
    struct run {
        std::uint64_t end = 0;
        std::uint32_t count = 0; ///< 0 only when `prepare` has thrown
    };
    using runs = std::map<std::uint64_t, run>;

    void split(std::uint64_t at) {
        const auto next = runs_.lower_bound(at);
        if (next == runs_.begin()) return;
        run& before = std::prev(next)->second;
        if (before.end <= at) return;
        runs_.emplace_hint(next, at, before);
        before.end = at;
    }
    void change(std::uint64_t first, std::uint64_t end, std::uint32_t by) noexcept {
        auto at = runs_.lower_bound(first);
        for (; at != runs_.end() && at->first < end; at = join(at))
            at->second.count += by;
        if (at != runs_.end()) join(at);
    }
    /// Joins a run with the one before it, or drops it if it is 0. Returns the next.
    runs::iterator join(runs::iterator at) noexcept {
        if (at->second.count == 0) return runs_.erase(at);
        if (at == runs_.begin()) return std::next(at);
        run& before = std::prev(at)->second;
        if (before.end != at->first || before.count != at->second.count) return std::next(at);
        before.end = at->second.end;
        return runs_.erase(at);
    }

    runs runs_;
};

} // namespace sangam::crdt
