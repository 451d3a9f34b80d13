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
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace sangam::engine {

/// What a `replica` and its handles share: the state, its lock, and the background thread that owns sockets,
/// log and timers.
///
/// Threads: application threads take `shared_.mutex` for reads and writes; the background thread takes it for
/// short times. `synchronizer_`, `log_` and
///   polling belong to the background thread alone; `links_` is replaced by it under the lock, so that others
///   may wake it.
class replica::implementation final : public executor,
                                      public std::enable_shared_from_this<replica::implementation> {
public:
    implementation(replica_options options, transport::link_options link_options);
    ~implementation() override;

    [[nodiscard]] result<void> start();
    void close();

    void read(const object_address& address, const reader& read) const override;
    void write(const object_address& address, std::span<const preparer> steps) override;
    using executor::write;

    void transact(const transaction_options& options, const std::function<void(transaction&)>& body);
    [[nodiscard]] causal_token token() const;
    [[nodiscard]] result<void> wait_for(const causality::vector_clock& clock,
                                        std::chrono::milliseconds timeout);
    void limit_delivery(std::optional<causality::vector_clock> limit);
    /// `begin` may be empty.
    [[nodiscard]] subscription on_change(std::string key, change_callback callback,
                                         const std::function<void(transaction&)>& begin);
    void unsubscribe(std::uint64_t registration);
    [[nodiscard]] result<void> set_online(bool online);
    [[nodiscard]] replica_status status();
    [[nodiscard]] causality::replica_id id() const noexcept { return shared_.state.self(); }
    [[nodiscard]] const std::string& name() const noexcept { return options_.name; }

private:
    struct listener {
        std::string key;
        std::shared_ptr<const change_callback> callback;
        std::uint64_t first_change = 0; ///< the number of the first change that it may hear of
    };
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

    [[nodiscard]] bool on_background_thread() const noexcept;
    [[nodiscard]] bool in_transaction() const noexcept;
    [[nodiscard]] std::unique_lock<std::mutex> lock_for_use() const;
    void wait_for_room(std::unique_lock<std::mutex>& lock);
    void wake_locked();
    void transact_locked(const transaction_options& options, const std::function<void(transaction&)>& body);

    void run();
    void wait_for_work();
    void carry_out_requests();
    [[nodiscard]] result<void> switch_network(bool online);
    void dispatch_changes();
    void make_report();
    void finish();

    replica_options options_;
    transport::link_options link_options_;
    mutable guarded_state shared_;
    std::condition_variable wakeup_; ///< for the background thread while there are no links

    event_log events_;
    storage::memory_log log_;
    std::unique_ptr<transport::links> links_;
    std::unique_ptr<synchronizer> synchronizer_;
    std::thread thread_;
    std::atomic<std::thread::id> background_id_;
    std::atomic<std::thread::id> transaction_id_;
    std::atomic<bool> wake_pending_{false};

    bool closing_ = false; ///< guarded by shared_.mutex, as are the following
    bool closed_ = false;
    bool report_wanted_ = false;
    report report_;
    std::optional<bool> online_wanted_;
    std::optional<result<void>> online_answer_;

    std::mutex online_mutex_;              ///< one set_online at a time
    std::recursive_mutex listeners_mutex_; ///< held while a callback runs; taken before shared_.mutex
    std::map<std::uint64_t, listener> listeners_;
    std::uint64_t last_registration_ = 0;
};

} // namespace sangam::engine
