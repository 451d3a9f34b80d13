#pragma once

#include <sangam/crdt/operation_context.hpp>
#include <sangam/crdt/wide_sum.hpp>

#include <cstdint>

namespace sangam::crdt {

/// A counter that goes up and down.
///
/// Meaning: the sum of all increments, negative ones included.
/// Cost: apply and value are O(1); see g_counter for why one sum is enough.
/// Errors: none; the sum has 128 bits and is clamped only when it is read.
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: Shapiro et al., "A comprehensive study of Convergent and Commutative Replicated Data Types"
///   (2011), 3.1.2.
class pn_counter {
public:
    struct operation {
        std::int64_t amount = 0;
        friend bool operator==(const operation&, const operation&) = default;
    };

    [[nodiscard]] operation increment(std::int64_t amount = 1) const noexcept { return {amount}; }
    void apply(const operation& op, const operation_context&) noexcept { sum_ += op.amount; }

    /// The sum, clamped to the range of the result.
    [[nodiscard]] std::int64_t value() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return sum_.get() == 0; }

    friend bool operator==(const pn_counter&, const pn_counter&) = default;

private:
    wide_sum<int128> sum_;
};

static_assert(operation_based<pn_counter>);

} // namespace sangam::crdt
