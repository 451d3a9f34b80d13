#pragma once

#include <sangam/causality/hybrid_clock.hpp>
#include <sangam/crdt/object.hpp>
#include <sangam/delivery/causal_buffer.hpp>
#include <sangam/delivery/outbox.hpp>
#include <sangam/engine/change.hpp>
#include <sangam/engine/change_feed.hpp>
#include <sangam/engine/executor.hpp>
#include <sangam/engine/keyspace.hpp>
#include <sangam/engine/log_event.hpp>
#include <sangam/engine/options.hpp>
#include <sangam/transport/message.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sangam::engine {

/// The replicated state of one replica and the path of a message through it, without threads, sockets or a
/// clock of its own.
///
/// Meaning: objects hold exactly the effects of the messages in `delivered()`, applied in one causal order.
/// Invariants: (S1) a dot is minted, applied and queued for the log in one call, so none can be minted
///   twice; (S2) own and remote messages take the same `apply`; (S3) the outbox holds what is delivered and
///   not yet in the log, in the order of delivery.
/// Cost: a local operation costs its type's prepare and apply and O(frontier); a remote one
///   causal_buffer::offer and apply. Errors: local calls throw `exception` before anything has changed. When
///   there is no memory they throw std::bad_alloc, and if that was too late for that, `broken` says so. A
///   remote message that is invalid in its causal past has no effect anywhere: it is delivered, counted, and
///   kept in the log.
/// Threads: none; the caller's lock.
class replica_state {
public:
    replica_state(causality::replica_id self, const replica_options& options);

    [[nodiscard]] causality::replica_id self() const noexcept { return self_; }
    [[nodiscard]] const causality::vector_clock& delivered() const noexcept { return buffer_.delivered(); }
    [[nodiscard]] const delivery::causal_buffer<transport::message>& buffer() const noexcept {
        return buffer_;
    }
    [[nodiscard]] std::size_t objects() const noexcept { return objects_.size(); }
    [[nodiscard]] std::uint64_t messages_invalid() const noexcept { return messages_invalid_; }
    /// Objects whose time had come and that one transaction could not hold: they stay.
    [[nodiscard]] std::uint64_t expiries_failed() const noexcept { return expiries_failed_; }

    /// The object at an address, an empty one of its kind if there is none. Throws errc::wrong_type if the
    /// key holds another kind.
    [[nodiscard]] const crdt::object& view(const object_address& address) const;

    /// One local transaction on one object: each step prepares operations on what the steps before it left.
    /// Only the first step may throw. No operations: no transaction, and false.
    bool write(const object_address& address, std::span<const executor::preparer> steps,
               std::uint64_t wall_ms);

    /// A transaction on any objects: a copy of what it touches, which `commit` puts in place.
    struct draft {
        crdt::operation_context context;
        std::unordered_map<std::string, std::vector<std::pair<crdt::object_kind, crdt::object>>> touched;
        std::vector<crdt::keyed_operation> operations;
        std::vector<change> changes;
    };
    [[nodiscard]] draft begin(std::uint64_t wall_ms);
    [[nodiscard]] const crdt::object& view(const draft& d, const object_address& address) const;
    void write(draft& d, const object_address& address, std::span<const executor::preparer> steps);
    /// Throws errc::bad_option (dependencies that are not delivered here), crdt::errc::too_large; then
    /// nothing has changed. False: nothing was written.
    bool commit(draft d, const transaction_options& options);

    /// A message from another replica. Returns what became of it; it and what it released are applied. What
    /// it says of its time delays nothing: the wall clock only serves to know the skew.
    delivery::offer_outcome offer(transport::message message, std::uint64_t wall_ms);
    /// Lets time pass: ends the objects that this replica has to end.
    void tick(std::uint64_t wall_ms);
    void limit_delivery(std::optional<causality::vector_clock> limit);

    /// By how much the time of a message was ahead of the wall clock here when the message came: the greatest
    /// yet, negative when all were behind; nothing before the first. An hour means that some clock is an hour
    /// ahead of this one; about minus an hour, while others write, that this one is an hour ahead of all.
    [[nodiscard]] std::optional<std::int64_t> skew_ms() const noexcept { return skew_ms_; }

    /// False when half of what may be held back is: then nothing more should be asked for.
    [[nodiscard]] bool has_room_for(causality::replica_id origin) const;

    /// The next run of consecutive messages of one origin that are delivered and not in the log yet; empty if
    /// there is none.
    [[nodiscard]] std::vector<transport::message> take_batch() { return outbox_.take_batch(); }
    [[nodiscard]] std::size_t outbox_messages() const noexcept { return outbox_.size(); }
    /// True at or past the options' limits: then writers wait and the log goes first.
    [[nodiscard]] bool outbox_full() const noexcept {
        return outbox_.size() >= outbox_messages_max_ || outbox_.bytes() >= outbox_bytes_max_;
    }

    /// What happened since the last call that somebody should hear of; later ones of very many are left out.
    [[nodiscard]] std::vector<log_event> take_notices() { return std::exchange(notices_, {}); }

    /// An exception has come between a change and its way to the others: objects, clock and outbox may
    /// disagree, and whoever goes on with them may show what nobody else ever gets.
    [[nodiscard]] bool broken() const noexcept { return half_done_; }

    /// Who hears of changes, and what they are still to hear.
    [[nodiscard]] change_feed& changes() noexcept { return changes_; }
    [[nodiscard]] const change_feed& changes() const noexcept { return changes_; }

private:
    [[nodiscard]] crdt::operation_context mint(std::uint64_t wall_ms);
    void narrow_frontier(std::uint64_t wall_ms);
    void refuse_other_kinds(const crdt::object_key& key) const;
    void apply(crdt::object& object, const crdt::keyed_operation& op, const crdt::operation_context& context,
               std::vector<change>& changes);
    void tell(std::vector<change>&& changes) noexcept;
    void finish(const crdt::operation_context& context, std::vector<causality::dot> dependencies,
                std::vector<crdt::keyed_operation> operations);
    void deliver(transport::message message);
    void notice(log_level level, std::string text, std::vector<log_event::field> fields);
    void watch_expiries(const std::vector<crdt::keyed_operation>& operations);
    [[nodiscard]] std::optional<std::uint64_t> own_deadline(const object_address& address) const;
    void end_expired(std::uint64_t wall_ms);
    void end(const object_address& expiry, std::uint64_t wall_ms);
    [[nodiscard]] bool accepts(const causality::dot& id,
                               std::span<const crdt::keyed_operation> operations) const;
    [[nodiscard]] std::vector<causality::dot>
    dependencies_of(const std::vector<crdt::keyed_operation>& operations,
                    const transaction_options& options) const;

    causality::replica_id self_;
    delivery::buffer_limits limits_;
    std::size_t outbox_messages_max_;
    std::size_t outbox_bytes_max_;
    causality::hybrid_clock clock_;
    delivery::causal_buffer<transport::message> buffer_;
    delivery::outbox<transport::message> outbox_;
    keyspace objects_;
    change_feed changes_;
    std::set<std::pair<std::uint64_t, object_address>> deadlines_; ///< may be out of date
    std::vector<log_event> notices_;
    std::uint64_t messages_invalid_ = 0;
    std::optional<std::int64_t> skew_ms_;
    std::uint64_t expiries_failed_ = 0;
    bool half_done_ = false; ///< during a change; stays when an exception ends it
};

} // namespace sangam::engine
