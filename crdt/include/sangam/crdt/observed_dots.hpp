#pragma once

#include <sangam/causality/dot.hpp>
#include <sangam/crdt/few.hpp>

/// The dots of operations whose effect stands, sorted, each once: what sets, registers and flags keep instead
/// of tombstones, and what operations name as seen.
namespace sangam::crdt {

using observed_dots = few<causality::dot>;

/// Takes `observed`, in any order, out of `live`.
void take_away(observed_dots& live, const observed_dots& observed) noexcept;
/// Puts `id` in its place, unless it is there.
void put_in(observed_dots& live, const causality::dot& id);

/// For and against: what a type keeps in which the one against wins over a concurrent one for.
///
/// Meaning: a vote replaces the votes that it saw, of both sides. Carried iff some vote for stands and none
/// against.
struct opposed_dots {
    observed_dots in_favour;
    observed_dots against;

    [[nodiscard]] bool carried() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return against.empty() && in_favour.empty(); }
    /// All that stands, sorted.
    [[nodiscard]] observed_dots all() const;
    /// Takes away what was seen of both sides.
    void take(const observed_dots& observed) noexcept;

    friend bool operator==(const opposed_dots&, const opposed_dots&) = default;
};

} // namespace sangam::crdt
