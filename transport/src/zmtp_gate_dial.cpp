#include "descriptors.hpp"
#include "zmtp_gate.hpp"
#include "zmtp_passage.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
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

void zmtp_gate::dial(std::size_t link, const address& to, std::string inside) {
    {
        const std::lock_guard lock(mutex_);
        orders_.push_back({link, to, std::move(inside)});
    }
    if (told_event_ >= 0) {
        tell();
    }
}

bool zmtp_gate::take_orders() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(told_event_, &count, sizeof count);
    std::vector<order> orders;
    bool stop = false;
    {
        const std::lock_guard lock(mutex_);
        orders = std::exchange(orders_, {});
        stop = stop_;
    }
    for (order& each : orders) {
        auto at = std::find_if(outgoing_.begin(), outgoing_.end(),
                               [&each](const outgoing& known) { return known.link == each.link; });
        if (at == outgoing_.end()) {
            at = outgoing_.emplace(outgoing_.end());
        } else if (at->of != nullptr) {
            give_up(*at->of);
        }
        at->link = each.link;
        at->where = address_for_system(each.to);
        at->to = std::move(each.to);
        at->inside = std::move(each.inside);
        at->of = nullptr;
        at->pause = pause_first();
        at->next_at = steady::now();
        dial_at_ = at->next_at;
    }
    return stop;
}

/// libzmq closes the inside when it has read to its end.
void zmtp_gate::give_up(passage& of) {
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
void zmtp_gate::dial_nobody() {
    for (const auto& each : passages_) {
        each->by = nullptr;
        each->over = each->over || each->inside.descriptor < 0;
    }
    outgoing_.clear();
    dial_at_ = never;
}

milliseconds zmtp_gate::pause_first() const {
    return std::max(pause_min, options_.reconnect_first);
}

int zmtp_gate::until_dial_ms() const {
    if (dial_at_ == never) {
        return -1;
    }
    const auto left = std::chrono::ceil<milliseconds>(dial_at_ - steady::now());
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

void zmtp_gate::dial_now(outgoing& what) {
    const int family = what.where.generic()->sa_family;
    const int made =
        descriptors_are_left(epoll_) ? ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) : -1;
    if (made < 0) {
        dial_later(what);
        return;
    }
    passage& dialed = *passages_.emplace_back(std::make_unique<passage>());
    dialed.outside.descriptor = made;
    dialed.outside.of = &dialed;
    dialed.inside.of = &dialed;
    dialed.by = &what;
    dialed.connected = false;
    dialed.met = true; // libzmq knows nothing of it yet
    what.of = &dialed;
    if (family == AF_INET) {
        tune_tcp(made);
    }
    const bool begun = ::connect(made, what.where.generic(), what.where.size) == 0 || errno == EINPROGRESS;
    dialed.over = !begun || !watch(dialed.outside, EPOLLOUT);
}

/// Whatever reason the system gives, nobody is connected now: a firewall can cause any.
void zmtp_gate::answered(passage& of) {
    int reason = 0;
    socklen_t size = sizeof reason;
    of.connected = ::getsockopt(of.outside.descriptor, SOL_SOCKET, SO_ERROR, &reason, &size) == 0 &&
                   reason == 0 && !is_its_own_peer(of.outside.descriptor);
    of.over = !of.connected || !watch(of.outside, 0);
    enter_if_room(of);
}

/// The DEALER takes its link for connected when it and the other side have greeted each other through the
/// passage, and not before.
void zmtp_gate::enter_if_room(passage& of) {
    if (of.over || !of.connected || of.inside.descriptor >= 0) {
        return;
    }
    if (unmet_ >= unmet_max || !descriptors_are_left(epoll_)) {
        dial_at_ = std::min(dial_at_, steady::now() + pause_without_room);
        return;
    }
    of.inside.descriptor = connect_inside(of.by->inside);
    of.over = of.inside.descriptor < 0;
    if (!of.over) {
        of.met = false;
        ++unmet_;
        watch(of);
    }
}

/// The pauses grow while nobody greets, or says what must not be said. A part of each is random, so that
/// those that lost one listener do not all come back at once.
void zmtp_gate::dial_later(outgoing& what) {
    const passage* const last = std::exchange(what.of, nullptr);
    if (last != nullptr && last->filter.greeted() && last->filter.reason().empty()) {
        what.pause = pause_first();
    }
    const auto spread = static_cast<std::uint32_t>(pause_first().count());
    what.next_at = steady::now() + what.pause + milliseconds(random_() % spread);
    what.pause = std::min(what.pause * 2, std::max(pause_first(), options_.reconnect_max));
    dial_at_ = std::min(dial_at_, what.next_at);
}

} // namespace sangam::transport
