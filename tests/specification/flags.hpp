#pragma once

#include "specification/history.hpp"

namespace sangam::specification {

/// Enabled iff no later disable or reset saw some enable.
[[nodiscard]] inline bool ew_flag(const history& all) {
    const auto takes_back = [](const update& u) { return is_reset(u) || u.as<disable>() != nullptr; };
    return std::ranges::any_of(
        all, [&](const update& u) { return u.as<enable>() != nullptr && !taken_back(all, u, takes_back); });
}

/// Of the updates that no later reset saw, and no later one of them: some are enables, and all.
[[nodiscard]] inline bool dw_flag(const history& all) {
    history counting;
    std::ranges::copy_if(all, std::back_inserter(counting),
                         [&](const update& u) { return !is_reset(u) && !taken_back(all, u, is_reset); });
    history last;
    std::ranges::copy_if(counting, std::back_inserter(last), [&](const update& u) {
        return !taken_back(counting, u, [](const update&) { return true; });
    });
    return !last.empty() &&
           std::ranges::all_of(last, [](const update& u) { return u.as<enable>() != nullptr; });
}

} // namespace sangam::specification
