#pragma once

#include "raw_stranger.hpp"

#include <memory>
#include <string>

namespace sangam::test {

/// A firewall in front of a port of 127.0.0.1: whoever connects is told by ICMP that there is no such
/// protocol, which the system reports as ENOPROTOOPT.
///
/// The port listens with a queue that is full, so the system itself answers nothing.
/// Errors: std::runtime_error, without CAP_NET_RAW too. Threads: one.
class protocol_unreachable {
public:
    protocol_unreachable();
    protocol_unreachable(const protocol_unreachable&) = delete;
    protocol_unreachable& operator=(const protocol_unreachable&) = delete;
    ~protocol_unreachable();
    [[nodiscard]] const std::string& address() const noexcept { return address_; }
    /// Waits for the next that connects, and answers.
    void answer_one(int timeout_ms);

private:
    int listener_ = -1;
    int segments_ = -1; ///< a copy of each TCP segment that arrives
    int answers_ = -1;
    std::unique_ptr<raw_stranger> first_in_queue_;
    std::string address_;
    unsigned port_ = 0;
    unsigned last_answered_ = 0; ///< its port
};

} // namespace sangam::test
