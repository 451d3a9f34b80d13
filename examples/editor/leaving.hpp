#pragma once

#include <editor/signals.hpp>

#include <sangam/replica.hpp>

namespace editor {

/// Closes the replica; `outcome` is how everything before has ended. What was written goes to the others
/// first, for at most ten seconds; a person who does not want to wait is told after one that Ctrl-C ends it.
/// Errors: that of `outcome`, or not_acknowledged, which says how much by whom; both in one error if there
/// are both.
[[nodiscard]] sangam::result<void> leave(const sangam::replica& replica, signals& signals,
                                         sangam::result<void> outcome);

} // namespace editor
