#include <editor/motion.hpp>

#include <algorithm>

namespace editor {
namespace {

bool is_upward(motion how) {
    return how == motion::up || how == motion::page_up;
}

layout::row target_row(layout& rows, layout::row row, motion how, std::size_t page) {
    std::size_t steps = how == motion::up || how == motion::down ? 1 : std::max<std::size_t>(page, 2) - 1;
    for (; steps > 0; --steps) {
        const auto next = is_upward(how) ? rows.above(row) : rows.below(row);
        if (!next) break;
        row = *next;
    }
    return row;
}

} // namespace

std::size_t mover::move(layout& rows, std::size_t position, motion how, std::size_t page) {
    const layout::row row = rows.row_at(position);
    const std::size_t size = rows.text().size;
    switch (how) {
    case motion::left:
        forget_column();
        return unit_before(rows.text(), position);
    case motion::right:
        forget_column();
        return unit_after(rows.text(), position);
    case motion::row_start:
        forget_column();
        return row.first;
    case motion::row_end:
        forget_column();
        return row.cut ? row.end - 1 : row.end;
    case motion::text_start:
        forget_column();
        return 0;
    case motion::text_end:
        forget_column();
        return size;
    case motion::up:
    case motion::down:
    case motion::page_up:
    case motion::page_down:
        break;
    }
    const std::size_t column = column_.value_or(rows.column_of(position));
    column_ = column;
    const layout::row target = target_row(rows, row, how, page);
    if (target == row) return is_upward(how) ? 0 : size;
    return rows.position_at(target, column);
}

} // namespace editor
