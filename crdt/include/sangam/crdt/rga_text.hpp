#pragma once

#include <sangam/causality/error.hpp>
#include <sangam/causality/replica_id.hpp>
#include <sangam/causality/vector_clock.hpp>
#include <sangam/crdt/operation_context.hpp>
#include <sangam/crdt/text_columns.hpp>
#include <sangam/crdt/text_marks.hpp>
#include <sangam/crdt/text_types.hpp>
#include <sangam/crdt/value.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sangam::crdt {

class text_history;

/// Text that many people edit at once.
///
/// Meaning: every insert(text after p) puts its characters, in order, right of p; of the characters inserted
///   after the same p, the one with the greater (Lamport number, replica) comes first; an erased character is
///   not shown, but what was inserted after it stays where it was. In other words: the depth-first walk of
///   the tree of parents, children by descending id.
///   A visible character has the mark `name` with the content of the greatest (time, dot) of the marks of
///   that name whose range covers it, the last one of one transaction, if that content is not null. A range
///   goes from one place to another; what is inserted between them later is covered too.
/// Invariants: (T1) the elements are in that order; (T2) counts of characters, visible characters and UTF-16
///   units agree with the elements; (T3) the index finds every id; (T4) within one text the Lamport numbers
///   of one replica increase in the order of its inserts; (T5) the log has every insert, erase and restore,
///   in the order of application, and what no live erase names is visible; (T6) those of text_marks; (T7) it
///   is counted how many live erases a character has besides one.
/// Cost: n runs (characters that one replica typed one behind the other, all visible or all erased, are one
///   run); finding a position or an id is O(log n); an insert or erase is O(log n), of any length, for each
///   run that it touches, and O(1) next to the last edit; so is an insert beside any number of concurrent
///   ones. 8 bytes a run and the text itself; erased characters keep their place and their text, which
///   history and restores read. A restore is O(log n) for each part, for each run of erases by the
///   transactions that it names, and for each run of characters that comes back; it costs memory as edit_log
///   says, not by its length. What several erases name costs 72 bytes a run more. Marks: k places where a
///   name's content changes, t names, r runs that are read: a mark is O(log k log n) and what it covers,
///   reading is O((t log k + r) log n). A mark is forgotten once others cover all of its range; an unmark is
///   kept, for older marks may still arrive. A text without marks pays nothing.
/// Errors: `insert`, `erase`, `mark` and `unmark` throw `exception` with errc::position_past_end,
///   invalid_utf8, too_large (also when the text has limits::sequence_elements_max characters, erased ones
///   included); `to_utf16`, `from_utf16`, `str` with position_past_end, inside_surrogates. `apply` is total
///   on operations that `accepts`. When memory runs out, an insert has changed nothing, patches included, and
///   neither has an erase of characters that are one run; an erase or a restore of more may have changed some
///   runs, each with its patch and in the log, and can be applied again; `local_erase` then has erased the
///   first so many characters of its range.
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: Roh et al., "Replicated abstract data types: Building blocks for collaborative applications"
///   (2011); marks: Litt et al., "Peritext: A CRDT for collaborative rich text editing" (2022), see
///   docs/adr/0011; ids are Lamport numbers as in Attiya et al. (2016), never dots: with dots a local insert
///   can land elsewhere than it was put.
class rga_text {
public:
    struct insert_op {
        text_id first; ///< of the first character; the others follow with consecutive Lamport numbers
        std::optional<text_id> parent; ///< the character it is put behind; none: the start
        std::string text;              ///< UTF-8, not empty
        friend bool operator==(const insert_op&, const insert_op&) = default;
    };
    /// Of characters that are visible, or that others have erased, too. To name one twice changes nothing.
    struct erase_op {
        std::vector<text_id_range> ranges; ///< in the order of the text when prepared
        friend bool operator==(const erase_op&, const erase_op&) = default;
    };
    /// What these transactions, which are in the past of the restore, erased of these characters.
    struct erased_part {
        text_id_range ids;
        dot_range erases;
        friend bool operator==(const erased_part&, const erased_part&) = default;
    };
    /// Takes these erases back, and no others.
    struct restore_op {
        std::vector<erased_part> parts;
        friend bool operator==(const restore_op&, const restore_op&) = default;
    };
    /// From one place to another; `content` null takes the mark away.
    struct mark_op {
        text_cursor begin;
        text_cursor end;
        std::string name; ///< UTF-8, at most limits::name_bytes_max
        value content;
        friend bool operator==(const mark_op&, const mark_op&) = default;
    };
    using operation = std::variant<insert_op, erase_op, mark_op, restore_op>;

