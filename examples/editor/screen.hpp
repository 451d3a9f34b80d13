#pragma once

#include <editor/key.hpp>
#include <editor/layout.hpp>
#include <editor/session.hpp>

#include <sangam/causality/error.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace editor {

/// The terminal. Only one may exist, and only one thread may use it.
class screen {
public:
    /// Errors: bad_usage when there is no terminal.
    [[nodiscard]] static sangam::result<std::unique_ptr<screen>> open();
    ~screen();
    screen(const screen&) = delete;
    screen& operator=(const screen&) = delete;

    /// Columns for text; one is left for a cursor behind a full row.
    [[nodiscard]] std::size_t text_width() const;
    [[nodiscard]] std::size_t text_rows() const;
    /// The terminal has another size now.
    void resize();

    /// All keys that were pressed since the last call.
    [[nodiscard]] std::vector<key> read_keys();

    /// `follow`: the cursor moved by itself, so rows scroll only if it leaves the screen; else others edited,
    /// and it keeps its row.
    void draw(const snapshot& seen, const layout& rows, const std::string& status, const std::string& help,
              bool follow);

private:
    screen() = default;
    void scroll_to(std::size_t cursor_row, bool follow, std::size_t rows);
    void draw_row(const snapshot& seen, const layout& rows, std::size_t row, int line) const;
    void draw_bar(int line, const std::string& text) const;

    std::size_t top_row_ = 0;
    std::size_t cursor_line_ = 0;
};

} // namespace editor
