#pragma once

#include "specification/history.hpp"

#include <tuple>

namespace sangam::specification {

/// Of the sets that no later set or reset saw: the one with the greatest (deadline, dot), or nullptr.
[[nodiscard]] inline const update* expiry(const history& all) {
    const auto replaces = [](const update& u) { return is_reset(u) || u.as<expire>() != nullptr; };
    const auto rank = [](const update& u) { return std::tuple(u.as<expire>()->deadline_ms, u.in->id); };
    const update* winner = nullptr;
    for (const update& u : all) {
        if (u.as<expire>() != nullptr && !taken_back(all, u, replaces) &&
            (winner == nullptr || rank(*winner) < rank(u))) {
            winner = &u;
        }
    }
    return winner;
}

} // namespace sangam::specification
