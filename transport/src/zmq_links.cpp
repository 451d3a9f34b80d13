#include <sangam/transport/zmq_links.hpp>

#include "descriptors.hpp"
#include "path_lock.hpp"
#include "queued_bytes.hpp"
#include "routing_table.hpp"
#include "zmtp_gate.hpp"

#include <sangam/transport/errc.hpp>
#include <sangam/transport/limits.hpp>

#include <zmq.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <optional>
#include <random>
#include <sys/eventfd.h>
#include <unistd.h>

namespace sangam::transport {

namespace {

using std::chrono::milliseconds;

constexpr std::string_view ipc_prefix = "ipc://";

constexpr int handshake_ms_max = 2000;
/// A shorter frame is copied: measured, to lend one of 256 bytes costs more, and one of 1024 less.
constexpr std::size_t lent_bytes_min = 1024;
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
    zmq::message_t content;
};

/// Takes one message off the socket: the gate lets through those of one part. False when none is there.
bool receive(zmq::socket_t& socket, bool router, incoming_frame& frame) {
    if (router && !socket.recv(frame.routing_id, zmq::recv_flags::dontwait)) {
        return false;
    }
    return socket.recv(frame.content, zmq::recv_flags::dontwait).has_value();
}

/// How many bytes of one link ZeroMQ has not let go of yet. Its thread counts down.
using queued_bytes = std::shared_ptr<std::atomic<std::size_t>>;

/// A frame that ZeroMQ sends without copying it, until it has let go of it.
struct lent_frame {
    outgoing_frame frame;
    queued_bytes queued;
};

void give_back(void*, void* hint) noexcept {
    const std::unique_ptr<lent_frame> lent(static_cast<lent_frame*>(hint));
    lent->queued->fetch_sub(lent->frame.size(), std::memory_order_relaxed);
}

zmq::message_t message_of(const outgoing_frame& frame, const queued_bytes& queued) {
    const std::string_view bytes = frame.bytes();
    if (bytes.size() < lent_bytes_min) {
        return {bytes.data(), bytes.size()};
    }
    auto lent = std::make_unique<lent_frame>(lent_frame{frame, queued});
    // ZeroMQ never writes to what it sends.
    zmq::message_t message(const_cast<char*>(bytes.data()), bytes.size(), give_back, lent.get());
    queued->fetch_add(bytes.size(), std::memory_order_relaxed);
    static_cast<void>(lent.release());
    return message;
}

/// Sends without waiting. `routing_id` is of a ROUTER, or nothing.
send_outcome send_frame(zmq::socket_t& socket, const std::string* routing_id, const queued_bytes& queued,
                        const outgoing_frame& frame) {
    using zmq::send_flags;
    if (!has_room(queued->load(std::memory_order_relaxed), frame.size())) {
        return send_outcome::would_block;
    }
    try {
        zmq::message_t message = message_of(frame, queued); // first: a routing id wants its message
        if (routing_id != nullptr &&
            !socket.send(zmq::buffer(*routing_id), send_flags::sndmore | send_flags::dontwait)) {
            return send_outcome::would_block;
        }
        return socket.send(message, send_flags::dontwait) ? send_outcome::sent : send_outcome::would_block;
    } catch (const zmq::error_t& reason) {
        return reason.num() == EHOSTUNREACH ? send_outcome::gone : send_outcome::would_block;
    }
}

std::string_view text_of(const zmq::message_t& message) noexcept {
    return {static_cast<const char*>(message.data()), message.size()};
}

/// Of the abstract address at which the ROUTER listens; nobody can take it before.
std::string fresh_name() {
    constexpr std::string_view digits = "0123456789abcdef";
    std::random_device random;
    std::string name = "sangam-" + std::to_string(::getpid()) + "-";
    for (int i = 0; i < 32; ++i) {
        name += digits[random() % digits.size()];
    }
    return name;
}

class zmq_links final : public links {
public:
    explicit zmq_links(const link_options& options)
        : options_(options), routes_(options.connect.size() + 1, limits::incoming_links_max) {}

    /// Before `open`. Errors: socket_failed, with the address.
    result<void> lock_paths() {
        constexpr std::string_view any = "*";
        for (const address& a : options_.listen) {
            const std::string path = a.kind == address::scheme::ipc ? a.text.substr(ipc_prefix.size()) : "";
            if (path.empty() || path == any) {
                continue;
            }
            result<path_lock> lock = path_lock::take(path);
            if (!lock) {
                return error{lock.error().code, a.text + ": " + lock.error().where};
            }
            locks_.push_back(std::move(*lock));
        }
        return {};
    }

