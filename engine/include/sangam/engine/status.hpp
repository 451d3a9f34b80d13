#pragma once

#include <sangam/causality/replica_id.hpp>
#include <sangam/causality/vector_clock.hpp>
#include <sangam/delivery/causal_buffer.hpp>
#include <sangam/delivery/peer.hpp>

#include <cstddef>
#include <cstdint>
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
    std::uint64_t expiries_failed = 0; ///< objects whose time had come, too large for one transaction
    delivery::buffer_counters buffer;  ///< held back now and at most, duplicates, dropped over budget
    network_counters network;
    std::vector<peer_status> peers;
};

} // namespace sangam::engine
