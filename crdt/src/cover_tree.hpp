#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace sangam::crdt {

/// Ranges of numbers that come and go, and what is covered by any of them.
///
/// Cost: n ranges are known from the beginning: `add` and `remove` O(log n), `for_each_covered` O(log n) for
/// each part that it calls back with, and once. Memory: 32 to 48 bytes a range, however often it comes.
class cover_tree {
public:
    /// `ends`: every first and every end of a range that will be added.
    explicit cover_tree(std::vector<std::uint64_t> ends) : ends_(std::move(ends)) {
        std::ranges::sort(ends_);
        ends_.erase(std::ranges::unique(ends_).begin(), ends_.end());
        if (ends_.size() < 2) return;
        while (leaves_ < ends_.size() - 1)
            leaves_ *= 2;
        nodes_.resize(2 * leaves_);
    }

    void add(std::uint64_t first, std::uint64_t end) { change(1, 0, leaves_, place(first), place(end), 1); }
    /// Precondition: it was added.
    void remove(std::uint64_t first, std::uint64_t end) {
        change(1, 0, leaves_, place(first), place(end), 0U - 1U);
    }

    /// Calls back with [first, end) for every part of the range that is covered, from left to right; parts
    /// that touch are one.
    template <class Function>
    void for_each_covered(std::uint64_t first, std::uint64_t end, Function&& function) const {
        if (nodes_.empty() || end <= ends_.front() || first >= ends_.back()) return;
        std::uint64_t from = 0;
        std::uint64_t to = 0; // what was found last; empty: nothing
        look(1, 0, leaves_, first, end, [&](std::uint64_t more, std::uint64_t more_end) {
            if (more == to && from < to) {
                to = more_end;
                return;
            }
            if (from < to) function(from, to);
            from = more;
            to = more_end;
        });
        if (from < to) function(from, to);
    }

private:
    /// Ranges that cover all of a node and not all of the node above it; whether anything in it is
    /// covered by these or by those below.
    struct node {
        std::uint32_t whole = 0;
        bool some = false;
    };

    [[nodiscard]] std::size_t place(std::uint64_t number) const {
        return static_cast<std::size_t>(std::ranges::lower_bound(ends_, number) - ends_.begin());
    }
    void change(std::size_t at, std::size_t low, std::size_t high, std::size_t first, std::size_t end,
                std::uint32_t by) {
        if (end <= low || high <= first) return;
        node& n = nodes_[at];
        if (first <= low && high <= end) {
            n.whole += by;
        } else {
            const std::size_t middle = (low + high) / 2;
            change(2 * at, low, middle, first, end, by);
            change(2 * at + 1, middle, high, first, end, by);
        }
        n.some = n.whole > 0 || (at < leaves_ && (nodes_[2 * at].some || nodes_[2 * at + 1].some));
    }
    template <class Function>
    void look(std::size_t at, std::size_t low, std::size_t high, std::uint64_t first, std::uint64_t end,
              Function&& function) const {
        if (low + 1 > ends_.size() - 1 || !nodes_[at].some)
            return; // past the last end, or nothing is covered
        const std::uint64_t begin = ends_[low];
        const std::uint64_t behind = ends_[std::min(high, ends_.size() - 1)];
        if (end <= begin || behind <= first) return;
        if (nodes_[at].whole > 0) {
            function(std::max(first, begin), std::min(end, behind));
            return;
        }
        const std::size_t middle = (low + high) / 2;
        look(2 * at, low, middle, first, end, function);
        look(2 * at + 1, middle, high, first, end, function);
    }

    std::vector<std::uint64_t> ends_;
    std::size_t leaves_ = 1;
    std::vector<node> nodes_;
};

} // namespace sangam::crdt
