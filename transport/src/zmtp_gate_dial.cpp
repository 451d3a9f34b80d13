#include "zmtp_gate.hpp"
#include "zmtp_passage.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <system_error>
#include <utility>

/// The part of the gate that connects.
namespace sangam::transport {

namespace {

using std::chrono::milliseconds;
using steady = std::chrono::steady_clock;

constexpr milliseconds pause_without_room{10};
constexpr milliseconds pause_min{1};
constexpr auto never = steady::time_point::max();

} // namespace

void zmtp_gate::dial(std::size_t link, const address& to, const std::string& inside) {
    std::list<outgoing> wanted;
    outgoing& what = wanted.emplace_back();
    what.link = link;
    what.to = to;
    what.where = address_for_system(to);
    what.inside = ipc_address("@" + inside);
    {
        const std::lock_guard lock(mutex_);
        orders_.splice(orders_.end(), wanted);
    }
    if (told_event_ >= 0) {
        tell();
    }
}

/// Takes no memory: an order cannot be lost.
void zmtp_gate::take_orders() noexcept {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(told_event_, &count, sizeof count);
    std::list<outgoing> orders;
    bool stop = false;
    {
        const std::lock_guard lock(mutex_);
        orders.swap(orders_);
        stop = stop_;
    }
    while (!orders.empty()) {
        const auto next = orders.begin();
        const auto known = std::find_if(outgoing_.begin(), outgoing_.end(),
                                        [&](const outgoing& each) { return each.link == next->link; });
        if (known != outgoing_.end()) {
            next->told = known->told;
            if (known->of != nullptr) give_up(*known->of);
            outgoing_.erase(known);
        }
        next->pause = pause_first();
        next->next_at = steady::now();
        dial_at_ = next->next_at;
        outgoing_.splice(outgoing_.end(), orders, next);
    }
    if (stop && !stopping_) {
        stop_taking();
    }
}

/// libzmq closes the inside when it has read to its end.
void zmtp_gate::give_up(passage& of) noexcept {
    of.by = nullptr;
    ::shutdown(of.outside.descriptor, SHUT_RDWR);
    of.outside.broken = true;
    if (of.inside.descriptor < 0) {
        of.over = true;
    } else {
        watch(of);
    }
}

/// What is connected stays, and what is not yet never will be.
void zmtp_gate::dial_nobody() noexcept {
    for (passage& each : passages_) {
        each.by = nullptr;
        each.over = each.over || each.inside.descriptor < 0;
    }
    outgoing_.clear();
    dial_at_ = never;
}

milliseconds zmtp_gate::pause_first() const {
    return std::max(pause_min, options_.reconnect_first);
}

int zmtp_gate::until_due_ms() const {
    const time due = std::min({dial_at_, silent_at_, overdue_at_});
    if (due == never) {
        return -1;
    }
    const auto left = std::chrono::ceil<milliseconds>(due - steady::now());
    return static_cast<int>(std::clamp<milliseconds>(left, milliseconds(0), std::chrono::hours(1)).count());
}

void zmtp_gate::dial_those_due() {
    if (dial_at_ == never || steady::now() < dial_at_) {
        return;
    }
    dial_at_ = never;
    for (outgoing& each : outgoing_) {
        if (each.of != nullptr) {
            enter_if_room(*each.of);
        } else if (each.next_at <= steady::now()) {
            dial_now(each);
        } else {
            dial_at_ = std::min(dial_at_, each.next_at);
        }
    }
}

void zmtp_gate::dial_now(outgoing& what) noexcept {
    if (!descriptors_.are_left()) {
        if (make_room()) {
            what.next_at = steady::now() + pause_without_room;
            dial_at_ = std::min(dial_at_, what.next_at);
        } else {
            not_reached(what, EMFILE);
            dial_later(what);
        }
        return;
    }
    std::list<passage> made;
    try {
        made.emplace_back();
    } catch (const std::exception&) {
        not_reached(what, ENOMEM);
        dial_later(what);
        return;
    }
    const int family = what.where.generic()->sa_family;
    passage& dialed = made.front();
    dialed.outside.descriptor = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (dialed.outside.descriptor < 0) {
        not_reached(what, errno);
        dial_later(what);
        return;
    }
    passages_.splice(passages_.end(), made);
    dialed.outside.of = &dialed;
    dialed.inside.of = &dialed;
    dialed.by = &what;
    dialed.connected = false;
    dialed.met = true; // libzmq knows nothing of it yet
    what.of = &dialed;
    if (family == AF_INET) {
        tune_tcp(dialed.outside.descriptor);
    }
    const bool begun = ::connect(dialed.outside.descriptor, what.where.generic(), what.where.size) == 0 ||
                       errno == EINPROGRESS;
    dialed.over = !begun || !watch(dialed.outside, EPOLLOUT);
    if (dialed.over) {
        not_reached(what, errno);
    }
}

/// Whatever reason the system gives, nobody is connected now: a firewall can cause any.
void zmtp_gate::answered(passage& of) noexcept {
    int reason = 0;
    socklen_t size = sizeof reason;
    if (::getsockopt(of.outside.descriptor, SOL_SOCKET, SO_ERROR, &reason, &size) != 0) {
        reason = errno;
    }
    if (reason == 0 && is_its_own_peer(of.outside.descriptor)) {
        reason = ECONNREFUSED; // nobody listens there
    }
    of.connected = reason == 0;
    if (of.connected && !watch(of.outside, 0)) {
        reason = errno;
    }
    of.over = reason != 0;
    if (of.over && of.by != nullptr) {
        not_reached(*of.by, reason);
    }
    enter_if_room(of);
}

/// The DEALER takes its link for connected when it and the other side have greeted each other through the
/// passage, and not before.
void zmtp_gate::enter_if_room(passage& of) noexcept {
    if (of.over || !of.connected || of.inside.descriptor >= 0) {
        return;
    }
    const bool descriptors = descriptors_.are_left();
    if (unmet_ >= unmet_max || !descriptors) {
        if (!descriptors && !make_room()) {
            not_reached(*of.by, EMFILE);
        }
        dial_at_ = std::min(dial_at_, steady::now() + pause_without_room);
        return;
    }
    of.inside.descriptor = connect_inside(of.by->inside);
    of.over = of.inside.descriptor < 0;
    if (of.over) {
        not_reached(*of.by, errno);
    } else {
        of.met = false;
        ++unmet_;
        watch(of);
    }
}

void zmtp_gate::not_reached(outgoing& what, int reason) noexcept {
    if (what.told == reason) {
        return;
    }
    try {
        failure told{what.link, what.to.text + ": nobody is connected: " +
                                    std::generic_category().message(reason) + "; it is tried again"};
        const std::lock_guard lock(mutex_);
        const auto known = std::find_if(unreached_.begin(), unreached_.end(),
                                        [&](const failure& each) { return each.link == what.link; });
        if (known != unreached_.end()) {
            *known = std::move(told);
        } else {
            unreached_.push_back(std::move(told));
        }
        what.told = reason;
    } catch (const std::exception&) { // no memory: the next attempt tells
        return;
    }
    if (on_refusal_) {
        on_refusal_();
    }
}

/// The pauses grow while nobody greets, or says what must not be said. A part of each is random, so that
/// those that lost one listener do not all come back at once.
void zmtp_gate::dial_later(outgoing& what) noexcept {
    const passage* const last = std::exchange(what.of, nullptr);
    if (last != nullptr && last->filter.greeted() && last->filter.reason().empty()) {
        what.pause = pause_first();
        what.told = 0;
    }
    const auto spread = static_cast<std::uint32_t>(pause_first().count());
    what.next_at = steady::now() + what.pause + milliseconds(random_() % spread);
    what.pause = std::min(what.pause * 2, std::max(pause_first(), options_.reconnect_max));
    dial_at_ = std::min(dial_at_, what.next_at);
}

} // namespace sangam::transport
