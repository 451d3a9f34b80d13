#pragma once

#include <editor/options.hpp>
#include <editor/signals.hpp>

#include <sangam/causality/error.hpp>

namespace editor {

/// Takes part without a screen, as a writer of a history or as a watcher, and prints a line about the
/// outcome. Errors: of loading, opening, playing and saving; timed_out; stopped when a signal came before the
/// end; not_exact.
[[nodiscard]] sangam::result<void> run_headless(const options& chosen, signals& signals);

} // namespace editor
