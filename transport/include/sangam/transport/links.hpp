#pragma once

#include <sangam/transport/outgoing_frame.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sangam::transport {

using link_id = std::uint64_t;

enum class send_outcome {
    sent,        ///< handed to the transport, which may still lose it
    would_block, ///< its queue is full, in frames or bytes, or nobody is connected; nothing was queued
    gone,        ///< the link does not exist any more (behind a full queue it shows after a poll)
};

/// Takes what arrives.
class frame_receiver {
public:
    virtual ~frame_receiver() = default;
    /// The bytes are valid during the call only, and may be unaligned.
    virtual void on_frame(link_id link, std::string_view frame) = 0;
    /// A connection was ended, before or after it was a link, with the address that it came to or was made
    /// to: a peer of this library says nothing like that, or there was no place for it.
    virtual void on_refused_connection(std::string_view why) = 0;
    /// Nobody could be connected to for an outgoing link, for another reason than before; it is tried again.
    virtual void on_unreached(link_id link, std::string_view why) = 0;
};

/// Links to other replicas: a channel that may lose, repeat and reorder frames, and never blocks.
///
/// Outgoing links exist from the start, one for each address to connect to, and reconnect by themselves.
/// Incoming links appear with their first frame. Links notice that a connection ends, and not that it is
/// silent: whoever has heard nothing for too long calls `reconnect`. No identity is trusted: a link is only a
/// way to answer. Threads: one thread owns the object; `wake` may be called from any.
class links {
public:
    virtual ~links() = default;

    [[nodiscard]] virtual std::vector<link_id> outgoing() const = 0;
    /// The address of an outgoing link; empty for others.
    [[nodiscard]] virtual std::string address_of(link_id link) const = 0;
    /// The addresses that are listened on, with the ports that the system chose.
    [[nodiscard]] virtual std::vector<std::string> listening() const = 0;

    virtual send_outcome send(link_id link, const outgoing_frame& frame) = 0;

    /// Waits until a frame came, `wake` was called or the time is over, then hands over at most
    /// link_options::frames_per_poll_max frames, one of each link or socket in turn.
    virtual void poll(std::chrono::milliseconds timeout, frame_receiver& receiver) = 0;

    /// Ends a `poll` that waits, or makes the next one return at once.
    virtual void wake() noexcept = 0;

    /// Gives up the connection of an outgoing link, with what is queued, and makes a new one; an incoming
    /// link stays. Not from within `poll`.
    virtual void reconnect(link_id link) = 0;

    /// Forgets an incoming link, with its connection where there is one: its peer may connect again, and
    /// comes by a new link. An outgoing one stays.
    virtual void forget(link_id link) = 0;

protected:
    links() = default;
    links(const links&) = default;
    links& operator=(const links&) = default;
};

} // namespace sangam::transport
