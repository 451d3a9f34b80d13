/// What a link over TCP carries: one process sends frames flat out to another, which counts them. With the
/// gates of this library at both ends, and between bare sockets of ZeroMQ with the same limits.
///
/// sangam-bench-links [SECONDS]: prints a line for each size of frame and kind of link.

#include <sangam/transport/limits.hpp>
#include <sangam/transport/zmq_links.hpp>

#include <zmq.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using sangam::transport::link_id;
using sangam::transport::send_outcome;
using steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int queue_frames = 1024;

struct counter final : sangam::transport::frame_receiver {
    void on_frame(link_id, std::string_view) override { ++frames; }
    void on_refused_connection(std::string_view why) override { throw std::runtime_error(std::string(why)); }
    void on_unreached(link_id, std::string_view) override {} // the listener has not started yet
    std::uint64_t frames = 0;
};

/// How a process sends or receives; both kinds copy a frame into what they send.
class gated {
public:
    gated(const std::string& listen, const std::string& connect) {
        sangam::transport::link_options options{.queue_frames_max = queue_frames};
        if (!listen.empty()) options.listen = {sangam::transport::parse_address(listen).value()};
        if (!connect.empty()) options.connect = {sangam::transport::parse_address(connect).value()};
        links_ = sangam::transport::open_zmq_links(options).value();
    }
    std::string address() { return links_->listening().at(0); }
    void send(const std::string& bytes) {
        const sangam::transport::outgoing_frame frame(bytes);
        while (links_->send(1, frame) != send_outcome::sent) {
            ::usleep(50);
        }
    }
    std::uint64_t receive() {
        counter in;
        links_->poll(milliseconds(10), in);
        return in.frames;
    }

private:
    std::unique_ptr<sangam::transport::links> links_;
};

class bare {
public:
    bare(const std::string& listen, const std::string& connect)
        : socket_(context_, listen.empty() ? zmq::socket_type::dealer : zmq::socket_type::router) {
        constexpr int received = sangam::transport::limits::received_frames_max;
        socket_.set(zmq::sockopt::sndhwm, queue_frames);
        socket_.set(zmq::sockopt::rcvhwm, received);
        socket_.set(zmq::sockopt::immediate, true);
        socket_.set(zmq::sockopt::linger, 200);
        if (!listen.empty()) socket_.bind(listen);
        if (!connect.empty()) socket_.connect(connect);
    }
    std::string address() { return socket_.get(zmq::sockopt::last_endpoint); }
    void send(const std::string& bytes) {
        while (!socket_.send(zmq::buffer(bytes), zmq::send_flags::dontwait)) {
            ::usleep(50);
        }
    }
    std::uint64_t receive() {
        std::array<zmq::pollitem_t, 1> wanted{{{socket_.handle(), 0, ZMQ_POLLIN, 0}}};
        zmq::poll(wanted.data(), wanted.size(), milliseconds(10));
        std::uint64_t frames = 0;
        zmq::message_t part;
        while (frames < 256 && socket_.recv(part, zmq::recv_flags::dontwait)) {
            if (!part.more()) ++frames;
        }
        return frames;
    }

private:
    zmq::context_t context_;
    zmq::socket_t socket_;
};

template <class Link>
[[noreturn]] void send_for_ever(int addresses, std::size_t bytes) {
    std::array<char, 128> at{};
    if (::read(addresses, at.data(), at.size() - 1) <= 0) std::_Exit(1);
    Link link("", at.data());
    const std::string frame(bytes, 'x');
    for (;;) {
        link.send(frame);
    }
}

/// Frames a second.
template <class Link>
double measure(std::size_t bytes, milliseconds wanted) {
    std::array<int, 2> addresses{};
    if (::pipe(addresses.data()) != 0) throw std::runtime_error("pipe");
    const pid_t sender = ::fork(); // before there are threads
    if (sender == 0) {
        send_for_ever<Link>(addresses[0], bytes);
    }
    double each_second = 0;
    {
        Link link("tcp://127.0.0.1:*", "");
        const std::string at = link.address();
        if (::write(addresses[1], at.data(), at.size()) < 0) throw std::runtime_error("write");
        while (link.receive() == 0) {
        }
        std::uint64_t frames = 0;
        const auto begun = steady::now();
        auto now = begun;
        for (; now - begun < wanted; now = steady::now()) {
            frames += link.receive();
        }
        each_second = static_cast<double>(frames) / std::chrono::duration<double>(now - begun).count();
    }
    ::kill(sender, SIGKILL);
    ::waitpid(sender, nullptr, 0);
    ::close(addresses[0]);
    ::close(addresses[1]);
    return each_second;
}

double median(std::vector<double> of) {
    std::sort(of.begin(), of.end());
    return of[of.size() / 2];
}

} // namespace

int main(int argc, char** argv) {
    try {
        const milliseconds each(argc > 1 ? std::stoi(argv[1]) * 1000 : 2000);
        constexpr int rounds = 5;
        for (const std::size_t bytes : {std::size_t{64}, std::size_t{64} << 10}) {
            std::vector<double> with_gates;
            std::vector<double> without;
            for (int i = 0; i < rounds; ++i) { // in turn: what else the machine does meets both
                with_gates.push_back(measure<gated>(bytes, each));
                without.push_back(measure<bare>(bytes, each));
            }
            const double a = median(with_gates);
            const double b = median(without);
            std::printf("%zu bytes: %.0f frames/s with gates, %.0f without, ratio %.2f\n", bytes, a, b,
                        a / b);
        }
        return 0;
    } catch (const std::exception& reason) {
        std::fprintf(stderr, "sangam-bench-links: %s\n", reason.what());
        return 1;
    }
}
