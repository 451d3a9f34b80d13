#pragma once

#include <sangam/causality/dot.hpp>

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <iterator>

/// The dots of operations whose effect stands, sorted, each once: what sets, registers and flags keep instead
/// of tombstones, and what operations name as seen.
namespace sangam::crdt {

using observed_dots = boost::container::small_vector<causality::dot, 1>;

/// Takes `observed`, in any order, out of `live`. From the back, so that taking all away moves nothing.
inline void take_away(observed_dots& live, const observed_dots& observed) noexcept {
    for (auto seen = observed.rbegin(); seen != observed.rend(); ++seen) {
        const auto at = std::ranges::lower_bound(live, *seen);
        if (at != live.end() && *at == *seen) {
            live.erase(at);
        }
    }
}

inline void put_in(observed_dots& live, const causality::dot& id) {
    const auto place = std::ranges::lower_bound(live, id);
    if (place == live.end() || *place != id) {
        live.insert(place, id);
    }
}

/// For and against: what a type keeps in which the one against wins over a concurrent one for.
///
/// Meaning: a vote replaces the votes that it saw, of both sides. Carried iff some vote for stands and none
/// against.
struct opposed_dots {
    observed_dots in_favour;
    observed_dots against;

    [[nodiscard]] bool carried() const noexcept { return against.empty() && !in_favour.empty(); }
    [[nodiscard]] bool empty() const noexcept { return against.empty() && in_favour.empty(); }
    /// All that stands, sorted.
    [[nodiscard]] observed_dots all() const {
        observed_dots both;
        both.reserve(in_favour.size() + against.size());
        std::ranges::set_union(in_favour, against, std::back_inserter(both));
        return both;
    }
    void take(const observed_dots& observed) noexcept {
        take_away(in_favour, observed);
        take_away(against, observed);
    }

    friend bool operator==(const opposed_dots&, const opposed_dots&) = default;
};

} // namespace sangam::crdt
