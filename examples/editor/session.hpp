#pragma once

#include <editor/presence.hpp>
#include <editor/text_source.hpp>
#include <editor/typing.hpp>

#include <sangam/replica.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace editor {

inline constexpr const char* text_key = "notes";
inline constexpr const char* presence_key = "presence";

/// Somebody else's cursor.
struct person {
    sangam::replica_id replica;
    std::string name;
    std::size_t position = 0;
};

/// The cursors at one moment.
struct snapshot {
    std::size_t cursor = 0;
    std::vector<person> people; ///< in the order of their replicas' ids
};

/// One person at the shared text: a replica, and a cursor that keeps its place while others type.
///
/// Every edit is one transaction, in which the cursor's position is looked up: what others did in the
/// meantime cannot shift it. Its cost does not grow with the text. What is typed in one go is undone in one
/// go, as `typing` says: so an edit is told when it happens.
class session {
public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit session(const sangam::replica& replica)
        : replica_(replica), undo_(replica.text(text_key).undo_stack()) {}

    /// Inserts what cannot be undone, and leaves the cursor at the start. Its line breaks are those of new
    /// lines from now on.
    void start_with(std::string_view utf8);
    /// Makes the text this one: erases and inserts what differs, which can be undone at once. The cursor goes
    /// to the end of that.
    void replace_with(std::string_view utf8);

    /// Inserts it as it is.
    void insert(std::string_view utf8, time_point now = {});
    /// Inserts it with the line breaks of the text around instead of its newlines.
    void type(std::string_view utf8, time_point now = {});
    /// The same as a step of its own for undo.
    void paste(std::string_view utf8);
    /// Erase a unit: a character or a whole line break.
    void erase_before(time_point now = {});
    void erase_after(time_point now = {});
    void place_cursor(std::size_t position);

    /// Takes back what this person did last (or undid last), and puts the cursor there. What others did
    /// stays. False: there is nothing.
    bool undo();
    bool redo();

    /// Cursors of replicas that are not in `connected` are left out.
    [[nodiscard]] snapshot look(const std::set<sangam::replica_id>& connected) const;
    /// The same, and runs `body` with the text of that moment, while nothing can change.
    snapshot look(const std::set<sangam::replica_id>& connected,
                  const std::function<void(const snapshot&, const sangam::text_handle&)>& body) const;

    /// Tells the others where the cursor is, if they do not know; not too often: false, it is too early.
    bool share_cursor(std::chrono::steady_clock::time_point now);
    /// Takes the cursor from the others' screens.
    void leave();

    /// How many transactions changed the text.
    [[nodiscard]] std::size_t edits() const noexcept { return edits_; }

private:
    void begin_edit(typing::kind what, std::string_view inserted, time_point now);
    /// Inserts what `find` makes of the text and the place in it, which is never inside a line break.
    void insert_at_cursor(const std::function<std::string(const text_source&, std::size_t)>& find);
    /// Counts an edit that left the cursor there. False: nothing was edited.
    bool edited(const std::optional<sangam::text_cursor>& cursor);
    bool take_back(const std::optional<sangam::text_cursor>& place);

    const sangam::replica& replica_;
    sangam::text_undo_stack undo_;
    typing typing_{std::chrono::milliseconds(1000)};
    sangam::text_cursor cursor_;
    std::string line_break_ = "\n"; ///< where the text around has none
    presence_pacer pacer_{std::chrono::milliseconds(100)};
    std::size_t edits_ = 0;
};

/// Reads it through the handle, which must outlive it.
[[nodiscard]] text_source source_of(const sangam::text_handle& text);

} // namespace editor
