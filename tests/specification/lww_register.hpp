#pragma once

#include "specification/history.hpp"

#include <tuple>

namespace sangam::specification {

/// The assign with the greatest (time, replica) among those that no later reset saw, or nullptr. Two assigns
/// of equal time and replica are of one transaction: then the later one.
[[nodiscard]] inline const update* lww_register(const history& all) {
    const auto rank = [](const update& u) { return std::tuple(u.in->time, u.in->id.replica, u.index); };
    const update* winner = nullptr;
    for (const update& u : all) {
        if (u.as<assign>() != nullptr && !taken_back(all, u, is_reset) &&
            (winner == nullptr || rank(*winner) < rank(u))) {
            winner = &u;
        }
    }
    return winner;
}

} // namespace sangam::specification
