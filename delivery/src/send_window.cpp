#include <sangam/delivery/send_window.hpp>

#include <algorithm>

namespace sangam::delivery {

void send_window::sent(std::uint64_t sequence, std::uint64_t bytes) {
    const std::uint64_t before = sent_bytes_;
    sent_bytes_ += bytes;
    sent_to_ = std::max(sent_to_, sequence);
    if (steps_.empty() || steps_.back().bytes_after - steps_.back().bytes_before >= bytes_first_ / steps) {
        steps_.push_back({sequence, before, sent_bytes_});
        return;
    }
    steps_.back().sequence = std::max(steps_.back().sequence, sequence);
    steps_.back().bytes_after = sent_bytes_;
}

void send_window::acknowledged(std::uint64_t sequence) {
    while (!steps_.empty() && steps_.front().sequence <= sequence) {
        acknowledged_bytes_ = steps_.front().bytes_after;
        steps_.pop_front();
    }
}

} // namespace sangam::delivery
