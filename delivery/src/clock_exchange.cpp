#include <sangam/causality/assert.hpp>
#include <sangam/delivery/clock_exchange.hpp>

#include <algorithm>
#include <utility>

namespace sangam::delivery {

clock_announcement clock_exchange::announce(const causality::vector_clock& clock, std::size_t entries_max) {
    SANGAM_ASSERT(sent_.empty() || clock.dominates(sent_.back().second));
    clock_announcement announcement;
    announcement.number = ++last_number_;
    announcement.base = acknowledged_by_peer_;
    announcement.acknowledged = last_received_;
    announcement.difference = announcement.base == 0 ? clock : clock.difference(sent_.front().second);
    cut_base_ = announcement.base;
    cut_after_.reset();
    if (announcement.difference.entries().size() <= entries_max) {
        sent_.emplace_back(announcement.number, clock);
    } else {
        announcement.difference = cut(announcement.difference, entries_max);
        causality::vector_clock told;
        if (announcement.base != 0) {
            told = sent_.front().second;
        }
        told.merge(announcement.difference);
        sent_.emplace_back(announcement.number, std::move(told));
    }
    if (sent_.size() > bases_kept) {
        sent_.erase(sent_.begin() + (acknowledged_by_peer_ == 0 ? 0 : 1));
    }
    return announcement;
}

/// So many entries from the first behind `turn_` on, in a circle.
causality::vector_clock clock_exchange::cut(const causality::vector_clock& difference,
                                            std::size_t entries_max) {
    const auto all = difference.entries();
    const auto behind = std::ranges::upper_bound(all, turn_, {}, &causality::clock_entry::replica);
    const auto from = static_cast<std::size_t>(behind - all.begin());
    const std::size_t to_end = std::min(entries_max, all.size() - from);
    const std::size_t wrapped = entries_max - to_end;
    causality::vector_clock part; // in the order of the origins: each goes to the end
    for (const causality::clock_entry& entry : all.first(wrapped)) {
        part.advance_to(entry.replica, entry.length);
    }
    for (const causality::clock_entry& entry : all.subspan(from, to_end)) {
        part.advance_to(entry.replica, entry.length);
    }
    cut_after_ = wrapped > 0 ? all[wrapped - 1].replica : all[from + to_end - 1].replica;
    return part;
}

std::optional<causality::vector_clock> clock_exchange::receive(const clock_announcement& announcement,
                                                               std::size_t entries_max) {
    if (announcement.number <= last_received_ || !knows_base(announcement)) {
        return std::nullopt;
    }
    causality::vector_clock clock;
    if (announcement.base != 0) {
        clock = std::ranges::find(received_, announcement.base, &numbered_clock::first)->second;
    }
    clock.merge(announcement.difference);
    if (clock.entries().size() > entries_max) {
        on_acknowledged(announcement.acknowledged);
        return std::nullopt;
    }
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
    cut_after_.reset();
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
        turn_ = cut_after_.value_or(turn_);
        acknowledged_by_peer_ = number;
    }
}

} // namespace sangam::delivery
