#pragma once

#include <editor/options.hpp>
#include <editor/signals.hpp>

#include <sangam/causality/error.hpp>

namespace editor {

/// Edits on the terminal until Ctrl-Q or a signal. Errors: of opening, loading, and of writing the record.
[[nodiscard]] sangam::result<void> edit_interactively(const options& chosen, signals& signals);

} // namespace editor
