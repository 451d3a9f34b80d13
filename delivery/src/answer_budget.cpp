#include <sangam/delivery/answer_budget.hpp>

#include <algorithm>

namespace sangam::delivery {

bool answer_budget::allows(std::uint64_t log_bytes, std::uint64_t now_ms) {
    const std::uint64_t passed_ms = std::min<std::uint64_t>(now_ms - std::min(filled_ms_, now_ms), 3'600'000);
    const std::uint64_t flowed = passed_ms * timing_.answer_bytes_per_second / 1000;
    if (flowed > 0) {
        const std::uint64_t paid = std::min(owed_, flowed);
        owed_ -= paid;
        bucket_ = std::min(timing_.answer_burst_bytes, bucket_ + (flowed - paid));
        filled_ms_ = now_ms;
    }
    return bucket_ > 0 || free_spent_ < timing_.answer_copies_free * log_bytes;
}

void answer_budget::spend(std::uint64_t bytes, std::uint64_t log_bytes) {
    const std::uint64_t free = timing_.answer_copies_free * log_bytes;
    const std::uint64_t for_free = std::min(bytes, free - std::min(free, free_spent_));
    free_spent_ += for_free;
    const std::uint64_t costs = bytes - for_free;
    owed_ += costs - std::min(costs, bucket_);
    bucket_ -= std::min(costs, bucket_);
}

} // namespace sangam::delivery
