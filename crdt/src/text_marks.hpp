#pragma once

#include "rga_sequence.hpp"

#include <sangam/causality/dot.hpp>
#include <sangam/causality/hybrid_clock.hpp>
#include <sangam/crdt/operation_context.hpp>
#include <sangam/crdt/text_marks.hpp>
#include <sangam/crdt/text_types.hpp>

#include <span>
#include <string>
#include <vector>

namespace sangam::crdt {

/// The marks of a text: for each name the last write of every place between two characters.
///
/// Meaning: a write covers what stands, now or ever, between its two anchors; of the writes of one name that
///   cover a character the greatest (time, dot) counts, of one transaction the last. Anchors never move and
///   never pass one another, so a write that is beaten at a place is beaten there for ever: only the winners
///   are kept, cut into segments. Whatever the order of arrival, equal writes make equal segments.
/// Invariants: (M1) tracks are in the order of their names, none is empty; (M2) the segments of a track are
///   in the order of the text; (M3) neighbours differ, and the first is not nothing; (M4) `held_` are the
///   elements beside which a segment begins, in the order of serials.
/// Cost: n runs of text, k segments of a name (each write adds two at most), w those that a write covers, t
///   names, r those of the answer. apply is O(log k log n + w), and moves 56 bytes for each segment and for
///   each name behind the place; runs O((t log k + r) log n). What an unmark leaves is kept, because an older
///   mark may still arrive.
/// Errors: only allocation throws, and then *this is unchanged.
class text_marks {
public:
    /// A place beside an element: left of the gap behind it, or right of the gap before it; without one, the
    /// start (left) or the end (right).
    struct anchor {
        serial_t serial = no_serial;
        text_bias bias = text_bias::left;
        friend bool operator==(const anchor&, const anchor&) = default;
    };
    /// The default is older than every other.
    struct write {
        causality::hybrid_time time;
        causality::dot id;
        value content; ///< null: not marked
        friend bool operator==(const write&, const write&) = default;
    };
    /// Up to where the next one begins, or to the end.
    struct segment {
        anchor from;
        write last;
    };
    struct track {
        std::string name;
        std::vector<segment> segments;
    };

    text_marks() = default;
    /// What was stored. Preconditions: M1 to M3.
    explicit text_marks(std::vector<track> tracks);

    [[nodiscard]] bool empty() const noexcept { return tracks_.empty(); }
    [[nodiscard]] std::span<const track> tracks() const noexcept { return tracks_; }

    /// Precondition: the sequence knows the anchors.
    void apply(const rga_sequence& sequence, const text_cursor& begin, const text_cursor& end,
               const std::string& name, const value& content, const operation_context& context);

    /// `count` (> 0) visible elements from `position` on, in runs. Precondition: they are there.
    [[nodiscard]] std::vector<formatted_run> runs(const rga_sequence& sequence, std::size_t position,
                                                  std::size_t count) const;

    /// What an insert directly behind the visible element `left` (none: at the start) belongs behind, by the
    /// rule of docs/types.md: that element, or a hidden one between it and the next visible one. no_serial:
    /// the start.
    /// Cost: O(1) when nothing is hidden there; else O(log k) for each run of the hidden; if segments begin
    /// among them, also O(t log k log n + b log b) for b of these.
    [[nodiscard]] serial_t place_in_gap(const rga_sequence& sequence,
                                        const std::optional<span_tree::place>& left) const;

    /// True iff they mean the same, each over its own sequence.
    [[nodiscard]] bool equals(const text_ids& ids, const text_marks& other, const text_ids& other_ids) const;

    /// Empty, or what does not hold of M1 to M4.
    [[nodiscard]] std::string check_invariants(const rga_sequence& sequence) const;

private:
    void replace_held(std::span<const segment> before, std::span<const segment> after) noexcept;

    std::vector<track> tracks_;
    std::vector<serial_t> held_; ///< once for each segment
};

} // namespace sangam::crdt
