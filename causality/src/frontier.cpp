#include <sangam/causality/frontier.hpp>

#include <algorithm>

namespace sangam::causality {

void frontier::deliver(const dot& d, std::span<const dot> dependencies) {
    std::erase_if(dots_, [&](const dot& known) {
        return known.replica == d.replica || std::ranges::binary_search(dependencies, known);
    });
    dots_.insert(std::ranges::lower_bound(dots_, d), d);
}

std::vector<dot> frontier::dependencies_for(replica_id origin) const {
    std::vector<dot> dependencies;
    for (const dot& d : dots_) {
        if (d.replica != origin) {
            dependencies.push_back(d);
        }
    }
    return dependencies;
}

} // namespace sangam::causality
