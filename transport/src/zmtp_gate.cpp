#include "zmtp_gate.hpp"

#include "zmtp_passage.hpp"

#include <sangam/transport/errc.hpp>

#include <csignal>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
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
constexpr int tick_ms = 10;

bool would_wait() noexcept {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

} // namespace

zmtp_gate::zmtp_gate(options wanted)
    : options_(std::move(wanted)), inside_at_(ipc_address("@" + options_.inside)),
      random_(std::random_device()()) {}

zmtp_gate::~zmtp_gate() {
    if (thread_.joinable()) {
        {
            const std::lock_guard lock(mutex_);
            stop_ = true;
        }
        tell();
        thread_.join();
    }
    for (const listener& each : listeners_) {
        ::close(each.descriptor);
    }
    for (passage& each : passages_) {
        close(each);
    }
    if (epoll_ >= 0) ::close(epoll_);
    if (told_event_ >= 0) ::close(told_event_);
}

result<std::string> zmtp_gate::listen(const address& at) {
    const bool tcp = at.kind == address::scheme::tcp;
    const std::string path = ipc_path(at);
    socket_address where = address_for_system(at);
    const auto failed = [&at] { return error{errc::socket_failed, at.text + ": " + std::strerror(errno)}; };
    const int made = ::socket(where.generic()->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0) {
        return failed();
    }
    listener& opened = listeners_.emplace_back(listener{made, at.text});
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
    opened.text = tcp_text(where);
    return opened.text;
}

result<void> zmtp_gate::start() {
    piece_.resize(piece_bytes_max);
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    told_event_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    epoll_event told{};
    told.events = EPOLLIN;
    told.data.ptr = nullptr;
    if (epoll_ < 0 || told_event_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, told_event_, &told) != 0) {
        return error{errc::socket_failed, std::string("epoll: ") + std::strerror(errno)};
    }
    for (listener& each : listeners_) {
        epoll_event wanted{};
        wanted.events = EPOLLIN;
        wanted.data.ptr = &each;
        if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, each.descriptor, &wanted) != 0) {
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
    std::vector<std::string> told;
    std::size_t left_out = 0;
    {
        const std::lock_guard lock(mutex_);
        told.swap(refusals_);
        left_out = std::exchange(refusals_left_out_, 0);
    }
    if (left_out > 0) {
        told.push_back(std::to_string(left_out) + " more connections were ended, of which no reason is kept");
    }
    return told;
}

std::vector<zmtp_gate::failure> zmtp_gate::unreached() {
    const std::lock_guard lock(mutex_);
    return std::exchange(unreached_, {});
}

/// What a round throws has ended no connection; what it did not come to is there in the next.
void zmtp_gate::run() noexcept {
    ::pthread_setname_np(::pthread_self(), "sangam-gate");
    take_orders();
    while (!stopping_ || (!passages_.empty() && steady::now() < last_at_)) {
        try {
            go_round();
        } catch (const std::exception& reason) {
            refuse("the gate", [&] { return std::string(reason.what()); });
            std::this_thread::sleep_for(milliseconds(tick_ms));
        }
    }
}

void zmtp_gate::go_round() {
    std::array<epoll_event, 64> events{};
    dial_those_due();
    sweep();
    const int timeout_ms = stopping_ || !listening_ ? tick_ms : until_due_ms();
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events.at(static_cast<std::size_t>(i));
        if (event.data.ptr == nullptr) {
            take_orders();
            end_those_ordered();
        } else if (event.data.ptr >= listeners_.data() &&
                   event.data.ptr < listeners_.data() + listeners_.size()) {
            if (!stopping_) take_in(*static_cast<const listener*>(event.data.ptr));
        } else {
            end& at = *static_cast<end*>(event.data.ptr);
            handle(*at.of, at, event.events);
        }
    }
    // Otherwise what somebody has said may not have been read yet.
    if (count >= 0 && count < static_cast<int>(events.size())) {
        end_the_silent();
    }
    end_those_overdue();
    if (!stopping_ && !listening_ && steady::now() >= listen_again_at_) {
        watch_listeners(true);
    }
}

