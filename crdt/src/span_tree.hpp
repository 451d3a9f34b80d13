#pragma once

#include "leaf_index.hpp"
#include "text_ids.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sangam::crdt {

/// The elements of a sequence in order, as spans of consecutive serials, in a B+tree that counts what is
/// visible; and the way back from a serial to its span.
///
/// Meaning: one order of all serials, each visible or hidden. What an element holds is not known
///   here, but for those that take two UTF-16 units ("wide").
/// Invariants: (S1) no leaf but an empty tree's is empty, none has more than leaf_spans_max spans, no node
///   more than node_children_max children; (S2) counts of nodes agree with the spans below, but for what is
///   not settled; (S3) parents and children agree, leaves are linked in order; (S4) the index has the leaf of
///   every serial; (S5) a cached least id is right.
/// Most keystrokes come where the last one was: how many more (or fewer) elements of one leaf are visible
///   than the nodes above know is kept aside until there is one in another leaf, or `settle` is called.
/// Cost: n spans. Everything is O(log n) but where it says otherwise. Leaves never move and are never freed,
///   so a place stays a good guess. 8 bytes a span, in leaves that are 50 to 100 % full.
class span_tree {
public:
    static constexpr std::uint32_t leaf_spans_max = 28;
    static constexpr std::uint32_t node_children_max = 32;

    struct span {
        serial_t first = 0;
        std::uint32_t bits = 0; ///< length * 2 + 1 if visible

        [[nodiscard]] std::uint32_t length() const noexcept { return bits >> 1; }
        [[nodiscard]] bool visible() const noexcept { return (bits & 1) != 0; }
        [[nodiscard]] std::uint32_t shown() const noexcept { return (bits >> 1) & (0 - (bits & 1)); }
        [[nodiscard]] serial_t end() const noexcept { return first + length(); }
        [[nodiscard]] bool holds(serial_t serial) const noexcept { return serial - first < length(); }
        [[nodiscard]] static span of(serial_t first, std::uint32_t length, bool visible) noexcept {
            return {first, length << 1 | (visible ? 1U : 0U)};
        }
    };

    struct counts {
        std::uint32_t visible = 0;
        std::uint32_t wide = 0; ///< of the visible ones
        friend bool operator==(const counts&, const counts&) = default;
    };

    /// In front of element `offset` of a span, or behind its last. The end of the sequence is behind the last
    /// element of the last span. One that is kept goes by reference: a load of the whole would
    /// wait for the parts that were stored a moment ago. Others go by value, in registers.
    struct place {
        std::uint32_t leaf = 0;
        std::uint32_t slot = 0;
        std::uint32_t offset = 0;
    };
    /// A place and how many visible elements are in front of its span.
    struct position_place {
        place at;
        std::uint32_t span_start = 0;
    };

    [[nodiscard]] bool empty() const noexcept { return index_.size() == 0; }
    [[nodiscard]] const counts& totals() const noexcept { return totals_; }
    [[nodiscard]] serial_t size() const noexcept { return index_.size(); }

    [[nodiscard]] std::size_t leaves() const noexcept { return leaves_.size(); }
    [[nodiscard]] std::uint32_t spans_in(std::uint32_t leaf_number) const noexcept {
        return leaves_[leaf_number].count;
    }
    [[nodiscard]] const span& span_at(std::uint32_t leaf, std::uint32_t slot) const noexcept {
        return leaves_[leaf].spans[slot];
    }
    [[nodiscard]] const span& span_at(place p) const noexcept { return span_at(p.leaf, p.slot); }
    /// True iff there is such a span, it is hidden, and it begins with (ends before) `serial`.
    [[nodiscard]] bool is_hidden_from(std::uint32_t leaf_number, std::uint32_t slot,
                                      serial_t serial) const noexcept {
        return is_span<false>(leaf_number, slot) && span_at(leaf_number, slot).first == serial;
    }
    [[nodiscard]] bool is_hidden_up_to(std::uint32_t leaf_number, std::uint32_t slot,
                                       serial_t serial) const noexcept {
        return is_span<false>(leaf_number, slot) && span_at(leaf_number, slot).end() == serial;
    }
    /// Moves to the front of the next span; false if there is none.
    [[nodiscard]] bool advance(place& p) const noexcept;
    /// The same within a leaf.
    [[nodiscard]] bool advance_in_leaf(place& p) const noexcept {
        if (p.slot + 1 >= leaves_[p.leaf].count) return false;
        p = {p.leaf, p.slot + 1, 0};
        return true;
    }
    /// Moves to the front of the span before; false if there is none.
    [[nodiscard]] bool retreat(place& p) const noexcept;
    /// Calls back with every span in order.
    template <class Function>
    void for_each(Function&& function) const {
        if (empty()) return;
        place p;
        do {
            function(span_at(p));
        } while (advance(p));
    }

