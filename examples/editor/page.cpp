#include <editor/page.hpp>

#include <algorithm>

namespace editor {
namespace {

/// The row `steps` rows above, or the first one.
layout::row rows_above(layout& rows, layout::row from, std::size_t steps) {
    for (; steps > 0; --steps) {
        const auto above = rows.above(from);
        if (!above) break;
        from = *above;
    }
    return from;
}

std::vector<layout::row> rows_from(layout& rows, layout::row first, std::size_t height) {
    std::vector<layout::row> found{first};
    while (found.size() < height) {
        const auto below = rows.below(found.back());
        if (!below) break;
        found.push_back(*below);
    }
    return found;
}

} // namespace

page make_page(layout& rows, std::size_t top, std::size_t cursor, std::size_t height) {
    const layout::row holder = rows.row_at(cursor);
    std::vector<layout::row> shown;
    const layout::row first = rows.row_at(std::min(top, rows.text().size));
    if (holder.first < first.first) {
        shown = rows_from(rows, holder, height);
    } else {
        shown = rows_from(rows, first, height);
        if (std::ranges::find(shown, holder) == shown.end()) {
            shown = rows_from(rows, rows_above(rows, holder, height - 1), height);
        }
    }
    page made;
    made.cursor_line = static_cast<std::size_t>(std::ranges::find(shown, holder) - shown.begin());
    made.cursor_column = rows.column_of(cursor);
    for (const layout::row& row : shown)
        made.lines.push_back({row, rows.text_of(row)});
    return made;
}

} // namespace editor
