#pragma once

#include <editor/motion.hpp>

#include <string>

namespace editor {

/// What somebody asked for by a key.
struct key {
    enum class kind {
        character,
        paste,
        move,
        erase_before,
        erase_after,
        undo,
        redo,
        save,
        network,
        quit,
        help,
        escape
    };

    kind what = kind::character;
    char32_t character = 0;    ///< of `character`; enter is a newline
    motion how = motion::left; ///< of `move`
    std::string text;          ///< of `paste`: UTF-8; every line break is one newline
    friend bool operator==(const key&, const key&) = default;
};

} // namespace editor
