#pragma once

#include "stream_sockets.hpp"
#include "zmtp_filter.hpp"
#include "zmtp_gate.hpp"

#include <sangam/transport/limits.hpp>

#include <exception>
#include <string>
#include <string_view>
#include <sys/socket.h>

namespace sangam::transport {

/// Connections that libzmq has not accepted yet: each will take a descriptor when it does.
inline constexpr std::size_t unmet_max = 4;

/// Who is refused gets one frame, and who is greeted gets more. So does who knows the group and sends frames
/// of it without a hello: it is asked for one again and again.
inline constexpr std::uint64_t frames_for_strangers_max = 1;

inline constexpr std::string_view no_memory = "there is no memory";

/// One end of a passage.
struct zmtp_gate::end {
    int descriptor = -1;
    passage* of = nullptr;
    std::string waiting;     ///< to be written here
    std::size_t written = 0; ///< of waiting
    unsigned watched = 0;
    bool ended = false; ///< nothing comes any more
    bool shut = false;  ///< nothing is written any more
    bool broken = false;
};

struct zmtp_gate::listener {
    int descriptor = -1;
    std::string text; ///< its address
};

/// A connection with somebody, and the one with libzmq that belongs to it.
struct zmtp_gate::passage {
    end outside;
    end inside;
    zmtp_filter filter{limits::frame_bytes_max};
    /// Of what the replica says, as far as that matters.
    zmtp_filter answers{limits::frame_bytes_max, zmtp_filter::use::counts};
    std::uint64_t of_strangers = 0; ///< what it adds to strangers_bytes_
    std::uint64_t since_silent = 0; ///< bytes that came since silent_since
    const listener* at = nullptr;   ///< where it came in
    outgoing* by = nullptr;         ///< what dialed it
    time silent_since{};            ///< when it was heard last, or came
    std::string routing_id;         ///< at the ROUTER
    time ends_by = time::max();     ///< when it was told to end
    bool connected = true;          ///< outside; the inside follows when there is room
    bool met = false;               ///< libzmq has said something, so it has accepted the connection
    bool yields = false;            ///< makes room for another
    bool over = false;
};

/// What is to be connected to, again and again.
struct zmtp_gate::outgoing {
    std::size_t link = 0;
    address to;
    socket_address where;
    socket_address inside;              ///< where the DEALER listens
    std::chrono::milliseconds pause{0}; ///< before the next attempt but one
    time next_at{};
    passage* of = nullptr;
    int told = 0; ///< why nobody was reached when that was told last
};

/// `watch` does the rest.
template <class Text>
void zmtp_gate::put_out(passage& of, const Text& why) noexcept {
    ::shutdown(of.outside.descriptor, SHUT_RDWR);
    of.outside.broken = true;
    refuse(where_of(of), why);
}

template <class Text>
void zmtp_gate::refuse(std::string_view where, const Text& why) noexcept {
    try {
        tell_of(std::string(where) + (where.empty() ? "" : ": ") + why());
    } catch (const std::exception&) { // no memory
        const std::lock_guard lock(mutex_);
        ++refusals_left_out_;
    }
    if (on_refusal_) {
        on_refusal_();
    }
}

} // namespace sangam::transport
