#pragma once

#include <sangam/transport/limits.hpp>

#include <algorithm>
#include <cstddef>

namespace sangam::test {

/// The most that decoding so many bytes may hold at once; docs/wire-format.md says how it comes about.
inline std::size_t decoding_may_take(std::size_t arrived) {
    constexpr std::size_t cost_per_byte_max = 512, rounding = 3, tables = 3;
    const std::size_t unpacked =
        std::min(arrived * transport::limits::unpacked_ratio_max, transport::limits::frame_bytes_max);
    const std::size_t cost = std::min(arrived * cost_per_byte_max, transport::limits::batch_cost_max);
    return (64 << 10) + tables * unpacked + rounding * cost;
}

} // namespace sangam::test
