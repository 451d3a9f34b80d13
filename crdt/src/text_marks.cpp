#include "text_marks.hpp"

#include <sangam/causality/assert.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace sangam::crdt {
namespace {

using anchor = text_marks::anchor;
using segment = text_marks::segment;
using track = text_marks::track;
using write = text_marks::write;

[[nodiscard]] bool is_end(const anchor& a) noexcept {
    return a.serial == no_serial && a.bias == text_bias::right;
}

/// It begins beside an element (M4).
[[nodiscard]] bool holds(const segment& s) noexcept {
    return s.from.serial != no_serial;
}

[[nodiscard]] anchor anchor_of(const text_ids& ids, const text_cursor& at) noexcept {
    return {at.anchor ? ids.find(*at.anchor).first : no_serial, at.bias};
}

[[nodiscard]] text_cursor cursor_of(const text_ids& ids, const anchor& a) noexcept {
    if (a.serial == no_serial) return {std::nullopt, a.bias};
    return {ids.id_of(a.serial), a.bias};
}

/// The order of the text.
[[nodiscard]] bool stands_before(const span_tree& tree, const anchor& a, const anchor& b) noexcept {
    if (a.serial == b.serial) {
        const text_bias first = a.serial == no_serial ? text_bias::left : text_bias::right;
        return a.bias != b.bias && a.bias == first;
    }
    if (a.serial == no_serial) return a.bias == text_bias::left;
    if (b.serial == no_serial) return b.bias == text_bias::right;
    return tree.precedes(tree.find(a.serial), tree.find(b.serial));
}

/// How many visible elements are in front of it.
[[nodiscard]] std::size_t position_of(const rga_sequence& sequence, const anchor& a) noexcept {
    if (a.serial == no_serial) return a.bias == text_bias::left ? 0 : sequence.size();
    const span_tree::place p = sequence.tree().find(a.serial);
    const bool behind = a.bias == text_bias::left && sequence.tree().span_at(p).visible();
    return sequence.tree().before(p).visible + (behind ? 1U : 0U);
}

/// Of the same transaction, the one that comes second.
[[nodiscard]] const write& later(const write& first, const write& second) noexcept {
    return std::tie(second.time, second.id) < std::tie(first.time, first.id) ? first : second;
}

/// What a write changes in a track: segments [from, to) give way to others.
struct replacement {
    std::ptrdiff_t from = 0;
    std::ptrdiff_t to = 0;
    std::vector<segment> segments;
};

replacement replace(std::span<const segment> old, const span_tree& tree, const anchor& begin,
                    const anchor& end, const write& made) {
    static const write nothing{};
    const auto starts_before = [&tree](const segment& s, const anchor& a) {
        return stands_before(tree, s.from, a);
    };
    const auto from = std::lower_bound(old.begin(), old.end(), begin, starts_before);
    auto to = std::lower_bound(from, old.end(), end, starts_before);
    replacement r{from - old.begin(), 0, {}};
    r.segments.reserve(static_cast<std::size_t>(to - from) + 2);
    const write* below = from == old.begin() ? &nothing : &std::prev(from)->last;
    const write* before = below;
    const auto add = [&](const anchor& at, const write& last) {
        if (last == *before) return;
        before = &r.segments.emplace_back(at, last).last;
    };
    if (from == old.end() || from->from != begin) add(begin, later(*below, made));
    for (auto at = from; at != to; ++at) {
        below = &at->last;
        add(at->from, later(*below, made));
    }
    if (!is_end(end)) {
        if (to != old.end() && to->from == end) {
            below = &to->last;
            ++to;
        }
        add(end, *below);
    }
    r.to = to - old.begin();
    return r;
}

template <class Vector>
void make_room(Vector& items, std::size_t more) {
    if (items.capacity() - items.size() < more)
        items.reserve(std::max(2 * items.size(), items.size() + more));
}

/// The hidden elements between two visible ones, or between one of these and the start or the end.
struct gap {
    serial_t left = no_serial;  ///< the visible one in front; no_serial: the start
    serial_t right = no_serial; ///< the visible one behind; no_serial: the end
    serial_t last = no_serial;  ///< the last hidden one
    /// The hidden ones beside which segments begin, in the order of the text: what is inserted directly
    /// behind the left one, or behind one of these, has other marks perhaps.
    std::vector<serial_t> edges;
};

/// What may be marked where in a gap, in the segments of one name.
struct gap_segments {
    std::span<const segment> all;
    // One more than the number of a segment; 0: what is in front of them all.
    std::size_t first = 0;              ///< directly behind the left element
    std::size_t last = 0;               ///< directly in front of the right one
    std::optional<std::size_t> of_left; ///< which holds the left element, if there is one
    std::optional<std::size_t> of_right;

