#pragma once

#include <sangam/causality/replica_id.hpp>
#include <sangam/causality/vector_clock.hpp>
#include <sangam/delivery/causal_buffer.hpp>
#include <sangam/delivery/clock_exchange.hpp>

#include <cstdint>
#include <string>
#include <variant>

/// A frame is what one socket write sends: one part of ZeroMQ's. It holds a head, which says what it is and
/// from whom, and a body, which is an encoded batch for the kinds `stream` and `range_answer` and empty for
/// the others. The body's bytes are the log's bytes, so a range is answered without decoding.
namespace sangam::transport {

inline constexpr std::uint16_t protocol_version = 1;

/// The first frame of a session, in both directions.
struct hello {
    causality::replica_id replica;
    std::string name;
    causality::vector_clock clock; ///< all that the sender has delivered
    bool answer_wanted = false;    ///< the sender has not seen the receiver's hello yet
    friend bool operator==(const hello&, const hello&) = default;
};

/// What the sender has delivered, as a difference.
struct heartbeat {
    delivery::clock_announcement announcement;
    friend bool operator==(const heartbeat&, const heartbeat&) = default;
};

/// The body is a batch of the sender's own messages.
struct stream {
    friend bool operator==(const stream&, const stream&) = default;
};

/// Asks for messages of any origin.
struct range_request {
    delivery::dot_range range;
    friend bool operator==(const range_request&, const range_request&) = default;
};

/// One part of the answer to a request; the body is a batch of `range.origin`, or empty when the sender has
/// nothing of it. `last_part`: no more will follow for this request.
struct range_answer {
    delivery::dot_range range; ///< as it was asked
    bool last_part = false;
    friend bool operator==(const range_answer&, const range_answer&) = default;
};

/// The sender will not speak with the receiver, and why: wrong group, version or identity.
struct refusal {
    std::string reason;
    friend bool operator==(const refusal&, const refusal&) = default;
};

struct head {
    std::string
        group; ///< the name of the keyspace that both share; travels as a 64-bit hash except in a hello
    std::uint64_t session = 0; ///< drawn by the sender when its process started: a change means a restart
    std::variant<hello, heartbeat, stream, range_request, range_answer, refusal> content;
    friend bool operator==(const head&, const head&) = default;
};

} // namespace sangam::transport