    /// Tells the nodes what is not settled: `find_visible` is faster then.
    void settle() noexcept {
        if (unsettled_ == 0) return;
        add_counts_above(unsettled_leaf_, unsettled_);
        unsettled_ = 0;
    }
    /// The visible element with so many before it. Precondition: position < totals().visible.
    [[nodiscard]] position_place find_visible(std::uint32_t position) const noexcept;
    /// The same when the element is in the leaf of a place of which the position is known, and not far from
    /// it; else the place has no leaf.
    [[nodiscard]] position_place find_visible_from(const position_place& near,
                                                   std::uint32_t position) const noexcept;
    /// The visible element that holds the UTF-16 unit with so many before it, and what is in front of the
    /// element. Precondition: there is such a unit.
    [[nodiscard]] counts before_unit(std::uint64_t unit) const noexcept;
    /// The element. `guess` is where it may be. Precondition: serial < size().
    [[nodiscard]] place find(serial_t serial, const place& guess) const noexcept;
    [[nodiscard]] place find(serial_t serial) const noexcept;
    /// What is in front of a place.
    [[nodiscard]] counts before(place p) const noexcept;
    /// True iff the element at `a` stands before the one at `b`.
    [[nodiscard]] bool precedes(place a, place b) const noexcept {
        if (a.leaf == b.leaf) return a.slot != b.slot ? a.slot < b.slot : a.offset < b.offset;
        std::uint32_t of_a = leaves_[a.leaf].up;
        std::uint32_t of_b = leaves_[b.leaf].up;
        while (node_of(of_a) != node_of(of_b)) {
            of_a = nodes_[node_of(of_a)].up;
            of_b = nodes_[node_of(of_b)].up;
        }
        return of_a < of_b;
    }
    /// How many of the serials are wide, visible or not. O(log of all wide ones).
    [[nodiscard]] std::uint32_t wide_in(serial_t first, std::uint32_t length) const noexcept;

    /// The first place from `p` on whose element has an id less than `id`; the end if there is none.
    /// O(log n) amortised, however many greater ones stand between. Precondition: the least ids are indexed.
    [[nodiscard]] place skip_greater(place p, const text_ids& ids, const text_id& id) noexcept;

    /// Makes room at a place for one `insert`, `hide` or `show`, and returns it: it may be in another leaf
    /// now.
    [[nodiscard]] place reserve_at(place at) {
        return at.leaf < leaves_.size() && leaves_[at.leaf].count + 2U <= leaf_spans_max ? at : make_room(at);
    }

    /// Puts the next `length` serials, visible, at a place, and returns that of the first of them. `id` is
    /// the first one's; `wide`: which of them are, counted from the first, increasing. If it throws, nothing
    /// has changed. Precondition: `at` is from reserve_at and nothing has changed since.
    place insert(place at, std::uint32_t length, const text_ids& ids, const text_id& id,
                 std::span<const std::uint32_t> wide);

    /// How many of the next serials `type` may add to the span with the last one.
    [[nodiscard]] std::uint32_t room_for_typing() const noexcept { return index_.room_in_last(); }
    /// Lengthens a span by the next serial, not wide and with the greatest id. Precondition: the span is
    /// visible and ends with the last serial; there is room.
    void type(std::uint32_t leaf_number, std::uint32_t slot) noexcept {
        index_.lengthen_last();
        leaves_[leaf_number].spans[slot].bits += 2;
        add_counts_later(leaf_number, 1);
    }
    /// Lengthens a span by the next serials, not wide and with the greatest ids. If it throws, nothing has
    /// changed. Precondition: the span is visible and ends with the last serial.
    void lengthen(place at, std::uint32_t length) {
        index_.append(length, at.leaf);
        leaves_[at.leaf].spans[at.slot].bits += length << 1;
        add_counts(at.leaf, length);
    }
    /// Moves the last element of a visible span to the front of the hidden one behind it, whose first serial
    /// is the next. Precondition: the span has two; the element is not wide.
    void backspace(std::uint32_t leaf_number, std::uint32_t slot) noexcept {
        span* const s = &leaves_[leaf_number].spans[slot];
        s[0].bits -= 2;
        s[1].first -= 1;
        s[1].bits += 2;
        add_counts_later(leaf_number, 0U - 1U);
    }

    /// Moves the first element of a visible span to the end of the hidden one before it, whose last serial is
    /// the one before. Precondition: as backspace.
    void delete_forward(std::uint32_t leaf_number, std::uint32_t slot) noexcept {
        span* const s = &leaves_[leaf_number].spans[slot];
        s[0].first += 1;
        s[0].bits -= 2;
        s[-1].bits += 2;
        add_counts_later(leaf_number, 0U - 1U);
    }

    /// Hides `length` elements behind a place; returns the place behind them, in the same leaf. Precondition:
    /// as insert; they are in one span, which is visible.
    place hide(place at, std::uint32_t length) noexcept { return turn<false>(at, length); }
    /// The same back. Precondition: as hide; the span is hidden.
    place show(place at, std::uint32_t length) noexcept { return turn<true>(at, length); }

    /// Builds an empty tree of these spans, which hold each serial from 0 on once. `by_serial`: their numbers
    /// in the order of their serials. `wide`: which serials are, increasing. Cost: O(n).
    void build(std::span<const span> spans, std::span<const std::uint32_t> by_serial,
               std::vector<serial_t> wide);

