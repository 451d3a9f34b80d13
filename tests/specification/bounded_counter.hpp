#pragma once

#include "specification/pn_counter.hpp"

#include <map>

namespace sangam::specification {

/// What each replica was given, less what it took and handed on; those that have nothing are not named. The
/// value is the sum.
[[nodiscard]] inline std::map<causality::replica_id, wide> bounded_counter(const history& all) {
    std::map<causality::replica_id, wide> rights;
    for (const update& u : all) {
        const causality::replica_id self = u.in->id.replica;
        if (const give* const given = u.as<give>()) {
            rights[self] += given->amount;
        } else if (const take* const taken = u.as<take>()) {
            rights[self] -= taken->amount;
        } else if (const transfer* const handed = u.as<transfer>()) {
            rights[self] -= handed->amount;
            rights[handed->to] += handed->amount;
        }
    }
    std::erase_if(rights, [](const auto& entry) { return entry.second == 0; });
    return rights;
}

} // namespace sangam::specification
