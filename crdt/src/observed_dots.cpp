#include <sangam/crdt/observed_dots.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace sangam::crdt {

/// From the back, so that taking all away moves nothing.
void take_away(observed_dots& live, const observed_dots& observed) noexcept {
    for (std::size_t i = observed.size(); i > 0; --i) {
        const causality::dot& seen = observed[i - 1];
        const auto at = std::ranges::lower_bound(live, seen);
        if (at != live.end() && *at == seen) {
            live.erase(at);
        }
    }
}

void put_in(observed_dots& live, const causality::dot& id) {
    const auto place = std::ranges::lower_bound(live, id);
    if (place == live.end() || *place != id) {
        live.insert(place, id);
    }
}

bool opposed_dots::carried() const noexcept {
    return against.empty() && !in_favour.empty();
}

observed_dots opposed_dots::all() const {
    observed_dots both;
    both.reserve(in_favour.size() + against.size());
    std::ranges::set_union(in_favour, against, std::back_inserter(both));
    return both;
}

void opposed_dots::take(const observed_dots& observed) noexcept {
    take_away(in_favour, observed);
    take_away(against, observed);
}

} // namespace sangam::crdt
