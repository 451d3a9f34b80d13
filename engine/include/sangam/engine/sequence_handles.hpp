#pragma once

#include <sangam/causality/error.hpp>
#include <sangam/crdt/text_history.hpp>
#include <sangam/crdt/text_marks.hpp>
#include <sangam/crdt/text_types.hpp>
#include <sangam/crdt/value.hpp>
#include <sangam/engine/causal_token.hpp>
#include <sangam/engine/handle.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sangam::crdt {
class rga_text;
}

namespace sangam::engine {

class text_undo_stack;
struct recorded_edits;

/// Text that many people edit: crdt::rga_text. Positions and counts are Unicode scalar values.
/// Errors: crdt::errc::position_past_end, invalid_utf8, too_large, inside_surrogates.
class text_handle : public handle {
public:
    using handle::handle;
    text_handle(const text_handle&) = default;
    text_handle& operator=(const text_handle&) = default;
    void insert(std::size_t position, std::string_view text) const;
    void erase(std::size_t position, std::size_t count) const;
    /// Several edits as one transaction; they apply one after another. All are checked first: either all
    /// happen or none.
    void edit(std::span<const crdt::text_patch> patches) const;

    // --- edits at a cursor, which is looked up in the same transaction. They return where the cursor is
    // then; nothing if nothing changed: its character has not arrived here, or there is nothing to insert or
    // erase.

    /// The cursor is then behind what was inserted.
    std::optional<crdt::text_cursor> insert(const crdt::text_cursor& at, std::string_view text) const;
    /// Erases `count` characters on one side of the cursor, or as many as there are.
    std::optional<crdt::text_cursor> erase_before(const crdt::text_cursor& at, std::size_t count = 1) const;
    std::optional<crdt::text_cursor> erase_after(const crdt::text_cursor& at, std::size_t count = 1) const;

    /// Does what `find` says, which erases or inserts (not both), given the text and where the cursor is in
    /// it. The cursor is then behind what was inserted, or where something went. `find` may read the text
    /// that it gets and must not use handles or the replica; the replica's lock is held meanwhile. Cost: what
    /// `find` costs and the edit: unlike a write in `replica::transact`, no copy of the text.
    using patch_finder = std::function<crdt::text_patch(const crdt::rga_text& text, std::size_t position)>;
    std::optional<crdt::text_cursor> edit_at(const crdt::text_cursor& at, const patch_finder& find) const;

    void clear() const;
    /// Marks `count` characters, such as ("bold", true) or ("link", "https://..."), and what will be typed at
    /// the ends where the mark grows. Does nothing if `count` is 0.
    void mark(std::size_t position, std::size_t count, std::string name, crdt::value content,
              crdt::mark_growth growth = crdt::mark_growth::none) const;
    /// Takes a mark away. `growth` as it was marked, so that the ends agree.
    void unmark(std::size_t position, std::size_t count, std::string name,
                crdt::mark_growth growth = crdt::mark_growth::none) const;
    /// The text in runs of characters with the same marks.
    [[nodiscard]] std::vector<crdt::formatted_run> formatted() const;
    [[nodiscard]] std::vector<crdt::formatted_run> formatted(std::size_t position, std::size_t count) const;
    [[nodiscard]] std::vector<crdt::text_mark> marks_at(std::size_t position) const;
    [[nodiscard]] std::string str() const;
    [[nodiscard]] std::string str(std::size_t position, std::size_t count) const;
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::size_t utf16_size() const;
    [[nodiscard]] std::size_t to_utf16(std::size_t position) const;
    [[nodiscard]] std::size_t from_utf16(std::size_t units) const;
    [[nodiscard]] crdt::text_cursor cursor_at(std::size_t position,
                                              crdt::text_bias bias = crdt::text_bias::left) const;
    /// Nothing when the cursor stays with a character that has not arrived here.
    [[nodiscard]] std::optional<std::size_t> position_of(const crdt::text_cursor& cursor) const;

    // --- the text as it was: crdt::text_history. A token stands for what it names and is delivered here, so
    // what others did since is not in it; wait_for it first if it came from elsewhere. The replica's lock is
    // held meanwhile. Errors: crdt::errc::unknown_version.

    [[nodiscard]] result<std::string> str_at(const causal_token& when) const;
    /// What makes `str_at(to)` of `str_at(from)`, left to right.
    [[nodiscard]] result<std::vector<crdt::text_patch>> patches_between(const causal_token& from,
                                                                        const causal_token& to) const;
    /// The transactions that changed the text, in the order of their delivery here.
    [[nodiscard]] std::vector<crdt::text_history::transaction> transactions() const;
    [[nodiscard]] std::uint64_t transactions_count() const;
    /// When the first `count` of them had been delivered and nothing else: the places of a slider. Throws
    /// crdt::errc::position_past_end when there are not so many.
    [[nodiscard]] causal_token token_after(std::uint64_t count) const;

    // --- undo: text_undo_stack.hpp

    /// A new, empty stack for this text.
    [[nodiscard]] text_undo_stack undo_stack() const;
    /// A handle whose edits go to the stack, which is one of the same text; so do those of its copies.
    /// Throws errc::bad_option if the stack is of another text.
    [[nodiscard]] text_handle recorded_by(const text_undo_stack& stack) const;

private:
    friend class text_undo_stack;
    std::shared_ptr<recorded_edits> recorder_; ///< may be null
};

/// A list of values that many people edit: crdt::rga_list.
/// Errors: crdt::errc::position_past_end, too_large.
class list_handle : public handle {
public:
    using handle::handle;
    void insert(std::size_t position, crdt::value content) const;
    /// Several values, one behind another.
    void insert(std::size_t position, std::vector<crdt::value> values) const;
    void push_back(crdt::value content) const;
    void erase(std::size_t position, std::size_t count = 1) const;
    void clear() const;
    [[nodiscard]] crdt::value at(std::size_t position) const;
    [[nodiscard]] std::vector<crdt::value> values() const;
    [[nodiscard]] std::vector<crdt::value> values(std::size_t position, std::size_t count) const;
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] crdt::text_cursor cursor_at(std::size_t position,
                                              crdt::text_bias bias = crdt::text_bias::left) const;
    /// Nothing when the cursor stays with a value that has not arrived here.
    [[nodiscard]] std::optional<std::size_t> position_of(const crdt::text_cursor& cursor) const;
};

} // namespace sangam::engine
