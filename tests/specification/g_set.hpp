#pragma once

#include "specification/history.hpp"

#include <set>

namespace sangam::specification {

/// The elements of all adds.
[[nodiscard]] inline std::set<crdt::value> g_set(const history& all) {
    std::set<crdt::value> members;
    for (const update& u : all) {
        if (const add* const added = u.as<add>()) {
            members.insert(added->element);
        }
    }
    return members;
}

} // namespace sangam::specification
