#pragma once

#include <sangam/crdt/text_types.hpp>
#include <sangam/engine/sequence_handles.hpp>

#include <memory>
#include <optional>

namespace sangam::engine {

/// Undo and redo of one user's edits of one text, among the edits of others: crdt::text_undo.
///
///     const sangam::text_undo_stack undo = replica.text("notes").undo_stack();
///     undo.text().insert(0, "hello");                       // recorded
///     replica.transact([&](sangam::transaction& t) {        // recorded when the transaction is committed
///         t.text("notes").recorded_by(undo).insert(5, ", world");
///     });
///     undo.undo();                                          // the text is "hello", here and everywhere
///
/// Meaning: records what is inserted and erased (not marks: docs/adr/0011) through handles that `recorded_by`
///   gave, and nothing else: the edits of others, and those that the program makes on its own account through
///   other handles, are never undone. Each transaction is a group, or a part of the open one.
/// Cost: as crdt::text_undo; the stack is kept in memory and ends with its last copy.
/// Errors: as every handle. If a step takes several transactions and one of them fails, because the replica
///   is closed or memory has run out, those before it stand, and what they did not take back is a step that
///   the next call takes back: nothing is lost, and nothing is recorded that was not done.
/// Threads: cheap to copy, copies are the same stack; safe from any thread. Not inside a transaction
///   (would_deadlock).
class text_undo_stack {
public:
    /// A stack that is moved is copied: the one that was moved from is still the same stack.
    text_undo_stack(const text_undo_stack&) = default;
    text_undo_stack& operator=(const text_undo_stack&) = default;

    /// The text, recorded.
    [[nodiscard]] text_handle text() const;

    /// Takes the last group, or the last undo, back: in one transaction, or, when it is of more ranges of
    /// characters than a transaction may name, in as many as it needs, one behind the other. Returns a cursor
    /// behind the last visible character that came back, or where the first one went; nothing when nothing
    /// was left to take back. What is recorded by somebody else between two of these transactions ends the
    /// step: the rest is one of its own.
    std::optional<crdt::text_cursor> undo() const;
    std::optional<crdt::text_cursor> redo() const;
    /// As crdt::text_undo.
    [[nodiscard]] bool can_undo() const;
    [[nodiscard]] bool can_redo() const;

    /// What is recorded from now on is one group, until `close_group`, `undo` or `redo`.
    void open_group() const;
    void close_group() const;
    /// Forgets all.
    void clear() const;

private:
    friend class text_handle;
    text_undo_stack(text_handle text, std::shared_ptr<recorded_edits> edits);
    std::optional<crdt::text_cursor> take_back(bool undo) const;
    struct place;
    bool take_back_piece(bool undo, place& seen) const;

    text_handle text_;
    std::shared_ptr<recorded_edits> edits_;
};

} // namespace sangam::engine
