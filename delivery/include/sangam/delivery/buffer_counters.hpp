#pragma once

#include <cstddef>
#include <cstdint>

namespace sangam::delivery {

/// What a causal_buffer holds and has done.
struct buffer_counters {
    std::size_t held_back = 0; ///< messages now
    std::size_t held_back_bytes = 0;
    std::size_t held_back_most = 0; ///< most messages at one time
    std::uint64_t delivered = 0;    ///< messages offered and delivered (own ones not counted)
    std::uint64_t duplicates = 0;
    std::uint64_t refused = 0; ///< dropped, whether new or held back
    friend bool operator==(const buffer_counters&, const buffer_counters&) = default;
};

} // namespace sangam::delivery