void zmtp_gate::stop_taking() noexcept {
    stopping_ = true;
    last_at_ = steady::now() + options_.linger;
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, told_event_, nullptr);
    watch_listeners(false);
    dial_nobody();
}

void zmtp_gate::tell() noexcept {
    const std::uint64_t one = 1;
    // The only failure is a counter that is full, and then the signal is raised already.
    [[maybe_unused]] const auto done = ::write(told_event_, &one, sizeof one);
}

void zmtp_gate::watch_listeners(bool wanted) noexcept {
    for (listener& each : listeners_) {
        epoll_event event{};
        event.events = wanted ? EPOLLIN : 0U;
        event.data.ptr = &each;
        ::epoll_ctl(epoll_, EPOLL_CTL_MOD, each.descriptor, &event);
    }
    listening_ = wanted;
}

void zmtp_gate::handle(passage& of, end& at, unsigned events) noexcept {
    if (of.over) {
        return;
    }
    if (!of.connected) {
        answered(of);
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
    } catch (const std::exception&) { // some bytes of a frame may have passed, and the others are lost
        put_out(of, [] { return std::string(no_memory); });
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
    std::string passed;
    if (&from == &of.inside) {
        meet(of);
        listen_to_answer(of, bytes);
    } else {
        const std::uint64_t frames_before = of.filter.frames();
        if (!of.filter.take(bytes)) {
            put_out(of, [&] { return of.filter.reason(); });
            return;
        }
        passed = of.filter.passed();
        hear(of, frames_before, bytes.size());
        if (of.outside.broken) {
            return;
        }
        if (!of.filter.whole()) {
            bytes = passed;
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
    if (done < bytes.size()) to.waiting = bytes.substr(done);
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
    std::string().swap(to.waiting); // an assignment would keep the memory
    to.written = 0;
    return sound;
}

std::string_view zmtp_gate::where_of(const passage& of) noexcept {
    if (of.at != nullptr) return of.at->text;
    return of.by != nullptr ? std::string_view(of.by->to.text) : std::string_view();
}

void zmtp_gate::tell_of(std::string text) {
    const std::lock_guard lock(mutex_);
    if (refusals_.size() < limits::refusals_kept_max) {
        refusals_.push_back(std::move(text));
    } else {
        ++refusals_left_out_;
    }
}

/// What is watched, and what ends. libzmq reads to its end what came from outside, and then closes. A
/// connection that breaks while libzmq has stopped reading would cost what is on its way, and libzmq aborts.
void zmtp_gate::watch(passage& of) noexcept {
    if (of.outside.broken) {
        of.outside.ended = true;
        std::string().swap(of.outside.waiting);
        of.outside.written = 0;
    }
    if (of.outside.ended) {
        count_of_strangers(of, 0);
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
bool zmtp_gate::watch(end& at, unsigned wanted) const noexcept {
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

void zmtp_gate::meet(passage& of) noexcept {
    if (!std::exchange(of.met, true) && --unmet_ < unmet_max) {
        listen_again_at_ = {};
    }
}

void zmtp_gate::close(passage& of) noexcept {
    for (end* at : {&of.outside, &of.inside}) {
        if (at->descriptor >= 0) ::close(std::exchange(at->descriptor, -1));
    }
}

void zmtp_gate::sweep() {
    passages_.remove_if([this](passage& each) {
        if (each.over) {
            count_of_strangers(each, 0);
            if (each.at != nullptr) --came_in_;
            meet(each);
            close(each);
            if (each.yields) {
                --yielding_;
                listen_again_at_ = {};
            }
            if (each.by != nullptr) dial_later(*each.by);
        }
        return each.over;
    });
}

} // namespace sangam::transport
