#pragma once

#include <editor/motion.hpp>

namespace editor {

/// What somebody asked for by a key.
struct key {
    enum class kind { character, move, erase_before, erase_after, undo, redo, save, network, quit, help };

    kind what = kind::character;
    char32_t character = 0;    ///< of `character`; enter is a newline
    motion how = motion::left; ///< of `move`
};

} // namespace editor
