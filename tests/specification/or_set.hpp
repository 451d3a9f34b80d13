#pragma once

#include "specification/history.hpp"

#include <set>

namespace sangam::specification {

/// The elements e such that some add(e) has no remove(e) or reset after it.
[[nodiscard]] inline std::set<crdt::value> or_set(const history& all) {
    std::set<crdt::value> members;
    for (const update& u : all) {
        const add* const added = u.as<add>();
        const auto takes_back = [&](const update& later) {
            const remove* const removed = later.as<remove>();
            return is_reset(later) || (removed != nullptr && removed->element == added->element);
        };
        if (added != nullptr && !taken_back(all, u, takes_back)) {
            members.insert(added->element);
        }
    }
    return members;
}

} // namespace sangam::specification
