#include "zmtp_gate.hpp"

#include "descriptors.hpp"
#include "zmtp_filter.hpp"

#include <sangam/transport/errc.hpp>
#include <sangam/transport/limits.hpp>

#include <arpa/inet.h>
#include <csignal>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <string_view>
#include <system_error>
#include <utility>

namespace sangam::transport {

namespace {

using std::chrono::milliseconds;
using steady = std::chrono::steady_clock;

constexpr int backlog = 256;
constexpr std::size_t piece_bytes_max = 128 << 10;
constexpr milliseconds pause_without_descriptors{50};
constexpr std::size_t refusals_kept_max = 64;
constexpr int taken_in_at_once_max = 16;
/// Connections that libzmq has not accepted yet: each will take a descriptor when it does.
constexpr std::size_t unmet_max = 4;
static_assert(unmet_max * 2 <= spare_descriptors_min);

/// The system ends a connection whose other end has not acknowledged anything for so long.
constexpr int unacknowledged_ms_max = 30'000;
/// The system asks the other end of a connection over which nothing goes, in seconds and times: it frees what
/// a stranger left behind.
constexpr int keepalive_idle_s = 30;
constexpr int keepalive_interval_s = 10;
constexpr int keepalive_count = 3;

struct socket_address {
    sockaddr_storage storage{};
    socklen_t size = 0;
    [[nodiscard]] sockaddr* generic() noexcept {
        return static_cast<sockaddr*>(static_cast<void*>(&storage));
    }
};

socket_address ipc_address(std::string_view path) {
    socket_address made;
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    path = path.substr(0, sizeof at.sun_path);
    path.copy(at.sun_path, path.size());
    const bool abstract = path.starts_with('@');
    if (abstract) {
        at.sun_path[0] = '\0';
    }
    std::memcpy(&made.storage, &at, sizeof at);
    made.size = abstract ? static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size()) : sizeof at;
    return made;
}

/// Of tcp://HOST:PORT, where the host is numeric or localhost and the port may be *.
socket_address tcp_address(std::string_view text) {
    constexpr std::string_view prefix = "tcp://";
    const std::size_t colon = text.rfind(':');
    const std::string host(text.substr(prefix.size(), colon - prefix.size()));
    const std::string port(text.substr(colon + 1));
    socket_address made;
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port == "*" ? 0 : static_cast<std::uint16_t>(std::stoul(port)));
    ::inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host.c_str(), &at.sin_addr);
    std::memcpy(&made.storage, &at, sizeof at);
    made.size = sizeof at;
    return made;
}

std::string text_of(const socket_address& tcp) {
    sockaddr_in at{};
    std::memcpy(&at, &tcp.storage, sizeof at);
    std::array<char, INET_ADDRSTRLEN> host{};
    ::inet_ntop(AF_INET, &at.sin_addr, host.data(), host.size());
    return "tcp://" + std::string(host.data()) + ":" + std::to_string(ntohs(at.sin_port));
}

/// These never fail on a sound socket, and one that is not ends by itself.
void set_option(int descriptor, int level, int name, int value) noexcept {
    static_cast<void>(::setsockopt(descriptor, level, name, &value, sizeof value));
}

void tune_tcp(int descriptor) noexcept {
    set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, unacknowledged_ms_max);
    set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, keepalive_idle_s);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, keepalive_interval_s);
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, keepalive_count);
}

bool would_wait() noexcept {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

} // namespace

struct zmtp_gate::end {
    int descriptor = -1;
    passage* of = nullptr;
    std::string waiting;     ///< to be written here
    std::size_t written = 0; ///< of waiting
    unsigned watched = 0;
    bool ended = false; ///< nothing comes any more
    bool shut = false;  ///< nothing is written any more
    bool broken = false;
};

struct zmtp_gate::passage {
    end outside;
    end inside;
    zmtp_filter filter{limits::frame_bytes_max};
    bool met = false; ///< libzmq has said something, so it has accepted the connection
    bool over = false;
};

zmtp_gate::zmtp_gate(options wanted) : options_(std::move(wanted)) {}

zmtp_gate::~zmtp_gate() {
    if (thread_.joinable()) {
        const std::uint64_t one = 1;
        // The only failure is a counter that is full, and then the signal is raised already.
        [[maybe_unused]] const auto done = ::write(stop_event_, &one, sizeof one);
        thread_.join();
    }
    for (const int descriptor : listeners_) {
        ::close(descriptor);
    }
    for (const auto& each : passages_) {
        ::close(each->outside.descriptor);
        ::close(each->inside.descriptor);
    }
    if (epoll_ >= 0) ::close(epoll_);
    if (stop_event_ >= 0) ::close(stop_event_);
}

