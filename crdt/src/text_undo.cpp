#include <sangam/crdt/text_undo.hpp>

#include <sangam/causality/assert.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace sangam::crdt {
namespace {

using ranges_t = std::vector<text_id_range>;

text_id operator+(const text_id& id, std::uint64_t count) noexcept {
    return {id.lamport + count, id.replica};
}

/// Appends a range, or lengthens the last one at either end: backspaces come from right to left.
void append(ranges_t& ranges, const text_id& first, std::uint64_t length) {
    if (length == 0) return;
    if (!ranges.empty() && ranges.back().first + ranges.back().length == first) {
        ranges.back().length += length;
    } else if (!ranges.empty() && first + length == ranges.back().first) {
        ranges.back() = {first, ranges.back().length + length};
    } else {
        ranges.push_back({first, length});
    }
}

void append(ranges_t& ranges, const ranges_t& more) {
    for (const text_id_range& range : more)
        append(ranges, range.first, range.length);
}

using parts_t = std::vector<rga_text::erased_part>;

/// The same of what a transaction erased. Keys that are held down make one part: a range, and the
/// transactions in a row that erased something of it.
void append(parts_t& parts, const text_id_range& ids, const dot_range& by) {
    if (!parts.empty()) {
        auto& [last_ids, last_by] = parts.back();
        const bool behind = last_ids.first + last_ids.length == ids.first;
        const bool in_front = ids.first + ids.length == last_ids.first;
        const std::uint64_t next = by.first.sequence - last_by.first.sequence;
        if ((behind || in_front) && by.first.replica == last_by.first.replica &&
            (by == last_by || next == last_by.count)) {
            last_ids = {in_front ? ids.first : last_ids.first, last_ids.length + ids.length};
            if (by != last_by) last_by.count += by.count;
            return;
        }
    }
    parts.push_back({ids, by});
}

/// Leaves the first `count` there, and returns the others.
template <class Item>
std::vector<Item> take_from(std::vector<Item>& items, std::size_t count) {
    if (items.size() <= count) return {};
    const auto behind = items.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<Item> others(behind, items.end());
    items.erase(behind, items.end());
    return others;
}

/// In order of replica, then Lamport number: the ranges of one replica do not overlap, but those of several
/// interleave by Lamport number.
struct by_replica {
    bool operator()(const text_id& a, const text_id& b) const noexcept {
        return std::pair(a.replica, a.lamport) < std::pair(b.replica, b.lamport);
    }
};

/// Calls back with what of a range is not in `removed`, which is in order of replica.
template <class Function>
void for_each_left(const text_id_range& range, const ranges_t& removed, Function&& function) {
    text_id id = range.first;
    const text_id end = range.first + range.length;
    auto next = std::ranges::upper_bound(removed, id, by_replica(), &text_id_range::first);
    if (next != removed.begin()) --next;
    for (; next != removed.end() && by_replica()(next->first, end); ++next) {
        const text_id behind = next->first + next->length;
        if (next->first.replica != id.replica || behind.lamport <= id.lamport) continue;
        if (id < next->first) function(text_id_range{id, next->first.lamport - id.lamport});
        id.lamport = std::min(behind.lamport, end.lamport);
    }
    if (id != end) function(text_id_range{id, end.lamport - id.lamport});
}

ranges_t sorted(ranges_t ranges) {
    std::ranges::sort(ranges, by_replica(), &text_id_range::first);
    return ranges;
}

} // namespace

void text_undo::record(const rga_text::change& change) {
    if (change.inserted.empty() && change.erased.empty()) return;
    SANGAM_ASSERT(unnamed_ == groups_side::none);
    undone_.clear();
    if (!done_.empty()) done_.back().begun = false; // what is left of it is a step of its own
    const bool same = last_.sequence != 0 && change.transaction == last_;
    if (!(joins_ || same) || done_.empty()) push(done_, {});
    last_ = change.transaction;
    joins_ = open_;
    if (done_.empty()) return; // none is kept
    group& last = done_.back();
    append(last.shown, change.inserted);
    for (const text_id_range& range : change.erased)
        append(last.erased, range, {change.transaction, 1});
}

void text_undo::open_group() noexcept {
    open_ = true;
}

void text_undo::close_group() noexcept {
    open_ = joins_ = false;
    last_ = {};
}

void text_undo::clear() noexcept {
    done_.clear();
    undone_.clear();
    unnamed_ = groups_side::none;
    close_group();
}

void text_undo::push(groups& to, group made) {
    to.push_back(std::move(made));
    if (to.size() > groups_max_) to.pop_front();
}

std::vector<rga_text::operation> text_undo::invert(bool undo, std::size_t ranges_max) {
    SANGAM_ASSERT(unnamed_ == groups_side::none && ranges_max > 1);
    groups& from = undo ? done_ : undone_;
    groups& to = undo ? undone_ : done_;
    std::vector<rga_text::operation> operations;
    close_group();
    while (operations.empty() && !from.empty()) {
        const group last = std::move(from.back());
        from.pop_back();
        ranges_t erased;
        for (const rga_text::erased_part& part : last.erased)
            append(erased, part.ids.first, part.ids.length);
        erased = sorted(std::move(erased));
        const ranges_t shown = sorted(last.shown);
        rga_text::erase_op away;
        rga_text::restore_op back;
        for (const text_id_range& range : last.shown) {
            for_each_left(range, erased,
                          [&](const text_id_range& mine) { append(away.ranges, mine.first, mine.length); });
        }
        for (const rga_text::erased_part& part : last.erased) {
            for_each_left(part.ids, shown,
                          [&](const text_id_range& mine) { append(back.parts, mine, part.erases); });
        }
        // What is left for the next pieces. It has nothing that it both shows and erases.
        group rest{take_from(away.ranges, ranges_max), {}, true};
        rest.erased = take_from(back.parts, (ranges_max - away.ranges.size()) / 2);
        if (away.ranges.empty() && back.parts.empty()) continue;
        if (!rest.shown.empty() || !rest.erased.empty()) from.push_back(std::move(rest));
        if (!last.begun || to.empty()) push(to, {});
        if (!to.empty()) {
            for (const text_id_range& mine : away.ranges)
                to.back().erased.push_back({mine, {}}); // `applied` says by which transaction
            for (const rga_text::erased_part& part : back.parts)
                append(to.back().shown, part.ids.first, part.ids.length);
        }
        if (!away.ranges.empty()) operations.emplace_back(std::move(away));
        if (!back.parts.empty()) operations.emplace_back(std::move(back));
        unnamed_ = undo ? groups_side::undone : groups_side::done;
    }
    return operations;
}

void text_undo::applied(const causality::dot& transaction) {
    groups& to = unnamed_ == groups_side::undone ? undone_ : done_;
    if (unnamed_ != groups_side::none && !to.empty()) {
        for (rga_text::erased_part& part : to.back().erased)
            if (part.erases.count == 0) part.erases = {transaction, 1};
    }
    unnamed_ = groups_side::none;
}

} // namespace sangam::crdt
