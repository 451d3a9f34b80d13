#pragma once

#include <sangam/causality/dot.hpp>
#include <sangam/crdt/rga_text.hpp>
#include <sangam/crdt/text_types.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <vector>

namespace sangam::crdt {

/// One user's undo and redo in one text, beside what others do in it.
///
/// Meaning: what the user did is recorded in groups. `undo` takes the last group back, in the text as it is
///   now, by ordinary operations that everybody applies as any others:
///   - the characters that the group inserted are erased, those too that others have erased already;
///   - the erases that the group made are taken back by a restore, which names them and no others;
///   - what the group both inserted and erased stays gone.
///   `redo` takes an undo back in the same way, and undo the redo: what an undo erased is restored, what it
///   restored is erased again. So characters that come back are the same ones, with their places, marks and
///   cursors, and what others did stays:
///   - what somebody else inserted inside the text that I erased is where it was, when that comes back;
///   - what somebody else inserted inside the text that I inserted stays, when mine goes;
///   - what somebody else erased, of mine or of others, stays erased until that erase is taken back:
///     each undoes only their own. What both erased shows when both have undone, and what I inserted,
///     somebody else erased and I undid does not show when that erase is taken back.
///   So an undo may change nothing that can be seen yet, when others have erased the same. While nobody else
///   edits, undo gives exactly the text before the group, and redo exactly that before the undo. A new edit
///   ends what could be redone.
///   A step that is too large for one transaction is made in pieces: `undo` takes as much of the group back
///   as it is allowed, and the rest of it is the last group until the next `undo`; what the pieces took back
///   is one group again.
/// Invariants: (U1) a group names the characters that it made show, by inserts or restores, those that it
///   erased, and by which transactions, never those of others; (U2) no group is empty.
/// Cost: `record` O(ranges of the change). `undo` and `redo` O(r log r) for r ranges of the group; what
///   comes back costs ranges of ids, not content. At most `groups_max` groups are kept, the latest ones.
/// Threads: a value; as the text.
/// Source: Weiss, Urso, Molli, "Logoot-Undo" (2010), where visibility is a count; here an undo names what it
///   undoes, so that two who undo the same do it once. docs/adr/0014.
class text_undo {
public:
    explicit text_undo(std::size_t groups_max = 1000) noexcept : groups_max_(groups_max) {}

    /// What one local transaction did to the text; nothing if the change is empty. It is a group of its own,
    /// or a part of the open one; what is recorded of one transaction in several changes, one after another,
    /// is one group as well. Precondition: its erases named only characters that were visible then, as
    /// rga_text::erase and local_erase do; they were not recorded before, and are no undo or redo.
    void record(const rga_text::change& change);
    /// The same, of all since `since`: what rga_text::applied() was before the transaction.
    void record(const rga_text& text, const rga_text::log_position& since) {
        record(text.change_since(since));
    }
    /// What is recorded from now on is one group, until `close_group`, `undo` or `redo`: for the keystrokes
    /// that a user takes for one edit. Within an open group it does nothing.
    void open_group() noexcept;
    void close_group() noexcept;

    /// False: nothing to undo. True: perhaps nothing but groups that erased all that they inserted.
    [[nodiscard]] bool can_undo() const noexcept { return !done_.empty(); }
    [[nodiscard]] bool can_redo() const noexcept { return !undone_.empty(); }
    /// The operations that take the last group back; empty if there is none. The caller applies them to the
    /// text, as one transaction, says as which (`applied`), and does not record them. They are an erase, a
    /// restore or both, of at most `ranges_max` (> 1) ranges: of ids, and of a restore's part also that of
    /// dots. Were there more, `undo_goes_on` until the calls that follow have made them.
    [[nodiscard]] std::vector<rga_text::operation> undo(std::size_t ranges_max = unlimited) {
        return invert(true, ranges_max);
    }
    /// The operations that take the last undo back, likewise.
    [[nodiscard]] std::vector<rga_text::operation> redo(std::size_t ranges_max = unlimited) {
        return invert(false, ranges_max);
    }
    static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
    /// True iff the last group (or undo) is the rest of one whose first pieces have been taken back, and
    /// nothing was recorded since.
    [[nodiscard]] bool undo_goes_on() const noexcept { return !done_.empty() && done_.back().begun; }
    [[nodiscard]] bool redo_goes_on() const noexcept { return !undone_.empty() && undone_.back().begun; }
    /// The dot of the transaction that the operations of the last `undo` or `redo` were applied as.
    void applied(const causality::dot& transaction);

    /// Forgets all.
    void clear() noexcept;

    friend bool operator==(const text_undo&, const text_undo&) = default;

private:
    struct group {
        std::vector<text_id_range> shown;
        std::vector<rga_text::erased_part> erased; ///< by which transactions, too
        bool begun = false; ///< the first pieces of it are the last group of the other side
        friend bool operator==(const group&, const group&) = default;
    };
    using groups = std::deque<group>;
    enum class groups_side : std::uint8_t { none, done, undone };

    std::vector<rga_text::operation> invert(bool undo, std::size_t ranges_max);
    void push(groups& to, group made);

    groups done_;
    groups undone_;
    std::size_t groups_max_;
    groups_side unnamed_ = groups_side::none; ///< whose last group does not know its transaction
    causality::dot last_; ///< the transaction of the last change; sequence 0: what comes does not join it
    bool open_ = false;
    bool joins_ = false; ///< the next change goes to the last group: it is open and has something
};

} // namespace sangam::crdt
