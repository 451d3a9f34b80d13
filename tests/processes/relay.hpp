#pragma once

#include <zmq.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace sangam::test {

struct relay_options {
    std::string listen = "tcp://127.0.0.1:*";
    std::string to;
    unsigned drop_percent = 0;
    unsigned repeat_percent = 0;
    unsigned reorder_percent = 0;
    std::uint64_t seed = 1;
};

struct relay_counts {
    std::uint64_t received = 0;
    std::uint64_t forwarded = 0; ///< repetitions included
    std::uint64_t dropped = 0;   ///< by the dice
    std::uint64_t repeated = 0;
    std::uint64_t reordered = 0;
    std::uint64_t cut = 0;     ///< dropped while the network was cut
    std::uint64_t refused = 0; ///< dropped because the socket's queue was full or its other end gone
};

/// A bad network between replicas: it forwards whole frames, of any number of parts, between those that
/// connect to it and one address, and loses, repeats and reorders them as its seed says. Each that connects
/// gets a connection of its own to that address.
///
/// Meaning: the dice are thrown for each frame in the order of arrival, so one seed and one order give one
/// outcome. Cost: never blocks; what the sockets do not take is dropped and counted, and at most
/// held_frames_max frames are held. Errors: zmq::error_t from the constructor. Threads: one.
class relay {
public:
    explicit relay(const relay_options& options);

    /// With the port that the system chose.
    [[nodiscard]] std::string listening() const;

    /// Forwards what is there, after waiting for it until `timeout`. True when `descriptor` can be read.
    bool step(std::chrono::milliseconds timeout, int descriptor);

    /// While it is cut, everything that arrives is dropped; connections stay.
    void cut(bool is_cut) noexcept { is_cut_ = is_cut; }
    [[nodiscard]] const relay_counts& counts() const noexcept { return counts_; }

private:
    using time_point = std::chrono::steady_clock::time_point;
    using frame = std::vector<zmq::message_t>;
    struct direction {
        std::string routing_id;
        bool to_target = true;
    };
    struct held_frame {
        direction way;
        frame content;
        std::size_t frames_left = 0; ///< until so many others of any direction have overtaken it
        time_point deadline;
    };

    void take_from_router();
    void take_from(const std::string& routing_id, zmq::socket_t& socket);
    void pass(direction way, frame content);
    void release_due(bool one_more_passed);
    void forward(const direction& way, frame content);
    [[nodiscard]] zmq::socket_t* connection_of(const std::string& routing_id);
    [[nodiscard]] bool happens(unsigned percent) { return random_() % 100 < percent; }

    relay_options options_;
    std::mt19937_64 random_;
    zmq::context_t context_;
    zmq::socket_t router_;
    std::map<std::string, zmq::socket_t> connections_; ///< by routing id
    std::deque<held_frame> held_;
    relay_counts counts_;
    bool is_cut_ = false;
};

} // namespace sangam::test