    [[nodiscard]] const write& at(std::size_t number) const noexcept {
        static const write nothing{};
        return number == 0 ? nothing : all[number - 1].last;
    }
    [[nodiscard]] bool is_marked(std::size_t number) const noexcept { return !at(number).content.is_null(); }
    [[nodiscard]] text_bias begin_of(std::size_t number) const noexcept { return all[number - 1].from.bias; }
    /// The mark of the left element ends here, and grows.
    [[nodiscard]] bool grows_from_left(std::size_t number) const noexcept {
        return of_left == first && number == first &&
               (number == last || (begin_of(number + 1) == text_bias::right && !is_marked(number + 1)));
    }
    /// The mark of the right element begins here, and grows.
    [[nodiscard]] bool grows_from_right(std::size_t number) const noexcept {
        return of_right == last && number == last &&
               (number == first || (begin_of(number) == text_bias::left && !is_marked(number - 1)));
    }
    [[nodiscard]] bool is_of_both(std::size_t number) const noexcept {
        return of_left && of_right && at(number) == at(*of_left) && at(number) == at(*of_right);
    }
    /// What is inserted there gets a mark that it should not have.
    [[nodiscard]] bool is_wrong(std::size_t number) const noexcept {
        return is_marked(number) && !grows_from_left(number) && !grows_from_right(number) &&
               !is_of_both(number);
    }
    /// What is inserted there does not get a mark that grows towards it.
    [[nodiscard]] bool is_missing(std::size_t number) const noexcept {
        return !is_marked(number) && is_marked(last) && grows_from_right(last);
    }
};

[[nodiscard]] gap_segments segments_in(const gap& where, const span_tree& tree,
                                       const std::vector<segment>& all) noexcept {
    const auto begun_at = [&](const anchor& a) {
        const auto behind = std::ranges::partition_point(
            all, [&](const segment& s) { return !stands_before(tree, a, s.from); });
        return static_cast<std::size_t>(behind - all.begin());
    };
    gap_segments in{all};
    in.first = begun_at({where.left, text_bias::left});
    in.last = begun_at({where.last, text_bias::left});
    if (where.left != no_serial) in.of_left = begun_at({where.left, text_bias::right});
    if (where.right != no_serial) in.of_right = begun_at({where.right, text_bias::right});
    return in;
}

/// A mark that begins (or, without content, ends) at a position.
struct event {
    std::size_t position = 0;
    std::size_t track = 0;
    const value* content = nullptr;
};

/// Appends where a track's marks begin and end within [position, stop).
void append_events(std::vector<event>& events, const rga_sequence& sequence, const track& marked,
                   std::size_t number, std::size_t position, std::size_t stop) {
    const std::vector<segment>& all = marked.segments;
    auto at = std::ranges::partition_point(
        all, [&](const segment& s) { return position_of(sequence, s.from) <= position; });
    if (at != all.begin()) --at;
    const value* shown = nullptr;
    std::size_t start = position_of(sequence, at->from);
    for (; at != all.end() && start < stop; ++at) {
        const std::size_t end =
            std::next(at) == all.end() ? sequence.size() : position_of(sequence, std::next(at)->from);
        const std::size_t from = std::max(start, position);
        const value* content = at->last.content.is_null() ? nullptr : &at->last.content;
        start = end;
        if (from >= end || (content == shown) || (content && shown && *content == *shown)) continue;
        events.push_back({from, number, content});
        shown = content;
    }
}

} // namespace

