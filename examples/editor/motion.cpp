#include <editor/motion.hpp>

#include <algorithm>

namespace editor {
namespace {

std::size_t target_row(std::size_t row, motion how, std::size_t page, std::size_t rows) {
    const std::size_t step =
        how == motion::up || how == motion::down ? 1 : std::max<std::size_t>(page, 2) - 1;
    if (how == motion::up || how == motion::page_up) return row - std::min(row, step);
    return std::min(row + step, rows - 1);
}

} // namespace

std::size_t mover::move(const layout& rows, std::size_t position, motion how, std::size_t page,
                        std::size_t size) {
    const std::size_t row = rows.row_of(position);
    switch (how) {
    case motion::left:
        forget_column();
        return position - std::min<std::size_t>(position, 1);
    case motion::right:
        forget_column();
        return std::min(position + 1, size);
    case motion::row_start:
        forget_column();
        return rows.rows()[row].first;
    case motion::row_end: {
        forget_column();
        const layout::row& held = rows.rows()[row];
        return held.cut ? held.end - 1 : held.end;
    }
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
    const std::size_t target = target_row(row, how, page, rows.rows().size());
    if (target == row) return how == motion::up || how == motion::page_up ? 0 : size;
    return rows.position_at(target, column);
}

} // namespace editor
