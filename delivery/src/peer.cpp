#include <sangam/causality/assert.hpp>
#include <sangam/delivery/peer.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace sangam::delivery {

namespace {

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t left_sessions_kept = 16;

std::uint64_t later(std::uint64_t now_ms, std::uint64_t pause_ms) {
    return now_ms > never - pause_ms ? never : now_ms + pause_ms;
}

} // namespace

const char* to_string(peer_state state) noexcept {
    switch (state) {
    case peer_state::hello:
        return "hello";
    case peer_state::catching_up:
        return "catching_up";
    case peer_state::streaming:
        return "streaming";
    case peer_state::lagging:
        return "lagging";
    case peer_state::refused:
        return "refused";
    }
    return "unknown";
}

bool peer::on_frame(std::uint64_t session, std::uint64_t now_ms) {
    if (was_left(session)) {
        return false;
    }
    last_heard_ms_ = std::max(last_heard_ms_, now_ms);
    heard_session_ = session;
    if (state_ == peer_state::refused && session != refused_session_) {
        leave_for_good(refused_session_);
    }
    if (greeted() && session != session_) {
        leave();
    }
    return greeted();
}

void peer::on_hello(causality::replica_id replica, std::string name, std::uint64_t session,
                    const causality::vector_clock& clock, causality::replica_id self,
                    std::uint64_t own_length, std::uint64_t now_ms, std::size_t entries_max) {
    if (was_left(session) || (state_ == peer_state::refused && session == refused_session_)) {
        return;
    }
    if (state_ == peer_state::refused) {
        leave_for_good(refused_session_);
    }
    if (session_ == session) {
        exchange_.forget_sent();
    } else {
        enter_session(session);
    }
    if (!greeted()) {
        exchange_.forget_received();
        announced_ = {};
        acknowledgement_owed_ = false;
    }
    replica_ = replica;
    name_ = std::move(name);
    heard_session_ = session;
    last_heard_ms_ = std::max(last_heard_ms_, now_ms);
    if (clock_.entries().size() + clock.entries().size() > entries_max) {
        clock_ = {};
    }
    clock_.merge(clock);
    if (!greeted()) {
        state_ = peer_state::catching_up;
    }
    look_at_clock(self, own_length);
}

bool peer::on_heartbeat(const clock_announcement& announcement, causality::replica_id self,
                        std::uint64_t own_length, std::uint64_t now_ms, std::size_t entries_max) {
    if (!greeted()) {
        return false;
    }
    last_heard_ms_ = std::max(last_heard_ms_, now_ms);
    if (announcement.number <= exchange_.last_received()) {
        return true;
    }
    const auto clock = exchange_.receive(announcement, entries_max);
    if (!clock && !exchange_.knows_base(announcement)) {
        leave();
        return false;
    }
    if (!clock) {
        for (const causality::clock_entry& entry : announcement.difference.entries()) {
            if (clock_[entry.replica] != 0 || entry.replica == self) {
                clock_.advance_to(entry.replica, entry.length);
            }
        }
        look_at_clock(self, own_length);
        return true;
    }
    if (!announcement.difference.empty()) {
        acknowledgement_owed_ = true;
    }
    hello_pause_ms_ = std::min(hello_pause_ms_, timing_.hello_interval_ms);
    clock_.merge(*clock);
    if (clock_.entries().size() > entries_max) {
        clock_ = *clock; // what it said before names others, and it has taken that back
    }
    look_at_clock(self, own_length);
    return true;
}

void peer::on_range_served(std::uint64_t sent_to, std::uint64_t own_length) {
    if (state_ == peer_state::lagging) {
        state_ = peer_state::catching_up;
    }
    resume_due_ = false;
    if (state_ == peer_state::catching_up && sent_to >= own_length) {
        start_streaming();
    }
}

void peer::on_send_refused() {
    resume_due_ = false;
    if (state_ == peer_state::streaming) {
        state_ = peer_state::lagging;
    }
}

