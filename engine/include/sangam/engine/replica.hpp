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
///   shows a message before all that its author had seen when making it.
/// Cost: reads and writes work on local memory under one lock; sending happens on a background thread. A
///   write waits only when outbox_messages_max of them, or outbox_bytes_max, are not yet in the log; never
///   for a callback.
/// Errors: `open` returns them; handles throw `exception`; what returns `result` returns its errors, and
///   everything else throws them. Of every member:
///   closed          the replica is closed, by `close`, by its destructor or because a thread of it could not
///                   go on (the error says why). One that was moved from throws it from every member.
///   would_deadlock  a transaction is open on this thread, of this replica or of another: two threads that
///                   each take a second replica inside a transaction could wait for each other. The error
///                   names both. Also inside a log callback.
///   forked          another process opened it, and this one was forked from that: open a new one. To
///                   destroy it here does nothing; its memory and sockets stay until the process ends.
/// Threads: every member may be called from any thread. Callbacks run one at a time on a thread of their
///   own, without the lock, and may do what any other code may, but `close`. What waits for them is bounded:
///   see change::missed. The replica may be destroyed anywhere: inside a callback that only begins to close
///   it; inside a transaction it is closed when the transaction is over.
class replica : public handle_source {
public:
    /// Errors: bad_option, transport::errc::bad_address, socket_failed.
    [[nodiscard]] static result<replica> open(replica_options options);

    replica(replica&&) noexcept;
    replica& operator=(replica&&) noexcept;
    /// As close(1 s), and tells replica_options::log what was not acknowledged.
    ~replica();

    /// Takes no more writes, but those of callbacks that run; brings what was written to the peers until all
    /// of them have acknowledged it or the time is over, and stops. Peers are those that are connected, and
    /// all addresses that this replica connects to. As long as there is time callbacks hear of what has
    /// happened, and the last is waited for; then it runs on alone. Closing again gives the same answer.
    /// Errors: timed_out (not acknowledged by whom, a callback runs on); would_deadlock inside a callback.
    [[nodiscard]] result<void> close(std::chrono::milliseconds deadline) const;

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
    /// ends when the state is there: callbacks may still have to tell of it. Nobody waits for a callback that
    /// is too slow: past limits::changes_waiting_max changes or changes_waiting_bytes_max bytes it loses what
    /// it has not heard, and hears of one change that says so (change::missed).
    [[nodiscard]] subscription on_change(std::string_view key, change_callback callback) const;

    /// The same, and runs `begin` as a transaction in whose lock `callback` is registered: what `begin` finds
    /// is exactly the state before the first change that `callback` hears of. So a copy that `begin` takes
    /// and `callback` changes stays equal, if `callback` calls change::begin_anew when it has missed
    /// something. What `begin` writes is heard of, too: read first. `begin` runs in the calling thread; it
    /// may wait for room first, like any write. `callback` may be called before on_change returns. Throws as
    /// transact does, and what `begin` throws; then nothing has changed and `callback` is not registered.
    [[nodiscard]] subscription on_change(std::string_view key, change_callback callback,
                                         const std::function<void(transaction&)>& begin) const;

    /// Cuts (false) or restores the network: sockets are closed and opened again. Writing goes on meanwhile.
    /// Errors of restoring: socket_failed.
    [[nodiscard]] result<void> set_online(bool online) const;

    /// As the replica is now; what the background thread knows may be older, if that is busy for more than
    /// 100 ms. A closed replica's is what it was when it closed, without network and peers.
    [[nodiscard]] replica_status status() const;
    /// Always, also when it is closed: only a replica that was moved from throws.
    [[nodiscard]] causality::replica_id id() const;
    [[nodiscard]] const std::string& name() const;

private:
    class implementation;
    [[nodiscard]] implementation& the() const;
    explicit replica(std::shared_ptr<implementation> state);
    std::shared_ptr<implementation> implementation_;
};

} // namespace sangam::engine