text_marks::text_marks(std::vector<track> tracks) : tracks_(std::move(tracks)) {
    for (const track& marked : tracks_) {
        for (const segment& s : marked.segments) {
            if (holds(s)) held_.push_back(s.from.serial);
        }
    }
    std::ranges::sort(held_);
}

void text_marks::apply(const rga_sequence& sequence, const text_cursor& begin, const text_cursor& end,
                       const std::string& name, const value& content, const operation_context& context) {
    const anchor first = anchor_of(sequence.ids(), begin);
    const anchor behind = anchor_of(sequence.ids(), end);
    if (!stands_before(sequence.tree(), first, behind)) return;
    const write made{context.time, context.id, content};
    auto at = std::ranges::lower_bound(tracks_, name, {}, &track::name);
    const bool is_known = at != tracks_.end() && at->name == name;
    const std::span<const segment> old = is_known ? at->segments : std::span<const segment>();
    replacement r = replace(old, sequence.tree(), first, behind, made);
    make_room(held_, 2);
    if (!is_known) {
        track added{name, std::move(r.segments)};
        make_room(tracks_, 1);
        at = tracks_.insert(std::ranges::lower_bound(tracks_, name, {}, &track::name), std::move(added));
        replace_held({}, at->segments);
        return;
    }
    make_room(at->segments, 2);
    const auto from = at->segments.begin() + r.from;
    replace_held(std::span(from, at->segments.begin() + r.to), r.segments);
    const auto gap = at->segments.erase(from, at->segments.begin() + r.to);
    at->segments.insert(gap, std::move_iterator(r.segments.begin()), std::move_iterator(r.segments.end()));
}

/// There is room for two more.
void text_marks::replace_held(std::span<const segment> before, std::span<const segment> after) noexcept {
    for (const segment& s : before) {
        if (holds(s)) held_.erase(std::ranges::lower_bound(held_, s.from.serial));
    }
    for (const segment& s : after) {
        if (holds(s)) held_.insert(std::ranges::lower_bound(held_, s.from.serial), s.from.serial);
    }
}

std::vector<formatted_run> text_marks::runs(const rga_sequence& sequence, std::size_t position,
                                            std::size_t count) const {
    SANGAM_ASSERT(count > 0);
    const std::size_t stop = position + count;
    std::vector<event> events;
    for (std::size_t number = 0; number < tracks_.size(); ++number)
        append_events(events, sequence, tracks_[number], number, position, stop);
    std::ranges::sort(events, {}, [](const event& e) { return std::pair(e.position, e.track); });

    std::vector<formatted_run> all;
    std::map<std::size_t, const value*> shown; // by track, and so by name
    const auto add_run_up_to = [&](std::size_t end) {
        if (end == position) return;
        formatted_run& run = all.emplace_back(position, end - position, std::vector<text_mark>());
        run.marks.reserve(shown.size());
        for (const auto& [number, content] : shown)
            run.marks.push_back({tracks_[number].name, *content});
        position = end;
    };
    for (const event& e : events) {
        add_run_up_to(e.position);
        if (e.content != nullptr) {
            shown[e.track] = e.content;
        } else {
            shown.erase(e.track);
        }
    }
    add_run_up_to(stop);
    return all;
}

