#include "moment_now.hpp"
#include "replica_implementation.hpp"

#include <sangam/transport/memory_links.hpp>

#include <algorithm>
#include <exception>
#include <map>
#include <utility>

#include <pthread.h>

namespace sangam::engine {

namespace {

constexpr std::chrono::milliseconds finish_interval{5};

/// Gives every frame the time at which it is handled.
struct timed_receiver final : transport::frame_receiver {
    explicit timed_receiver(synchronizer& to) : target(to) {}
    void on_frame(transport::link_id link, std::string_view frame) override {
        target.set_time(now());
        target.on_frame(link, frame);
    }
    void on_refused_connection(std::string_view why) override {
        target.set_time(now());
        target.on_refused_connection(why);
    }
    void on_unreached(transport::link_id link, std::string_view why) override {
        target.set_time(now());
        target.on_unreached(link, why);
    }
    synchronizer& target;
};

} // namespace

void replica::implementation::run() noexcept {
    ::pthread_setname_np(::pthread_self(), "sangam");
    try {
        for (;;) {
            wait_for_work(std::chrono::hours(1));
            synchronizer_->step(now());
            carry_out_requests();
            const std::lock_guard lock(shared_.mutex);
            if (closing_) {
                break;
            }
        }
        finish();
    } catch (const std::exception& reason) {
        fail("the background thread", reason.what());
    } catch (...) {
        fail("the background thread", "an exception of unknown type");
    }
}

void replica::implementation::wait_for_work(std::chrono::milliseconds most) {
    const std::uint64_t steady = now().steady_ms;
    const std::uint64_t due = synchronizer_->next_due_ms();
    const auto timeout = std::min(most, std::chrono::milliseconds(due > steady ? due - steady : 0));
    if (links_) {
        timed_receiver receiver(*synchronizer_);
        links_->poll(timeout, receiver);
    } else {
        std::unique_lock lock(shared_.mutex);
        wakeup_.wait_for(lock, timeout, [this] { return wake_pending_.load(); });
    }
    wake_pending_ = false;
}

void replica::implementation::carry_out_requests() {
    std::optional<bool> online;
    bool wanted = false;
    {
        const std::lock_guard lock(shared_.mutex);
        online = online_wanted_;
        wanted = std::exchange(report_wanted_, false);
    }
    if (online) {
        const result<void> answer = switch_network(*online);
        const std::lock_guard lock(shared_.mutex);
        online_answer_ = answer;
        online_wanted_.reset();
    }
    if (online || wanted) {
        make_report();
        shared_.changed.notify_all();
    }
}

result<void> replica::implementation::switch_network(bool online) {
    const bool has_addresses = !link_options_.listen.empty() || !link_options_.connect.empty();
    if (online == (links_ != nullptr) || (online && !has_addresses)) {
        return {};
    }
    std::unique_ptr<transport::links> links;
    if (online) {
        result<std::unique_ptr<transport::links>> opened = transport::open_links(link_options_);
        if (!opened) {
            return opened.error();
        }
        links = std::move(*opened);
        std::size_t i = 0;
        for (const std::string& listening : links->listening()) {
            link_options_.listen[i++].text =
                listening; // a port that the system chose stays the same from now on
        }
    }
    synchronizer_->set_time(now());
    synchronizer_->attach(links.get());
    {
        const std::lock_guard lock(shared_.mutex);
        links_.swap(links);
    }
    links.reset(); // takes a while
    tell(log_level::info, online ? "the network is open" : "the network is cut");
    return {};
}

void replica::implementation::make_report() {
    report made;
    made.online = links_ != nullptr;
    if (links_) {
        made.listening = links_->listening();
    }
    made.log_bytes = synchronizer_->log_bytes();
    made.missing = synchronizer_->missing();
    made.conflict = synchronizer_->conflict();
    made.network = synchronizer_->counters();
    made.peers = synchronizer_->peers();
    const std::lock_guard lock(shared_.mutex);
    made.number = report_.number + 1;
    report_ = std::move(made);
}

/// Nothing is left to do for anybody: callbacks have heard all, and peers have it.
bool replica::implementation::all_done() {
    const std::lock_guard lock(shared_.mutex);
    return !telling_ && shared_.state.changes().empty() && shared_.state.outbox_messages() == 0 &&
           (!links_ || synchronizer_->settled());
}

void replica::implementation::finish() {
    for (;;) {
        synchronizer_->step(now());
        carry_out_requests();
        if (all_done()) {
            break;
        }
        {
            const std::lock_guard lock(shared_.mutex);
            if (std::chrono::steady_clock::now() >= close_until_) {
                break;
            }
        }
        wait_for_work(finish_interval);
    }
    const result<void> answer = find_unacknowledged();
    stop_changes();
    make_report();
    synchronizer_->attach(nullptr);
    std::unique_ptr<transport::links> links;
    {
        const std::lock_guard lock(shared_.mutex);
        links.swap(links_);
    }
    links.reset();
    if (!answer) {
        tell(log_level::warning, "closed before all peers had acknowledged what was written",
             {{"reason", answer.error().where}});
    }
    {
        const std::lock_guard lock(shared_.mutex);
        report_.online = false;
        report_.listening.clear();
        report_.peers.clear();
        ++report_.number;
        close_answer_ = answer;
        closed_ = true;
    }
    shared_.changed.notify_all();
    tell_failure();
}

/// What closing has not brought to whom, if anything.
result<void> replica::implementation::find_unacknowledged() {
    std::uint64_t own = 0;
    std::size_t waiting = 0;
    {
        const std::lock_guard lock(shared_.mutex);
        own = shared_.state.delivered()[id()];
        waiting = shared_.state.outbox_messages();
    }
    const auto missing = [own](std::uint64_t acknowledged) {
        return std::to_string(own - std::min(own, acknowledged)) + " of " + std::to_string(own) +
               " own messages are not acknowledged";
    };
    std::string text;
    const auto add = [&text](const std::string& what) { text += (text.empty() ? "" : "; ") + what; };
    if (waiting > 0) {
        add(std::to_string(waiting) + " messages are not in the log");
    }
    if (own > 0 && !links_ && !link_options_.connect.empty()) {
        add(missing(0) + ": the network is cut");
    }
    std::map<causality::replica_id, std::pair<std::string, std::uint64_t>> greeted; // over several links
    for (const peer_status& peer : synchronizer_->peers()) {
        if (peer.state == delivery::peer_state::refused) {
            continue; // has been told, and nothing can be brought to it
        }
        if (peer.state == delivery::peer_state::hello) {
            // Whoever acknowledged everything and is gone has it.
            if (!peer.address.empty() && peer.clock[id()] < own) {
                add(missing(peer.clock[id()]) + " by " + peer.address + ", where nobody answers");
            }
            continue;
        }
        auto& [name, most] = greeted[peer.replica];
        name = peer.name;
        most = std::max(most, peer.clock[id()]);
    }
    for (const auto& [replica, known] : greeted) {
        if (known.second < own) {
            add(missing(known.second) + " by \"" + known.first + "\" (" + to_string(replica) + ")");
        }
    }
    if (text.empty()) {
        return {};
    }
    return error{errc::timed_out, "replica \"" + options_.name + "\" is closed: " + text};
}

void replica::implementation::fail(const char* thread, const char* reason) noexcept {
    {
        const std::lock_guard lock(shared_.mutex);
        fail_locked(thread, reason);
    }
    stop_changes();
    tell_failure();
}

/// The threads see that it is closed and end.
void replica::implementation::fail_locked(const char* what, const char* reason) noexcept {
    if (failure_.empty()) {
        const std::size_t room = failure_.capacity();
        failure_.append(what, std::min(room, std::char_traits<char>::length(what)));
        for (const char* part : {" ended: ", reason}) {
            failure_.append(part, std::min(room - failure_.size(), std::char_traits<char>::length(part)));
        }
    }
    closing_ = closed_ = true;
    report_.online = false;
    report_.listening.clear();
    report_.peers.clear();
    ++report_.number;
    wake_locked();
    shared_.changed.notify_all();
}

void replica::implementation::tell_failure() noexcept {
    {
        const std::lock_guard lock(shared_.mutex);
        if (failure_.empty() || std::exchange(failure_told_, true)) {
            return;
        }
    }
    try {
        tell(log_level::error, "the replica is closed: it could not go on", {{"reason", failure_}});
    } catch (...) { // as below, for what the call is given
    }
}

void replica::implementation::tell(log_level level, std::string text,
                                   std::vector<log_event::field> fields) noexcept {
    if (log_is_gone_) {
        return;
    }
    try {
        events_.report({level, std::move(text), std::move(fields)}, now().steady_ms);
    } catch (...) { // nobody is left to tell
    }
}

} // namespace sangam::engine