    /// Binds and connects. Throws zmq::error_t; `at` is the address that it was about.
    [[nodiscard]] result<void> open(std::string& at) {
        at = "eventfd";
        if (signal_.fd() < 0) throw zmq::error_t();
        if (auto left = check_descriptors(); !left) return left;
        const std::string inside = fresh_name();
        gate_.emplace(zmtp_gate::options{inside, limits::incoming_links_max, milliseconds(linger_ms),
                                         options_.reconnect_first, options_.reconnect_max});
        gate_->on_refusal([this] { signal_.raise(); });
        if (!options_.listen.empty()) {
            if (auto opened = open_router(inside, at); !opened) return opened;
        }
        for (const link_id link : outgoing()) {
            at = address_of(link);
            if (auto left = check_descriptors(); !left) return left;
            sockets_.push_back(dialed(link));
            queued_.push_back(std::make_shared<std::atomic<std::size_t>>(0));
        }
        at = "the gate";
        if (auto started = gate_->start(); !started) return started;
        polled_.push_back({nullptr, signal_.fd(), ZMQ_POLLIN, 0});
        for (zmq::socket_t& socket : sockets_) {
            polled_.push_back({socket.handle(), 0, ZMQ_POLLIN, 0});
        }
        return {};
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

    send_outcome send(link_id link, const outgoing_frame& frame) override {
        if (is_outgoing(link)) {
            return send_frame(sockets_[router_count() + link - 1], nullptr, queued_[link - 1], frame);
        }
        const routing_table::route* const route = routes_.find(link);
        if (route == nullptr) {
            return send_outcome::gone;
        }
        const send_outcome outcome = send_frame(sockets_.front(), &route->routing_id, route->queued, frame);
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
        for (const std::string& why : gate_->refusals()) {
            receiver.on_refused_connection(why);
        }
        for (const zmtp_gate::failure& each : gate_->unreached()) {
            receiver.on_unreached(each.link, each.why);
        }
        receive_in_turn(receiver);
    }

    void wake() noexcept override { signal_.raise(); }

    /// By a new socket: what the old one has queued and received goes with it.
    void reconnect(link_id link) override {
        if (!is_outgoing(link)) {
            return;
        }
        const std::size_t index = router_count() + link - 1;
        if (!descriptors_.are_left()) {
            return; // the old connection may still recover
        }
        try {
            zmq::socket_t fresh = dialed(link);
            sockets_[index].set(zmq::sockopt::linger, 0);
            sockets_[index] = std::move(fresh);
            queued_[link - 1] = std::make_shared<std::atomic<std::size_t>>(0);
            polled_[index + 1].socket = sockets_[index].handle();
        } catch (const zmq::error_t&) {
            return; // the system refuses a socket
        }
    }

    /// With its connection: otherwise whoever does not read would get new bounds with each frame it sends.
    void forget(link_id link) override {
        if (const routing_table::route* const route = routes_.find(link)) {
            gate_->end_of(route->routing_id);
            routes_.forget(link);
        }
    }

private:
    [[nodiscard]] result<void> check_descriptors() const {
        if (descriptors_are_left()) {
            return {};
        }
        return error{errc::socket_failed,
                     "fewer than " + std::to_string(spare_descriptors_min) +
                         " file descriptors are left; raise the limit (ulimit -n) or close some"};
    }

    /// No heartbeats of ZeroMQ's: with a receive limit, one that comes to a connection that is being replaced
    /// ends the process (`!_more`, `!_io_error`). Peers that speak notice silence by themselves.
    void set_common(zmq::socket_t& socket) const {
        const auto queue = [](std::size_t frames) {
            return static_cast<int>(std::min<std::size_t>(frames, 1 << 30));
        };
        socket.set(zmq::sockopt::maxmsgsize, std::int64_t{limits::frame_bytes_max});
        socket.set(zmq::sockopt::sndhwm, queue(options_.queue_frames_max));
        socket.set(zmq::sockopt::rcvhwm,
                   queue(std::min(options_.queue_frames_max, limits::received_frames_max)));
        socket.set(zmq::sockopt::handshake_ivl, handshake_ms_max);
        socket.set(zmq::sockopt::linger, linger_ms);
        const pid_t own = ::getpid();
        if (::zmq_setsockopt(socket.handle(), ZMQ_IPC_FILTER_PID, &own, sizeof own) != 0) {
            throw zmq::error_t();
        }
    }

    /// A DEALER that waits until the gate brings the connection of `link`: before, nobody is there, and a
    /// send would block.
    [[nodiscard]] zmq::socket_t dialed(link_id link) {
        const std::string inside = fresh_name();
        zmq::socket_t dealer(context_, zmq::socket_type::dealer);
        set_common(dealer);
        dealer.bind("ipc://@" + inside);
        gate_->dial(link, options_.connect[link - 1], inside);
        return dealer;
    }

    /// The ROUTER listens where only this process reaches it: whoever connects meets the gate.
    [[nodiscard]] result<void> open_router(const std::string& inside, std::string& at) {
        at = "the ROUTER";
        zmq::socket_t& router = sockets_.emplace_back(context_, zmq::socket_type::router);
        set_common(router);
        router.set(zmq::sockopt::router_mandatory, true);
        router.set(zmq::sockopt::router_handover, false);
        router.bind("ipc://@" + inside);
        for (const address& a : options_.listen) {
            const bool any = a.text == std::string(ipc_prefix) + '*';
            result<std::string> bound =
                gate_->listen(any ? address{a.kind, std::string(ipc_prefix) + '@' + fresh_name()} : a);
            if (!bound) return bound.error();
            listening_.push_back(*std::move(bound));
        }
        return {};
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
            receiver.on_frame(link, text_of(frame.content));
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
        if (socket >= router_count()) {
            return socket - router_count() + 1;
        }
        if (const auto* const oldest = routes_.in_the_way_of(text_of(frame.routing_id))) {
            forget(oldest->link);
        }
        return routes_.heard(text_of(frame.routing_id));
    }

    const link_options options_;
    wake_signal signal_;
    descriptor_watch descriptors_;
    std::vector<path_lock> locks_;  ///< until the gate has closed what listens at their paths
    std::optional<zmtp_gate> gate_; ///< until the context has ended, which may still have something to send
    zmq::context_t context_{1};
    std::vector<zmq::socket_t>
        sockets_; ///< the ROUTER if something is listened on, then a DEALER for each outgoing link
    std::vector<queued_bytes> queued_; ///< of the outgoing links
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
        if (auto locked = opened->lock_paths(); !locked) {
            return locked.error();
        }
        if (auto done = opened->open(at); !done) {
            return done.error();
        }
        return result<std::unique_ptr<links>>(std::move(opened));
    } catch (const zmq::error_t& reason) {
        return error{errc::socket_failed, at + ": " + reason.what()};
    }
}

} // namespace sangam::transport
