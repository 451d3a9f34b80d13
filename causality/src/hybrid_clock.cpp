#include <sangam/causality/hybrid_clock.hpp>

#include <algorithm>

namespace sangam::causality {

hybrid_time hybrid_clock::tick(std::uint64_t wall_ms) noexcept {
    last_ = std::max(hybrid_time{last_.bits + 1}, hybrid_time::at_ms(wall_ms));
    return last_;
}

void hybrid_clock::observe(hybrid_time time) noexcept {
    last_ = std::max(last_, time);
}

} // namespace sangam::causality
