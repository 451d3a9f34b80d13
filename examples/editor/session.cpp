#include <editor/session.hpp>

#include <editor/limits.hpp>
#include <editor/pieces.hpp>

#include <sangam/crdt/rga_text.hpp>
#include <sangam/crdt/utf8.hpp>

#include <algorithm>

namespace editor {
namespace {

std::size_t position_in(const sangam::text_handle& text, const sangam::text_cursor& cursor) {
    return text.position_of(cursor).value_or(text.size());
}

/// UTF-8 texts differ between these bytes, which are boundaries of characters; what is in front and behind is
/// the same.
struct changed_part {
    std::size_t first = 0;
    std::size_t old_end = 0;
    std::size_t new_end = 0;
};

bool is_inside_character(std::string_view text, std::size_t byte) {
    return byte < text.size() && (static_cast<unsigned char>(text[byte]) & 0xC0U) == 0x80U;
}

changed_part find_changed_part(std::string_view before, std::string_view after) {
    changed_part part;
    part.first = static_cast<std::size_t>(std::ranges::mismatch(before, after).in1 - before.begin());
    while (is_inside_character(before, part.first) || is_inside_character(after, part.first))
        --part.first;
    part.old_end = before.size();
    part.new_end = after.size();
    while (part.old_end > part.first && part.new_end > part.first &&
           before[part.old_end - 1] == after[part.new_end - 1]) {
        --part.old_end;
        --part.new_end;
    }
    while (is_inside_character(before, part.old_end) || is_inside_character(after, part.new_end)) {
        ++part.old_end;
        ++part.new_end;
    }
    return part;
}

std::string with_line_breaks(std::string_view text, std::string_view line_break) {
    std::string made;
    made.reserve(text.size());
    for (const char c : text) {
        if (c == '\n') {
            made += line_break;
        } else {
            made += c;
        }
    }
    return made;
}

} // namespace

namespace {

/// Text that is an object or a handle, either of which must outlive it.
template <class Text>
text_source source_from(const Text& text) {
    return {text.size(), [&text](std::size_t first, std::size_t count) {
                return sangam::crdt::utf8::to_scalars(text.str(first, count));
            }};
}

text_source source_of(const sangam::crdt::rga_text& text) {
    return source_from(text);
}

} // namespace

text_source source_of(const sangam::text_handle& text) {
    return source_from(text);
}

void session::start_with(std::string_view utf8) {
    line_break_ = usual_line_break(utf8);
    insert(utf8);
    place_cursor(0);
    undo_.clear();
}

void session::replace_with(std::string_view utf8) {
    typing_.interrupt();
    undo_.close_group();
    std::optional<sangam::text_cursor> behind;
    replica_.transact([&](sangam::transaction& t) {
        const sangam::text_handle text = t.text(text_key).recorded_by(undo_);
        const std::string now = text.str();
        if (now == utf8) return;
        const changed_part part = find_changed_part(now, utf8);
        std::size_t at = sangam::crdt::utf8::count_scalars(utf8.substr(0, part.first));
        const std::size_t gone = sangam::crdt::utf8::count_scalars(
            std::string_view(now).substr(part.first, part.old_end - part.first));
        if (gone > 0) text.erase(at, gone);
        for (const std::string_view piece :
             cut_into_pieces(utf8.substr(part.first, part.new_end - part.first), limits::insert_bytes_max)) {
            text.insert(at, piece);
            at += sangam::crdt::utf8::count_scalars(piece);
        }
        behind = text.cursor_at(at);
    });
    edited(behind);
}

void session::insert(std::string_view utf8, time_point now) {
    if (utf8.empty()) return;
    begin_edit(typing::kind::insert, utf8, now);
    for (const std::string_view piece : cut_into_pieces(utf8, limits::insert_bytes_max)) {
        insert_at_cursor([&](const text_source&, std::size_t) { return std::string(piece); });
    }
}

void session::type(std::string_view utf8, time_point now) {
    if (utf8.empty()) return;
    begin_edit(typing::kind::insert, utf8, now);
    // Half, because each line break may become two bytes.
    for (const std::string_view piece : cut_into_pieces(utf8, limits::insert_bytes_max / 2)) {
        insert_at_cursor([&](const text_source& text, std::size_t position) {
            if (piece.find('\n') == std::string_view::npos) return std::string(piece);
            return with_line_breaks(piece, line_break_at(text, position, line_break_));
        });
    }
}

void session::paste(std::string_view utf8) {
    typing_.interrupt();
    type(utf8);
    typing_.interrupt();
}

void session::insert_at_cursor(const std::function<std::string(const text_source&, std::size_t)>& find) {
    edited(undo_.text().edit_at(cursor_, [&](const sangam::crdt::rga_text& text, std::size_t position) {
        const text_source source = source_of(text);
        const std::size_t place = outside_of_break(source, position);
        return sangam::text_patch{place, 0, find(source, place)};
    }));
}

void session::erase_before(time_point now) {
    begin_edit(typing::kind::erase_before, {}, now);
    edited(undo_.text().edit_at(cursor_, [](const sangam::crdt::rga_text& text, std::size_t position) {
        const text_source source = source_of(text);
        const std::size_t end = outside_of_break(source, position);
        const std::size_t first = std::min(std::max(unit_before(source, end), first_place(source)), end);
        return sangam::text_patch{first, end - first, {}};
    }));
}

void session::erase_after(time_point now) {
    begin_edit(typing::kind::erase_after, {}, now);
    edited(undo_.text().edit_at(cursor_, [](const sangam::crdt::rga_text& text, std::size_t position) {
        const text_source source = source_of(text);
        const std::size_t first = outside_of_break(source, position);
        return sangam::text_patch{first, unit_after(source, first) - first, {}};
    }));
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
        const text_source source = source_of(text);
        const std::size_t place = std::max(std::min(position, source.size), first_place(source));
        cursor_ = text.cursor_at(outside_of_break(source, place));
    });
}

snapshot session::look(const std::set<sangam::replica_id>& connected) const {
    return look(connected, [](const snapshot&, const sangam::text_handle&) {});
}

snapshot session::look(const std::set<sangam::replica_id>& connected,
                       const std::function<void(const snapshot&, const sangam::text_handle&)>& body) const {
    snapshot seen;
    // A transaction that only reads sends nothing; it makes text and cursors belong together.
    replica_.transact([&](sangam::transaction& t) {
        const sangam::text_handle text = t.text(text_key);
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
        body(seen, text);
    });
    return seen;
}

bool session::share_cursor(std::chrono::steady_clock::time_point now) {
    const presence shown{replica_.name(), cursor_};
    if (!pacer_.due(shown, now)) return !pacer_.has_news(shown);
    replica_.map(presence_key).put(to_string(replica_.id()), encode(shown));
    pacer_.written(shown, now);
    return true;
}

void session::leave() {
    replica_.map(presence_key).remove(to_string(replica_.id()));
    pacer_.forget();
}

} // namespace editor
