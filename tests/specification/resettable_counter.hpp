#pragma once

#include "specification/pn_counter.hpp"

namespace sangam::specification {

/// The increments that no later reset saw. The counter is empty iff there is none, and its value is their
/// sum.
[[nodiscard]] inline history resettable_counter(const history& all) {
    history left;
    for (const update& u : all) {
        if (u.as<increment>() != nullptr && !taken_back(all, u, is_reset)) {
            left.push_back(u);
        }
    }
    return left;
}

} // namespace sangam::specification
