#include "text_columns_judge.hpp"

#include "number_ids.hpp"
#include "radix_order.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace sangam::crdt {
namespace {

using insert_run = text_columns::insert_run;

/// The depth-first walk of the tree of parents, whose nodes are inserts.
class order_walk {
public:
    explicit order_walk(const text_columns& columns) : id_of_(columns), inserts_(columns.inserts) {
        first_.reserve(inserts_.size() + 1);
        std::uint32_t first = 0;
        for (const insert_run& run : inserts_) {
            first_.push_back(first);
            first += run.length;
        }
        first_.push_back(first);
        sort_children();
    }

    std::vector<text_piece> pieces() {
        made_.reserve(2 * inserts_.size());
        open_.push_back({siblings, end_of_group(0), 0, 0});
        while (!open_.empty()) {
            const frame top = open_.back();
            open_.pop_back();
            if (top.what == rest) {
                walk_rest(top.insert, top.next, top.at);
            } else if (top.next != top.insert) {
                const std::uint32_t insert = sorted_[top.next];
                if (top.next + 1 != top.insert) open_.push_back({siblings, top.insert, top.next + 1, 0});
                walk_rest(insert, begin_of_[insert], first_[insert]);
            }
        }
        return std::move(made_);
    }

private:
    enum kind : std::uint32_t { siblings, rest };
    /// Siblings: the sorted ones from `next` up to `insert`. Rest: of an insert from number `at` on, whose
    /// children are the sorted ones from `next` on.
    struct frame {
        kind what = siblings;
        std::uint32_t insert = 0;
        std::uint32_t next = 0;
        std::uint32_t at = 0;
    };

    /// Counted from 1; 0: the start.
    [[nodiscard]] std::uint32_t parent_of(std::uint32_t insert) const noexcept {
        return inserts_[insert].parent + 1;
    }

    [[nodiscard]] std::uint32_t end_of_group(std::uint32_t from) const noexcept {
        std::uint32_t to = from;
        while (to < sorted_.size() && parent_of(sorted_[to]) == parent_of(sorted_[from]))
            ++to;
        return to;
    }

    void sort_children() {
        const auto count = static_cast<std::uint32_t>(inserts_.size());
        sorted_ = radix_order(count, first_.back() + 1, [this](std::uint32_t n) { return parent_of(n); });
        for (std::uint32_t from = 0; from < count;) {
            const std::uint32_t to = end_of_group(from);
            if (to - from > 1) {
                std::sort(sorted_.begin() + from, sorted_.begin() + to,
                          [this](std::uint32_t a, std::uint32_t b) {
                              return id_of_(first_[b]) < id_of_(first_[a]);
                          });
            }
            from = to;
        }
        begin_of_.reserve(count);
        std::uint32_t child = 0;
        for (std::uint32_t insert = 0; insert < count; ++insert) {
            while (child < count && parent_of(sorted_[child]) <= first_[insert])
                ++child;
            begin_of_.push_back(child);
        }
    }

    void emit(std::uint32_t first, std::uint32_t end, std::uint32_t insert) {
        if (first < end) made_.push_back({first, end - first, insert});
    }

    void walk_rest(std::uint32_t insert, std::uint32_t child, std::uint32_t at) {
        const std::uint32_t end = first_[insert + 1];
        if (child == sorted_.size() || parent_of(sorted_[child]) > end) {
            emit(at, end, insert);
            return;
        }
        const std::uint32_t next = parent_of(sorted_[child]); // the number behind the parent
        emit(at, next, insert);
        const std::uint32_t group_end = end_of_group(child);
        if (next == end) {
            open_.push_back({siblings, group_end, child, 0});
            return;
        }
        // The next of the insert is a sibling, too, most often the one with the least id.
        std::uint32_t lesser = group_end;
        if (!id_of_.increase_with_numbers()) {
            while (lesser > child && id_of_(first_[sorted_[lesser - 1]]) < id_of_(next))
                --lesser;
        }
        if (lesser != group_end) open_.push_back({siblings, group_end, lesser, 0});
        open_.push_back({rest, insert, group_end, next});
        if (lesser != child) open_.push_back({siblings, lesser, child, 0});
    }

    number_ids id_of_;
    const std::vector<insert_run>& inserts_;
    std::vector<std::uint32_t> first_;    ///< number of each insert, and the end
    std::vector<std::uint32_t> sorted_;   ///< inserts by parent, then by descending id
    std::vector<std::uint32_t> begin_of_; ///< the first of `sorted_` behind a character of the insert
    std::vector<frame> open_;
    std::vector<text_piece> made_;
};

} // namespace

std::vector<text_piece> walk_text_order(const text_columns& columns) {
    return columns.inserts.empty() ? std::vector<text_piece>() : order_walk(columns).pieces();
}

} // namespace sangam::crdt
