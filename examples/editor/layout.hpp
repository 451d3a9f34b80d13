#pragma once

#include <editor/text_source.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace editor {

/// Columns of one character at `column`: tabs reach to the next multiple of 4, control characters take 2
/// (^A), combining ones 0.
[[nodiscard]] std::size_t cell_width(char32_t character, std::size_t column);

/// How a text is cut into rows of a screen.
///
/// Meaning: a row ends before a line break ("\n" or "\r\n", which is one) or, when the next character would
///   not fit, between two characters. Positions are scalar values, from 0 to the text's size; every position
///   is in exactly one row, the one at a cut in the lower row, the one inside a line break in the row before
///   it. A long line is cut, too, at each multiple of limits::row_search_max with no newline in as many
///   characters before: so a row depends on few characters around it.
/// Cost: O(characters of the line, at most 2 * limits::row_search_max) to ask about another line than the
///   last time, else O(log rows + row length).
class layout {
public:
    /// Precondition: width >= 2. The text must not change meanwhile.
    layout(text_source text, std::size_t width);

    struct row {
        std::size_t first = 0;
        std::size_t end = 0; ///< without the line break
        std::size_t next =
            0; ///< where the next row begins; the same as `end` where a line is cut, and at the end
        bool cut = false; ///< goes on in the next row
        friend bool operator==(const row&, const row&) = default;
    };

    [[nodiscard]] const text_source& text() const noexcept { return text_; }
    [[nodiscard]] row row_at(std::size_t position);
    [[nodiscard]] std::optional<row> above(const row& below);
    [[nodiscard]] std::optional<row> below(const row& above);
    [[nodiscard]] std::u32string text_of(const row& shown);
    [[nodiscard]] std::size_t column_of(std::size_t position);
    /// The position of a row that is nearest to `column` without going past it.
    [[nodiscard]] std::size_t position_at(const row& holder, std::size_t column);

private:
    void look_at(std::size_t position);
    [[nodiscard]] std::size_t start_of_line(std::size_t position) const;
    void cut_into_rows(std::size_t start);

    text_source text_;
    std::size_t width_;
    // The line, or the part of a long one, that was asked about last.
    std::u32string line_; ///< with its line break
    std::vector<row> rows_;
};

} // namespace editor
