#pragma once

#include "figure.hpp"

#include <string_view>
#include <vector>

namespace bench {

/// What a figure should reach.
struct target {
    std::string_view bench;
    std::string_view of;    ///< empty: of whatever it is measured
    std::string_view value; ///< the name of the figure's value
    double limit = 0;       ///< the value is at most this

    [[nodiscard]] bool met_by(const figure& measured) const noexcept;
};

/// Those that are about this figure.
[[nodiscard]] std::vector<target> targets_of(const figure& measured);

} // namespace bench
