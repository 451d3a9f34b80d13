#include <sangam/transport/zmq_links.hpp>

#include "routing_table.hpp"

#include <sangam/transport/errc.hpp>
#include <sangam/transport/limits.hpp>

#include <zmq.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <sys/eventfd.h>
#include <unistd.h>

namespace sangam::transport {

namespace {

using std::chrono::milliseconds;

constexpr int handshake_ms_max = 2000;
constexpr int heartbeat_interval_ms = 2000;
constexpr int heartbeat_timeout_ms = 6000;
/// How long a closing socket still tries to send what is queued.
constexpr int linger_ms = 200;

/// A file descriptor that `wake` makes readable.
class wake_signal {
public:
    wake_signal() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
    ~wake_signal() {
        if (fd_ >= 0) ::close(fd_);
    }
    wake_signal(const wake_signal&) = delete;
    wake_signal& operator=(const wake_signal&) = delete;

    [[nodiscard]] int fd() const noexcept { return fd_; }
    void raise() noexcept {
        const std::uint64_t one = 1;
        // The only failure is a counter that is full, and then the signal is raised already.
        [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
    }
    void clear() noexcept {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto got = ::read(fd_, &count, sizeof count);
    }

private:
    int fd_;
};

struct incoming_frame {
    zmq::message_t routing_id; ///< of a ROUTER
    zmq::message_t head;
    zmq::message_t body;
    std::size_t parts = 0; ///< two in a frame; the routing id is none of them
};

/// Takes one multipart message off the socket, whole. False when none is there.
bool receive(zmq::socket_t& socket, bool router, incoming_frame& frame) {
    const std::array<zmq::message_t*, 3> wanted{&frame.routing_id, &frame.head, &frame.body};
    std::size_t next = router ? 0 : 1;
    for (bool more = true; more; ++next) {
        zmq::message_t part;
        if (!socket.recv(part, zmq::recv_flags::dontwait)) {
            return false; // a message comes whole, so this is at its beginning
        }
        more = part.more();
        if (next < wanted.size()) {
            *wanted[next] = std::move(part);
        }
    }
    frame.parts = next - 1;
    return true;
}

/// Sends the parts without waiting. `first` is the routing id of a ROUTER, or nothing.
send_outcome send_parts(zmq::socket_t& socket, const std::string* routing_id, std::string_view head,
                        std::string_view body) {
    using zmq::send_flags;
    try {
        const auto more = send_flags::sndmore | send_flags::dontwait;
        if (routing_id != nullptr && !socket.send(zmq::buffer(*routing_id), more))
            return send_outcome::would_block;
        if (!socket.send(zmq::buffer(head), more)) return send_outcome::would_block;
        if (!socket.send(zmq::buffer(body), send_flags::dontwait)) return send_outcome::would_block;
        return send_outcome::sent;
    } catch (const zmq::error_t& reason) {
        return reason.num() == EHOSTUNREACH ? send_outcome::gone : send_outcome::would_block;
    }
}

std::string_view text_of(const zmq::message_t& message) noexcept {
    return {static_cast<const char*>(message.data()), message.size()};
}

/// libzmq resolves no host names when it binds.
std::string endpoint_of(const address& a) {
    constexpr std::string_view localhost = "tcp://localhost:";
    if (a.text.starts_with(localhost)) {
        return "tcp://127.0.0.1:" + a.text.substr(localhost.size());
    }
    return a.text;
}

class zmq_links final : public links {
public:
    explicit zmq_links(const link_options& options)
        : options_(options), routes_(options.connect.size() + 1, limits::incoming_links_max) {}

    /// Binds and connects. Throws zmq::error_t; `at` is the address that it was about.
    void open(std::string& at) {
        at = "eventfd";
        if (signal_.fd() < 0) throw zmq::error_t();
        if (!options_.listen.empty()) {
            open_router(at);
        }
        for (const address& a : options_.connect) {
            at = a.text;
            zmq::socket_t& dealer = sockets_.emplace_back(context_, zmq::socket_type::dealer);
            set_common(dealer);
            dealer.set(zmq::sockopt::immediate, true);
            dealer.set(zmq::sockopt::reconnect_ivl, static_cast<int>(options_.reconnect_first.count()));
            dealer.set(zmq::sockopt::reconnect_ivl_max, static_cast<int>(options_.reconnect_max.count()));
            dealer.connect(endpoint_of(a));
        }
        polled_.push_back({nullptr, signal_.fd(), ZMQ_POLLIN, 0});
        for (zmq::socket_t& socket : sockets_) {
            polled_.push_back({socket.handle(), 0, ZMQ_POLLIN, 0});
        }
    }

    [[nodiscard]] std::vector<link_id> outgoing() const override {
        std::vector<link_id> ids;
        for (std::size_t i = 0; i < options_.connect.size(); ++i) {
            ids.push_back(i + 1);
        }
        return ids;
    }

    [[nodiscard]] std::string address_of(link_id link) const override {
        return is_outgoing(link) ? options_.connect[link - 1].text : std::string();
    }

    [[nodiscard]] std::vector<std::string> listening() const override { return listening_; }

