#pragma once

#include <sangam/causality/dot.hpp>
#include <sangam/causality/replica_id.hpp>
#include <sangam/crdt/rga_text.hpp>
#include <sangam/crdt/text_types.hpp>

#include <cstddef>
#include <deque>
#include <vector>

namespace sangam::crdt {

/// One user's undo and redo in one text, beside what others do in it.
///
/// Meaning: what the user did is recorded in groups. `undo` takes the last group back, in the text as it is
///   now, by ordinary operations that everybody applies as any others:
///   - of the characters that the group inserted, those that are still visible are erased;
///   - the characters that it erased are inserted again, each right behind the erased one and so in the same
///     order, with new ids: to erase is for ever, as in every text here;
///   - what the group both inserted and erased stays gone.
///   `redo` takes an undo back in the same way, and undo the redo. So what others did stays:
///   - what somebody else inserted inside the text that I erased is where it was: between the characters that
///     come back on its left and on its right;
///   - what somebody else inserted inside the text that I inserted stays, when mine goes;
///   - what I inserted and somebody else erased stays erased, and no redo brings it back: only what an undo
///     erased itself comes back;
///   - what somebody else and I both erased comes back when I undo; if both undo, it is there twice, as if
///     each had typed it again;
///   - a character that comes back is of who brought it back: if somebody else erases and restores what I
///     inserted, my undo does not find it.
///   A group that has nothing left to take back is passed over. While nobody else edits, undo gives exactly
///   the text before the group, and redo exactly that before the undo. A new edit ends what could be redone.
/// Invariants: (U1) the groups name each character by its latest id: a character that came back is renamed in
///   all of them, so that an earlier group which inserted it still finds it; (U2) no character is named twice
///   as erased; (U3) no group is empty.
/// Cost: `record` O(ranges of the change). `undo` and `redo` O(runs of the text + ranges of all groups), the
///   operations aside; what comes back costs as much memory as if it was typed again. At most `groups_max`
///   groups are kept, the latest ones.
/// Errors: `undo` and `redo` throw `exception` with errc::too_large when the Lamport numbers are used up;
///   nothing has changed then.
/// Threads: a value; as the text.
/// Source: the selective undo of Yjs (UndoManager) and of Weiss, Urso, Molli, "Logoot-Undo" (2010), where
///   visibility is a count; here the inverse is made of operations that any replica knows.
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

    /// False: nothing to undo. (True: perhaps nothing that is left to do.)
    [[nodiscard]] bool can_undo() const noexcept { return !done_.empty(); }
    [[nodiscard]] bool can_redo() const noexcept { return !undone_.empty(); }
    /// The operations that take the last group back; empty if there is none. The caller applies them, as one
    /// transaction of `self`, before anything else happens to the text, and does not record them. Erases come
    /// first, then inserts in the order of the text. Precondition: the text is the one that was edited.
    [[nodiscard]] std::vector<rga_text::operation> undo(const rga_text& text, causality::replica_id self);
    /// The operations that take the last undo back, likewise.
    [[nodiscard]] std::vector<rga_text::operation> redo(const rga_text& text, causality::replica_id self);

    /// Forgets all.
    void clear() noexcept;

    friend bool operator==(const text_undo&, const text_undo&) = default;

private:
    using groups = std::deque<rga_text::change>;

    std::vector<rga_text::operation> invert(groups& from, groups& to, const rga_text& text,
                                            causality::replica_id self);
    void push(groups& to, rga_text::change group);

    groups done_;
    groups undone_;
    std::size_t groups_max_;
    causality::dot last_; ///< the transaction of the last change; sequence 0: what comes does not join it
    bool open_ = false;
    bool joins_ = false; ///< the next change goes to the last group: it is open and has something
};

} // namespace sangam::crdt
