#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace editor {

/// Columns of one character at `column`: tabs reach to the next multiple of 4, control characters take 2
/// (^A), combining ones 0.
[[nodiscard]] std::size_t cell_width(char32_t character, std::size_t column);

/// How a text is cut into rows of a screen.
///
/// Meaning: a row ends before a newline or, when the next character would not fit, between two characters.
/// Positions are scalar values, from 0
///   to the text's size; every position is in exactly one row, the one at a cut in the lower row.
/// Cost: O(n) to make, O(log rows + row length) to ask.
class layout {
public:
    /// Precondition: width >= 2. `text` must outlive this.
    layout(std::u32string_view text, std::size_t width);

    struct row {
        std::size_t first = 0;
        std::size_t end = 0; ///< without the newline
        bool cut = false;    ///< goes on in the next row
    };

    [[nodiscard]] const std::vector<row>& rows() const noexcept { return rows_; }
    [[nodiscard]] std::size_t row_of(std::size_t position) const;
    [[nodiscard]] std::size_t column_of(std::size_t position) const;
    /// The position of a row that is nearest to `column` without going past it.
    [[nodiscard]] std::size_t position_at(std::size_t row, std::size_t column) const;

private:
    std::u32string_view text_;
    std::vector<row> rows_;
};

} // namespace editor
