#pragma once

#include <sangam/causality/dot.hpp>
#include <sangam/causality/replica_id.hpp>
#include <sangam/causality/vector_clock.hpp>
#include <sangam/delivery/limits.hpp>
#include <sangam/engine/log_event.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sangam::engine {

/// How `replica::open` opens.
struct replica_options {
    std::string name = {};                ///< for people; need not be unique
    std::string group = "default";        ///< replicas of other groups are refused
    std::string directory = {};           ///< must be empty in this version: the state lives in memory
    std::vector<std::string> listen = {}; ///< "tcp://127.0.0.1:7001", "tcp://127.0.0.1:*", "ipc:///path" or
                                          ///< "memory://name"; local addresses only
    std::vector<std::string> peers = {};  ///< addresses to connect to
    /// Nothing beyond this clock is delivered until deliver_up_to or deliver_all says so; none: everything
    /// is.
    std::optional<causality::vector_clock> deliver_up_to = {};
    delivery::buffer_limits buffer = {};
    delivery::batch_limits batch = {};
    delivery::protocol_timing timing = {};
    /// Transactions and their memory that are applied and not yet in the log; past either a write waits.
    std::size_t outbox_messages_max = 1 << 16;
    std::size_t outbox_bytes_max = 64 << 20;
    /// Frames on their way to one peer; past it the peer lags and fetches later.
    std::size_t queue_frames_max = 256;
    /// Hears whatever is refused, dropped, retried or healed; none: nobody does, and `status` has the counts.
    log_callback log = {};
};

/// How one transaction is made.
struct transaction_options {
    /// Other replicas hold the transaction back until these are delivered; none: until all that this replica
    /// has seen is. What its operations refer to is always waited for: the dots that they observed, and
    /// everything seen if one of them edits text.
    std::optional<std::vector<causality::dot>> depends_on = {};
};

} // namespace sangam::engine
