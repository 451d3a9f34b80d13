#include <sangam/causality/assert.hpp>
#include <sangam/delivery/clock_exchange.hpp>

#include <algorithm>

namespace sangam::delivery {

clock_announcement clock_exchange::announce(const causality::vector_clock& clock) {
    SANGAM_ASSERT(sent_.empty() || clock.dominates(sent_.back().second));
    clock_announcement announcement;
    announcement.number = ++last_number_;
    announcement.base = acknowledged_by_peer_;
    announcement.acknowledged = last_received_;
    announcement.difference = announcement.base == 0 ? clock : clock.difference(sent_.front().second);
    sent_.emplace_back(announcement.number, clock);
    if (sent_.size() > bases_kept) {
        sent_.erase(sent_.begin() + (acknowledged_by_peer_ == 0 ? 0 : 1));
    }
    return announcement;
}

std::optional<causality::vector_clock> clock_exchange::receive(const clock_announcement& announcement) {
    if (announcement.number <= last_received_ || !knows_base(announcement)) {
        return std::nullopt;
    }
    causality::vector_clock clock;
    if (announcement.base != 0) {
        clock = std::ranges::find(received_, announcement.base, &numbered_clock::first)->second;
    }
    clock.merge(announcement.difference);
    last_received_ = announcement.number;
    received_.emplace_back(announcement.number, clock);
    std::erase_if(received_, [&](const numbered_clock& entry) {
        return entry.first < announcement.base ||
               (entry.first != announcement.base && announcement.number - entry.first >= bases_kept);
    });
    on_acknowledged(announcement.acknowledged);
    return clock;
}

bool clock_exchange::knows_base(const clock_announcement& announcement) const {
    return announcement.base == 0 ||
           std::ranges::find(received_, announcement.base, &numbered_clock::first) != received_.end();
}

void clock_exchange::forget_sent() {
    acknowledged_by_peer_ = 0;
    sent_.clear();
}

void clock_exchange::forget_received() {
    last_received_ = 0;
    received_.clear();
}

/// The other side acknowledges the newest that it received and takes no older one afterwards, so older clocks
/// can only be the base that is in use until a kept one replaces it.
void clock_exchange::on_acknowledged(std::uint64_t number) {
    const bool kept = std::ranges::find(sent_, number, &numbered_clock::first) != sent_.end();
    std::erase_if(sent_, [&](const numbered_clock& entry) {
        return entry.first < number && (kept || entry.first != acknowledged_by_peer_);
    });
    if (kept) {
        acknowledged_by_peer_ = number;
    }
}

} // namespace sangam::delivery
