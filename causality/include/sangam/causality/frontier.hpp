#pragma once

#include <sangam/causality/dot.hpp>

#include <span>
#include <vector>

namespace sangam::causality {

/// The maximal dots of a causal past: those that no other dot of it has seen.
///
/// Meaning: the causal past of a replica is exactly the dots of its frontier and all that happened before
///   them. A message that names its origin's frontier therefore names all of its causal past, in as many
///   dots as were concurrent.
/// Invariants: (F1) dots are sorted and no one happened before another; (F2) at most one dot of each replica.
/// Cost: `deliver` is O(f log d), f dots in the frontier, d dependencies; independent of the size of the
///   group.
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: Prakash, Raynal, Singhal, "An Adaptive Causal Ordering Algorithm Suited to Mobile Computing
/// Environments"
///   (1997), whose direct dependencies these are.
class frontier {
public:
    /// Adds `d`, whose own dependencies (besides its origin's previous dot) are `dependencies`, and removes
    /// what d has seen. A maximal dot in d's past can only be a direct dependency of d, because dots arrive
    /// in causal order. Precondition: the dependencies are sorted.
    void deliver(const dot& d, std::span<const dot> dependencies);

    /// In increasing order.
    [[nodiscard]] std::span<const dot> dots() const noexcept { return dots_; }

    /// What a message that `origin` makes now must name: every dot but the origin's own, which its sequence
    /// implies.
    [[nodiscard]] std::vector<dot> dependencies_for(replica_id origin) const;

    friend bool operator==(const frontier&, const frontier&) = default;

private:
    std::vector<dot> dots_;
};

} // namespace sangam::causality
