#pragma once

#include <sangam/causality/dot.hpp>
#include <sangam/causality/hybrid_clock.hpp>
#include <sangam/crdt/few.hpp>
#include <sangam/crdt/observed_dots.hpp>
#include <sangam/crdt/operation_context.hpp>
#include <sangam/crdt/value.hpp>

#include <span>

namespace sangam::crdt {

/// One assignment that nothing later has replaced.
struct register_write {
    causality::hybrid_time time;
    causality::dot id;
    crdt::value content;
    friend bool operator==(const register_write&, const register_write&) = default;
};

/// The writes of a register that no later assign or reset saw.
///
/// Invariants: (R1) writes are sorted by their dots, each once; (R2) none of them saw another.
/// Cost: w writes (1 unless replicas wrote at once), d observed dots (d <= w): a change is O(w d).
/// Errors: only allocation throws, and then *this is unchanged.
class register_writes {
public:
    [[nodiscard]] std::span<const register_write> all() const noexcept { return {writes_}; }
    [[nodiscard]] bool empty() const noexcept { return writes_.empty(); }
    /// The dots of all.
    [[nodiscard]] observed_dots observed() const;

    /// A write in the place of those that it saw, and of an earlier one of its own transaction.
    void assign(const value& content, const observed_dots& seen, const operation_context& context);
    void reset(const observed_dots& seen);

    friend bool operator==(const register_writes&, const register_writes&) = default;

private:
    using writes = few<register_write>;

    template <class Goes>
    [[nodiscard]] writes without(Goes goes) const;

    writes writes_;
};

} // namespace sangam::crdt
