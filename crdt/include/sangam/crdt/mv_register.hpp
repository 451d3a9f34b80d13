#pragma once

#include <sangam/crdt/register_writes.hpp>

#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace sangam::crdt {

/// A register that keeps every value that was assigned concurrently, for the application to resolve.
///
/// Meaning: the contents of the assigns that no later assign or reset saw.
/// Invariants: those of register_writes.
/// Cost: as register_writes; `values` sorts.
/// Errors: apply is total; only allocation throws, and then *this is unchanged.
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: DeCandia et al., "Dynamo: Amazon's Highly Available Key-value Store" (2007); Shapiro et al., "A
///   comprehensive study of Convergent and Commutative Replicated Data Types" (2011), 3.2.2.
class mv_register {
public:
    using dots = observed_dots;

    struct assign_op {
        crdt::value content;
        dots observed; ///< the writes that this replaces
        friend bool operator==(const assign_op&, const assign_op&) = default;
    };
    struct reset_op {
        dots observed; ///< the writes that this takes away
        friend bool operator==(const reset_op&, const reset_op&) = default;
    };
    using operation = std::variant<assign_op, reset_op>;

    [[nodiscard]] assign_op assign(crdt::value content) const {
        return {std::move(content), writes_.observed()};
    }
    [[nodiscard]] reset_op reset() const { return {writes_.observed()}; }
    void apply(const operation& op, const operation_context& context);

    /// Sorted; a content that two replicas assigned concurrently is there twice.
    [[nodiscard]] std::vector<crdt::value> values() const;
    /// The same with dots and times, in the order of the dots. Valid until the next apply.
    [[nodiscard]] std::span<const register_write> writes() const noexcept { return writes_.all(); }
    [[nodiscard]] bool empty() const noexcept { return writes_.empty(); }

    friend bool operator==(const mv_register&, const mv_register&) = default;

private:
    register_writes writes_;
};

static_assert(operation_based<mv_register>);

} // namespace sangam::crdt
