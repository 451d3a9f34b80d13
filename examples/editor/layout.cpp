#include <editor/layout.hpp>

#include <editor/limits.hpp>

#include <algorithm>
#include <utility>

#include <wchar.h>

namespace editor {
namespace {

constexpr std::size_t tab_width = 4;
constexpr std::size_t short_line = 128;

bool is_control(char32_t c) {
    return c < 0x20 || c == 0x7F;
}

} // namespace

std::size_t cell_width(char32_t character, std::size_t column) {
    if (character == U'\t') return tab_width - column % tab_width;
    if (is_control(character)) return 2;
    const int width = ::wcwidth(static_cast<wchar_t>(character));
    // Negative: not printable, shown as a replacement character.
    return width < 0 ? 1 : static_cast<std::size_t>(width);
}

layout::layout(text_source text, std::size_t width) : text_(std::move(text)), width_(width) {}

/// Where the line of `position` begins, or the part of it.
std::size_t layout::start_of_line(std::size_t position) const {
    constexpr std::size_t step = limits::row_search_max;
    // Most lines are short: a little is read first.
    const auto behind_newline = [this](std::size_t from, std::size_t to) -> std::optional<std::size_t> {
        for (std::size_t count = short_line; to > from; count *= 2) {
            const std::size_t part = to - std::min(to - from, count);
            const std::size_t found = text_.read(part, to - part).rfind(U'\n');
            if (found != std::u32string::npos) return part + found + 1;
            to = part;
        }
        return std::nullopt;
    };
    const std::size_t multiple = position / step * step;
    if (const auto found = behind_newline(multiple, position)) return *found;
    if (multiple == 0) return 0;
    return behind_newline(multiple - step, multiple).value_or(multiple);
}

void layout::look_at(std::size_t position) {
    position = outside_of_break(text_, position);
    const bool known = !rows_.empty() && rows_.front().first <= position &&
                       (position < rows_.back().next || (position == rows_.back().end && !rows_.back().cut));
    if (!known) cut_into_rows(start_of_line(position));
}

void layout::cut_into_rows(std::size_t start) {
    rows_.clear();
    constexpr std::size_t step = limits::row_search_max;
    const std::size_t longest = std::min((start + step - 1) / step * step + step, text_.size);
    // Two more, for a line break that stands where a part would end.
    const std::size_t all = std::min(longest + 2, text_.size) - start;
    line_.clear();
    std::size_t newline = std::u32string::npos;
    for (std::size_t count = short_line; newline == std::u32string::npos && line_.size() < all; count *= 2) {
        const std::size_t held = line_.size();
        line_ += text_.read(start + held, std::min(count, all - held));
        newline = line_.find(U'\n', held);
    }
    const bool has_break = newline != std::u32string::npos &&
                           (newline < longest - start ||
                            (newline == longest - start && newline > 0 && line_[newline - 1] == U'\r'));
    const std::size_t next = has_break ? newline + 1 : longest - start;
    const std::size_t end = !has_break                                   ? next
                            : newline > 0 && line_[newline - 1] == U'\r' ? newline - 1
                                                                         : newline;
    line_.resize(next);

    row current{start, start, start, false};
    std::size_t column = 0;
    for (std::size_t i = 0; i < end; ++i) {
        std::size_t cells = cell_width(line_[i], column);
        if (column + cells > width_ && start + i > current.first) {
            const std::size_t at = start + i;
            rows_.push_back({current.first, at, at, true});
            current.first = at;
            column = 0;
            cells = cell_width(line_[i], column);
        }
        column += cells;
    }
    const bool cut = !has_break && start + next < text_.size;
    rows_.push_back({current.first, start + end, start + next, cut});
}

layout::row layout::row_at(std::size_t position) {
    look_at(position);
    const auto after = std::ranges::upper_bound(rows_, position, {}, &row::first);
    return *(after - 1);
}

std::optional<layout::row> layout::above(const row& below) {
    if (below.first == 0) return std::nullopt;
    return row_at(below.first - 1);
}

std::optional<layout::row> layout::below(const row& above) {
    // A text that ends in a line break has an empty row behind it.
    if (!above.cut && above.next == above.end) return std::nullopt;
    return row_at(above.next);
}

std::u32string layout::text_of(const row& shown) {
    look_at(shown.first);
    return line_.substr(shown.first - rows_.front().first, shown.end - shown.first);
}

std::size_t layout::column_of(std::size_t position) {
    const row holder = row_at(position);
    const std::u32string shown = text_of(holder);
    std::size_t column = 0;
    for (std::size_t i = 0; i < std::min(position - holder.first, shown.size()); ++i) {
        column += cell_width(shown[i], column);
    }
    return column;
}

std::size_t layout::position_at(const row& holder, std::size_t column) {
    const std::u32string shown = text_of(holder);
    // The place behind the last character of a cut row belongs to the next row.
    const std::size_t last = holder.cut ? shown.size() - 1 : shown.size();
    std::size_t place = 0;
    std::size_t reached = 0;
    while (place < last) {
        reached += cell_width(shown[place], reached);
        if (reached > column) break;
        ++place;
    }
    return holder.first + place;
}

} // namespace editor