    /// Empty, or what does not hold of S1 to S5. O(n log n).
    [[nodiscard]] std::string check_invariants(const text_ids& ids) const;

private:
    static constexpr std::uint32_t none = no_serial;
    static constexpr unsigned height_max = 8; ///< nodes are half full: 16^8 leaves are more than there can be

    struct alignas(64) leaf {
        std::uint32_t up = none; ///< its entry in the node above
        std::uint32_t next = none;
        serial_t least = none; ///< the element with the least id; none: not known
        std::uint32_t count = 0;
        std::array<span, leaf_spans_max> spans;
    };
    /// Its entries stand in the arrays from node number * node_children_max on: an entry's number is a place
    /// in the tree, and the way up is a division.
    struct node {
        std::uint32_t up = none;
        serial_t least = none;
        std::uint32_t count = 0;
    };

    [[nodiscard]] static std::uint32_t entry_of(std::uint32_t node_number) noexcept {
        return node_number * node_children_max;
    }
    [[nodiscard]] static std::uint32_t node_of(std::uint32_t entry) noexcept {
        return entry / node_children_max;
    }
    void add_counts(std::uint32_t leaf_number, std::uint32_t visible) noexcept {
        totals_.visible += visible;
        add_counts_above(leaf_number, visible);
    }
    void add_counts_above(std::uint32_t leaf_number, std::uint32_t visible) noexcept {
        for (std::uint32_t entry = leaves_[leaf_number].up; entry != none; entry = nodes_[node_of(entry)].up)
            visible_[entry] += visible;
    }
    void add_counts_later(std::uint32_t leaf_number, std::uint32_t visible) noexcept {
        totals_.visible += visible;
        if (leaf_number != unsettled_leaf_) {
            settle();
            unsettled_leaf_ = leaf_number;
        }
        unsettled_ += visible;
    }
    void add_counts(std::uint32_t leaf_number, std::uint32_t visible, std::uint32_t wide) noexcept {
        add_counts(leaf_number, visible);
        if (wide == 0) return;
        totals_.wide += wide;
        for (std::uint32_t entry = leaves_[leaf_number].up; entry != none; entry = nodes_[node_of(entry)].up)
            wide_counts_[entry] += wide;
    }
    /// What is visible below an entry on the way up from the leaf that is not settled, and below any other.
    class settled_counts;

    template <bool Visible>
    place turn(place at, std::uint32_t length) noexcept;
    template <bool Visible>
    [[nodiscard]] bool is_span(std::uint32_t leaf_number, std::uint32_t slot) const noexcept {
        return slot < leaves_[leaf_number].count && span_at(leaf_number, slot).visible() == Visible;
    }
    template <class CountOf>
    [[nodiscard]] std::uint32_t leaf_with_visible(std::uint32_t& position, CountOf&& count_of) const noexcept;
    void open_gap(leaf& l, std::uint32_t slot, std::uint32_t width) noexcept;
    void close_gap(leaf& l, std::uint32_t slot, std::uint32_t width) noexcept;
    [[nodiscard]] place make_room(place at);
    [[nodiscard]] place split_leaf(place at);
    [[nodiscard]] counts count_of(const leaf& l, std::size_t from, std::size_t to) const noexcept;
    std::uint32_t add_node();
    void grow_root(std::uint32_t child) noexcept;
    void add_behind(std::uint32_t entry, std::uint32_t child, unsigned level,
                    const counts& of_child) noexcept;
    std::uint32_t split_node(std::uint32_t number, unsigned level) noexcept;
    void adopt(std::uint32_t number, unsigned level, std::uint32_t from_entry) noexcept;
    [[nodiscard]] counts count_of(std::uint32_t node_number) const noexcept;
    void move_counts(std::uint32_t from_entry, std::uint32_t to_entry, const counts& moved) noexcept;
    void lower_least(std::uint32_t leaf_number, serial_t serial, const text_ids& ids,
                     const text_id& id) noexcept;

    void build_nodes(std::vector<counts> below);

    [[nodiscard]] serial_t least_of(const leaf& l, const text_ids& ids) const noexcept;
    serial_t least_of_child(std::uint32_t child, unsigned level, const text_ids& ids) noexcept;
    bool skip_in_leaf(place& p, const text_ids& ids, const text_id& id) const noexcept;
    [[nodiscard]] std::uint32_t next_leaf_with_less(std::uint32_t leaf_number, const text_ids& ids,
                                                    const text_id& id) noexcept;
    [[nodiscard]] place last() const noexcept;

    std::vector<leaf> leaves_;
    std::vector<node> nodes_;
    std::vector<std::uint32_t> children_; ///< by entry: nodes, or leaves in the lowest level
    std::vector<std::uint32_t> visible_;  ///< by entry: what is below it
    std::vector<std::uint32_t> wide_counts_;
    std::uint32_t root_ = none; ///< a node; none while there is one leaf
    unsigned height_ = 0;       ///< levels of nodes
    counts totals_;
    std::uint32_t unsettled_leaf_ = none;
    std::uint32_t unsettled_ = 0; ///< how many more are visible in it than the nodes above know
    leaf_index index_;
    std::vector<serial_t> wide_;
};

} // namespace sangam::crdt
