#pragma once

#include <sangam/causality/replica_id.hpp>
#include <sangam/crdt/by_replica.hpp>
#include <sangam/crdt/operation_context.hpp>

#include <cstdint>
#include <variant>
#include <vector>

namespace sangam::crdt {

/// A counter whose reset takes away exactly what it saw. It is the counter inside maps.
///
/// Meaning: the sum of the increments that no later reset saw.
/// Invariants: (C1) of one origin, what a reset saw is a prefix of its increments; (C2) reset.increments <=
///   seen.increments for each origin once all causal predecessors are applied.
/// Cost: n origins that ever incremented; increment is O(log n), value, empty and reset are O(n). State grows
///   with the origins, not with the increments.
/// Errors: `increment` throws `exception` with errc::counter_overflow when this origin's running total, which
///   counts what was reset too, would leave 64 bits; `apply` is total (wraps on operations that no correct
///   replica makes).
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: the "fat" counter of Antidote, with its dots replaced by prefixes, which causal order makes exact.
class resettable_counter {
public:
    /// The first `increments` increments of `origin`, which sum to `total`.
    struct prefix {
        causality::replica_id origin;
        std::uint64_t increments = 0;
        std::int64_t total = 0;
        friend bool operator==(const prefix&, const prefix&) = default;
    };

    struct increment_op {
        std::int64_t amount = 0;
        friend bool operator==(const increment_op&, const increment_op&) = default;
    };
    struct reset_op {
        std::vector<prefix> seen; ///< sorted by origin; origins with nothing left to reset are not named
        friend bool operator==(const reset_op&, const reset_op&) = default;
    };
    using operation = std::variant<increment_op, reset_op>;

    /// `self` is the replica that will issue the operation.
    [[nodiscard]] increment_op increment(std::int64_t amount, causality::replica_id self) const;
    [[nodiscard]] reset_op reset() const;
    /// False for a reset of increments of somebody else that are not here: its author cannot have seen them.
    [[nodiscard]] bool accepts(const operation& op, causality::replica_id origin) const noexcept;
    /// Precondition: accepts(op, context.id.replica).
    void apply(const operation& op, const operation_context& context);

    /// The sum, clamped to the range of the result.
    [[nodiscard]] std::int64_t value() const noexcept;

    /// True iff every increment was reset: then a map does not show it. Increments that sum to 0 show.
    [[nodiscard]] bool empty() const noexcept;

    friend bool operator==(const resettable_counter&, const resettable_counter&) = default;

private:
    struct share {
        std::uint64_t increments = 0;       ///< of this origin, applied
        std::int64_t total = 0;             ///< their sum
        std::uint64_t reset_increments = 0; ///< the longest prefix that any reset saw
        std::int64_t reset_total = 0;       ///< its sum
        friend bool operator==(const share&, const share&) = default;
    };
    by_replica<share> shares_;
};

static_assert(operation_based<resettable_counter>);

} // namespace sangam::crdt
