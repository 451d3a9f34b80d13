#include "zmtp_gate.hpp"
#include "zmtp_passage.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <string>
#include <system_error>

/// The part of the gate that takes in who comes, and ends who keeps a place for nothing.
namespace sangam::transport {

namespace {

using std::chrono::milliseconds;
using steady = std::chrono::steady_clock;

constexpr milliseconds pause_without_room{50};
constexpr milliseconds look_again{10};
constexpr int taken_in_at_once_max = 16;
static_assert(unmet_max * 2 <= spare_descriptors_min);

std::string text_of(milliseconds time) {
    return std::to_string(time.count()) + " ms";
}

bool nobody_came(int reason) noexcept {
    return reason == EAGAIN || reason == EWOULDBLOCK || reason == EINTR || reason == ECONNABORTED;
}

} // namespace

void zmtp_gate::listen_later() noexcept {
    listen_again_at_ = steady::now() + pause_without_room;
    watch_listeners(false);
}

void zmtp_gate::take_in(const listener& at) {
    for (int i = 0; i < taken_in_at_once_max; ++i) {
        if (unmet_ >= unmet_max) { // until one is met
            listen_later();
            return;
        }
        const bool place = came_in_ < options_.passages_max;
        const bool descriptors = descriptors_.are_left();
        if ((!place || !descriptors) && i > 0) {
            return; // nobody makes room before it is known that another waits
        }
        if ((!place || !descriptors) && make_room()) { // who comes waits for it
            listen_later();
            return;
        }
        if (!descriptors) {
            if (!std::exchange(waiting_told_, true)) {
                refuse(at.text, [] {
                    return "newcomers wait: fewer than " + std::to_string(spare_descriptors_min) +
                           " file descriptors are left; raise the limit (ulimit -n) or close some";
                });
            }
            listen_later();
            return;
        }
        waiting_told_ = false;
        std::list<passage> made;
        try {
            passage& newcomer = made.emplace_back();
            newcomer.routing_id = "p" + std::to_string(taken_in_ + 1); // libzmq's own begin with a zero byte
            newcomer.filter.name(newcomer.routing_id);
        } catch (const std::exception&) {
            refuse(at.text, [] { return std::string(no_memory) + " for a newcomer, who waits"; });
            listen_later();
            return;
        }
        const int came = ::accept4(at.descriptor, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (came < 0) {
            if (!nobody_came(errno)) listen_later();
            return;
        }
        const int inside = place ? connect_inside(inside_at_) : -1;
        if (inside < 0) {
            const int reason = errno;
            ::close(came);
            refuse(at.text, [&] {
                return place ? "libzmq cannot be reached: " + std::generic_category().message(reason)
                             : "there are " + std::to_string(options_.passages_max) +
                                   " connections already, and none was silent for long";
            });
            continue;
        }
        tune_tcp(came);
        passages_.splice(passages_.end(), made);
        passage& taken = passages_.back();
        taken.outside.descriptor = came;
        taken.outside.of = &taken;
        taken.inside.descriptor = inside;
        taken.inside.of = &taken;
        taken.at = &at;
        taken.silent_since = steady::now();
        silent_at_ = std::min(silent_at_, taken.silent_since + options_.first_frame_max);
        ++taken_in_;
        ++came_in_;
        ++unmet_;
        watch(taken);
    }
}

/// Waits while libzmq has not taken in those before; its thread does nothing else for long.
int zmtp_gate::connect_inside(socket_address& at) noexcept {
    const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made < 0) {
        return -1;
    }
    if (::connect(made, at.generic(), at.size) != 0 || ::fcntl(made, F_SETFL, O_NONBLOCK) != 0) {
        const int reason = errno;
        ::close(made);
        errno = reason;
        return -1;
    }
    return made;
}

/// A slow line is not silence, but a few bytes now and then are: who never says anything whole would keep a
/// place by them.
void zmtp_gate::hear(passage& of, std::uint64_t frames_before, std::size_t bytes) noexcept {
    of.since_silent += bytes;
    if (of.filter.frames() != frames_before || of.since_silent >= limits::pace_bytes_min) {
        of.silent_since = steady::now();
        of.since_silent = 0;
    }
    if (of.at == nullptr || of.answers.frames() > frames_for_strangers_max) {
        return;
    }
    count_of_strangers(of, of.filter.unfinished());
    if (strangers_bytes_ > options_.strangers_bytes_max) {
        end_the_greatest();
    }
}

/// A replica that is greeted may be sent frames of any size, from as many peers as there are.
void zmtp_gate::listen_to_answer(passage& of, std::string_view bytes) {
    if (of.at == nullptr || of.answers.frames() > frames_for_strangers_max) {
        return;
    }
    if (of.answers.take(bytes) && of.answers.frames() > frames_for_strangers_max) {
        count_of_strangers(of, 0);
    }
}

void zmtp_gate::count_of_strangers(passage& of, std::uint64_t bytes) noexcept {
    strangers_bytes_ = strangers_bytes_ - of.of_strangers + bytes;
    of.of_strangers = bytes;
}

/// libzmq keeps what has passed until it learns that the rest does not come.
void zmtp_gate::end_the_greatest() noexcept {
    const auto greatest =
        std::max_element(passages_.begin(), passages_.end(),
                         [](const passage& a, const passage& b) { return a.of_strangers < b.of_strangers; });
    const std::uint64_t bytes = greatest->of_strangers;
    put_out(*greatest, [&] {
        return "a frame of which " + std::to_string(bytes) +
               " bytes came is given up: strangers have too many that are not whole";
    });
    watch(*greatest);
}

/// True when there will be room soon. Whose bytes wait for libzmq is not silent: nobody reads them.
bool zmtp_gate::make_room() noexcept {
    if (yielding_ > 0) {
        return true;
    }
    const auto now = steady::now();
    passage* longest = nullptr;
    const auto was_heard = [](const passage& of) { return of.filter.frames() > 0; };
    for (passage& each : passages_) {
        if (each.at == nullptr || each.over || each.outside.ended || !each.inside.waiting.empty() ||
            now - each.silent_since < (was_heard(each) ? options_.silent_min : options_.unheard_min)) {
            continue;
        }
        if (longest == nullptr || std::pair(was_heard(each), each.silent_since) <
                                      std::pair(was_heard(*longest), longest->silent_since)) {
            longest = &each;
        }
    }
    if (longest == nullptr) {
        return false;
    }
    const auto silent = std::chrono::duration_cast<milliseconds>(now - longest->silent_since);
    longest->yields = true;
    ++yielding_;
    put_out(*longest, [&] {
        return "a connection makes room for another: no whole frame came for " + text_of(silent);
    });
    watch(*longest);
    return true;
}

void zmtp_gate::end_of(std::string_view routing_id) {
    std::list<std::string> wanted;
    wanted.emplace_back(routing_id);
    {
        const std::lock_guard lock(mutex_);
        ended_.splice(ended_.end(), wanted);
    }
    tell();
}

/// Nothing is read from outside any more; libzmq closes the inside when it has read to its end, and what it
/// said before still goes.
void zmtp_gate::end_those_ordered() noexcept {
    std::list<std::string> ended;
    {
        const std::lock_guard lock(mutex_);
        ended.swap(ended_);
    }
    for (const std::string& routing_id : ended) {
        const auto at = std::find_if(passages_.begin(), passages_.end(),
                                     [&](const passage& each) { return each.routing_id == routing_id; });
        if (at == passages_.end() || at->over) {
            continue;
        }
        at->outside.ended = true;
        at->ends_by = steady::now() + options_.linger;
        overdue_at_ = std::min(overdue_at_, at->ends_by);
        watch(*at);
    }
}

/// Who does not read keeps no place for what is on its way to it.
void zmtp_gate::end_those_overdue() noexcept {
    const auto now = steady::now();
    if (now < overdue_at_) {
        return;
    }
    overdue_at_ = time::max();
    for (passage& each : passages_) {
        if (each.over || each.outside.broken || each.ends_by == time::max()) {
            continue;
        }
        if (now < each.ends_by) {
            overdue_at_ = std::min(overdue_at_, each.ends_by);
            continue;
        }
        ::shutdown(each.outside.descriptor, SHUT_RDWR);
        each.outside.broken = true;
        watch(each);
    }
}

void zmtp_gate::end_the_silent() noexcept {
    const auto now = steady::now();
    if (now < silent_at_) {
        return;
    }
    silent_at_ = time::max();
    for (passage& each : passages_) {
        if (each.at == nullptr || each.over || each.outside.ended || each.filter.frames() > 0) {
            continue;
        }
        const time due = each.silent_since + options_.first_frame_max;
        if (now < due || !each.inside.waiting.empty()) {
            silent_at_ = std::min(silent_at_, std::max(due, now + look_again));
            continue;
        }
        put_out(each, [&] { return "no whole frame came within " + text_of(options_.first_frame_max); });
        watch(each);
    }
}

} // namespace sangam::transport
