#pragma once

#include <cstdint>

namespace sangam::engine {

/// The two clocks of this machine at one moment, in milliseconds.
struct moment {
    std::uint64_t wall_ms = 0;   ///< since the Unix epoch: for the times of messages
    std::uint64_t steady_ms = 0; ///< never goes back: for intervals
};

} // namespace sangam::engine
