#include <editor/session.hpp>

#include <editor/limits.hpp>
#include <editor/pieces.hpp>

#include <sangam/crdt/utf8.hpp>

#include <algorithm>

namespace editor {
namespace {

std::size_t position_in(const sangam::text_handle& text, const sangam::text_cursor& cursor) {
    return text.position_of(cursor).value_or(text.size());
}

} // namespace

void session::start_with(std::string_view utf8) {
    insert(utf8);
    place_cursor(0);
    undo_.clear();
}

void session::insert(std::string_view utf8, time_point now) {
    if (!utf8.empty()) begin_edit(typing::kind::insert, utf8, now);
    for (const std::string_view piece : cut_into_pieces(utf8, limits::insert_bytes_max)) {
        edited(undo_.text().insert(cursor_, piece));
    }
}

void session::erase_before(time_point now) {
    begin_edit(typing::kind::erase_before, {}, now);
    edited(undo_.text().erase_before(cursor_));
}

void session::erase_after(time_point now) {
    begin_edit(typing::kind::erase_after, {}, now);
    edited(undo_.text().erase_after(cursor_));
}

void session::begin_edit(typing::kind what, std::string_view inserted, time_point now) {
    if (!typing_.goes_on(what, inserted, now)) undo_.close_group();
    undo_.open_group();
}

bool session::edited(const std::optional<sangam::text_cursor>& cursor) {
    if (!cursor) return false;
    cursor_ = *cursor;
    ++edits_;
    return true;
}

bool session::undo() {
    return take_back(undo_.undo());
}

bool session::redo() {
    return take_back(undo_.redo());
}

bool session::take_back(const std::optional<sangam::text_cursor>& place) {
    typing_.interrupt();
    return edited(place);
}

void session::place_cursor(std::size_t position) {
    typing_.interrupt();
    replica_.transact([&](sangam::transaction& t) {
        const sangam::text_handle text = t.text(text_key);
        cursor_ = text.cursor_at(std::min(position, text.size()));
    });
}

snapshot session::look(const std::set<sangam::replica_id>& connected) const {
    snapshot seen;
    // A transaction that only reads sends nothing; it makes text and cursors belong together.
    replica_.transact([&](sangam::transaction& t) {
        const sangam::text_handle text = t.text(text_key);
        seen.text = sangam::crdt::utf8::to_scalars(text.str());
        seen.cursor = position_in(text, cursor_);
        const sangam::map_handle others = t.map(presence_key);
        for (const sangam::replica_id replica : connected) {
            const auto stored = others.get(to_string(replica));
            const auto shown = stored ? decode_presence(*stored) : std::nullopt;
            if (!shown) continue;
            if (const auto position = text.position_of(shown->cursor)) {
                seen.people.push_back({replica, shown->name, *position});
            }
        }
    });
    return seen;
}

void session::share_cursor(std::chrono::steady_clock::time_point now) {
    const presence shown{replica_.name(), cursor_};
    if (!pacer_.due(shown, now)) return;
    replica_.map(presence_key).put(to_string(replica_.id()), encode(shown));
    pacer_.written(shown, now);
}

void session::leave() {
    replica_.map(presence_key).remove(to_string(replica_.id()));
    pacer_.forget();
}

} // namespace editor
