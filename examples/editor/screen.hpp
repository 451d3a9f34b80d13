#pragma once

#include <editor/page.hpp>
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

    /// The bytes that have come since the last call, as far as they are here at once; false: the terminal is
    /// gone.
    [[nodiscard]] bool read(std::string& bytes);

    void draw(const page& shown, const std::vector<person>& people, const std::string& status,
              const std::string& help);

private:
    screen() = default;
};

} // namespace editor
