#pragma once

#include <sangam/engine/synchronizer.hpp>

namespace sangam::engine {

/// The clocks of this machine.
[[nodiscard]] moment now();

} // namespace sangam::engine