    send_outcome send(link_id link, std::string_view head, std::string_view body) override {
        if (is_outgoing(link)) {
            return send_parts(sockets_[router_count() + link - 1], nullptr, head, body);
        }
        const std::string* const routing_id = routes_.routing_id_of(link);
        if (routing_id == nullptr) {
            return send_outcome::gone;
        }
        const send_outcome outcome = send_parts(sockets_.front(), routing_id, head, body);
        if (outcome == send_outcome::gone) {
            routes_.forget(link);
        }
        return outcome;
    }

    void poll(milliseconds timeout, frame_receiver& receiver) override {
        const auto wait = std::clamp<milliseconds>(timeout, milliseconds(0), std::chrono::hours(1));
        try {
            zmq::poll(polled_, wait);
        } catch (const zmq::error_t&) {
            return; // interrupted by a signal: the caller looks at its clock and comes again
        }
        if (polled_.front().revents != 0) {
            signal_.clear();
        }
        receive_in_turn(receiver);
    }

    void wake() noexcept override { signal_.raise(); }

    void forget(link_id link) override { routes_.forget(link); }

private:
    void set_common(zmq::socket_t& socket) const {
        const int queue = static_cast<int>(std::min<std::size_t>(options_.queue_frames_max, 1 << 30));
        socket.set(zmq::sockopt::maxmsgsize, std::int64_t{limits::part_bytes_max});
        socket.set(zmq::sockopt::sndhwm, queue);
        socket.set(zmq::sockopt::rcvhwm, queue);
        socket.set(zmq::sockopt::handshake_ivl, handshake_ms_max);
        socket.set(zmq::sockopt::heartbeat_ivl, heartbeat_interval_ms);
        socket.set(zmq::sockopt::heartbeat_timeout, heartbeat_timeout_ms);
        socket.set(zmq::sockopt::linger, linger_ms);
        socket.set(zmq::sockopt::ipv6, false);
    }

    void open_router(std::string& at) {
        zmq::socket_t& router = sockets_.emplace_back(context_, zmq::socket_type::router);
        set_common(router);
        router.set(zmq::sockopt::router_mandatory, true);
        router.set(zmq::sockopt::router_handover, false);
        for (const address& a : options_.listen) {
            at = a.text;
            router.bind(endpoint_of(a));
            listening_.push_back(router.get(zmq::sockopt::last_endpoint));
        }
    }

    [[nodiscard]] std::size_t router_count() const noexcept { return options_.listen.empty() ? 0 : 1; }
    [[nodiscard]] bool is_outgoing(link_id link) const noexcept {
        return link != 0 && link <= options_.connect.size();
    }

    /// One frame of each socket in turn, starting behind the socket that was served last, so that no peer can
    /// starve the others.
    void receive_in_turn(frame_receiver& receiver) {
        std::size_t silent = 0;
        std::size_t taken = 0;
        while (silent < sockets_.size() && taken < options_.frames_per_poll_max) {
            next_socket_ = (next_socket_ + 1) % sockets_.size();
            incoming_frame frame;
            if (!receive_from(next_socket_, frame)) {
                ++silent;
                continue;
            }
            silent = 0;
            ++taken;
            const link_id link = link_of(next_socket_, frame);
            if (frame.parts == 2) {
                receiver.on_frame(link, text_of(frame.head), text_of(frame.body));
            } else {
                receiver.on_bad_frame(link, frame.parts);
            }
        }
    }

    bool receive_from(std::size_t index, incoming_frame& frame) {
        try {
            return receive(sockets_[index], index < router_count(), frame);
        } catch (const zmq::error_t&) {
            return false;
        }
    }

    [[nodiscard]] link_id link_of(std::size_t socket, const incoming_frame& frame) {
        return socket < router_count() ? routes_.heard(text_of(frame.routing_id))
                                       : socket - router_count() + 1;
    }

    const link_options options_;
    wake_signal signal_;
    zmq::context_t context_{1};
    std::vector<zmq::socket_t>
        sockets_; ///< the ROUTER if something is listened on, then a DEALER for each outgoing link
    std::vector<zmq::pollitem_t> polled_;
    std::vector<std::string> listening_;
    routing_table routes_;
    std::size_t next_socket_ = 0;
};

std::optional<error> check(const link_options& options) {
    for (const address& a : options.listen) {
        if (a.kind == address::scheme::memory) {
            return error{errc::bad_address, a.text + " is not for sockets"};
        }
        if (!is_local(a)) {
            return error{errc::bad_address, a.text + " can be reached from other machines, and frames are "
                                                     "neither encrypted nor authenticated"};
        }
    }
    for (const address& a : options.connect) {
        if (a.kind == address::scheme::memory) {
            return error{errc::bad_address, a.text + " is not for sockets"};
        }
        if (a.text.find('*') != std::string::npos && a.kind == address::scheme::tcp) {
            return error{errc::bad_address, a.text + " can be listened on but not connected to"};
        }
    }
    return std::nullopt;
}

} // namespace

result<std::unique_ptr<links>> open_zmq_links(const link_options& options) {
    if (auto bad = check(options)) {
        return *std::move(bad);
    }
    std::string at = "context";
    try {
        auto opened = std::make_unique<zmq_links>(options);
        opened->open(at);
        return result<std::unique_ptr<links>>(std::move(opened));
    } catch (const zmq::error_t& reason) {
        return error{errc::socket_failed, at + ": " + reason.what()};
    }
}

} // namespace sangam::transport
