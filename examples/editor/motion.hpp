#pragma once

#include <editor/layout.hpp>

#include <cstddef>
#include <optional>

namespace editor {

enum class motion { left, right, up, down, row_start, row_end, page_up, page_down, text_start, text_end };

/// Where the cursor goes, and the column that it tries to keep over rows of different length.
class mover {
public:
    /// `page` is the number of rows on the screen. Cost: as many questions to the layout as rows are passed.
    [[nodiscard]] std::size_t move(layout& rows, std::size_t position, motion how, std::size_t page);
    /// The cursor moved otherwise: typing, erasing.
    void forget_column() { column_.reset(); }

private:
    std::optional<std::size_t> column_;
};

} // namespace editor
