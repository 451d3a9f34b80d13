#pragma once

#include <sangam/causality/error.hpp>
#include <sangam/transport/links.hpp>
#include <sangam/transport/zmq_links.hpp>

#include <memory>

namespace sangam::transport {

/// Links inside one process (memory:// addresses), with the same bounded queues as sockets. For tests under
/// the thread sanitizer, which does not see through ZeroMQ, and for applications that keep several replicas
/// in one process. Errors: socket_failed when the name is already listened on. Connecting to a name that
/// nobody listens on (yet) is no error: `send` says would_block.
[[nodiscard]] result<std::unique_ptr<links>> open_memory_links(const link_options& options);

/// ZeroMQ or memory links, by the scheme of the addresses; mixing them is bad_address.
[[nodiscard]] result<std::unique_ptr<links>> open_links(const link_options& options);

} // namespace sangam::transport
