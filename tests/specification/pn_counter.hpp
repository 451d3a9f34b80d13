#pragma once

#include "specification/history.hpp"

#include <limits>

namespace sangam::specification {

__extension__ using wide = __int128;

[[nodiscard]] inline std::int64_t clamped(wide sum) {
    const wide least = std::numeric_limits<std::int64_t>::min();
    const wide greatest = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::clamp(sum, least, greatest));
}

/// The sum of all increments; a reader clamps it.
[[nodiscard]] inline wide pn_counter(const history& all) {
    wide sum = 0;
    for (const update& u : all) {
        if (const increment* const incremented = u.as<increment>()) {
            sum += incremented->amount;
        }
    }
    return sum;
}

} // namespace sangam::specification
