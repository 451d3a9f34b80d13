#pragma once

#include "specification/history.hpp"

#include <set>

namespace sangam::specification {

/// Of the updates that no later reset saw: the elements e with an add(e) such that every remove(e) was seen
/// by some add(e).
[[nodiscard]] inline std::set<crdt::value> rw_set(const history& all) {
    history counting;
    std::ranges::copy_if(all, std::back_inserter(counting),
                         [&](const update& u) { return !is_reset(u) && !taken_back(all, u, is_reset); });
    std::set<crdt::value> members;
    for (const update& u : counting) {
        if (const add* const added = u.as<add>()) {
            const auto adds_it = [&](const update& other) {
                const add* const again = other.as<add>();
                return again != nullptr && again->element == added->element;
            };
            const bool beaten = std::ranges::any_of(counting, [&](const update& other) {
                const remove* const removed = other.as<remove>();
                return removed != nullptr && removed->element == added->element &&
                       !taken_back(counting, other, adds_it);
            });
            if (!beaten) {
                members.insert(added->element);
            }
        }
    }
    return members;
}

} // namespace sangam::specification
