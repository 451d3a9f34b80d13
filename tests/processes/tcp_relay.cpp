#include "tcp_relay.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <vector>

namespace sangam::test {

namespace {

constexpr int step_ms = 5;

struct connection {
    std::uint64_t number = 0;
    std::array<int, 2> ends{-1, -1}; ///< who connected, and whom it wants
    bool open = true;
};

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
}

const sockaddr* generic(const sockaddr_in& at) {
    return static_cast<const sockaddr*>(static_cast<const void*>(&at));
}

bool write_all(int to, const char* bytes, std::size_t size) {
    for (std::size_t sent = 0; sent < size;) {
        const ssize_t n = ::send(to, bytes + sent, size - sent, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        sent += static_cast<std::size_t>(n);
    }
    return true;
}

/// False when an end has hung up.
bool pass(connection& c, bool swallowed) {
    std::array<pollfd, 2> items{pollfd{c.ends[0], POLLIN, 0}, pollfd{c.ends[1], POLLIN, 0}};
    if (::poll(items.data(), items.size(), 0) <= 0) {
        return true;
    }
    for (std::size_t i = 0; i < 2; ++i) {
        char bytes[65536];
        const ssize_t n = items[i].revents != 0 ? ::recv(c.ends[i], bytes, sizeof bytes, 0) : -1;
        if (n == 0 && !swallowed) {
            return false;
        }
        if (n > 0 && !swallowed && !write_all(c.ends[1 - i], bytes, static_cast<std::size_t>(n))) {
            return false;
        }
    }
    return true;
}

void close_both(const connection& c) {
    ::close(c.ends[0]);
    ::close(c.ends[1]);
}

} // namespace

tcp_relay::tcp_relay(const std::string& to)
    : to_port_(static_cast<std::uint16_t>(std::stoul(to.substr(to.rfind(':') + 1)))),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at = loopback(0);
    socklen_t size = sizeof at;
    if (::bind(listener_, generic(at), sizeof at) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, static_cast<sockaddr*>(static_cast<void*>(&at)), &size) != 0) {
        ::close(listener_);
        throw std::runtime_error("tcp_relay: no port");
    }
    address_ = "tcp://127.0.0.1:" + std::to_string(ntohs(at.sin_port));
    thread_ = std::thread([this] { run(); });
}

tcp_relay::~tcp_relay() {
    ending_ = true;
    thread_.join();
    ::close(listener_);
}

void tcp_relay::run() {
    std::vector<connection> connections;
    while (!ending_) {
        std::vector<pollfd> items{{listener_, POLLIN, 0}};
        for (const connection& c : connections) {
            items.push_back({c.ends[0], POLLIN, 0});
            items.push_back({c.ends[1], POLLIN, 0});
        }
        ::poll(items.data(), items.size(), step_ms);
        if (items[0].revents != 0) {
            connection made;
            made.ends = {::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC),
                         ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
            const sockaddr_in to = loopback(to_port_);
            if (::connect(made.ends[1], generic(to), sizeof to) == 0) {
                made.number = ++accepted_;
                connections.push_back(made);
            } else {
                close_both(made);
            }
        }
        for (connection& c : connections) {
            c.open = pass(c, c.number <= swallowed_up_to_);
            if (!c.open) {
                close_both(c);
            }
        }
        std::erase_if(connections, [](const connection& c) { return !c.open; });
    }
    for (const connection& c : connections) {
        close_both(c);
    }
}

} // namespace sangam::test
