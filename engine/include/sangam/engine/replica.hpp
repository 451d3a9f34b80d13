#pragma once

#include <sangam/causality/error.hpp>
#include <sangam/engine/causal_token.hpp>
#include <sangam/engine/change.hpp>
#include <sangam/engine/errc.hpp>
#include <sangam/engine/handles.hpp>
#include <sangam/engine/options.hpp>
#include <sangam/engine/status.hpp>
#include <sangam/engine/transaction.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace sangam::engine {

/// One copy of the state of a group, kept up to date with the others in causal order.
///
/// Meaning: every replica of a group that has delivered the same messages has the same state; no replica
/// shows a message before all that its
///   author had seen when making it.
/// Cost: reads and writes work on local memory under one lock; sending happens on a background thread. A
/// write waits only when
///   outbox_messages_max of them are not yet in the log.
/// Errors: `open` returns them; handles throw `exception`; waits return `result`.
/// Threads: every member may be called from any thread. Callbacks run one at a time on the background thread,
/// without the lock; they may
///   use the replica, but not wait on it (would_deadlock). A callback must not take a lock that a thread
///   holds while it writes, subscribes or drops a subscription: a write may wait for room that only the
///   background thread makes, and subscribing and dropping wait for the callback that runs.
class replica : public handle_source {
public:
    /// Errors: bad_option, transport::errc::bad_address, socket_failed.
    [[nodiscard]] static result<replica> open(replica_options options);

    replica(replica&&) noexcept;
    replica& operator=(replica&&) noexcept;
    /// Hands what is queued to the transport, as far as peers take it within a second, and stops.
    ~replica();

    /// Runs `body`; what it wrote is one transaction: one dot, everywhere all of it or nothing. Nothing
    /// written: no transaction. Throws what `body` throws; then nothing has changed. Errors: would_deadlock
    /// inside another transaction.
    void transact(const std::function<void(transaction&)>& body) const { transact({}, body); }
    void transact(const transaction_options& options, const std::function<void(transaction&)>& body) const;

    /// All that this replica has seen and done.
    [[nodiscard]] causal_token token() const;

    /// Waits until all that `token` means is delivered here. Errors: timed_out (says what is missing),
    /// closed, would_deadlock.
    [[nodiscard]] result<void> wait_for(const causal_token& token, std::chrono::milliseconds timeout) const;

    /// From now on delivers nothing beyond `clock`, and waits until all of it is delivered. With it a state
    /// at a given clock can be read, and a recorded history be replayed exactly. Own transactions are not
    /// limited. Errors: as wait_for; the limit stays.
    [[nodiscard]] result<void> deliver_up_to(const causality::vector_clock& clock,
                                             std::chrono::milliseconds timeout) const;
    /// Lifts the limit.
    void deliver_all() const;

    /// Calls back for every change of the object `key` (of whatever kind) from now on, local ones included,
    /// in the order of delivery; not for changes made before, even if they are still told to others. A wait
    /// ends when the state is there: callbacks may still have to tell of it. Throws closed; would_deadlock
    /// inside a transaction.
    [[nodiscard]] subscription on_change(std::string_view key, change_callback callback) const;

    /// The same, and runs `begin` as a transaction in whose lock `callback` is registered: what `begin` finds
    /// is exactly the state before the first change that `callback` hears of. So a copy that `begin` takes
    /// and `callback` changes stays equal. What `begin` writes is heard of, too: read first. `begin` runs in
    /// the calling thread while no callback runs; it may wait for room first, like any write. Throws as
    /// transact does, and what `begin` throws; then nothing has changed and `callback` is not registered.
    [[nodiscard]] subscription on_change(std::string_view key, change_callback callback,
                                         const std::function<void(transaction&)>& begin) const;

    /// Cuts (false) or restores the network: sockets are closed and opened again. Writing goes on meanwhile.
    /// Errors of restoring: socket_failed.
    [[nodiscard]] result<void> set_online(bool online) const;

    [[nodiscard]] replica_status status() const;
    [[nodiscard]] causality::replica_id id() const noexcept;
    [[nodiscard]] const std::string& name() const noexcept;

private:
    class implementation;
    explicit replica(std::shared_ptr<implementation> state);
    std::shared_ptr<implementation> implementation_;
};

} // namespace sangam::engine