serial_t text_marks::place_in_gap(const rga_sequence& sequence,
                                  const std::optional<span_tree::place>& left) const {
    const span_tree& tree = sequence.tree();
    gap where;
    span_tree::place p;
    if (left) {
        p = *left;
        const span_tree::span s = tree.span_at(p);
        where.left = s.first + p.offset;
        if (held_.empty() || p.offset + 1 < s.length() || !tree.advance(p)) return where.left;
    } else if (held_.empty() || tree.empty()) {
        return no_serial;
    }
    do {
        const span_tree::span s = tree.span_at(p);
        if (s.visible()) {
            where.right = s.first;
            break;
        }
        where.last = s.end() - 1;
        for (auto at = std::ranges::lower_bound(held_, s.first); at != held_.end() && *at < s.end(); ++at) {
            if (where.edges.empty() || where.edges.back() != *at) where.edges.push_back(*at);
        }
    } while (tree.advance(p));
    if (where.edges.empty()) return where.left;

    // Place 0 is behind the left element, place n + 1 behind edge n: how much more is wrong, and missing,
    // there than at the place before.
    struct change {
        std::ptrdiff_t wrong = 0;
        std::ptrdiff_t missing = 0;
    };
    std::vector<change> changes(where.edges.size() + 2);
    std::vector<std::pair<serial_t, std::size_t>> numbered;
    numbered.reserve(where.edges.size());
    for (std::size_t n = 0; n < where.edges.size(); ++n)
        numbered.emplace_back(where.edges[n], n + 1);
    std::ranges::sort(numbered);
    const auto place_of = [&](const segment& s) {
        return std::ranges::lower_bound(numbered, std::pair(s.from.serial, std::size_t{0}))->second;
    };
    for (const track& marked : tracks_) {
        const gap_segments in = segments_in(where, tree, marked.segments);
        for (std::size_t number = in.first; number <= in.last; ++number) {
            const std::size_t from = number == in.first ? 0 : place_of(in.all[number - 1]);
            const std::size_t to = number == in.last ? changes.size() - 1 : place_of(in.all[number]);
            const std::ptrdiff_t wrong = in.is_wrong(number) ? 1 : 0;
            const std::ptrdiff_t missing = in.is_missing(number) ? 1 : 0;
            changes[from].wrong += wrong;
            changes[from].missing += missing;
            changes[to].wrong -= wrong;
            changes[to].missing -= missing;
        }
    }
    change here = changes[0];
    change best = here;
    std::size_t best_place = 0;
    for (std::size_t place = 1; place + 1 < changes.size(); ++place) {
        here.wrong += changes[place].wrong;
        here.missing += changes[place].missing;
        if (std::tie(here.wrong, here.missing) < std::tie(best.wrong, best.missing)) {
            best = here;
            best_place = place;
        }
    }
    return best_place == 0 ? where.left : where.edges[best_place - 1];
}

bool text_marks::equals(const text_ids& ids, const text_marks& other, const text_ids& other_ids) const {
    const auto same_segment = [&](const segment& a, const segment& b) {
        return a.last == b.last && cursor_of(ids, a.from) == cursor_of(other_ids, b.from);
    };
    return std::ranges::equal(tracks_, other.tracks_, [&](const track& a, const track& b) {
        return a.name == b.name && std::ranges::equal(a.segments, b.segments, same_segment);
    });
}

std::string text_marks::check_invariants(const rga_sequence& sequence) const {
    std::vector<serial_t> held;
    const track* before = nullptr;
    for (const track& marked : tracks_) {
        if (marked.segments.empty() || (before != nullptr && before->name >= marked.name))
            return "M1: a track is empty or not in order";
        before = &marked;
        const segment* left = nullptr;
        for (const segment& s : marked.segments) {
            if (s.from.serial != no_serial && s.from.serial >= sequence.serials())
                return "M2: a segment begins beside an element that is not there";
            if (is_end(s.from) || (left && !stands_before(sequence.tree(), left->from, s.from)))
                return "M2: segments are not in order";
            if (s.last == (left ? left->last : write())) return "M3: two neighbours are the same";
            if (holds(s)) held.push_back(s.from.serial);
            left = &s;
        }
    }
    std::ranges::sort(held);
    return held == held_ ? "" : "M4: other elements are held than segments begin beside";
}

} // namespace sangam::crdt
