#include <sangam/causality/hybrid_clock.hpp>

#include <algorithm>

namespace sangam::causality {

hybrid_time hybrid_clock::tick(std::uint64_t wall_ms) noexcept {
    const hybrid_time wall = hybrid_time::at_ms(std::min(wall_ms, limits::time_ms_max));
    last_ = std::min(latest_time, std::max(hybrid_time{last_.bits + 1}, wall));
    return last_;
}

void hybrid_clock::observe(hybrid_time time) noexcept {
    last_ = std::max(last_, std::min(time, latest_time));
}

} // namespace sangam::causality
