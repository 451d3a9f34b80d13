#include <sangam/delivery/catch_up.hpp>

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

namespace sangam::delivery {

namespace {

constexpr std::size_t together_max = 1024;
constexpr std::size_t checks_per_look = 8; // of whether a link has a dot: they take about as long as a look

} // namespace

void catch_up::learn(std::uint64_t link, const causality::vector_clock& has, bool urgent,
                     std::uint64_t now_ms) {
    member& at = members_[link];
    if (!urgent && has == at.has) {
        return;
    }
    if (urgent) {
        close(link, at);
        at.not_before_ms = 0;
        at.urgent = true;
    }
    const bool grows = has.dominates(at.has);
    at.has = has;
    if (grows) {
        known_.merge(has);
    } else {
        sum_up();
    }
    turn_over_ = false;
    turned_ = 0;
    due_at(now_ms);
}

void catch_up::forget(std::uint64_t link) {
    const auto at = members_.find(link);
    if (at == members_.end()) {
        return;
    }
    close(link, at->second);
    members_.erase(at);
    std::erase_if(doubts_, [link](const doubt& d) { return d.link == link; });
    std::erase_if(failures_, [link](const failure& f) { return f.link == link; });
    sum_up();
    turn_over_ = false;
    turned_ = 0;
    due_at(0);
}

std::vector<range_question> catch_up::questions(causality::replica_id self, const gap_finder& first_gap,
                                                std::uint64_t now_ms) {
    next_due_ms_.reset();
    take_urgent();
    checks_ = 0;
    look looking{self, first_gap, now_ms, {}, {}};
    judge_answers(looking);
    time_out(now_ms);
    for (const auto& [link, entry] : members_) {
        if (!entry.open && entry.not_before_ms > now_ms) {
            due_at(entry.not_before_ms);
        } else if (!entry.open) {
            looking.free.push_back(link);
        }
    }
    const std::set<causality::replica_id> rest = look_around(looking);
    for (const causality::replica_id origin : rest) {
        look_and_ask(origin, known_[origin], looking);
    }
    for (const auto& [link, entry] : members_) {
        if (entry.open) {
            due_at(entry.open->brought_ms + timing_.request_timeout_ms);
            if (const std::uint64_t brisk_ms = brisk_until(entry); brisk_ms > now_ms) {
                due_at(brisk_ms);
            }
        }
    }
    return std::move(looking.asked);
}

void catch_up::brought(std::uint64_t link, causality::replica_id origin, std::uint64_t messages,
                       std::uint64_t now_ms) {
    const auto at = members_.find(link);
    if (at == members_.end() || messages == 0) {
        return;
    }
    member& from = at->second;
    from.failures = 0;
    if (from.known_as == standing::failed) {
        from.known_as = standing::slow;
        from.not_before_ms = 0;
    }
    if (!from.open || from.open->origin != origin) {
        return;
    }
    open_question& open = *from.open;
    if (!open.waited_for) {
        from.latency_ms = now_ms - open.asked_ms;
        open.waited_for = true;
    }
    open.brought_ms = now_ms;
    open.counted += messages;
    if (open.counted >= timing_.hedge_messages_brisk) {
        open.counted = 0;
        open.brisk_ms = now_ms;
    }
}

void catch_up::answered(std::uint64_t link, causality::replica_id origin, std::uint64_t now_ms) {
    const auto at = members_.find(link);
    if (at == members_.end() || !at->second.open || at->second.open->origin != origin) {
        return;
    }
    const open_question open = *at->second.open;
    if (open.waited_for) {
        at->second.known_as =
            now_ms < brisk_until(at->second) ? standing::good : std::max(at->second.known_as, standing::slow);
    } else {
        doubts_.push_back({link, open});
    }
    close(link, at->second);
    due_at(now_ms);
}

void catch_up::not_sent(std::uint64_t link) {
    const auto at = members_.find(link);
    if (at == members_.end() || !at->second.open) {
        return;
    }
    const std::uint64_t asked_ms = at->second.open->asked_ms;
    at->second.not_before_ms = asked_ms + timing_.gap_delay_ms;
    close(link, at->second);
    due_at(asked_ms);
}

std::size_t catch_up::open_questions() const noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(members_, [](const auto& at) { return at.second.open.has_value(); }));
}

