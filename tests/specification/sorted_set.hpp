#pragma once

#include "specification/history.hpp"

#include <sangam/crdt/sorted_set.hpp>

#include <map>
#include <tuple>

namespace sangam::specification {

using ranking = std::vector<crdt::sorted_set::scored>;

/// What counts of one member: no later assign or remove of it and no reset saw it.
[[nodiscard]] inline history counting_of(const history& all, const crdt::value& member) {
    const auto takes_back = [&](const update& u) {
        const score* const scored = u.as<score>();
        const remove* const removed = u.as<remove>();
        return is_reset(u) || (scored != nullptr && scored->member == member) ||
               (removed != nullptr && removed->element == member);
    };
    history counting;
    for (const update& u : all) {
        const score* const scored = u.as<score>();
        const raise* const raised = u.as<raise>();
        const bool of_member = (scored != nullptr && scored->member == member) ||
                               (raised != nullptr && raised->member == member);
        if (of_member && !taken_back(all, u, takes_back)) {
            counting.push_back(u);
        }
    }
    return counting;
}

/// The last assigned base (or 0) and the sum of the increments, of what counts.
[[nodiscard]] inline double score_of(const history& counting) {
    const auto rank = [](const update& u) { return std::tuple(u.in->time, u.in->id, u.index); };
    const update* base = nullptr;
    double sum = 0;
    for (const update& u : counting) {
        if (const raise* const raised = u.as<raise>()) {
            sum += raised->amount;
        } else if (base == nullptr || rank(*base) < rank(u)) {
            base = &u;
        }
    }
    return sum + (base != nullptr ? base->as<score>()->base : 0.0);
}

/// The members of which something counts, by score, then by member.
[[nodiscard]] inline ranking sorted_set(const history& all) {
    std::map<crdt::value, history> members;
    for (const update& u : all) {
        if (const score* const scored = u.as<score>()) {
            members[scored->member] = counting_of(all, scored->member);
        } else if (const raise* const raised = u.as<raise>()) {
            members[raised->member] = counting_of(all, raised->member);
        }
    }
    ranking ranked;
    for (const auto& [member, counting] : members) {
        if (!counting.empty()) {
            ranked.push_back({member, score_of(counting)});
        }
    }
    std::ranges::sort(ranked, {}, [](const auto& s) { return std::pair(s.score, s.member); });
    return ranked;
}

} // namespace sangam::specification
