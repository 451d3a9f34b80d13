#include "span_tree.hpp"

#include <sangam/causality/assert.hpp>

#include <algorithm>
#include <numeric>

namespace sangam::crdt {

// --- reading

bool span_tree::advance(place& p) const noexcept {
    if (advance_in_leaf(p)) return true;
    if (leaves_[p.leaf].next == none) return false;
    p = {leaves_[p.leaf].next, 0, 0};
    return true;
}

bool span_tree::retreat(place& p) const noexcept {
    if (p.slot > 0) {
        p = {p.leaf, p.slot - 1, 0};
        return true;
    }
    std::uint32_t entry = leaves_[p.leaf].up;
    unsigned level = 1;
    for (; entry != none && entry % node_children_max == 0; ++level)
        entry = nodes_[node_of(entry)].up;
    if (entry == none) return false;
    std::uint32_t number = children_[entry - 1];
    for (; level > 1; --level)
        number = children_[entry_of(number) + nodes_[number].count - 1];
    p = {number, leaves_[number].count - 1, 0};
    return true;
}

span_tree::place span_tree::last() const noexcept {
    std::uint32_t number = height_ > 0 ? root_ : 0;
    for (unsigned level = height_; level > 0; --level)
        number = children_[entry_of(number) + nodes_[number].count - 1];
    const std::uint32_t slot = leaves_[number].count - 1;
    return {number, slot, leaves_[number].spans[slot].length()};
}

class span_tree::settled_counts {
public:
    explicit settled_counts(const span_tree& tree) noexcept : tree_(tree) {
        if (tree.unsettled_ == 0) return;
        for (std::uint32_t entry = tree.leaves_[tree.unsettled_leaf_].up; entry != none;
             entry = tree.nodes_[node_of(entry)].up)
            unsettled_[height_++] = entry;
    }
    [[nodiscard]] std::uint32_t visible(std::uint32_t entry) const noexcept {
        const auto end = unsettled_.begin() + height_;
        return tree_.visible_[entry] +
               (std::find(unsettled_.begin(), end, entry) != end ? tree_.unsettled_ : 0);
    }

private:
    const span_tree& tree_;
    std::array<std::uint32_t, height_max> unsettled_{};
    unsigned height_ = 0;
};

/// The leaf with a visible element; takes from the position what is in front of the leaf. Which entry it is
/// cannot be guessed, and yet to stop there is faster than to add all of them up without a branch.
template <class CountOf>
std::uint32_t span_tree::leaf_with_visible(std::uint32_t& position, CountOf&& count_of) const noexcept {
    std::uint32_t number = height_ > 0 ? root_ : 0;
    for (unsigned level = height_; level > 0; --level) {
        std::uint32_t entry = entry_of(number);
        for (; position >= count_of(entry); ++entry)
            position -= count_of(entry);
        number = children_[entry];
    }
    return number;
}

span_tree::position_place span_tree::find_visible(std::uint32_t position) const noexcept {
    std::uint32_t left = position;
    const std::uint32_t number =
        unsettled_ == 0 ? leaf_with_visible(left, [this](std::uint32_t entry) { return visible_[entry]; })
                        : leaf_with_visible(left, [counts = settled_counts(*this)](std::uint32_t entry) {
                              return counts.visible(entry);
                          });
    const span* const begin = leaves_[number].spans.data();
    const span* s = begin;
    for (; left >= s->shown(); ++s)
        left -= s->shown();
    return {{number, static_cast<std::uint32_t>(s - begin), left}, position - left};
}

span_tree::position_place span_tree::find_visible_from(const position_place& near,
                                                       std::uint32_t position) const noexcept {
    constexpr position_place nowhere{{none, 0, 0}, 0};
    constexpr std::uint32_t far = 512; // more than most leaves hold
    const leaf& l = leaves_[near.at.leaf];
    const span* const begin = l.spans.data();
    const span* s = begin + near.at.slot;
    if (position >= near.span_start) {
        std::uint32_t left = position - near.span_start;
        if (left > far && left >= s->shown()) return nowhere;
        for (const span* const end = begin + l.count; left >= s->shown();) {
            left -= s->shown();
            if (++s == end) return nowhere;
        }
        return {{near.at.leaf, static_cast<std::uint32_t>(s - begin), left}, position - left};
    }
    std::uint32_t back = near.span_start - position;
    if (back > far) return nowhere;
    do {
        if (s == begin) return nowhere;
        --s;
        if (back <= s->shown()) {
            const std::uint32_t offset = s->shown() - back;
            return {{near.at.leaf, static_cast<std::uint32_t>(s - begin), offset}, position - offset};
        }
        back -= s->shown();
    } while (true);
}

span_tree::counts span_tree::before_unit(std::uint64_t unit) const noexcept {
    counts before;
    std::uint64_t left = unit;
    const settled_counts settled(*this);
    std::uint32_t number = height_ > 0 ? root_ : 0;
    for (unsigned level = height_; level > 0; --level) {
        std::uint32_t entry = entry_of(number);
        for (;; ++entry) {
            const std::uint32_t visible = settled.visible(entry);
            const std::uint64_t units = std::uint64_t{visible} + wide_counts_[entry];
            if (left < units) break;
            left -= units;
            before.visible += visible;
            before.wide += wide_counts_[entry];
        }
        number = children_[entry];
    }
    for (const span* s = leaves_[number].spans.data();; ++s) {
        const std::uint32_t wide = s->visible() ? wide_in(s->first, s->length()) : 0;
        if (left < std::uint64_t{s->shown()} + wide) {
            // The last element whose units begin at or before the one that is looked for.
            std::uint32_t low = 0;
            for (std::uint32_t high = s->length(); high - low > 1;) {
                const std::uint32_t middle = low + (high - low) / 2;
                (middle + wide_in(s->first, middle) <= left ? low : high) = middle;
            }
            return {before.visible + low, before.wide + wide_in(s->first, low)};
        }
        left -= std::uint64_t{s->shown()} + wide;
        before.visible += s->shown();
        before.wide += wide;
    }
}

span_tree::place span_tree::find(serial_t serial, const place& guess) const noexcept {
    if (guess.leaf < leaves_.size()) {
        const leaf& l = leaves_[guess.leaf];
        for (const std::uint32_t slot : {guess.slot, guess.slot + 1, guess.slot - 1}) {
            if (slot < l.count && l.spans[slot].holds(serial))
                return {guess.leaf, slot, serial - l.spans[slot].first};
        }
    }
    return find(serial);
}

span_tree::place span_tree::find(serial_t serial) const noexcept {
    const std::uint32_t number = index_.leaf_of(serial);
    const leaf& l = leaves_[number];
    std::uint32_t slot = 0;
    while (!l.spans[slot].holds(serial))
        ++slot;
    SANGAM_ASSERT(slot < l.count);
    return {number, slot, serial - l.spans[slot].first};
}

span_tree::counts span_tree::count_of(const leaf& l, std::size_t from, std::size_t to) const noexcept {
    counts sum;
    for (std::size_t slot = from; slot < to; ++slot)
        sum.visible += l.spans[slot].shown();
    for (std::size_t slot = from; totals_.wide > 0 && slot < to; ++slot) {
        if (l.spans[slot].visible()) sum.wide += wide_in(l.spans[slot].first, l.spans[slot].length());
    }
    return sum;
}

span_tree::counts span_tree::before(place p) const noexcept {
    const leaf& l = leaves_[p.leaf];
    counts sum = count_of(l, 0, p.slot);
    const span& s = l.spans[p.slot];
    if (s.visible()) {
        sum.visible += p.offset;
        sum.wide += wide_in(s.first, p.offset);
    }
    for (std::uint32_t entry = l.up; entry != none; entry = nodes_[node_of(entry)].up) {
        const auto sum_from = [entry](const std::vector<std::uint32_t>& entries, std::uint32_t so_far) {
            const auto to = entries.begin() + entry;
            return std::accumulate(to - entry % node_children_max, to, so_far);
        };
        sum.visible = sum_from(visible_, sum.visible);
        if (totals_.wide > 0) sum.wide = sum_from(wide_counts_, sum.wide);
    }
    if (unsettled_ != 0 && unsettled_leaf_ != p.leaf && precedes({unsettled_leaf_, 0, 0}, p))
        sum.visible += unsettled_;
    return sum;
}

std::uint32_t span_tree::wide_in(serial_t first, std::uint32_t length) const noexcept {
    if (wide_.empty()) return 0;
    const auto from = std::ranges::lower_bound(wide_, first);
    return static_cast<std::uint32_t>(std::lower_bound(from, wide_.end(), first + length) - from);
}

// --- the least ids, which are found out when somebody asks

serial_t span_tree::least_of(const leaf& l, const text_ids& ids) const noexcept {
    serial_t least = none;
    text_id least_id;
    const auto consider = [&](serial_t serial, const text_id& id) {
        if (least != none && !(id < least_id)) return;
        least = serial;
        least_id = id;
    };
    for (std::size_t slot = 0; slot < l.count; ++slot) {
        const span& s = l.spans[slot];
        const std::size_t run = ids.run_of(s.first); // ids increase in a run
        consider(s.first, ids.id_in(ids.runs()[run], s.first));
        if (s.end() <= ids.end_of(run)) continue;
        const text_ids::run& r = ids.runs()[ids.least_in(run + 1, ids.run_of(s.end() - 1) + 1)];
        consider(r.first, ids.id_in(r, r.first));
    }
    return least;
}

serial_t span_tree::least_of_child(std::uint32_t child, unsigned level, const text_ids& ids) noexcept {
    if (level == 0) {
        leaf& l = leaves_[child];
        if (l.least == none) l.least = least_of(l, ids);
        return l.least;
    }
    if (nodes_[child].least == none) {
        serial_t least = none;
        for (std::uint32_t entry = entry_of(child); entry < entry_of(child) + nodes_[child].count; ++entry) {
            const serial_t below = least_of_child(children_[entry], level - 1, ids);
            if (least == none || ids.id_of(below) < ids.id_of(least)) least = below;
        }
        nodes_[child].least = least;
    }
    return nodes_[child].least;
}

void span_tree::lower_least(std::uint32_t leaf_number, serial_t serial, const text_ids& ids,
                            const text_id& id) noexcept {
    const auto lower = [&](serial_t& least) {
        if (least != none && id < ids.id_of(least)) least = serial;
    };
    lower(leaves_[leaf_number].least);
    for (std::uint32_t entry = leaves_[leaf_number].up; entry != none; entry = nodes_[node_of(entry)].up)
        lower(nodes_[node_of(entry)].least);
}

/// Moves behind the greater ones of one leaf; true when one that is less comes next in it.
bool span_tree::skip_in_leaf(place& p, const text_ids& ids, const text_id& id) const noexcept {
    const leaf& l = leaves_[p.leaf];
    std::uint32_t offset = p.offset;
    for (std::uint32_t slot = p.slot; slot < l.count; ++slot, offset = 0) {
        const span& s = l.spans[slot];
        if (offset < s.length()) {
            const std::size_t run = ids.run_of(s.first + offset); // ids increase in a run
            if (ids.id_in(ids.runs()[run], s.first + offset) < id) return true;
            if (s.end() > ids.end_of(run)) {
                const std::size_t end = ids.run_of(s.end() - 1) + 1;
                if (const std::size_t next = ids.next_less(run + 1, end, id); next < end) {
                    p = {p.leaf, slot, ids.runs()[next].first - s.first};
                    return true;
                }
            }
        }
        p = {p.leaf, slot, s.length()};
    }
    return false;
}

std::uint32_t span_tree::next_leaf_with_less(std::uint32_t leaf_number, const text_ids& ids,
                                             const text_id& id) noexcept {
    const auto has_less = [&](std::uint32_t child, unsigned level) {
        return ids.id_of(least_of_child(child, level, ids)) < id;
    };
    unsigned level = 0;
    for (std::uint32_t entry = leaves_[leaf_number].up; entry != none; ++level) {
        const std::uint32_t number = node_of(entry);
        for (++entry; entry < entry_of(number) + nodes_[number].count; ++entry) {
            if (!has_less(children_[entry], level)) continue;
            std::uint32_t child = children_[entry];
            for (; level > 0; --level) {
                std::uint32_t below = entry_of(child);
                while (!has_less(children_[below], level - 1))
                    ++below;
                child = children_[below];
            }
            return child;
        }
        entry = nodes_[number].up;
    }
    return none;
}

span_tree::place span_tree::skip_greater(place p, const text_ids& ids, const text_id& id) noexcept {
    if (empty() || skip_in_leaf(p, ids, id)) return p;
    const std::uint32_t next = next_leaf_with_less(p.leaf, ids, id);
    if (next == none) return last();
    p = {next, 0, 0};
    skip_in_leaf(p, ids, id);
    return p;
}

// --- changing

void span_tree::open_gap(leaf& l, std::uint32_t slot, std::uint32_t width) noexcept {
    std::copy_backward(l.spans.begin() + slot, l.spans.begin() + l.count, l.spans.begin() + l.count + width);
    l.count += width;
}

void span_tree::close_gap(leaf& l, std::uint32_t slot, std::uint32_t width) noexcept {
    std::copy(l.spans.begin() + slot + width, l.spans.begin() + l.count, l.spans.begin() + slot);
    l.count -= width;
}

span_tree::place span_tree::make_room(place at) {
    if (!leaves_.empty()) return split_leaf(at);
    leaves_.emplace_back();
    return {};
}

span_tree::place span_tree::split_leaf(place at) {
    settle();
    // Who writes at the end of a leaf will most likely go on: then the old one stays full.
    const leaf& old = leaves_[at.leaf];
    const bool at_end = at.slot + 1U == old.count && at.offset == old.spans[at.slot].length();
    const std::uint32_t pivot = at_end ? old.count - 1U : old.count / 2U;
    SANGAM_INVARIANT(leaves_.size() < leaf_index::leaves_max);
    const auto right = static_cast<std::uint32_t>(leaves_.size());

    if (leaves_.size() == leaves_.capacity()) leaves_.reserve(leaves_.size() + leaves_.size() / 2 + 2);
    const auto with_room = [this](auto& entries, std::size_t width) {
        const std::size_t needed = (nodes_.size() + height_ + 2) * width;
        if (entries.capacity() < needed) entries.reserve(needed + entries.size() / 2);
    };
    with_room(nodes_, 1);
    with_room(children_, node_children_max);
    with_room(visible_, node_children_max);
    with_room(wide_counts_, node_children_max);
    try {
        for (std::uint32_t slot = pivot; slot < leaves_[at.leaf].count; ++slot) {
            const span& s = leaves_[at.leaf].spans[slot];
            index_.assign(s.first, s.length(), right);
        }
    } catch (...) {
        // Going back the same way makes no interval that was not there: it needs no memory.
        for (std::uint32_t slot = leaves_[at.leaf].count; slot-- > pivot;) {
            const span& s = leaves_[at.leaf].spans[slot];
            index_.assign(s.first, s.length(), at.leaf);
        }
        throw;
    }

    leaves_.emplace_back();
    leaf& l = leaves_[at.leaf];
    leaf& r = leaves_[right];
    std::copy(l.spans.begin() + pivot, l.spans.begin() + l.count, r.spans.begin());
    r.count = l.count - pivot;
    r.next = l.next;
    l.count = pivot;
    l.next = right;
    l.least = none;
    const counts moved = count_of(r, 0, r.count);
    if (height_ == 0) {
        grow_root(at.leaf);
        l.up = entry_of(root_);
    }
    add_behind(l.up, right, 1, moved);
    return at.slot >= pivot ? place{right, at.slot - pivot, at.offset} : at;
}

/// A node without children. Its memory is reserved when it has to be.
std::uint32_t span_tree::add_node() {
    nodes_.emplace_back();
    children_.resize(entry_of(static_cast<std::uint32_t>(nodes_.size())));
    visible_.resize(children_.size());
    wide_counts_.resize(children_.size());
    return static_cast<std::uint32_t>(nodes_.size() - 1);
}

void span_tree::grow_root(std::uint32_t child) noexcept {
    root_ = add_node();
    nodes_[root_].count = 1;
    children_[entry_of(root_)] = child;
    visible_[entry_of(root_)] = totals_.visible;
    wide_counts_[entry_of(root_)] = totals_.wide;
    ++height_;
}

/// Tells the children of a node of `level` from an entry on where they are.
void span_tree::adopt(std::uint32_t number, unsigned level, std::uint32_t from_entry) noexcept {
    for (std::uint32_t entry = from_entry; entry < entry_of(number) + nodes_[number].count; ++entry)
        (level == 1 ? leaves_[children_[entry]].up : nodes_[children_[entry]].up) = entry;
}

span_tree::counts span_tree::count_of(std::uint32_t node_number) const noexcept {
    const auto sum = [&](const std::vector<std::uint32_t>& entries) {
        const auto first = entries.begin() + entry_of(node_number);
        return std::accumulate(first, first + nodes_[node_number].count, std::uint32_t{0});
    };
    return {sum(visible_), sum(wide_counts_)};
}

void span_tree::move_counts(std::uint32_t from_entry, std::uint32_t to_entry, const counts& moved) noexcept {
    visible_[from_entry] -= moved.visible;
    visible_[to_entry] += moved.visible;
    wide_counts_[from_entry] -= moved.wide;
    wide_counts_[to_entry] += moved.wide;
}

/// A child gets a right sibling that takes `moved` from it.
void span_tree::add_behind(std::uint32_t entry, std::uint32_t child, unsigned level,
                           const counts& moved) noexcept {
    std::uint32_t number = node_of(entry);
    if (nodes_[number].count == node_children_max) {
        const std::uint32_t right = split_node(number, level);
        const std::uint32_t moved_entries = entry - entry_of(number);
        if (moved_entries >= nodes_[number].count) {
            entry = entry_of(right) + moved_entries - nodes_[number].count;
            number = right;
        }
    }
    const std::uint32_t end = entry_of(number) + nodes_[number].count++;
    const std::uint32_t added = entry + 1;
    for (std::vector<std::uint32_t>* entries : {&children_, &visible_, &wide_counts_})
        std::copy_backward(entries->begin() + added, entries->begin() + end, entries->begin() + end + 1);
    children_[added] = child;
    visible_[added] = 0;
    wide_counts_[added] = 0;
    move_counts(entry, added, moved);
    adopt(number, level, added);
}

std::uint32_t span_tree::split_node(std::uint32_t number, unsigned level) noexcept {
    constexpr std::uint32_t half = node_children_max / 2;
    const std::uint32_t right = add_node();
    if (nodes_[number].up == none) {
        grow_root(number);
        nodes_[number].up = entry_of(root_);
    }
    for (std::vector<std::uint32_t>* entries : {&children_, &visible_, &wide_counts_})
        std::copy_n(entries->begin() + entry_of(number) + half, half, entries->begin() + entry_of(right));
    nodes_[number].count = half;
    nodes_[number].least = none;
    nodes_[right].count = half;
    adopt(right, level, entry_of(right));
    add_behind(nodes_[number].up, right, level + 1, count_of(right));
    return right;
}

span_tree::place span_tree::insert(place at, std::uint32_t length, const text_ids& ids, const text_id& id,
                                   std::span<const std::uint32_t> wide) {
    const serial_t first = size();
    if (wide_.capacity() - wide_.size() < wide.size()) wide_.reserve(2 * wide_.size() + wide.size());
    index_.append(length, at.leaf);
    for (const std::uint32_t offset : wide)
        wide_.push_back(first + offset);
    add_counts(at.leaf, length, static_cast<std::uint32_t>(wide.size()));
    if (id.lamport <= ids.greatest_lamport()) lower_least(at.leaf, first, ids, id);

    leaf& l = leaves_[at.leaf];
    const span added = span::of(first, length, true);
    if (l.count == 0) {
        l.count = 1;
    } else if (span& s = l.spans[at.slot]; at.offset == s.length()) {
        if (s.visible() && s.end() == first) {
            s.bits += length << 1;
            return at;
        }
        at = {at.leaf, at.slot + 1, 0};
        open_gap(l, at.slot, 1);
    } else if (at.offset == 0) {
        open_gap(l, at.slot, 1);
    } else {
        at.slot += 1;
        open_gap(l, at.slot, 2);
        l.spans[at.slot + 1] = span::of(s.first + at.offset, s.length() - at.offset, s.visible());
        s = span::of(s.first, at.offset, s.visible());
        at.offset = 0;
    }
    l.spans[at.slot] = added;
    return at;
}

template <bool Visible>
span_tree::place span_tree::turn(place at, std::uint32_t length) noexcept {
    leaf& l = leaves_[at.leaf];
    span& s = l.spans[at.slot];
    const serial_t first = s.first + at.offset;
    const std::uint32_t rest = s.length() - at.offset - length;
    const std::uint32_t wide = wide_in(first, length);
    add_counts(at.leaf, Visible ? length : 0 - length, Visible ? wide : 0 - wide);

    // Neighbours of that kind with consecutive serials become one span.
    const bool joins_left =
        at.offset == 0 && is_span<Visible>(at.leaf, at.slot - 1) && l.spans[at.slot - 1].end() == first;
    const bool joins_right =
        rest == 0 && is_span<Visible>(at.leaf, at.slot + 1) && l.spans[at.slot + 1].first == first + length;
    if (joins_left) {
        span& left = l.spans[at.slot - 1];
        left.bits += length << 1;
        if (rest > 0) {
            s = span::of(first + length, rest, !Visible);
            return {at.leaf, at.slot, 0};
        }
        if (joins_right) left.bits += l.spans[at.slot + 1].length() << 1;
        close_gap(l, at.slot, joins_right ? 2 : 1);
        return {at.leaf, at.slot - 1, left.length()};
    }
    if (joins_right) {
        span& right = l.spans[at.slot + 1];
        right = span::of(first, length + right.length(), Visible);
        if (at.offset > 0) {
            s = span::of(s.first, at.offset, !Visible);
            return {at.leaf, at.slot + 1, length};
        }
        close_gap(l, at.slot, 1);
        return {at.leaf, at.slot, length};
    }
    const span turned = span::of(first, length, Visible);
    if (at.offset == 0) {
        if (rest > 0) {
            open_gap(l, at.slot + 1, 1);
            l.spans[at.slot + 1] = span::of(first + length, rest, !Visible);
            s = turned;
            return {at.leaf, at.slot + 1, 0};
        }
        s = turned;
        return {at.leaf, at.slot, length};
    }
    open_gap(l, at.slot + 1, rest > 0 ? 2 : 1);
    l.spans[at.slot + 1] = turned;
    if (rest > 0) l.spans[at.slot + 2] = span::of(first + length, rest, !Visible);
    s = span::of(s.first, at.offset, !Visible);
    return {at.leaf, at.slot + 1, length};
}

template span_tree::place span_tree::turn<false>(place at, std::uint32_t length) noexcept;
template span_tree::place span_tree::turn<true>(place at, std::uint32_t length) noexcept;

} // namespace sangam::crdt
