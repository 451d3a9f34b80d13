#pragma once

#include <sangam/causality/dot.hpp>
#include <sangam/causality/replica_id.hpp>
#include <sangam/causality/vector_clock.hpp>
#include <sangam/delivery/causal_buffer.hpp>
#include <sangam/delivery/peer.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sangam::engine {

/// One link to another replica. Two replicas that connect to each other have two.
struct peer_status {
    std::string address; ///< of an outgoing link; empty for an incoming one
    delivery::peer_state state = delivery::peer_state::hello;
    causality::replica_id replica; ///< valid when greeted
    std::string name;
    causality::vector_clock clock; ///< what it is known to have
    std::uint64_t lag = 0;         ///< messages that are delivered here and not known to be delivered there
    std::string refusal;           ///< why, in state refused
};

/// What keeps held-back messages waiting.
struct missing_status {
    causality::dot missing;            ///< is not here
    causality::dot waiting;            ///< a message that names it: who says that it exists
    std::uint64_t since_ms = 0;        ///< wall clock
    std::vector<std::string> known_to; ///< linked peers that say they have it; none: it may never come
};

/// Somebody says to have dots of this replica that it never made: its id is in use twice, or somebody lies.
/// What it writes from now on may be dropped elsewhere as duplicates. Close it, and go on with a new replica.
struct id_conflict {
    std::uint64_t length = 0;     ///< so many own dots are said to exist
    std::uint64_t own_length = 0; ///< and so many were made here when that was first said
    std::string said_by;          ///< name and id of the peer that said so last
    std::uint64_t since_ms = 0;   ///< wall clock
};

struct network_counters {
    std::uint64_t frames_sent = 0;
    std::uint64_t frames_received = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t sends_refused = 0;   ///< a peer's queue was full
    std::uint64_t frames_rejected = 0; ///< not decodable, or not allowed
    std::uint64_t messages_invalid =
        0; ///< delivered without effect: they refer to what does not exist (a faulty replica made them)
    std::uint64_t range_requests_sent = 0;
    std::uint64_t range_requests_served = 0;
    std::string last_rejection; ///< what and where
};

struct replica_status {
    causality::replica_id id;
    std::string name;
    bool online = true;
    std::vector<std::string> listening;
    causality::vector_clock delivered;
    std::uint64_t own_messages = 0;
    std::size_t outbox_messages = 0; ///< own and delivered messages not yet in the log
    std::uint64_t log_bytes = 0;
    std::size_t objects = 0;
    std::uint64_t expiries_failed = 0;   ///< objects whose time had come, too large for one transaction
    std::vector<missing_status> missing; ///< what held-back messages wait for; at most 16 dots
    /// By how much the time of a received message was ahead of the wall clock here, at most: an hour means
    /// that some clock is an hour ahead of this one. It delays nothing. None: nothing was received.
    std::optional<std::int64_t> skew_ms;
    std::optional<id_conflict> conflict; ///< set: this replica's id is in use twice
    delivery::buffer_counters buffer;    ///< held back now and at most, duplicates, dropped over budget
    std::size_t writers_waiting = 0;     ///< threads whose write waits for room in the outbox
    std::size_t changes_waiting = 0;     ///< changes that callbacks are still to hear of
    std::uint64_t changes_missed = 0;    ///< given up, because callbacks were too slow
    std::uint64_t callbacks_failed = 0;  ///< callbacks that ended with an exception
    std::string last_callback_failure;   ///< what the last of them said, and of which key it was to hear
    std::string closed;                  ///< why the replica is closed; empty while it is open
    network_counters network;
    std::vector<peer_status> peers;
};

} // namespace sangam::engine
