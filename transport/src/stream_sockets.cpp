#include "stream_sockets.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sangam::transport {

namespace {

constexpr std::string_view ipc_prefix = "ipc://";

/// The system ends a connection whose other end has not acknowledged anything for so long.
constexpr int unacknowledged_ms_max = 30'000;
/// The system asks the other end of a connection over which nothing goes, in seconds and times: it frees what
/// a stranger left behind.
constexpr int keepalive_idle_s = 30;
constexpr int keepalive_interval_s = 10;
constexpr int keepalive_count = 3;

/// Of tcp://HOST:PORT, where the host is numeric or localhost and the port may be *.
socket_address tcp_address(std::string_view text) {
    constexpr std::string_view prefix = "tcp://";
    const std::size_t colon = text.rfind(':');
    const std::string host(text.substr(prefix.size(), colon - prefix.size()));
    const std::string port(text.substr(colon + 1));
    socket_address made;
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port == "*" ? 0 : static_cast<std::uint16_t>(std::stoul(port)));
    ::inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host.c_str(), &at.sin_addr);
    std::memcpy(&made.storage, &at, sizeof at);
    made.size = sizeof at;
    return made;
}

} // namespace

socket_address ipc_address(std::string_view path) {
    socket_address made;
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    path = path.substr(0, sizeof at.sun_path);
    path.copy(at.sun_path, path.size());
    const bool abstract = path.starts_with('@');
    if (abstract) {
        at.sun_path[0] = '\0';
    }
    std::memcpy(&made.storage, &at, sizeof at);
    made.size = abstract ? static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size()) : sizeof at;
    return made;
}

socket_address address_for_system(const address& of) {
    return of.kind == address::scheme::tcp ? tcp_address(of.text) : ipc_address(ipc_path(of));
}

std::string ipc_path(const address& of) {
    return of.kind == address::scheme::ipc ? of.text.substr(ipc_prefix.size()) : std::string();
}

std::string tcp_text(const socket_address& of) {
    sockaddr_in at{};
    std::memcpy(&at, &of.storage, sizeof at);
    std::array<char, INET_ADDRSTRLEN> host{};
    ::inet_ntop(AF_INET, &at.sin_addr, host.data(), host.size());
    return "tcp://" + std::string(host.data()) + ":" + std::to_string(ntohs(at.sin_port));
}

void set_option(int descriptor, int level, int name, int value) noexcept {
    static_cast<void>(::setsockopt(descriptor, level, name, &value, sizeof value));
}

void tune_tcp(int descriptor) noexcept {
    set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, unacknowledged_ms_max);
    set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, keepalive_idle_s);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, keepalive_interval_s);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, keepalive_count);
}

bool is_its_own_peer(int descriptor) noexcept {
    sockaddr_in own{};
    sockaddr_in peer{};
    socklen_t own_size = sizeof own;
    socklen_t peer_size = sizeof peer;
    const auto generic = [](sockaddr_in& at) { return static_cast<sockaddr*>(static_cast<void*>(&at)); };
    return ::getsockname(descriptor, generic(own), &own_size) == 0 &&
           ::getpeername(descriptor, generic(peer), &peer_size) == 0 && own.sin_family == AF_INET &&
           own.sin_port == peer.sin_port && own.sin_addr.s_addr == peer.sin_addr.s_addr;
}

} // namespace sangam::transport
