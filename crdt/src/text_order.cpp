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
        open_.push_back({siblings, 0, 0, end_of_group(0)});
        while (!open_.empty()) {
            frame top = open_.back();
            open_.pop_back();
            if (top.what == siblings) top = first_of(top.next, top.end);
            while (walk_on(top)) {
            }
        }
        return std::move(made_);
    }

private:
    /// An insert, and behind which number it was put, counted from 1; 0: the start.
    struct child {
        std::uint32_t insert = 0;
        std::uint32_t parent = 0;
    };
    enum kind : std::uint32_t { siblings, rest };
    /// Siblings: the children from `next` to `end`. Rest: of an insert from number `end` on, whose children
    /// are those from `next` on.
    struct frame {
        kind what = siblings;
        std::uint32_t insert = 0;
        std::uint32_t next = 0;
        std::uint32_t end = 0;
    };

    void sort_children() {
        const auto count = static_cast<std::uint32_t>(inserts_.size());
        const auto parent_of = [this](std::uint32_t insert) { return inserts_[insert].parent + 1; };
        // The last ones first: mostly those have the greatest ids.
        const std::vector<std::uint32_t> sorted =
            radix_order(count, first_.back() + 1, [&](std::uint32_t n) { return parent_of(count - 1 - n); });
        children_.reserve(count + 1);
        for (const std::uint32_t n : sorted)
            children_.push_back({count - 1 - n, parent_of(count - 1 - n)});
        children_.push_back({count, first_.back() + 1}); // nobody's
        for (std::uint32_t from = 0; from < count && !id_of_.increase_with_numbers();) {
            const std::uint32_t to = end_of_group(from);
            if (to - from > 1) {
                std::sort(children_.begin() + from, children_.begin() + to,
                          [this](const child& a, const child& b) {
                              return id_of_(first_[b.insert]) < id_of_(first_[a.insert]);
                          });
            }
            from = to;
        }
        begin_of_.reserve(count);
        std::uint32_t next = 0;
        for (std::uint32_t insert = 0; insert < count; ++insert) {
            while (children_[next].parent <= first_[insert])
                ++next;
            begin_of_.push_back(next);
        }
    }

    [[nodiscard]] std::uint32_t end_of_group(std::uint32_t from) const noexcept {
        std::uint32_t to = from + 1;
        while (children_[to].parent == children_[from].parent)
            ++to;
        return to;
    }

    /// The first of siblings; the others later.
    frame first_of(std::uint32_t from, std::uint32_t to) {
        if (to - from > 1) open_.push_back({siblings, 0, from + 1, to});
        const std::uint32_t insert = children_[from].insert;
        return {rest, insert, begin_of_[insert], first_[insert]};
    }

    void emit(std::uint32_t first, std::uint32_t end, std::uint32_t insert) {
        if (first < end) made_.push_back({first, end - first, insert});
    }

    /// Goes up to the next children and on with the first of them; false if there are none.
    bool walk_on(frame& f) {
        const std::uint32_t end = first_[f.insert + 1];
        const std::uint32_t behind = children_[f.next].parent; // the number behind the next parent
        if (behind > end) {
            emit(f.end, end, f.insert);
            return false;
        }
        emit(f.end, behind, f.insert);
        const std::uint32_t from = f.next;
        const std::uint32_t to = end_of_group(from);
        std::uint32_t lesser = to;
        if (behind < end) {
            // The next of the insert is a sibling, too, most often the one with the least id.
            if (!id_of_.increase_with_numbers()) {
                while (lesser > from && id_of_(first_[children_[lesser - 1].insert]) < id_of_(behind))
                    --lesser;
            }
            if (lesser < to) open_.push_back({siblings, 0, lesser, to});
            const frame after{rest, f.insert, to, behind};
            if (lesser == from) {
                f = after;
                return true;
            }
            open_.push_back(after);
        }
        f = first_of(from, lesser);
        return true;
    }

    number_ids id_of_;
    const std::vector<insert_run>& inserts_;
    std::vector<std::uint32_t> first_;    ///< number of each insert, and the end
    std::vector<child> children_;         ///< by parent, then by descending id; and one behind the last
    std::vector<std::uint32_t> begin_of_; ///< the first child behind a character of the insert
    std::vector<frame> open_;
    std::vector<text_piece> made_;
};

} // namespace

std::vector<text_piece> walk_text_order(const text_columns& columns) {
    if (columns.ids.empty()) return {};
    if (columns.what == text_columns::kind::history) return order_walk(columns).pieces();
    std::uint32_t total = 0;
    for (const text_columns::id_run& run : columns.ids)
        total += run.length;
    return {{0, total, 0}};
}

} // namespace sangam::crdt