result<std::string> zmtp_gate::listen(const address& at) {
    constexpr std::string_view ipc_prefix = "ipc://";
    const bool tcp = at.kind == address::scheme::tcp;
    const std::string path = tcp ? "" : at.text.substr(ipc_prefix.size());
    socket_address where = tcp ? tcp_address(at.text) : ipc_address(path);
    const auto failed = [&at] { return error{errc::socket_failed, at.text + ": " + std::strerror(errno)}; };
    const int made = ::socket(where.generic()->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0) {
        return failed();
    }
    listeners_.push_back(made);
    if (tcp) {
        set_option(made, SOL_SOCKET, SO_REUSEADDR, 1);
    } else if (!path.starts_with('@')) {
        ::unlink(path.c_str()); // of a process that has ended: path_lock has seen to that
    }
    if (::bind(made, where.generic(), where.size) != 0 || ::listen(made, backlog) != 0) {
        return failed();
    }
    if (!tcp) {
        return at.text;
    }
    if (::getsockname(made, where.generic(), &where.size) != 0) {
        return failed();
    }
    return text_of(where);
}

result<void> zmtp_gate::start() {
    piece_.resize(piece_bytes_max);
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    stop_event_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    epoll_event stop{};
    stop.events = EPOLLIN;
    stop.data.ptr = nullptr;
    if (epoll_ < 0 || stop_event_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, stop_event_, &stop) != 0) {
        return error{errc::socket_failed, std::string("epoll: ") + std::strerror(errno)};
    }
    for (int& descriptor : listeners_) {
        epoll_event wanted{};
        wanted.events = EPOLLIN;
        wanted.data.ptr = &descriptor;
        if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &wanted) != 0) {
            return error{errc::socket_failed, std::string("epoll: ") + std::strerror(errno)};
        }
    }
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before); // signals are the application's
    try {
        thread_ = std::thread([this] { run(); });
    } catch (const std::system_error& reason) {
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
        return error{errc::socket_failed, std::string("thread: ") + reason.what()};
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return {};
}

std::vector<std::string> zmtp_gate::refusals() {
    const std::lock_guard lock(mutex_);
    return std::exchange(refusals_, {});
}

void zmtp_gate::run() {
    std::array<epoll_event, 64> events{};
    bool stopping = false;
    steady::time_point last_at{};
    while (!stopping || (!passages_.empty() && steady::now() < last_at)) {
        const int timeout_ms = stopping || !listening_ ? 10 : -1;
        const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events.at(static_cast<std::size_t>(i));
            if (event.data.ptr == nullptr) {
                stopping = true;
                last_at = steady::now() + options_.linger;
                ::epoll_ctl(epoll_, EPOLL_CTL_DEL, stop_event_, nullptr);
                watch_listeners(false);
            } else if (event.data.ptr >= listeners_.data() &&
                       event.data.ptr < listeners_.data() + listeners_.size()) {
                if (!stopping) take_in(*static_cast<int*>(event.data.ptr));
            } else {
                end& at = *static_cast<end*>(event.data.ptr);
                handle(*at.of, at, event.events);
            }
        }
        sweep();
        if (!stopping && !listening_ && steady::now() >= listen_again_at_) {
            watch_listeners(true);
        }
    }
}

void zmtp_gate::watch_listeners(bool wanted) {
    for (int& descriptor : listeners_) {
        epoll_event event{};
        event.events = wanted ? EPOLLIN : 0U;
        event.data.ptr = &descriptor;
        ::epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event);
    }
    listening_ = wanted;
}

void zmtp_gate::take_in(int listener) {
    for (int i = 0; i < taken_in_at_once_max; ++i) {
        const bool unmet = unmet_ >= unmet_max; // until one is met
        if (unmet || !descriptors_are_left(listener)) {
            listen_again_at_ = steady::now() + pause_without_descriptors;
            watch_listeners(false);
            return;
        }
        const int came = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (came < 0) {
            return; // nobody is left, or it has gone again
        }
        const int inside = passages_.size() < options_.passages_max ? connect_inside() : -1;
        if (inside < 0) {
            ::close(came);
            continue;
        }
        tune_tcp(came);
        passages_.push_back(std::make_unique<passage>());
        passage& made = *passages_.back();
        made.outside.descriptor = came;
        made.inside.descriptor = inside;
        ++unmet_;
        made.outside.of = &made;
        made.inside.of = &made;
        watch(made);
    }
}

/// Waits while libzmq has not taken in those before; its thread does nothing else for long.
int zmtp_gate::connect_inside() const {
    const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made < 0) {
        return -1;
    }
    socket_address at = ipc_address("@" + options_.inside);
    if (::connect(made, at.generic(), at.size) != 0 || ::fcntl(made, F_SETFL, O_NONBLOCK) != 0) {
        ::close(made);
        return -1;
    }
    return made;
}

