#include "call_scope.hpp"
#include "process_id.hpp"
#include "replica_implementation.hpp"

#include <exception>
#include <utility>

#include <pthread.h>

namespace sangam::engine {

namespace {

constexpr std::size_t notices_per_lock = 256;
constexpr std::size_t notice_bytes_per_lock = 1 << 20;

} // namespace

subscription replica::implementation::on_change(std::string key, change_callback callback,
                                                const std::function<void(transaction&)>& begin) {
    check_use();
    const call_scope scope(this, options_.name);
    auto lock = lock_open();
    if (begin) {
        wait_for_room(lock);
    }
    start_change_thread();
    // Made first: when the listener is there, nothing may fail any more before somebody can unsubscribe it.
    const auto of_whom = std::make_shared<std::shared_ptr<listener>>();
    const auto unsubscribe_later = std::make_shared<put_off>([weak = weak_from_this(), of_whom] {
        if (const auto self = weak.lock()) {
            self->unsubscribe(*of_whom);
        }
    });
    const auto who = shared_.state.changes().add(std::move(key), std::move(callback));
    *of_whom = who;
    const auto give_up = [weak = weak_from_this(), who, unsubscribe_later](void*) {
        if (const auto self = weak.lock()) {
            self->unsubscribe(who, unsubscribe_later);
        }
    };
    subscription registered(std::shared_ptr<void>(who.get(), give_up)); // not any more if something throws
    if (begin) {
        transact_locked({}, begin);
    }
    return registered;
}

void replica::implementation::unsubscribe(const std::shared_ptr<listener>& who,
                                          const std::shared_ptr<put_off>& later) noexcept {
    if (current_process() != process_) {
        return;
    }
    {
        const std::lock_guard lock(calling_mutex_);
        who->dropped = true;
    }
    if (call_scope* const open = call_scope::open()) { // this thread may have the lock, or another replica's
        open->when_over(later, shared_from_this());
        return;
    }
    change_callback released; // what it holds may do anything when it goes: outside of the locks
    {
        std::unique_lock lock(calling_mutex_);
        if (may_wait_for_callbacks()) {
            who->awaited = true;
            callback_returned_.wait(lock, [&] { return running_ != who; });
        }
        if (running_ != who) {
            released.swap(who->callback);
        }
    }
    const std::lock_guard lock(shared_.mutex);
    shared_.state.changes().remove(who->number);
}

void replica::implementation::start_change_thread() {
    if (!change_thread_.joinable() && !closing_) {
        change_thread_ = std::thread([self = shared_from_this()] { self->run_changes(); });
    }
}

void replica::implementation::run_changes() noexcept {
    ::pthread_setname_np(::pthread_self(), "sangam-change");
    const callback_scope in(this); // for what callbacks hold, too, when it goes
    try {
        tell_changes();
    } catch (const std::exception& reason) {
        fail("the thread of callbacks", reason.what());
    } catch (...) {
        fail("the thread of callbacks", "an exception of unknown type");
    }
    // What callbacks hold may be what keeps this replica: it must not wait for subscriptions to be dropped.
    std::map<std::uint64_t, change_feed::reader> left;
    {
        const std::lock_guard lock(shared_.mutex);
        telling_ = false;
        auto gone = shared_.state.changes().remove_all();
        left.swap(gone);
    }
    for (auto& [number, reader] : left) {
        change_callback released;
        const std::lock_guard lock(calling_mutex_);
        reader.who->dropped = true;
        released.swap(reader.who->callback);
    }
    const std::lock_guard lock(shared_.mutex);
    change_thread_over_ = true;
    shared_.changed.notify_all();
}

void replica::implementation::tell_changes() {
    for (;;) {
        std::vector<notice> told;
        {
            std::unique_lock lock(shared_.mutex);
            telling_ = false;
            changes_ready_.wait(lock,
                                [this] { return no_more_changes_ || !shared_.state.changes().empty(); });
            if (no_more_changes_) {
                return;
            }
            told = shared_.state.changes().take(notices_per_lock, notice_bytes_per_lock);
            telling_ = true;
        }
        for (const notice& n : told) {
            call(n);
        }
    }
}

void replica::implementation::stop_changes() {
    {
        const std::lock_guard lock(shared_.mutex);
        no_more_changes_ = true;
    }
    changes_ready_.notify_all();
    const std::lock_guard lock(calling_mutex_);
    stop_calling_ = true;
}

void replica::implementation::call(const notice& n) {
    const std::shared_ptr<listener>& who = n.to;
    {
        const std::lock_guard lock(calling_mutex_);
        if (who->dropped || stop_calling_) {
            return;
        }
        running_ = who;
    }
    try {
        if (n.what->missed) {
            tell(log_level::warning, "a callback was too slow: it missed changes",
                 {{"key", n.what->object.name}});
            const auto running = std::make_shared<bool>(true);
            change told = *n.what;
            told.begin_anew = [weak = weak_from_this(), who,
                               running](const std::function<void(transaction&)>& body) {
                const auto self = weak.lock();
                if (!self || callback_scope::owner() != self.get() || !*running) {
                    throw exception(
                        {errc::closed, "begin_anew outside of the callback that it was given to"});
                }
                self->begin_anew(*who, body);
            };
            const auto end = [&](void*) { *running = false; };
            const std::unique_ptr<void, decltype(end)> at_exit(this, end);
            who->callback(told);
        } else {
            who->callback(*n.what);
        }
    } catch (const std::exception& reason) {
        callback_failed(*n.what, reason.what());
    } catch (...) {
        callback_failed(*n.what, "an exception of unknown type");
    }
    change_callback released;
    {
        const std::lock_guard lock(calling_mutex_);
        running_.reset();
        if (who->dropped && !who->awaited) {
            released.swap(who->callback);
        }
    }
    callback_returned_.notify_all();
}

void replica::implementation::begin_anew(const listener& who, const std::function<void(transaction&)>& body) {
    check_use();
    const call_scope scope(this, options_.name);
    auto lock = lock_open();
    wait_for_room(lock);
    change_feed& feed = shared_.state.changes();
    const std::size_t seen_by_body = feed.waiting_for(who.number);
    transact_locked({}, body);
    feed.forget_oldest(who.number, seen_by_body);
}

void replica::implementation::callback_failed(const change& c, const char* reason) {
    {
        const std::lock_guard lock(shared_.mutex);
        ++callbacks_failed_;
        last_callback_failure_ = "\"" + c.object.name + "\": " + reason;
    }
    tell(log_level::error, "a callback of on_change ended with an exception",
         {{"key", c.object.name}, {"exception", reason}});
}

} // namespace sangam::engine