    rga_text() noexcept;
    rga_text(const rga_text&);
    rga_text(rga_text&&) noexcept;
    rga_text& operator=(const rga_text&);
    rga_text& operator=(rga_text&&) noexcept;
    ~rga_text();

    /// Text, not empty, in front of the character at `position` (or at the end), to be issued by `self`.
    /// Where erased characters stand there, it goes behind the one that the rule of docs/types.md names.
    [[nodiscard]] insert_op insert(std::size_t position, std::string_view text,
                                   causality::replica_id self) const;
    /// `count` (> 0) characters from `position` on.
    [[nodiscard]] erase_op erase(std::size_t position, std::size_t count) const;
    /// Erases all that is visible. Marks stay, and cover nothing that is visible. What was erased before is
    /// not named: a restore of those erases shows it.
    [[nodiscard]] erase_op reset() const;
    /// Says `content` of `count` (> 0) characters from `position` on, and of what is inserted at an end where
    /// it grows; content null takes the mark away.
    [[nodiscard]] mark_op mark(std::size_t position, std::size_t count, std::string name, value content,
                               mark_growth growth = mark_growth::none) const;
    [[nodiscard]] mark_op unmark(std::size_t position, std::size_t count, std::string name,
                                 mark_growth growth = mark_growth::none) const;

    /// True iff an operation of `origin` may be applied now: an insert's text is valid, its ids are
    /// `origin`'s, new, greater than its parent's and at most one more than the greatest number, and every
    /// character that the operation refers to (a mark by its places) is known here or in `pending`: what
    /// earlier operations of the same transaction insert into this text, in their order. What an operation's
    /// causal past allows is accepted at every replica. What no replica could have meant (ids that are not
    /// its own or not new, text that is invalid, a number or a character that nobody has made) is refused at
    /// every replica. A number or a character that exists but that the author cannot have seen is accepted
    /// where it has arrived and refused where it has not (decision 6): only a faulty replica names one. So is
    /// an insert that a sequence has no room for, past 2^31 elements (decision 13). That the erases which a
    /// restore names are in its past, the caller must see to. Cost: O(bytes) for an insert, O(log n) for a
    /// mark and for each run of ids that an erase or a restore names, once however many of its ranges hold
    /// it.
    [[nodiscard]] bool accepts(const operation& op, causality::replica_id origin,
                               std::span<const text_id_range> pending = {}) const;

    /// Precondition: accepts(op, context.id.replica). Appends the visible changes to `patches` unless it is
    /// nullptr. A mark makes none: `covered` says what it may have changed.
    void apply(const operation& op, const operation_context& context,
               std::vector<text_patch>* patches = nullptr);

    /// The same as `apply(insert(position, text, context.id.replica), context)`, in one step and without
    /// making the operation: `operations_since` gives it. Errors: as insert; then nothing has changed.
    void local_insert(std::size_t position, std::string_view text, const operation_context& context);
    /// The same as `apply(erase(position, count), context)`. Errors: as erase.
    void local_erase(std::size_t position, std::size_t count, const operation_context& context);

    /// How much has been applied: a place in the log of inserts, erases and restores, which the text keeps in
    /// runs.
    struct log_position {
        std::uint64_t inserted = 0; ///< characters
        std::uint64_t named = 0;    ///< characters, by erases and restores, each time counted
        friend bool operator==(const log_position&, const log_position&) = default;
    };
    [[nodiscard]] log_position applied() const noexcept;
    /// What was inserted, erased and restored since, in that order, as the fewest operations: runs of
    /// consecutive keystrokes are one. Marks are not in the log. Precondition: `since` is a value that
    /// `applied` has had; of a text that was made from a state, since then (a state has no log: what was
    /// applied before cannot be told). Of several transactions the operations are joined, and a restore names
    /// transactions: who applies them again to a text takes `transactions_since`.
    [[nodiscard]] std::vector<operation> operations_since(const log_position& since) const;
    /// The same with the transactions apart, in the order of application. Applied one after another, each
    /// with its dot, to a text as it was at `since`, they make this one, but for marks.
    struct logged_transaction {
        causality::dot id;
        std::vector<operation> operations;
        friend bool operator==(const logged_transaction&, const logged_transaction&) = default;
    };
    [[nodiscard]] std::vector<logged_transaction> transactions_since(const log_position& since) const;

