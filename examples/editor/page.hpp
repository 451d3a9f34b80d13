#pragma once

#include <editor/layout.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace editor {

/// The rows of a text that a screen shows at one moment.
struct page {
    struct line {
        layout::row row;
        std::u32string text; ///< of the row
    };
    std::vector<line> lines; ///< not empty
    std::size_t cursor_line = 0;
    std::size_t cursor_column = 0;

    /// Where the page begins.
    [[nodiscard]] std::size_t top() const { return lines.front().row.first; }
};

/// The page of `height` (> 0) rows that begins with the row of `top`, or the nearest one that shows the
/// cursor. Cost: as many questions to the layout as rows, wherever the cursor has gone.
[[nodiscard]] page make_page(layout& rows, std::size_t top, std::size_t cursor, std::size_t height);

} // namespace editor
