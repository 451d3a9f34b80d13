#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sangam::test {

/// What a DEALER says first in ZMTP 3.0 without security: its greeting and its READY. A routing id that is
/// not empty is said, too.
[[nodiscard]] std::string zmtp_greeting(std::string_view routing_id = {});
/// What a ROUTER of this library says first.
[[nodiscard]] std::string zmtp_router_greeting();
/// A heartbeat of ZeroMQ's, which no replica sends.
[[nodiscard]] std::string zmtp_ping();
/// One part of a ZeroMQ message as it travels; `more` says that another part follows.
[[nodiscard]] std::string zmtp_part(std::string_view content, bool more = false);

/// A connection that speaks ZMTP by hand, and ends as it likes.
///
/// Errors: std::runtime_error when there is no connection; a peer that has hung up is none.
/// Threads: one. Cost: `send` waits while the peer does not read, patience_ms_max at most.
class raw_stranger {
public:
    /// `address` as in tcp://127.0.0.1:7001 or ipc:///tmp/socket.
    explicit raw_stranger(const std::string& address);
    /// Takes over a descriptor.
    explicit raw_stranger(int descriptor) noexcept : descriptor_(descriptor) {}
    raw_stranger(raw_stranger&& other) noexcept;
    raw_stranger& operator=(raw_stranger&&) = delete;
    ~raw_stranger();

    /// How many bytes the other side's system took; fewer than all when it does not read or has hung up.
    std::size_t send(std::string_view bytes);
    /// Reads and forgets what is there now.
    void swallow();
    /// The next so many bytes; fewer when the other side hangs up or says no more.
    [[nodiscard]] std::string receive(std::size_t bytes);
    /// Waits until the other side has hung up; false when it does not.
    [[nodiscard]] bool is_closed();
    /// Ends the connection by a reset: what is unread on either side is lost.
    void reset();
    /// True when the connection has ended in order, and not by a reset. Waits for the end.
    [[nodiscard]] bool ends_in_order();

private:
    int descriptor_ = -1;
};

/// A TCP port of 127.0.0.1 that is listened on, or an abstract address of Unix sockets.
class raw_listener {
public:
    raw_listener();
    explicit raw_listener(std::string_view abstract_name);
    raw_listener(const raw_listener&) = delete;
    raw_listener& operator=(const raw_listener&) = delete;
    ~raw_listener();
    [[nodiscard]] const std::string& address() const noexcept { return address_; }
    /// The next connection. Errors: std::runtime_error when none comes within `timeout_ms`.
    [[nodiscard]] raw_stranger accept(int timeout_ms);

private:
    int descriptor_ = -1;
    std::string address_;
};

} // namespace sangam::test
