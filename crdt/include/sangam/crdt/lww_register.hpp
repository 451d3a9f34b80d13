#pragma once

#include <sangam/crdt/register_writes.hpp>

#include <span>
#include <utility>
#include <variant>

namespace sangam::crdt {

/// Orders concurrent writes by time, then by replica: the rule of every register in the product.
struct later_then_greater_replica {
    [[nodiscard]] static bool wins(const register_write& a, const register_write& b) noexcept;
};

/// A register in which the last writer wins.
///
/// Meaning: the assign with the greatest (time, replica) among those that no later reset saw; empty if there
///   is none.
/// Invariants: those of register_writes.
/// Cost: as register_writes. The losers of a conflict are kept until a later write, because a reset that saw
///   only the winner must bring back the loser that it did not see.
/// Errors: apply is total; only allocation throws, and then *this is unchanged.
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: Johnson and Thomas, RFC 677 (1975); times are hybrid, so a causally later write always wins.
///   `TieRule::wins` must be a strict total order in which a greater time wins.
template <class TieRule>
class basic_lww_register {
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

    /// The winner's value; null when nothing is assigned.
    [[nodiscard]] crdt::value value() const;
    /// The winner, or nullptr. Valid until the next apply.
    [[nodiscard]] const register_write* winner() const noexcept;
    /// The winner and what lost against it, in the order of their dots. Valid until the next apply.
    [[nodiscard]] std::span<const register_write> writes() const noexcept { return writes_.all(); }
    [[nodiscard]] bool empty() const noexcept { return writes_.empty(); }

    friend bool operator==(const basic_lww_register&, const basic_lww_register&) = default;

private:
    register_writes writes_;
};

template <class TieRule>
void basic_lww_register<TieRule>::apply(const operation& op, const operation_context& context) {
    if (const assign_op* const assign = std::get_if<assign_op>(&op)) {
        writes_.assign(assign->content, assign->observed, context);
    } else {
        writes_.reset(std::get<reset_op>(op).observed);
    }
}

template <class TieRule>
crdt::value basic_lww_register<TieRule>::value() const {
    const register_write* const best = winner();
    return best != nullptr ? best->content : crdt::value();
}

template <class TieRule>
const register_write* basic_lww_register<TieRule>::winner() const noexcept {
    const register_write* best = nullptr;
    for (const register_write& write : writes()) {
        if (best == nullptr || TieRule::wins(write, *best)) {
            best = &write;
        }
    }
    return best;
}

using lww_register = basic_lww_register<later_then_greater_replica>;
extern template class basic_lww_register<later_then_greater_replica>;

static_assert(operation_based<lww_register>);

} // namespace sangam::crdt