void zmtp_gate::handle(passage& of, end& at, unsigned events) {
    if (of.over) {
        return;
    }
    end& other = &at == &of.outside ? of.inside : of.outside;
    try {
        at.broken = at.broken || ((events & EPOLLOUT) != 0 && !flush(at));
        if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 && other.waiting.empty() && !at.ended) {
            move_bytes(of, at, other);
        } else if ((events & EPOLLERR) != 0) {
            at.broken = true;
        }
    } catch (const std::exception&) { // no memory
        of.over = true;
        return;
    }
    watch(of);
}

void zmtp_gate::move_bytes(passage& of, end& from, end& to) {
    const ssize_t n = ::recv(from.descriptor, piece_.data(), piece_.size(), 0);
    if (n < 0 && would_wait()) {
        return;
    }
    if (n <= 0) {
        from.ended = true;
        from.broken = from.broken || n < 0;
        return;
    }
    std::string_view bytes(piece_.data(), static_cast<std::size_t>(n));
    if (&from == &of.inside) {
        meet(of);
    } else {
        if (!of.filter.take(bytes)) {
            refuse(of);
            return;
        }
        if (!of.filter.whole()) {
            bytes = of.filter.passed();
        }
    }
    if (to.broken || bytes.empty()) {
        return;
    }
    const ssize_t sent = ::send(to.descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && !would_wait()) {
        to.broken = true;
        return;
    }
    const std::size_t done = sent > 0 ? static_cast<std::size_t>(sent) : 0;
    to.waiting.assign(bytes.substr(done));
    to.written = 0;
}

/// False when the connection is no more.
bool zmtp_gate::flush(end& to) {
    while (to.written < to.waiting.size()) {
        const ssize_t sent = ::send(to.descriptor, to.waiting.data() + to.written,
                                    to.waiting.size() - to.written, MSG_NOSIGNAL);
        if (sent < 0) {
            if (would_wait()) return true;
            break;
        }
        to.written += static_cast<std::size_t>(sent);
    }
    const bool sound = to.written == to.waiting.size();
    to.waiting = {};
    to.written = 0;
    return sound;
}

void zmtp_gate::refuse(passage& of) {
    ::shutdown(of.outside.descriptor, SHUT_RDWR);
    of.outside.broken = true;
    {
        const std::lock_guard lock(mutex_);
        if (refusals_.size() < refusals_kept_max) {
            refusals_.push_back(of.filter.reason());
        }
    }
    if (on_refusal_) {
        on_refusal_();
    }
}

/// What is watched, and what ends. libzmq reads to its end what came from outside, and then closes: a
/// connection that breaks while libzmq has stopped reading would cost what is still on its way, and is where
/// it aborts.
void zmtp_gate::watch(passage& of) {
    if (of.outside.broken) {
        of.outside.ended = true;
        of.outside.waiting = {};
        of.outside.written = 0;
    }
    if (of.outside.ended && of.inside.waiting.empty() && !of.inside.shut) {
        ::shutdown(of.inside.descriptor, SHUT_WR);
        of.inside.shut = true;
    }
    of.over = of.over || of.inside.broken || (of.inside.ended && of.outside.waiting.empty());
    for (end* at : {&of.outside, &of.inside}) {
        const end& other = at == &of.outside ? of.inside : of.outside;
        unsigned wanted = 0;
        if (!at->ended && other.waiting.empty()) wanted |= EPOLLIN;
        if (!at->waiting.empty()) wanted |= EPOLLOUT;
        if (!of.over && !watch(*at, wanted)) {
            of.over = true;
        }
    }
}

/// An end of which nothing is wanted is taken out: its error or end would be told again and again.
bool zmtp_gate::watch(end& at, unsigned wanted) const {
    const unsigned before = std::exchange(at.watched, wanted);
    if (before == wanted) {
        return true;
    }
    epoll_event event{};
    event.events = wanted;
    event.data.ptr = &at;
    const int change = wanted == 0 ? EPOLL_CTL_DEL : before == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    return ::epoll_ctl(epoll_, change, at.descriptor, &event) == 0;
}

void zmtp_gate::meet(passage& of) {
    if (!std::exchange(of.met, true) && --unmet_ < unmet_max) {
        listen_again_at_ = {};
    }
}

void zmtp_gate::sweep() {
    passages_.remove_if([this](const std::unique_ptr<passage>& each) {
        if (each->over) {
            meet(*each);
            ::close(each->outside.descriptor);
            ::close(each->inside.descriptor);
        }
        return each->over;
    });
}

} // namespace sangam::transport
