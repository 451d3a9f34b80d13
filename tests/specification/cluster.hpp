#pragma once

#include "specification/replica.hpp"

#include <random>

namespace sangam::specification {

/// What a random history is made of.
struct workload {
    std::vector<crdt::object_key> objects;
    std::size_t transactions_max = 24;
    std::size_t replicas = 3;
};

/// Runs one random history: transactions of 1 to 3 steps, delivered in any causal order, until all have all.
/// Returns what went wrong first, or nothing. Short histories are as frequent as long ones, so that a failure
/// is small.
[[nodiscard]] inline std::string run_history(const workload& work, std::mt19937_64& rng) {
    const draw choose = [&](std::size_t below) { return static_cast<std::size_t>(rng() % below); };
    std::vector<replica> replicas;
    for (std::size_t n = 0; n < work.replicas; ++n) {
        replicas.emplace_back(causality::replica_id{(rng() << 8U) + n});
    }
    std::deque<message> sent;
    std::size_t left = 1 + choose(work.transactions_max);
    while (true) {
        replica& chosen = replicas[choose(replicas.size())];
        std::vector<const message*> deliverable;
        bool all_have_all = true;
        for (const message& m : sent) {
            if (!chosen.delivered().contains(m.meant.id) && chosen.delivered().dominates(m.meant.seen)) {
                deliverable.push_back(&m);
            }
            all_have_all = all_have_all && std::ranges::all_of(replicas, [&](const replica& r) {
                               return r.delivered().contains(m.meant.id);
                           });
        }
        if (left > 0 && (deliverable.empty() || choose(3) == 0)) {
            --left;
            chosen.transact(work.objects, 1 + choose(3), choose(4), choose, sent);
        } else if (!deliverable.empty()) {
            chosen.deliver(*deliverable[choose(deliverable.size())]);
        } else if (left == 0 && all_have_all) {
            return {};
        }
        for (const replica& other : replicas) {
            chosen.compare_with(other);
        }
        if (!chosen.problem().empty()) {
            return chosen.problem();
        }
    }
}

} // namespace sangam::specification
