#pragma once

#include <sangam/crdt/operation_context.hpp>
#include <sangam/crdt/wide_sum.hpp>

#include <cstdint>

namespace sangam::crdt {

/// A counter that only grows.
///
/// Meaning: the sum of all increments.
/// Cost: apply and value are O(1). Causal delivery hands every increment over exactly once, so one sum is
///   enough where state-based counters keep one for each replica.
/// Errors: none; the sum has 128 bits, which 2^64 of the greatest increment cannot fill. `value` clamps.
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: Shapiro et al., "A comprehensive study of Convergent and Commutative Replicated Data Types"
///   (2011), 3.1.1.
class g_counter {
public:
    struct operation {
        std::uint64_t amount = 0;
        friend bool operator==(const operation&, const operation&) = default;
    };

    [[nodiscard]] operation increment(std::uint64_t amount = 1) const noexcept { return {amount}; }
    void apply(const operation& op, const operation_context&) noexcept { sum_ += op.amount; }

    /// The sum, or the greatest 64-bit number when it is greater.
    [[nodiscard]] std::uint64_t value() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return sum_.get() == 0; }

    friend bool operator==(const g_counter&, const g_counter&) = default;

private:
    wide_sum<uint128> sum_;
};

static_assert(operation_based<g_counter>);

} // namespace sangam::crdt
