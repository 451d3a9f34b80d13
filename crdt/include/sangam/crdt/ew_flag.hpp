#pragma once

#include <sangam/crdt/observed_dots.hpp>
#include <sangam/crdt/operation_context.hpp>

#include <variant>

namespace sangam::crdt {

/// A truth in which a concurrent enable beats a disable.
///
/// Meaning: enabled iff some enable has no disable (or reset, which is the same) that saw it.
/// Invariants: the live dots are sorted, each once.
/// Cost: d live dots (at most one for each replica that enabled concurrently); every call is O(d log d).
/// Errors: apply is total; only allocation throws, and then *this is unchanged.
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: the enable-wins flag of Riak and Antidote: an or_set of one element.
class ew_flag {
public:
    using dots = observed_dots;

    struct enable_op {
        dots observed; ///< the live enables that this replaces
        friend bool operator==(const enable_op&, const enable_op&) = default;
    };
    struct disable_op {
        dots observed; ///< the live enables that this takes away
        friend bool operator==(const disable_op&, const disable_op&) = default;
    };
    using operation = std::variant<enable_op, disable_op>;

    [[nodiscard]] enable_op enable() const { return {live_}; }
    [[nodiscard]] disable_op disable() const { return {live_}; }
    [[nodiscard]] disable_op reset() const { return disable(); }
    void apply(const operation& op, const operation_context& context);

    [[nodiscard]] bool enabled() const noexcept { return !live_.empty(); }
    [[nodiscard]] bool empty() const noexcept { return !enabled(); }

    friend bool operator==(const ew_flag&, const ew_flag&) = default;

private:
    dots live_;
};

static_assert(operation_based<ew_flag>);

} // namespace sangam::crdt
