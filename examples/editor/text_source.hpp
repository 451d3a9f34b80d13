#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace editor {

/// A text of which parts are read, so that looking at a long one costs what is looked at.
struct text_source {
    std::size_t size = 0; ///< scalar values
    /// Precondition: first + count <= size.
    std::function<std::u32string(std::size_t first, std::size_t count)> read;
};

/// `text` must outlive it.
[[nodiscard]] text_source source_of(std::u32string_view text);

/// The line break that a new line at `position` gets, so that a text keeps its own: that of the line that is
/// split, else of the line before, else `otherwise`. Looks at most limits::row_search_max characters far.
[[nodiscard]] std::string_view line_break_at(const text_source& text, std::size_t position,
                                             std::string_view otherwise);

/// The line break that most lines of a text have: "\r\n" or "\n". Of none: "\n".
[[nodiscard]] std::string_view usual_line_break(std::string_view utf8);

/// Where the unit in front of `position` begins, and where the one behind it ends: a character, or a line
/// break of two ("\r\n"). At an end of the text: `position`.
[[nodiscard]] std::size_t unit_before(const text_source& text, std::size_t position);
[[nodiscard]] std::size_t unit_after(const text_source& text, std::size_t position);
/// `position`, or the start of the line break that it is inside of.
[[nodiscard]] std::size_t outside_of_break(const text_source& text, std::size_t position);

/// The first place for a cursor: behind a byte order mark, which stays in front of everything.
[[nodiscard]] std::size_t first_place(const text_source& text);

} // namespace editor
