#include <editor/text_source.hpp>

#include <editor/limits.hpp>

#include <algorithm>

namespace editor {
namespace {

constexpr char32_t byte_order_mark = U'\uFEFF';
constexpr std::string_view line_feed = "\n";
constexpr std::string_view return_and_feed = "\r\n";

/// The two characters from `first` on are one line break.
bool is_break(const text_source& text, std::size_t first) {
    return first + 2 <= text.size && text.read(first, 2) == U"\r\n";
}

/// What the line break whose newline is at `place` of `part` is.
std::string_view break_with(const std::u32string& part, std::size_t place) {
    return place > 0 && part[place - 1] == U'\r' ? return_and_feed : line_feed;
}

} // namespace

text_source source_of(std::u32string_view text) {
    return {text.size(), [text](std::size_t first, std::size_t count) {
                return std::u32string(text.substr(first, count));
            }};
}

std::string_view line_break_at(const text_source& text, std::size_t position, std::string_view otherwise) {
    // One more in front, for the return of a newline at `position`.
    const std::size_t in_front = std::min(position, std::size_t{1});
    const std::u32string behind =
        text.read(position - in_front, in_front + std::min(text.size - position, limits::row_search_max));
    if (const auto found = behind.find(U'\n', in_front); found != std::u32string::npos) {
        return break_with(behind, found);
    }
    const std::size_t back = std::min(position, limits::row_search_max);
    const std::u32string before = text.read(position - back, back);
    if (const auto found = before.rfind(U'\n'); found != std::u32string::npos)
        return break_with(before, found);
    return otherwise;
}

std::string_view usual_line_break(std::string_view utf8) {
    std::size_t all = 0;
    std::size_t with_return = 0;
    for (std::size_t at = utf8.find('\n'); at != std::string_view::npos; at = utf8.find('\n', at + 1)) {
        ++all;
        if (at > 0 && utf8[at - 1] == '\r') ++with_return;
    }
    return 2 * with_return > all ? return_and_feed : line_feed;
}

std::size_t unit_before(const text_source& text, std::size_t position) {
    if (position >= 2 && is_break(text, position - 2)) return position - 2;
    return position - std::min<std::size_t>(position, 1);
}

std::size_t unit_after(const text_source& text, std::size_t position) {
    if (is_break(text, position)) return position + 2;
    return std::min(position + 1, text.size);
}

std::size_t outside_of_break(const text_source& text, std::size_t position) {
    return position >= 1 && is_break(text, position - 1) ? position - 1 : position;
}

std::size_t first_place(const text_source& text) {
    return text.size > 0 && text.read(0, 1).front() == byte_order_mark ? 1 : 0;
}

} // namespace editor