void peer::on_refused(std::string reason) {
    leave();
    state_ = peer_state::refused;
    refusal_ = std::move(reason);
    refused_session_ = heard_session_;
}

void peer::on_silence_check(std::uint64_t now_ms) {
    if (now_ms < later(last_heard_ms_, timing_.silence_ms_max)) {
        return;
    }
    left_sessions_.clear();
    if (greeted()) {
        leave();
    }
}

bool peer::hello_due(std::uint64_t now_ms) const {
    return outgoing_ && state_ == peer_state::hello && now_ms >= next_hello_ms();
}

void peer::hello_sent(std::uint64_t now_ms) {
    last_hello_ms_ = now_ms;
    hello_pause_ms_ = hello_pause_ms_ == 0 ? timing_.hello_interval_ms : hello_pause_ms_ * 2;
    hello_pause_ms_ = std::min(hello_pause_ms_, timing_.hello_interval_ms_max);
}

bool peer::heartbeat_due(const causality::vector_clock& clock, std::uint64_t now_ms) const {
    return greeted() && now_ms >= next_heartbeat_ms(clock);
}

clock_announcement peer::announce(const causality::vector_clock& clock, std::uint64_t now_ms) {
    SANGAM_ASSERT(greeted());
    last_heartbeat_ms_ = now_ms;
    acknowledgement_owed_ = false;
    const clock_announcement announcement = exchange_.announce(clock, timing_.announced_entries_max);
    announced_ = exchange_.announced();
    return announcement;
}

std::uint64_t peer::next_due_ms(const causality::vector_clock& clock, std::uint64_t now_ms) const {
    std::uint64_t due = never;
    if (greeted()) {
        due = std::min(next_heartbeat_ms(clock), later(last_heard_ms_, timing_.silence_ms_max));
    } else if (outgoing_ && state_ == peer_state::hello) {
        due = next_hello_ms();
    }
    return std::max(due, now_ms);
}

bool peer::was_left(std::uint64_t session) const {
    return std::ranges::find(left_sessions_, session) != left_sessions_.end();
}

/// The pause until the next hello stays as it is, so that a link which fails again and again is not greeted
/// in a loop.
void peer::leave() {
    state_ = peer_state::hello;
    resume_due_ = false;
}

void peer::leave_for_good(std::optional<std::uint64_t> session) {
    if (session && !was_left(*session)) {
        left_sessions_.push_back(*session);
    }
    if (left_sessions_.size() > left_sessions_kept) {
        left_sessions_.pop_front();
    }
    leave();
}

void peer::enter_session(std::uint64_t session) {
    leave_for_good(session_);
    session_ = session;
    refusal_.clear();
    clock_ = {};
    exchange_.restart();
}

void peer::look_at_clock(causality::replica_id self, std::uint64_t own_length) {
    if (state_ == peer_state::streaming) {
        return;
    }
    resume_due_ = false;
    const std::uint64_t has = clock_[self];
    if (has >= own_length) {
        start_streaming();
    } else if (own_length - has <= timing_.resume_messages_max) {
        state_ = peer_state::catching_up;
        resume_due_ = true;
    }
}

void peer::start_streaming() {
    state_ = peer_state::streaming;
    resume_due_ = false;
}

std::uint64_t peer::next_hello_ms() const {
    return later(last_hello_ms_, hello_pause_ms_);
}

std::uint64_t peer::next_heartbeat_ms(const causality::vector_clock& clock) const {
    if (!last_heartbeat_ms_) {
        return 0;
    }
    const bool soon =
        acknowledgement_owed_ || (!exchange_.cut_and_unacknowledged() && !announced_.dominates(clock));
    return later(*last_heartbeat_ms_, soon ? timing_.heartbeat_soon_ms : timing_.heartbeat_interval_ms);
}

} // namespace sangam::delivery
