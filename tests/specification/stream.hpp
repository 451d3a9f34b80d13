#pragma once

#include "specification/history.hpp"

#include <map>
#include <set>
#include <tuple>

namespace sangam::specification {

/// What a stream shows, and the groups in it.
struct stream_meaning {
    std::vector<crdt::stream::entry> entries; ///< by id
    std::map<std::string, std::vector<crdt::stream::pending_entry>> pending;
    std::map<std::string, std::vector<crdt::stream::entry_name>> fresh; ///< new to the group, by id
    friend bool operator==(const stream_meaning&, const stream_meaning&) = default;
};

/// The groups that anybody speaks of in a test.
inline constexpr const char* stream_groups[] = {"g", "h"};

/// The entries that were appended and that no trim names; what a reset saw is trimmed. An origin's entries
/// are numbered in its own order.
[[nodiscard]] inline std::vector<crdt::stream::entry> stream_entries(const history& all) {
    std::map<causality::replica_id, std::uint64_t> appended;
    std::vector<crdt::stream::entry> entries;
    for (const update& u : all) {
        if (const append* const a = u.as<append>()) {
            const causality::replica_id origin = u.in->id.replica;
            const std::uint64_t number = ++appended[origin];
            const bool trimmed = std::ranges::any_of(all, [&](const update& other) {
                const trim* const t = other.as<trim>();
                return (is_reset(other) && happened_before(u, other)) ||
                       (t != nullptr && number <= t->up_to[origin]);
            });
            if (!trimmed) {
                entries.push_back({{u.in->time, origin, number}, a->fields});
            }
        }
    }
    std::ranges::sort(entries, {}, &crdt::stream::entry::id);
    return entries;
}

/// The last claim of an entry in a group: of those that no later claim saw the one of the greatest (time,
/// dot); nullptr if there is none.
[[nodiscard]] inline const update* last_claim(const history& all, const std::string& group,
                                              const crdt::stream::entry_name& name) {
    const auto claims_it = [&](const update& u) {
        const claim* const c = u.as<claim>();
        return c != nullptr && c->group == group && std::ranges::find(c->entries, name) != c->entries.end();
    };
    const auto rank = [](const update& u) { return std::tuple(u.in->time, u.in->id); };
    const update* last = nullptr;
    for (const update& u : all) {
        if (claims_it(u) && !taken_back(all, u, claims_it) && (last == nullptr || rank(*last) < rank(u))) {
            last = &u;
        }
    }
    return last;
}

[[nodiscard]] inline stream_meaning stream(const history& all) {
    stream_meaning m{stream_entries(all), {}, {}};
    for (const std::string group : stream_groups) {
        m.pending[group];
        m.fresh[group];
        for (const crdt::stream::entry& e : m.entries) {
            const bool acknowledged = std::ranges::any_of(all, [&](const update& u) {
                const acknowledge* const a = u.as<acknowledge>();
                return a != nullptr && a->group == group &&
                       std::ranges::find(a->entries, e.name()) != a->entries.end();
            });
            if (const update* const claimed = last_claim(all, group, e.name()); acknowledged) {
                continue;
            } else if (claimed != nullptr) {
                m.pending[group].push_back({e.name(), claimed->as<claim>()->consumer, claimed->in->time});
            } else {
                m.fresh[group].push_back(e.name());
            }
        }
        std::ranges::sort(m.pending[group], {}, &crdt::stream::pending_entry::name);
    }
    return m;
}

} // namespace sangam::specification
