#pragma once

#include <sangam/engine/event_log.hpp>
#include <sangam/engine/replica.hpp>
#include <sangam/engine/replica_state.hpp>
#include <sangam/engine/synchronizer.hpp>
#include <sangam/storage/memory_log.hpp>
#include <sangam/transport/zmq_links.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <sys/types.h>

namespace sangam::engine {

class put_off;

/// What a `replica` and its handles share: the state, its lock, and two threads: the background thread owns
/// sockets, log and timers; the change thread, which begins with the first subscription, runs callbacks.
///
/// Threads: application threads take `shared_.mutex` for reads and writes; the two threads take it for short
/// times. `synchronizer_`, `log_` and polling belong to the background thread alone; `links_` is replaced by
/// it under the lock, so that others may wake it. Nothing that the application wrote runs on the background
/// thread but replica_options::log, so that no callback keeps it from making room. Both threads share the
/// ownership: a replica may be destroyed by its own callback, and a forked child, which has neither of them,
/// never destroys what they used.
class replica::implementation final : public executor,
                                      public std::enable_shared_from_this<replica::implementation> {
public:
    implementation(replica_options options, transport::link_options link_options);

    [[nodiscard]] result<void> start();
    [[nodiscard]] result<void> close(std::chrono::milliseconds deadline);
    /// For a replica's destructor: where it cannot wait, it begins only.
    void close_for_good() noexcept;

    void read(const object_address& address, const reader& read) const override;
    void write(const object_address& address, std::span<const preparer> steps) override;
    using executor::write;

    void transact(const transaction_options& options, const std::function<void(transaction&)>& body);
    [[nodiscard]] causal_token token() const;
    [[nodiscard]] result<void> wait_for(const causality::vector_clock& clock,
                                        std::chrono::milliseconds timeout);
    [[nodiscard]] result<void> limit_delivery(std::optional<causality::vector_clock> limit);
    /// `begin` may be empty.
    [[nodiscard]] subscription on_change(std::string key, change_callback callback,
                                         const std::function<void(transaction&)>& begin);
    [[nodiscard]] result<void> set_online(bool online);
    [[nodiscard]] replica_status status();
    [[nodiscard]] causality::replica_id id() const noexcept { return shared_.state.self(); }
    [[nodiscard]] const std::string& name() const noexcept { return options_.name; }

private:
    /// What the background thread last told of itself.
    struct report {
        std::uint64_t number = 0;
        bool online = false;
        std::vector<std::string> listening;
        std::uint64_t log_bytes = 0;
        std::vector<missing_status> missing;
        std::optional<id_conflict> conflict;
        network_counters network;
        std::vector<peer_status> peers;
    };

    // --- replica_implementation.cpp: what applications call

    /// Why this thread must not use the replica now, if it must not.
    [[nodiscard]] std::optional<error> misuse() const;
    [[nodiscard]] bool may_wait_for_callbacks() const noexcept;
    void check_use() const;
    [[nodiscard]] bool over_for_this_thread() const noexcept;
    [[nodiscard]] error closed_error() const;
    [[nodiscard]] std::unique_lock<std::mutex> lock_open() const;
    void wait_for_room(std::unique_lock<std::mutex>& lock);
    void wake_locked();
    /// Runs `change` under the lock. If an exception ends it half-way, the replica closes: nobody may go on
    /// with a state that the others never get.
    template <class Change>
    void change_or_close(Change&& change);
    void transact_locked(const transaction_options& options, const std::function<void(transaction&)>& body);
    void begin_closing(std::chrono::milliseconds deadline);
    /// False: a callback still runs, and its thread goes on without anybody who waits for it.
    bool join();
    bool wait_for_last_callback();
    void detach();
    /// Without the lock.
    void tell(log_level level, std::string text, std::vector<log_event::field> fields = {}) noexcept;

    // --- replica_background.cpp: the background thread

    void run() noexcept;
    void wait_for_work(std::chrono::milliseconds most);
    void carry_out_requests();
    [[nodiscard]] result<void> switch_network(bool online);
    void make_report();
    void finish();
    [[nodiscard]] bool all_done();
    [[nodiscard]] result<void> find_unacknowledged();
    /// Closes the replica because a thread of it cannot go on.
    void fail(const char* thread, const char* reason) noexcept;
    void fail_locked(const char* what, const char* reason) noexcept;
    void tell_failure() noexcept;

    // --- replica_callbacks.cpp: the change thread

    void start_change_thread();
    void run_changes() noexcept;
    void tell_changes();
    void stop_changes();
    void call(const notice& n);
    void begin_anew(const listener& who, const std::function<void(transaction&)>& body);
    void callback_failed(const change& c, const char* reason);
    /// `later`: does the same, and is needed where a call_scope is open.
    void unsubscribe(const std::shared_ptr<listener>& who,
                     const std::shared_ptr<put_off>& later = nullptr) noexcept;

    replica_options options_;
    transport::link_options link_options_;
    pid_t process_;
    mutable guarded_state shared_;
    std::condition_variable wakeup_; ///< for the background thread while there are no links

    event_log events_;
    std::shared_ptr<put_off> close_later_;
    storage::memory_log log_;
    std::unique_ptr<transport::links> links_;
    std::unique_ptr<synchronizer> synchronizer_;
    std::atomic<bool> wake_pending_{false};

    std::mutex threads_mutex_;  ///< of whoever joins, guards the following; taken before all others
    bool left_running_ = false; ///< the change thread was detached while it ran a callback
    std::thread thread_;
    std::thread change_thread_;

    bool closing_ = false; ///< guarded by shared_.mutex, as are the following
    bool closed_ = false;
    std::chrono::steady_clock::time_point close_until_;
    std::string failure_; ///< why it closed by itself; has room, so that it can be said when memory is over
    bool failure_told_ = false;
    result<void> close_answer_;
    bool report_wanted_ = false;
    report report_;
    std::optional<bool> online_wanted_;
    std::optional<result<void>> online_answer_;
    std::size_t writers_waiting_ = 0;
    bool telling_ = false; ///< the change thread has taken changes and not told all of them
    bool no_more_changes_ = false;
    bool change_thread_over_ = false;
    std::condition_variable changes_ready_;
    std::uint64_t callbacks_failed_ = 0;
    std::string last_callback_failure_;

    std::atomic<bool> log_is_gone_{false}; ///< its owner did not wait for the thread that would tell it

    std::mutex online_mutex_;  ///< one set_online at a time; taken before shared_.mutex
    std::mutex calling_mutex_; ///< guards the following and listener::dropped; nothing is taken inside
    std::shared_ptr<const listener> running_; ///< whose callback runs
    bool stop_calling_ = false;
    std::condition_variable callback_returned_;
};

} // namespace sangam::engine