void catch_up::sum_up() {
    known_ = {};
    for (const auto& [link, entry] : members_) {
        known_.merge(entry.has);
    }
    causality::vector_clock urgent;
    for (const causality::clock_entry& entry : urgent_.entries()) {
        urgent.advance_to(entry.replica, std::min(entry.length, known_[entry.replica]));
    }
    urgent_ = std::move(urgent);
    std::erase_if(gaps_, [this](auto& at) { return known_[at.first] == 0 && at.second.open_links.empty(); });
}

void catch_up::due_at(std::uint64_t ms) {
    next_due_ms_ = std::min(next_due_ms_.value_or(ms), ms);
}

void catch_up::close(std::uint64_t link, member& asked) {
    if (asked.open) {
        gaps_.at(asked.open->origin).open_links.erase(link);
        again_.insert(asked.open->origin);
        asked.open.reset();
    }
}

void catch_up::fail(std::uint64_t link, member& asked, const causality::dot& first, std::uint64_t asked_ms) {
    if (std::ranges::find(failures_, link, &failure::link) == failures_.end()) {
        failures_.push_back({link, first});
    }
    asked.known_as = standing::failed;
    std::uint64_t pause_ms = timing_.request_timeout_ms;
    for (unsigned i = 0; i < asked.failures && pause_ms < timing_.failure_pause_ms_max; ++i) {
        pause_ms *= 2;
    }
    ++asked.failures;
    asked.not_before_ms = asked_ms + std::min(pause_ms, timing_.failure_pause_ms_max);
}

void catch_up::take_urgent() {
    for (auto& [link, entry] : members_) {
        if (entry.urgent) {
            urgent_.merge(entry.has);
            entry.urgent = false;
        }
    }
}

/// Origins by turns, as many as one call may look at. What remains: those that somebody is asked about, or
/// was just now.
std::set<causality::replica_id> catch_up::look_around(look& looking) {
    std::set<causality::replica_id> rest = std::exchange(again_, {});
    for (const auto& [link, entry] : members_) {
        if (entry.open) {
            rest.insert(entry.open->origin);
        }
    }
    const std::span<const causality::clock_entry> known = known_.entries();
    const auto first = std::ranges::upper_bound(known, looked_to_, {}, &causality::clock_entry::replica);
    const auto start = static_cast<std::size_t>(first - known.begin());
    const std::size_t most = timing_.origins_per_look_max;
    std::size_t looks = 0;
    for (; looks < known.size() && looks < most && checks_ < most * checks_per_look; ++looks) {
        const causality::clock_entry& origin = known[(start + looks) % known.size()];
        look_and_ask(origin.replica, origin.length, looking);
        rest.erase(origin.replica);
        looked_to_ = origin.replica;
    }
    const bool all = looks == known.size();
    if (all && !looking.asked.empty()) {
        looked_to_ = last_origin_; // whose turn it is next
    }
    keep_turning(looks, known.size(), looking.now_ms);
    return rest;
}

/// Whoever cannot look at all origins at once comes again soon, until a whole turn has found nothing missing.
void catch_up::keep_turning(std::size_t looks, std::size_t origins, std::uint64_t now_ms) {
    if (!turn_over_ && turned_ == 0) {
        gap_in_turn_ = false;
    }
    gap_in_turn_ = gap_in_turn_ || !gaps_.empty();
    turned_ += looks;
    if (turned_ >= origins) {
        turned_ = 0;
        turn_over_ = !gap_in_turn_;
    }
    if (looks < origins && !turn_over_) {
        due_at(now_ms + timing_.look_pause_ms);
    }
}

void catch_up::look_and_ask(causality::replica_id origin, std::uint64_t known, look& looking) {
    if (gap* const missing = look_at(origin, known, looking)) {
        ask(origin, *missing, looking);
    }
}

/// The gap of an origin as it is now; nullptr if there is none. One that has closed is kept as long as a
/// question about it is open.
catch_up::gap* catch_up::look_at(causality::replica_id origin, std::uint64_t known, look& looking) {
    const std::optional<dot_range> missing =
        origin == looking.self ? std::nullopt : looking.first_gap(origin, known);
    if (missing) {
        gap& found = gaps_[origin];
        found.overdue_to = std::max(found.overdue_to, urgent_[origin]);
        update(found, *missing, known, looking.now_ms);
        return &found;
    }
    if (const auto closed = gaps_.find(origin); closed != gaps_.end()) {
        closed->second.last = 0;
        if (closed->second.open_links.empty()) {
            gaps_.erase(closed);
        }
    }
    return nullptr;
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
    known_gap.first = missing.first;
    known_gap.last = missing.last;
}

