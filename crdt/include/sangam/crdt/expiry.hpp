#pragma once

#include <sangam/crdt/few.hpp>
#include <sangam/crdt/observed_dots.hpp>
#include <sangam/crdt/operation_context.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <variant>

namespace sangam::crdt {

/// When something ends.
///
/// Meaning: the greatest deadline among the sets that no later set or reset saw, so of concurrent ones the
///   longest time wins, and "never" over all of them; none if there is no such set. A later set counts also
///   when it is shorter.
/// Invariants: (E1) sets are sorted by their dots, each once; (E2) none of them saw another.
/// Cost: w concurrent sets (1 unless replicas wrote at once): every call is O(w).
/// Errors: apply is total; only allocation throws, and then *this is unchanged.
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: the rule of Redis Active-Active for concurrent EXPIRE and PERSIST. Nothing here looks at a clock:
///   the replica whose set has won ends the thing by an operation, once, and the others wait for that.
class expiry {
public:
    using dots = observed_dots;
    static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

    struct set_op {
        std::uint64_t deadline_ms = never; ///< since the Unix epoch
        dots observed;                     ///< the sets that this replaces
        friend bool operator==(const set_op&, const set_op&) = default;
    };
    struct reset_op {
        dots observed; ///< the sets that this takes away
        friend bool operator==(const reset_op&, const reset_op&) = default;
    };
    using operation = std::variant<set_op, reset_op>;

    [[nodiscard]] set_op set(std::uint64_t deadline_ms) const { return {deadline_ms, observed()}; }
    [[nodiscard]] set_op persist() const { return set(never); }
    [[nodiscard]] reset_op reset() const { return {observed()}; }
    void apply(const operation& op, const operation_context& context);

    /// In milliseconds since the Unix epoch, or `never`; nothing when nothing is set.
    [[nodiscard]] std::optional<std::uint64_t> deadline() const noexcept;
    /// The set that has won: of equal deadlines the one with the greatest dot. Its replica is the one that
    /// ends what this is about.
    [[nodiscard]] std::optional<causality::dot> owner() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return sets_.empty(); }

    friend bool operator==(const expiry&, const expiry&) = default;

private:
    struct entry {
        causality::dot id;
        std::uint64_t deadline_ms = never;
        friend bool operator==(const entry&, const entry&) = default;
    };

    [[nodiscard]] dots observed() const;
    [[nodiscard]] const entry* winner() const noexcept;

    few<entry> sets_;
};

static_assert(operation_based<expiry>);

} // namespace sangam::crdt
