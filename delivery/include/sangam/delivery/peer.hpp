#pragma once

#include <sangam/causality/replica_id.hpp>
#include <sangam/causality/vector_clock.hpp>
#include <sangam/delivery/clock_exchange.hpp>
#include <sangam/delivery/limits.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace sangam::delivery {

/// Where the conversation over one link stands.
enum class peer_state {
    hello,       ///< not (or no longer) greeted; nothing but hellos is sent
    catching_up, ///< greeted; it misses own messages and fetches them by range
    streaming,   ///< it has or is being sent every own message
    lagging,     ///< a send was refused because its queue is full; it will notice and fetch
    refused,     ///< it cannot be spoken with (wrong group, version, identity); nothing is sent
};

[[nodiscard]] const char* to_string(peer_state state) noexcept;

/// The state machine of one link, without I/O: it is told what happened and says what is due.
///
///   hello --greeted--> catching_up or streaming; streaming --send refused--> lagging;
///   lagging --asked for a range--> catching_up; lagging --misses little--> catching_up or streaming;
///   catching_up --served to the end, or misses nothing--> streaming;
///   any --silent too long, a new session, or an unknown base--> hello;
///   any --refused--> refused (left by a new session only)
///
/// "Own" is the local replica's. Every number that a call takes as `own_length` is how many own messages
/// there are that may be sent; it never goes back. A session number is drawn by the other side's process, so
/// a new one means that it restarted.
/// Invariants: (P1) own messages are to be streamed in state streaming only; (P2)
///   hellos are paced by a back-off that only a heartbeat which was understood resets; (P3) a session that
///   another one has replaced is not returned to as long as the other one is heard: after silence any session
///   may be greeted, because the newer one may have been an old frame that came late.
/// Cost: O(1) a call besides clocks.
/// Threads: none; the caller's lock.
class peer {
public:
    /// `outgoing`: this side opened the link, so this side greets first and again; the other side only
    /// answers.
    /// `announced_before`: the greatest number of an announcement that the local replica has sent in its
    /// session, over any link.
    peer(bool outgoing, protocol_timing timing, std::uint64_t announced_before = 0)
        : timing_(timing), outgoing_(outgoing), exchange_(announced_before) {}

    // --- what happened

    /// Any valid frame of this link. False if it does not belong to the session greeted: the frame must be
    /// ignored unless it is a hello. A frame of a new session brings the link back to `hello`; one of a
    /// session that was left does not.
    [[nodiscard]] bool on_frame(std::uint64_t session, std::uint64_t now_ms);

    /// The other side greeted. `clock` is what it has, so streaming starts at once if it misses nothing of
    /// `self`. A hello that is repeated only restarts the exchange of clocks; one of a session that was left
    /// or refused changes nothing. No more than `entries_max` origins are remembered: what earlier hellos and
    /// heartbeats named goes first.
    void on_hello(causality::replica_id replica, std::string name, std::uint64_t session,
                  const causality::vector_clock& clock, causality::replica_id self, std::uint64_t own_length,
                  std::uint64_t now_ms, std::size_t entries_max = SIZE_MAX);

    /// A heartbeat. False when its base is unknown: the link is back to `hello` so that both start anew; and
    /// in states `hello` and `refused`, where it changes nothing. A repeated or overtaken one is ignored and
    /// true. One that names so many origins that the clock would have more than `entries_max` entries is
    /// believed in what it says of origins that were named before, and is not acknowledged: the other side
    /// repeats it until there is room, because others' messages came in.
    [[nodiscard]] bool on_heartbeat(const clock_announcement& announcement, causality::replica_id self,
                                    std::uint64_t own_length, std::uint64_t now_ms,
                                    std::size_t entries_max = SIZE_MAX);

    /// It asked for own messages and was sent all up to `sent_to` (it may ask for others' too: then this is
    /// not called).
    void on_range_served(std::uint64_t sent_to, std::uint64_t own_length);

    /// A send of any kind was refused because its queue is full. What was due unasked is due again after the
    /// next heartbeat.
    void on_send_refused();

    /// The session that was last heard of cannot be spoken with.
    void on_refused(std::string reason);

    /// Back to `hello` if nothing was heard for silence_ms_max.
    void on_silence_check(std::uint64_t now_ms);

    // --- what is due

    /// A hello is due now; never for an incoming link, whose hellos are the caller's answers, one to each
    /// that comes. Call `hello_sent` when it was sent (or tried).
    [[nodiscard]] bool hello_due(std::uint64_t now_ms) const;
    void hello_sent(std::uint64_t now_ms);

    /// A heartbeat is due: soon when `clock` has something that the other side does not know we have, else at
    /// the idle interval.
    [[nodiscard]] bool heartbeat_due(const causality::vector_clock& clock, std::uint64_t now_ms) const;
    /// The next heartbeat, which also acknowledges the last one received. Precondition: greeted().
    [[nodiscard]] clock_announcement announce(const causality::vector_clock& clock, std::uint64_t now_ms);

    /// When something may be due next, silence included, for the caller's time-out: not before `now_ms`, and
    /// the greatest number if nothing will be due unless something happens.
    [[nodiscard]] std::uint64_t next_due_ms(const causality::vector_clock& clock, std::uint64_t now_ms) const;

    // --- what is known

    [[nodiscard]] peer_state state() const noexcept { return state_; }
    [[nodiscard]] bool greeted() const noexcept {
        return state_ != peer_state::hello && state_ != peer_state::refused;
    }
    [[nodiscard]] bool outgoing() const noexcept { return outgoing_; }
    [[nodiscard]] causality::replica_id replica() const noexcept { return replica_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// The session that was greeted last.
    [[nodiscard]] std::optional<std::uint64_t> session() const noexcept { return session_; }
    [[nodiscard]] const std::string& refusal() const noexcept { return refusal_; }
    /// What the other side is known to have delivered: its acknowledgement.
    [[nodiscard]] const causality::vector_clock& clock() const noexcept { return clock_; }
    /// In state catching_up after `on_heartbeat` or `on_hello`: it misses no more than resume_messages_max
    /// own messages, so the caller should send them unasked, from clock()[self] + 1 on, and then call
    /// on_range_served.
    [[nodiscard]] bool resume_due() const noexcept { return resume_due_; }

private:
    [[nodiscard]] bool was_left(std::uint64_t session) const;
    void leave();
    void leave_for_good(std::optional<std::uint64_t> session);
    void enter_session(std::uint64_t session);
    void look_at_clock(causality::replica_id self, std::uint64_t own_length);
    void start_streaming();
    [[nodiscard]] std::uint64_t next_hello_ms() const;
    [[nodiscard]] std::uint64_t next_heartbeat_ms(const causality::vector_clock& clock) const;

    protocol_timing timing_;
    bool outgoing_;
    peer_state state_ = peer_state::hello;
    causality::replica_id replica_;
    std::string name_;
    std::string refusal_;
    std::optional<std::uint64_t> session_;         ///< greeted last
    std::optional<std::uint64_t> heard_session_;   ///< of the last frame
    std::optional<std::uint64_t> refused_session_; ///< why state is refused
    std::deque<std::uint64_t> left_sessions_;
    causality::vector_clock clock_;
    clock_exchange exchange_;
    bool resume_due_ = false;
    std::uint64_t last_heard_ms_ = 0;
    std::uint64_t last_hello_ms_ = 0;
    std::uint64_t hello_pause_ms_ = 0; ///< after the last hello; 0 before the first
    std::optional<std::uint64_t> last_heartbeat_ms_;
    causality::vector_clock announced_;
    bool acknowledgement_owed_ = false;
};

} // namespace sangam::delivery
