#include <editor/layout.hpp>

#include <algorithm>

#include <wchar.h>

namespace editor {
namespace {

constexpr std::size_t tab_width = 4;

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

layout::layout(std::u32string_view text, std::size_t width) : text_(text) {
    row current;
    std::size_t column = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == U'\n') {
            current.end = i;
            rows_.push_back(current);
            current = {i + 1, i + 1, false};
            column = 0;
            continue;
        }
        std::size_t cells = cell_width(text[i], column);
        if (column + cells > width) {
            current.end = i;
            current.cut = true;
            rows_.push_back(current);
            current = {i, i, false};
            column = 0;
            cells = cell_width(text[i], column);
        }
        column += cells;
    }
    current.end = text.size();
    rows_.push_back(current);
}

std::size_t layout::row_of(std::size_t position) const {
    const auto after = std::ranges::upper_bound(rows_, position, {}, &row::first);
    return static_cast<std::size_t>(after - rows_.begin()) - 1;
}

std::size_t layout::column_of(std::size_t position) const {
    const row& holder = rows_[row_of(position)];
    std::size_t column = 0;
    for (std::size_t i = holder.first; i < std::min(position, holder.end); ++i) {
        column += cell_width(text_[i], column);
    }
    return column;
}

std::size_t layout::position_at(std::size_t row_index, std::size_t column) const {
    const row& holder = rows_[row_index];
    // The place behind the last character of a cut row belongs to the next row.
    const std::size_t last = holder.cut ? holder.end - 1 : holder.end;
    std::size_t position = holder.first;
    std::size_t reached = 0;
    while (position < last) {
        reached += cell_width(text_[position], reached);
        if (reached > column) break;
        ++position;
    }
    return position;
}

} // namespace editor