    /// The same as the ids that were inserted and erased, each in that order; without restores. Cost: O(runs
    /// since).
    struct change {
        std::vector<text_id_range> inserted;
        std::vector<text_id_range> erased;
        causality::dot transaction; ///< the last one that was applied
        friend bool operator==(const change&, const change&) = default;
    };
    [[nodiscard]] change change_since(const log_position& since) const;

    /// Every earlier version of the text; needs text_history.hpp.
    [[nodiscard]] text_history history() const noexcept;

    /// The id of the first of `count` (> 0) characters that `self` inserts next. Throws `exception` with
    /// errc::too_large.
    [[nodiscard]] text_id next_id(std::uint64_t count, causality::replica_id self) const;
    /// The text taken apart, to be stored or sent, with its marks. Cost: O(n + bytes), of marks O(k log n).
    [[nodiscard]] text_columns columns(text_columns::kind what) const;
    /// The text that has these columns: everything is judged before anything is used, and of columns that are
    /// accepted, `columns` gives the same again. `base`: what had been delivered when the columns' log begins
    /// (of a state: when it was taken), which `history` cannot go behind. Errors: errc::invalid_columns,
    /// invalid_utf8, too_large; `where` names the entry. Cost: O(n + bytes + k log n) time; memory in
    /// proportion to the columns, and 1/64 byte a character that they number.
    [[nodiscard]] static causality::result<rga_text> from_columns(text_columns columns,
                                                                  const causality::vector_clock& base = {});

    /// Visible characters (Unicode scalar values).
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    /// All characters, erased ones included.
    [[nodiscard]] std::size_t size_with_tombstones() const noexcept;
    [[nodiscard]] std::string str() const;
    [[nodiscard]] std::string str(std::size_t position, std::size_t count) const;

    /// The whole text in runs of characters with the same marks, the longest that there are.
    [[nodiscard]] std::vector<formatted_run> formatted() const;
    /// The same of `count` characters from `position` on.
    [[nodiscard]] std::vector<formatted_run> formatted(std::size_t position, std::size_t count) const;
    /// Those of the character at `position`, by increasing name.
    [[nodiscard]] std::vector<text_mark> marks_at(std::size_t position) const;
    /// The visible characters that a mark covers. Precondition: accepts(op, anybody).
    [[nodiscard]] text_range covered(const mark_op& op) const;
    /// True iff nothing was ever inserted or marked.
    [[nodiscard]] bool is_new() const noexcept;

    [[nodiscard]] std::size_t utf16_size() const noexcept;
    [[nodiscard]] std::size_t to_utf16(std::size_t position) const;
    [[nodiscard]] std::size_t from_utf16(std::size_t units) const;

    /// A cursor in front of the character at `position`, or at the end. Throws `exception` with
    /// errc::position_past_end.
    [[nodiscard]] text_cursor cursor_at(std::size_t position, text_bias bias) const;
    /// Where the cursor is now. A cursor whose character was erased is where that character was; one whose
    /// character is not known here (yet) has no position.
    [[nodiscard]] std::optional<std::size_t> position_of(const text_cursor& cursor) const;

    /// A cursor behind the last visible one, in the order of the text, of characters that are known here;
    /// none if none is visible. Cost: O(log n) for each run of characters, as for the next.
    [[nodiscard]] std::optional<text_cursor> cursor_behind(std::span<const text_id_range> ids) const;
    /// A cursor where the first of these characters, in the order of the text, is or was. Preconditions: they
    /// are known here, and there are some.
    [[nodiscard]] text_cursor cursor_at_first(std::span<const text_id_range> ids) const;

    /// Every element in order, tombstones included: for specifications and tools, O(n).
    struct element {
        text_id id;
        char32_t scalar = 0; ///< 0 of an erased one: a loaded text may not know it
        bool visible = false;
        friend bool operator==(const element&, const element&) = default;
    };
    [[nodiscard]] std::vector<element> elements() const;

    /// Empty, or what does not hold of T1 to T7 as far as one state shows it. O(n).
    [[nodiscard]] std::string check_invariants() const;

    friend bool operator==(const rga_text& a, const rga_text& b) {
        return a.elements() == b.elements() && a.has_marks_of(b);
    }

private:
    friend class text_history;
    struct state;

    [[nodiscard]] const state& get() const noexcept;
    [[nodiscard]] state& touch();
    void insert_here(std::size_t position, std::string_view text, const operation_context& context);
    [[nodiscard]] bool has_marks_of(const rga_text& other) const;

    std::unique_ptr<state> state_; ///< null until something is inserted
};

static_assert(operation_based<rga_text>);

} // namespace sangam::crdt
