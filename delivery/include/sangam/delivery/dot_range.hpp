#pragma once

#include <sangam/causality/replica_id.hpp>

#include <cstdint>

namespace sangam::delivery {

/// A run of dots of one origin, both ends included.
struct dot_range {
    causality::replica_id origin;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    friend bool operator==(const dot_range&, const dot_range&) = default;
};

} // namespace sangam::delivery
