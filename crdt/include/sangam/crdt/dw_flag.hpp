#pragma once

#include <sangam/crdt/observed_dots.hpp>
#include <sangam/crdt/operation_context.hpp>

#include <variant>

namespace sangam::crdt {

/// A truth in which a concurrent disable beats an enable.
///
/// Meaning: operations that a later reset saw do not count; of those that count and that no later one saw,
///   some is an enable and none a disable.
/// Invariants: the live dots are sorted, each once; no live operation has seen another.
/// Cost: d live dots (at most one for each replica that wrote concurrently); every call is O(d log d). A
///   disable is kept until an enable or a reset has seen it: it has to win over enables still to come.
/// Errors: apply is total; only allocation throws, and then *this is unchanged.
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: the disable-wins flag of Antidote: an rw_set of one element.
class dw_flag {
public:
    using dots = observed_dots;

    struct enable_op {
        dots observed; ///< the live operations that this replaces
        friend bool operator==(const enable_op&, const enable_op&) = default;
    };
    struct disable_op {
        dots observed; ///< the live operations that this replaces
        friend bool operator==(const disable_op&, const disable_op&) = default;
    };
    struct reset_op {
        dots observed; ///< the live operations that this takes away
        friend bool operator==(const reset_op&, const reset_op&) = default;
    };
    using operation = std::variant<enable_op, disable_op, reset_op>;

    [[nodiscard]] enable_op enable() const { return {votes_.all()}; }
    [[nodiscard]] disable_op disable() const { return {votes_.all()}; }
    [[nodiscard]] reset_op reset() const { return {votes_.all()}; }
    void apply(const operation& op, const operation_context& context);

    [[nodiscard]] bool enabled() const noexcept { return votes_.carried(); }
    [[nodiscard]] bool empty() const noexcept { return !enabled(); }
    /// True iff not even a disable is left that has to win: then a reset has nothing to take away.
    [[nodiscard]] bool nothing_to_reset() const noexcept { return votes_.empty(); }

    friend bool operator==(const dw_flag&, const dw_flag&) = default;

private:
    opposed_dots votes_;
};

static_assert(operation_based<dw_flag>);

} // namespace sangam::crdt
