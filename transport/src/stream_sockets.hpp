#pragma once

#include <sangam/transport/address.hpp>

#include <string>
#include <string_view>
#include <sys/socket.h>

namespace sangam::transport {

/// An address as the system takes it.
struct socket_address {
    sockaddr_storage storage{};
    socklen_t size = 0;
    [[nodiscard]] sockaddr* generic() noexcept {
        return static_cast<sockaddr*>(static_cast<void*>(&storage));
    }
};

/// Of a path, or of an abstract address, whose name stands behind an @.
[[nodiscard]] socket_address ipc_address(std::string_view path);
/// Of a tcp or ipc address that parse_address has accepted. No name is looked up: a host is numeric or
/// localhost. The port * is 0.
[[nodiscard]] socket_address address_for_system(const address& of);
/// The path of an ipc address, or nothing.
[[nodiscard]] std::string ipc_path(const address& of);
/// "tcp://HOST:PORT" with the numbers of a tcp address.
[[nodiscard]] std::string tcp_text(const socket_address& of);

/// On a sound socket this never fails, and one that is not ends by itself.
void set_option(int descriptor, int level, int name, int value) noexcept;
/// For connections over tcp: nothing waits for more, and the system notices an end that is no more.
void tune_tcp(int descriptor) noexcept;
/// True for a connection over tcp that met itself: the system gave it, as its own port, the one that it
/// looked for, at which nobody listens.
[[nodiscard]] bool is_its_own_peer(int descriptor) noexcept;

} // namespace sangam::transport
