#pragma once

#include <cstddef>

namespace sangam::engine {

/// What transport::memory_of counts for a range of erased characters; for a part of a restore twice as much.
inline constexpr std::size_t range_bytes = 32;

} // namespace sangam::engine
