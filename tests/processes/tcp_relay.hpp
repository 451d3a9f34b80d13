#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace sangam::test {

/// Passes the bytes of TCP connections on to one address, and lets a network vanish without a word: from
/// `swallow` on, whatever comes over the connections that are there then is read and forgotten, and none of
/// them is closed. Connections that are made later work.
///
/// Errors: std::runtime_error from the constructor. Threads: one of its own; the calls from any.
class tcp_relay {
public:
    explicit tcp_relay(const std::string& to);
    tcp_relay(const tcp_relay&) = delete;
    tcp_relay& operator=(const tcp_relay&) = delete;
    ~tcp_relay();

    [[nodiscard]] const std::string& address() const noexcept { return address_; }
    void swallow() { swallowed_up_to_ = accepted_.load(); }
    [[nodiscard]] std::uint64_t accepted() const { return accepted_; }

private:
    void run();

    std::string address_;
    std::uint16_t to_port_ = 0;
    int listener_ = -1;
    std::atomic<std::uint64_t> accepted_{0};
    std::atomic<std::uint64_t> swallowed_up_to_{0};
    std::atomic<bool> ending_{false};
    std::thread thread_;
};

} // namespace sangam::test