/// Who was asked for what came another way meanwhile is no liar.
void catch_up::judge_answers(look& looking) {
    for (const doubt& d : std::exchange(doubts_, {})) {
        const causality::replica_id origin = d.question.origin;
        const gap* const missing = look_at(origin, known_[origin], looking);
        if (missing != nullptr && missing->first <= d.question.first) {
            fail(d.link, members_.at(d.link), {origin, d.question.first}, d.question.asked_ms);
        }
    }
}

void catch_up::time_out(std::uint64_t now_ms) {
    for (auto& [link, entry] : members_) {
        if (entry.open && now_ms >= entry.open->brought_ms + timing_.request_timeout_ms) {
            fail(link, entry, {entry.open->origin, entry.open->first}, entry.open->brought_ms);
            close(link, entry);
        }
    }
}

/// Precondition: a question is open.
std::uint64_t catch_up::brisk_until(const member& asked) const {
    const std::uint64_t patience_ms = std::max(timing_.hedge_delay_ms, 2 * asked.latency_ms);
    return std::min(asked.open->brisk_ms + patience_ms, asked.open->asked_ms + timing_.request_timeout_ms);
}

/// The best standing of those whose question about this gap is brisk. The others are slow from now on.
std::optional<catch_up::standing> catch_up::best_brisk(const gap& wanted, std::uint64_t now_ms) {
    std::optional<standing> best;
    for (const std::uint64_t link : wanted.open_links) {
        member& asked = members_.at(link);
        const std::uint64_t until_ms = brisk_until(asked);
        if (now_ms >= until_ms) {
            asked.known_as = std::max(asked.known_as, standing::slow);
            continue;
        }
        best = std::min(best.value_or(asked.known_as), asked.known_as);
    }
    return best;
}

void catch_up::ask(causality::replica_id origin, gap& wanted, look& looking) {
    if (wanted.first > wanted.overdue_to) {
        due_at(wanted.given_ms + timing_.gap_delay_ms);
        return;
    }
    const std::optional<standing> brisk = best_brisk(wanted, looking.now_ms);
    const bool beside = !wanted.open_links.empty();
    const std::size_t count = beside ? wanted.together : 1;
    const causality::dot first{origin, wanted.first};
    for (std::size_t i = 0; i < count; ++i) {
        const auto link = brisk == standing::good ? std::nullopt : whom_to_ask(first, looking.free);
        if (!link) {
            return;
        }
        const bool good = members_.at(*link).known_as == standing::good;
        if (brisk && !good) {
            return;
        }
        looking.asked.push_back(put(*link, first, wanted, looking.now_ms));
        std::erase(looking.free, *link);
        if (good) {
            wanted.together = 1;
            return;
        }
    }
    wanted.together = beside ? std::min(count * 2, together_max) : 1;
}

range_question catch_up::put(std::uint64_t link, const causality::dot& first, gap& wanted,
                             std::uint64_t now_ms) {
    member& chosen = members_.at(link);
    const bool probe = !wanted.open_links.empty() && chosen.known_as != standing::good;
    chosen.open = open_question{first.replica, first.sequence, now_ms, now_ms, now_ms};
    wanted.open_links.insert(link);
    last_link_ = link;
    last_origin_ = first.replica;
    const std::uint64_t most = probe ? std::min(timing_.probe_messages_max, timing_.request_messages_max)
                                     : timing_.request_messages_max;
    const std::uint64_t more =
        std::min({most - 1, wanted.last - wanted.first, chosen.has[first.replica] - wanted.first});
    return {link, {first.replica, wanted.first, wanted.first + more}};
}

/// The best standing comes first, and among equals whose turn it is.
std::optional<std::uint64_t> catch_up::whom_to_ask(const causality::dot& first,
                                                   std::span<const std::uint64_t> free) {
    using rank = std::tuple<standing, unsigned, bool, std::uint64_t>; // failures, had its turn, link
    std::optional<rank> best;
    checks_ += free.size();
    for (const std::uint64_t link : free) {
        const member& entry = members_.at(link);
        if (entry.has.contains(first)) {
            const rank mine{entry.known_as, entry.failures, link <= last_link_, link};
            best = std::min(best.value_or(mine), mine);
        }
    }
    if (!best) {
        return std::nullopt;
    }
    return std::get<3>(*best);
}

} // namespace sangam::delivery
