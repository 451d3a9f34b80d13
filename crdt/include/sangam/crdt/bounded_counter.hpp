#pragma once

#include <sangam/causality/replica_id.hpp>
#include <sangam/crdt/by_replica.hpp>
#include <sangam/crdt/operation_context.hpp>
#include <sangam/crdt/wide_sum.hpp>

#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

namespace sangam::crdt {

/// A counter that never falls below 0, also while replicas cannot hear of each other.
///
/// Meaning: the sum of the increments less the sum of the decrements. An increment gives its replica rights,
///   a decrement uses rights of its own replica, a transfer hands rights to another replica. A replica that
///   has no rights left is refused, so the sum of the rights, which is the value, never falls below 0.
/// Invariants: (C1) the value is the sum of the rights; (C2) no replica's rights are negative once all causal
///   predecessors of what is applied are, if every replica is correct; (C3) rights of 0 are not stored.
/// Cost: n replicas that have rights; every operation is O(log n), value is O(n). Because causal delivery
///   hands each operation over exactly once, the source's matrix of transfers is needed only as the sums of
///   its rows: one number a replica.
/// Errors: `increment` throws `exception` with errc::counter_overflow when the value would leave 64 bits,
///   `decrement` and `transfer` with errc::insufficient_rights. `apply` is total: operations that no correct
///   replica makes can bring the sum below 0, where `value` shows 0.
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: Balegas et al., "Extending Eventually Consistent Cloud Databases for Enforcing Numeric Invariants"
///   (2015). A bound other than 0 is an offset; an upper bound is a counter of what is still free.
class bounded_counter {
public:
    struct increment_op {
        std::uint64_t amount = 0;
        friend bool operator==(const increment_op&, const increment_op&) = default;
    };
    struct decrement_op {
        std::uint64_t amount = 0;
        friend bool operator==(const decrement_op&, const decrement_op&) = default;
    };
    struct transfer_op {
        causality::replica_id to;
        std::uint64_t amount = 0;
        friend bool operator==(const transfer_op&, const transfer_op&) = default;
    };
    using operation = std::variant<increment_op, decrement_op, transfer_op>;

    /// `self` is the replica that will issue the operation.
    [[nodiscard]] increment_op increment(std::uint64_t amount, causality::replica_id self) const;
    [[nodiscard]] decrement_op decrement(std::uint64_t amount, causality::replica_id self) const;
    /// To oneself it changes nothing, and needs the rights all the same.
    [[nodiscard]] transfer_op transfer(std::uint64_t amount, causality::replica_id to,
                                       causality::replica_id self) const;
    void apply(const operation& op, const operation_context& context);

    /// The sum, clamped to the range of the result.
    [[nodiscard]] std::uint64_t value() const noexcept;
    /// What `replica` may take, as far as is known here.
    [[nodiscard]] std::uint64_t rights(causality::replica_id replica) const noexcept;
    /// Of every replica that has any, by increasing id.
    [[nodiscard]] std::vector<std::pair<causality::replica_id, std::uint64_t>> all_rights() const;
    [[nodiscard]] bool empty() const noexcept { return value() == 0; }

    friend bool operator==(const bounded_counter&, const bounded_counter&) = default;

private:
    [[nodiscard]] int128 sum() const noexcept;
    void require_rights(const char* what, std::uint64_t amount, causality::replica_id self) const;
    void add(causality::replica_id replica, int128 amount);

    by_replica<wide_sum<int128>> rights_;
};

static_assert(operation_based<bounded_counter>);

} // namespace sangam::crdt
