#pragma once

#include <sangam/delivery/dot_range.hpp>

#include <cstdint>

namespace sangam::delivery {

/// A range to ask one member for.
struct range_question {
    std::uint64_t link = 0; ///< whom to ask
    dot_range range;
    friend bool operator==(const range_question&, const range_question&) = default;
};

} // namespace sangam::delivery
