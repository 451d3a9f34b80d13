#pragma once

#include "specification/history.hpp"

#include <limits>

namespace sangam::specification {

/// The sum of all increments, or the greatest 64-bit number when it is greater.
[[nodiscard]] inline std::uint64_t g_counter(const history& all) {
    std::uint64_t sum = 0;
    for (const update& u : all) {
        if (const grow* const grown = u.as<grow>()) {
            sum += std::min(grown->amount, std::numeric_limits<std::uint64_t>::max() - sum);
        }
    }
    return sum;
}

} // namespace sangam::specification
