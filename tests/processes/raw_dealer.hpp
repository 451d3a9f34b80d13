#pragma once

#include <zmq.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sangam::test {

/// A ZeroMQ DEALER that says what it likes to a replica.
/// Threads: one.
class raw_dealer {
public:
    raw_dealer(zmq::context_t& context, const std::string& address)
        : socket_(context, zmq::socket_type::dealer) {
        constexpr std::chrono::milliseconds patience{10'000};
        socket_.set(zmq::sockopt::linger, static_cast<int>(patience.count()));
        socket_.set(zmq::sockopt::sndtimeo, static_cast<int>(patience.count()));
        socket_.set(zmq::sockopt::rcvtimeo, static_cast<int>(patience.count()));
        socket_.connect(address);
    }

    void send(const std::vector<std::string>& parts) {
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const auto more = i + 1 < parts.size() ? zmq::send_flags::sndmore : zmq::send_flags::none;
            if (!socket_.send(zmq::buffer(parts[i]), more)) {
                throw zmq::error_t();
            }
        }
    }

    /// The next frame; nothing when none comes.
    [[nodiscard]] std::optional<std::string> receive_frame() {
        zmq::message_t frame;
        if (!socket_.recv(frame)) {
            return std::nullopt;
        }
        return frame.to_string();
    }

private:
    zmq::socket_t socket_;
};

} // namespace sangam::test
