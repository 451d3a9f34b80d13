#pragma once

#include <sangam/causality/error.hpp>
#include <sangam/transport/address.hpp>
#include <sangam/transport/links.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace sangam::transport {

struct link_options {
    std::vector<address> listen{};       ///< one bound ROUTER; none: no incoming links
    std::vector<address> connect{};      ///< a DEALER each
    std::size_t queue_frames_max = 1024; ///< high-water mark of each direction of each link
    std::size_t frames_per_poll_max = 256;
    std::chrono::milliseconds reconnect_first{50};
    std::chrono::milliseconds reconnect_max{2000};
};

/// Links over ZeroMQ sockets (tcp and ipc addresses).
/// Errors: bad_address, socket_failed with the address and the system's reason. No exception of ZeroMQ leaves
/// this layer.
[[nodiscard]] result<std::unique_ptr<links>> open_zmq_links(const link_options& options);

} // namespace sangam::transport
