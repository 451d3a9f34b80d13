#include <sangam/delivery/catch_up.hpp>

#include <algorithm>
#include <tuple>

namespace sangam::delivery {

void catch_up::learn(std::uint64_t link, const causality::vector_clock& has, bool urgent,
                     std::uint64_t now_ms) {
    member& at = members_[link];
    if (urgent) {
        at.urgent = true;
        at.has = has;
        known_ = {};
        for (const auto& [other, entry] : members_) {
            known_.merge(entry.has);
        }
    } else {
        at.has.merge(has);
        known_.merge(has);
    }
    due_at(now_ms);
}

void catch_up::forget(std::uint64_t link) {
    const auto at = members_.find(link);
    if (at == members_.end()) {
        return;
    }
    close(at->second);
    members_.erase(at);
    known_ = {};
    for (const auto& [other, entry] : members_) {
        known_.merge(entry.has);
    }
    for (auto& [origin, missing] : gaps_) {
        missing.asked.erase(link);
    }
    due_at(0);
}

std::vector<range_question> catch_up::questions(causality::replica_id self, const gap_finder& first_gap,
                                                std::uint64_t now_ms) {
    next_due_ms_.reset();
    find_gaps(self, first_gap, now_ms);
    time_out(now_ms);
    std::vector<range_question> asked;
    const auto turn = gaps_.upper_bound(last_origin_);
    const auto ask_some = [&](auto from, auto to) {
        for (auto at = from; at != to; ++at) {
            if (const auto question = ask(at->first, at->second, now_ms)) {
                asked.push_back(*question);
            }
        }
    };
    ask_some(turn, gaps_.end());
    ask_some(gaps_.begin(), turn);
    for (const auto& [link, entry] : members_) {
        if (entry.open) {
            due_at(entry.open->asked_ms + timing_.request_timeout_ms);
        }
    }
    return asked;
}

void catch_up::answered(std::uint64_t link, causality::replica_id origin, std::uint64_t now_ms) {
    const auto at = members_.find(link);
    if (at == members_.end() || !at->second.open || at->second.open->origin != origin) {
        return;
    }
    close(at->second);
    due_at(now_ms);
}

void catch_up::not_sent(std::uint64_t link) {
    const auto at = members_.find(link);
    if (at == members_.end() || !at->second.open) {
        return;
    }
    const open_question open = *at->second.open;
    at->second.not_before_ms = open.asked_ms + timing_.gap_delay_ms;
    gaps_.at(open.origin).asked.erase(link);
    close(at->second);
    due_at(open.asked_ms);
}

std::size_t catch_up::open_questions() const noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(members_, [](const auto& at) { return at.second.open.has_value(); }));
}

void catch_up::due_at(std::uint64_t ms) {
    next_due_ms_ = std::min(next_due_ms_.value_or(ms), ms);
}

void catch_up::close(member& asked) {
    if (asked.open) {
        gaps_.at(asked.open->origin).open_link.reset();
        asked.open.reset();
    }
}

/// A gap that has closed is kept as long as a question about it is open.
void catch_up::find_gaps(causality::replica_id self, const gap_finder& first_gap, std::uint64_t now_ms) {
    causality::vector_clock urgent;
    for (auto& [link, entry] : members_) {
        if (entry.urgent) {
            urgent.merge(entry.has);
            entry.urgent = false;
        }
    }
    for (auto& [origin, known_gap] : gaps_) {
        known_gap.last = 0;
    }
    for (const causality::clock_entry& known : known_.entries()) {
        if (known.replica == self) {
            continue;
        }
        if (const auto missing = first_gap(known.replica, known.length)) {
            gap& found = gaps_[known.replica];
            found.overdue_to = std::max(found.overdue_to, urgent[known.replica]);
            update(found, *missing, known.length, now_ms);
        }
    }
    std::erase_if(gaps_, [](const auto& at) { return at.second.last == 0 && !at.second.open_link; });
}

void catch_up::update(gap& known_gap, const dot_range& missing, std::uint64_t known, std::uint64_t now_ms) {
    if (known_gap.given_to == 0) {
        known_gap.given_to = known;
        known_gap.given_ms = now_ms;
    } else if (now_ms >= known_gap.given_ms + timing_.gap_delay_ms) {
        known_gap.overdue_to = std::max(known_gap.overdue_to, known_gap.given_to);
        known_gap.given_to = known;
        known_gap.given_ms = now_ms;
    }
    if (known_gap.first != missing.first) {
        known_gap.asked.clear();
        if (known_gap.open_link) {
            members_.at(*known_gap.open_link).open->asked_ms = now_ms;
        }
    }
    known_gap.first = missing.first;
    known_gap.last = missing.last;
}

void catch_up::time_out(std::uint64_t now_ms) {
    for (auto& [link, entry] : members_) {
        if (entry.open && now_ms >= entry.open->asked_ms + timing_.request_timeout_ms) {
            close(entry);
        }
    }
}

std::optional<range_question> catch_up::ask(causality::replica_id origin, gap& wanted, std::uint64_t now_ms) {
    if (wanted.last == 0 || wanted.open_link) {
        return std::nullopt;
    }
    if (wanted.first > wanted.overdue_to) {
        due_at(wanted.given_ms + timing_.gap_delay_ms);
        return std::nullopt;
    }
    const auto link = whom_to_ask({origin, wanted.first}, wanted, now_ms);
    if (!link) {
        return std::nullopt;
    }
    member& chosen = members_.at(*link);
    chosen.open = open_question{origin, now_ms};
    wanted.open_link = *link;
    wanted.asked.insert(*link);
    wanted.asked_ms = now_ms;
    last_link_ = *link;
    last_origin_ = origin;
    const std::uint64_t more = std::min(
        {timing_.request_messages_max - 1, wanted.last - wanted.first, chosen.has[origin] - wanted.first});
    return range_question{*link, {origin, wanted.first, wanted.first + more}};
}

/// Members that were not asked for this dot come first, and among equals whose turn it is.
std::optional<std::uint64_t> catch_up::whom_to_ask(const causality::dot& first, gap& wanted,
                                                   std::uint64_t now_ms) {
    using rank = std::tuple<bool, bool, std::uint64_t>; // asked before, had its turn, link
    std::optional<rank> best;
    for (const auto& [link, entry] : members_) {
        if (entry.open || !entry.has.contains(first)) {
            continue;
        }
        if (entry.not_before_ms > now_ms) {
            due_at(entry.not_before_ms);
            continue;
        }
        const rank mine{wanted.asked.contains(link), link <= last_link_, link};
        best = std::min(best.value_or(mine), mine);
    }
    if (!best) {
        return std::nullopt;
    }
    if (std::get<0>(*best)) {
        const std::uint64_t again_ms = wanted.asked_ms + timing_.request_timeout_ms;
        if (now_ms < again_ms) {
            due_at(again_ms);
            return std::nullopt;
        }
        wanted.asked.clear();
    }
    return std::get<2>(*best);
}

} // namespace sangam::delivery
