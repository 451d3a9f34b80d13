#pragma once

#include "specification/history.hpp"

namespace sangam::specification {

/// The contents of the assigns that no later assign or reset saw, sorted.
[[nodiscard]] inline std::vector<crdt::value> mv_register(const history& all) {
    const auto replaces = [](const update& u) { return is_reset(u) || u.as<assign>() != nullptr; };
    std::vector<crdt::value> contents;
    for (const update& u : all) {
        if (const assign* const assigned = u.as<assign>();
            assigned != nullptr && !taken_back(all, u, replaces)) {
            contents.push_back(assigned->content);
        }
    }
    std::ranges::sort(contents);
    return contents;
}

} // namespace sangam::specification
