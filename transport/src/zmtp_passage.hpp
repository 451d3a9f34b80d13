#pragma once

#include "stream_sockets.hpp"
#include "zmtp_filter.hpp"
#include "zmtp_gate.hpp"

#include <sangam/transport/limits.hpp>

namespace sangam::transport {

/// Connections that libzmq has not accepted yet: each will take a descriptor when it does.
inline constexpr std::size_t unmet_max = 4;

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

/// A connection with somebody, and the one with libzmq that belongs to it.
struct zmtp_gate::passage {
    end outside;
    end inside;
    zmtp_filter filter{limits::frame_bytes_max};
    outgoing* by = nullptr; ///< what dialed it
    bool connected = true;  ///< outside; the inside follows when there is room
    bool met = false;       ///< libzmq has said something, so it has accepted the connection
    bool over = false;
};

/// What is to be connected to, again and again.
struct zmtp_gate::outgoing {
    std::size_t link = 0;
    address to;
    std::string inside;
    socket_address where;
    std::chrono::milliseconds pause{0}; ///< before the next attempt but one
    std::chrono::steady_clock::time_point next_at;
    passage* of = nullptr;
};

} // namespace sangam::transport
