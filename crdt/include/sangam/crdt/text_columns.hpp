#pragma once

#include <sangam/causality/dot.hpp>
#include <sangam/causality/hybrid_clock.hpp>
#include <sangam/causality/replica_id.hpp>
#include <sangam/crdt/text_types.hpp>
#include <sangam/crdt/value.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace sangam::crdt {

/// A text taken apart, to be kept or sent: `rga_text::columns` makes it, `rga_text::from_columns` judges it
/// and makes the text again. Plain data, without an invariant of its own.
///
/// Meaning: every character, erased or not, has a number, from 0 without a gap, and an id.
/// A **state** is what the text is now. Its numbers follow the order of the text, which needs no other column
///   then: any ids, each of them once, are a text in that order. Hence equal texts have equal columns, in
///   whatever order their operations arrived. Erased characters keep their ids and places, but not their
///   text.
/// A **history** is also how it came about. Its numbers follow the order of arrival, and each character was
///   put behind another, its parent: the nearest on its left with a lesser id. The ids and the parents give
///   the order. It has the text of erased characters and the log, so that earlier versions can be read and
///   edits undone. Of a text that was itself made from a state, it is the history since then: see `base`.
/// Why a history has parents: whoever writes in the middle of a run cuts it in two, so in the order of the
///   text there are twice as many runs as places where somebody went on writing. Why a state has not: to find
///   the order out of parents takes longer than all the rest of a load.
struct text_columns {
    enum class kind : std::uint8_t { state, history };

    /// Consecutive numbers with consecutive ids of one replica.
    struct id_run {
        std::uint64_t lamport = 0; ///< of the first
        std::uint32_t length = 0;
        std::uint32_t replica = 0; ///< its place in `replicas`
        friend bool operator==(const id_run&, const id_run&) = default;
    };
    /// Consecutive numbers, each but the first put behind the one before.
    struct insert_run {
        std::uint32_t length = 0;
        std::uint32_t parent = no_parent; ///< the number that the first one was put behind
        friend bool operator==(const insert_run&, const insert_run&) = default;
    };
    static constexpr std::uint32_t no_parent = std::numeric_limits<std::uint32_t>::max(); ///< the start

    /// Consecutive numbers.
    struct run {
        std::uint32_t first = 0;
        std::uint32_t length = 0;
        friend bool operator==(const run&, const run&) = default;
    };
    /// Characters with consecutive numbers that were named by erases one after another, or by a restore, when
    /// `inserted` characters were there; `backward`: from the last one to the first.
    struct erased_run {
        std::uint32_t inserted = 0;
        std::uint32_t first = 0;
        std::uint32_t length = 0;
        bool backward = false;
        friend bool operator==(const erased_run&, const erased_run&) = default;
    };
    /// Entries of `erased` from `first` on are what a restore names, one for each of `erases`: it takes back
    /// what these transactions had erased of it.
    struct restore {
        std::uint32_t first = 0;
        std::vector<dot_range> erases;
        friend bool operator==(const restore&, const restore&) = default;
    };
    /// `count` transactions of one replica, with consecutive sequence numbers. Every character that is
    /// inserted, or named by an erase or a restore, is a step, counted from 0 on; those of `base` come first.
    /// Each transaction has `stride` steps, but the last one has those up to the next run. A run of one
    /// transaction has stride 0.
    struct transaction_run {
        causality::dot first;
        std::uint64_t step = 0; ///< the first one's first
        std::uint32_t stride = 0;
        std::uint32_t count = 1;
        friend bool operator==(const transaction_run&, const transaction_run&) = default;
    };

    static constexpr std::uint32_t no_number = std::numeric_limits<std::uint32_t>::max();
    /// A place beside a character, as text_cursor: behind it (left) or in front of it (right). no_number: the
    /// start (left) of the text.
    struct mark_anchor {
        std::uint32_t number = no_number;
        text_bias bias = text_bias::left;
        friend bool operator==(const mark_anchor&, const mark_anchor&) = default;
    };
    /// The mark that counts somewhere. The default: nobody ever said anything there.
    struct mark_write {
        causality::hybrid_time time;
        causality::dot id;
        value content; ///< null: not marked
        friend bool operator==(const mark_write&, const mark_write&) = default;
    };
    /// Up to where the next one begins, or to the end.
    struct mark_segment {
        mark_anchor from;
        mark_write last;
        friend bool operator==(const mark_segment&, const mark_segment&) = default;
    };
    /// All that is said under one name.
    struct mark_track {
        std::string name;                   ///< UTF-8, at most limits::name_bytes_max
        std::vector<mark_segment> segments; ///< in the order of the text; neighbours differ
        friend bool operator==(const mark_track&, const mark_track&) = default;
    };

    kind what = kind::state;
    std::vector<causality::replica_id> replicas; ///< in the order of their first numbers
    std::vector<id_run> ids;                     ///< in the order of numbers, as long as can be
    std::vector<insert_run> inserts;             ///< of a history: in the order of numbers, as long as can be
    /// Of a state: how many characters are visible, then how many are erased, and so on, in the order of the
    /// text. Only the first may be 0. In a history the log tells.
    std::vector<std::uint32_t> shown;
    /// UTF-8: of the visible characters, in the order of the text; then of those that the log has erased, in
    /// the order of numbers. So near characters stay near, which is what a compressor needs.
    std::string text;

    /// By increasing name. What was said and is beaten everywhere is not here, and neither is it in a
    /// history.
    std::vector<mark_track> marks;

    // --- empty or 0 in a state

    /// How many characters were there when the log begins: the first numbers, in the order that the text had
    /// then. They are no transaction's.
    std::uint32_t base = 0;
    /// Those of `base` that had been erased by then, in the order of numbers: their text is not known.
    std::vector<run> gone;
    std::vector<erased_run> erased; ///< in the order of application
    std::vector<restore> restores;  ///< by increasing `first`
    std::vector<transaction_run> transactions;

    friend bool operator==(const text_columns&, const text_columns&) = default;
};

} // namespace sangam::crdt
