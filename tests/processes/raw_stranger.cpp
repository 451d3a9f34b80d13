#include "raw_stranger.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace sangam::test {

namespace {

constexpr int patience_ms_max = 5'000;
constexpr std::string_view ipc_prefix = "ipc://";

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
}

int stream_socket(int family) {
    const int descriptor = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        fail("socket");
    }
    return descriptor;
}

const sockaddr* generic(const sockaddr_in& at) {
    return static_cast<const sockaddr*>(static_cast<const void*>(&at));
}

std::string padded(std::string text, std::size_t size) {
    text.resize(size, '\0');
    return text;
}

} // namespace

namespace {

std::string greeting_of(const std::string& socket_type, std::string_view routing_id) {
    std::string greeting = padded("\xff", 9) + '\x7f' + '\x03' + '\0';
    greeting += padded("NULL", 20);
    greeting = padded(std::move(greeting), 64);
    const std::string property = std::string("\x0bSocket-Type") + std::string("\0\0\0\x06", 4) + socket_type;
    std::string ready = "\x05READY" + property;
    if (!routing_id.empty()) {
        ready += std::string("\x08Identity") + std::string(3, '\0') + static_cast<char>(routing_id.size());
        ready += routing_id;
    }
    return greeting + '\x04' + static_cast<char>(ready.size()) + ready;
}

} // namespace

std::string zmtp_greeting(std::string_view routing_id) {
    return greeting_of("DEALER", routing_id);
}

std::string zmtp_router_greeting() {
    return greeting_of("ROUTER", {});
}

std::string zmtp_ping() {
    return std::string("\x04\x07\x04PING\0\0", 9);
}

std::string zmtp_part(std::string_view content, bool more) {
    std::string part;
    if (content.size() < 256) {
        part += static_cast<char>(more ? 1 : 0);
        part += static_cast<char>(content.size());
    } else {
        part += static_cast<char>(more ? 3 : 2);
        for (int shift = 56; shift >= 0; shift -= 8) {
            part += static_cast<char>(content.size() >> static_cast<unsigned>(shift) & 0xff);
        }
    }
    return part.append(content);
}

raw_stranger::raw_stranger(const std::string& address)
    : descriptor_(stream_socket(address.starts_with(ipc_prefix) ? AF_UNIX : AF_INET)) {
    int outcome = 0;
    if (address.starts_with(ipc_prefix)) {
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        address.copy(at.sun_path, sizeof at.sun_path - 1, ipc_prefix.size());
        outcome =
            ::connect(descriptor_, static_cast<const sockaddr*>(static_cast<const void*>(&at)), sizeof at);
    } else {
        const auto port = static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
        const sockaddr_in at = loopback(port);
        outcome = ::connect(descriptor_, generic(at), sizeof at);
    }
    if (outcome != 0) {
        ::close(std::exchange(descriptor_, -1));
        fail("connect to " + address);
    }
}

raw_stranger::raw_stranger(raw_stranger&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

raw_stranger::~raw_stranger() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

std::size_t raw_stranger::send(std::string_view bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        pollfd wanted{descriptor_, POLLOUT, 0};
        if (::poll(&wanted, 1, patience_ms_max) <= 0) {
            break;
        }
        const ssize_t n =
            ::send(descriptor_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EINTR && errno != EAGAIN) {
            break;
        }
        sent += n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    return sent;
}

void raw_stranger::swallow() {
    char bytes[4096];
    while (::recv(descriptor_, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
    }
}

std::string raw_stranger::receive(std::size_t bytes) {
    std::string got(bytes, '\0');
    std::size_t size = 0;
    while (size < bytes) {
        pollfd wanted{descriptor_, POLLIN, 0};
        if (::poll(&wanted, 1, patience_ms_max) <= 0) {
            break;
        }
        const ssize_t n = ::recv(descriptor_, got.data() + size, bytes - size, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
            break;
        }
        size += n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    got.resize(size);
    return got;
}

bool raw_stranger::ends_in_order() {
    pollfd wanted{descriptor_, POLLIN, 0};
    char byte = 0;
    return ::poll(&wanted, 1, patience_ms_max) > 0 && ::recv(descriptor_, &byte, 1, MSG_DONTWAIT) == 0;
}

bool raw_stranger::is_closed() {
    for (;;) {
        pollfd wanted{descriptor_, POLLIN, 0};
        if (::poll(&wanted, 1, patience_ms_max) <= 0) {
            return false;
        }
        char bytes[4096];
        if (::recv(descriptor_, bytes, sizeof bytes, MSG_DONTWAIT) <= 0) {
            return true;
        }
    }
}

void raw_stranger::reset() {
    const linger at_once{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(std::exchange(descriptor_, -1));
}

raw_listener::raw_listener() : descriptor_(stream_socket(AF_INET)) {
    sockaddr_in at = loopback(0);
    socklen_t size = sizeof at;
    if (::bind(descriptor_, generic(at), sizeof at) != 0 || ::listen(descriptor_, 64) != 0 ||
        ::getsockname(descriptor_, static_cast<sockaddr*>(static_cast<void*>(&at)), &size) != 0) {
        ::close(std::exchange(descriptor_, -1));
        fail("listen");
    }
    address_ = "tcp://127.0.0.1:" + std::to_string(ntohs(at.sin_port));
}

raw_listener::raw_listener(std::string_view abstract_name) : descriptor_(stream_socket(AF_UNIX)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    abstract_name.copy(at.sun_path + 1, sizeof at.sun_path - 1);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + abstract_name.size());
    if (::bind(descriptor_, static_cast<const sockaddr*>(static_cast<const void*>(&at)), size) != 0 ||
        ::listen(descriptor_, 64) != 0) {
        ::close(std::exchange(descriptor_, -1));
        fail("listen");
    }
    address_ = "ipc://@" + std::string(abstract_name);
}

raw_listener::~raw_listener() {
    ::close(descriptor_);
}

raw_stranger raw_listener::accept(int timeout_ms) {
    pollfd wanted{descriptor_, POLLIN, 0};
    if (::poll(&wanted, 1, timeout_ms) <= 0) {
        throw std::runtime_error(address_ + ": nobody connects");
    }
    const int descriptor = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) {
        fail("accept");
    }
    return raw_stranger(descriptor);
}

} // namespace sangam::test
