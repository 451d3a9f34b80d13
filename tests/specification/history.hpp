#pragma once

#include <sangam/causality/dot.hpp>
#include <sangam/causality/hybrid_clock.hpp>
#include <sangam/causality/vector_clock.hpp>
#include <sangam/crdt/operation.hpp>
#include <sangam/crdt/text_types.hpp>
#include <sangam/crdt/value.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// What the types mean, written over recorded histories and not over states: see README.md.
namespace sangam::specification {

/// What a user meant. It names no state, and no dots but those of events, so that the specifications share
/// nothing with the types.
struct grow {
    std::uint64_t amount = 0; ///< of a g_counter
};
struct increment {
    std::int64_t amount = 0;
};
struct add {
    crdt::value element;
};
struct remove {
    crdt::value element;
};
struct assign {
    crdt::value content;
};
struct insert {
    std::optional<crdt::text_id> after; ///< none: the start of the text
    std::u32string text;
    [[nodiscard]] const std::u32string& items() const { return text; }
};
struct insert_values { ///< into a list
    std::optional<crdt::text_id> after;
    std::vector<crdt::value> values;
    [[nodiscard]] const std::vector<crdt::value>& items() const { return values; }
};
struct erase { ///< of a text or a list
    std::vector<crdt::text_id> elements;
};
struct restore { ///< takes back what these events erased of these characters
    std::vector<crdt::text_id> elements;
    std::vector<causality::dot> erases;
};
struct mark { ///< of a text: from one visible character to another
    std::string name;
    crdt::value content; ///< null: no longer
    crdt::text_id first;
    crdt::text_id last;
    bool grows_before = false;
    bool grows_after = false;
    std::optional<crdt::text_id> left; ///< the visible one in front of the first; none: the start
    std::optional<crdt::text_id> right;
};
struct enable {};
struct disable {};
struct give { ///< an increment of a bounded_counter
    std::uint64_t amount = 0;
};
struct take { ///< a decrement of one
    std::uint64_t amount = 0;
};
struct transfer {
    std::uint64_t amount = 0;
    causality::replica_id to;
};
struct score { ///< a member of a sorted_set is given one
    crdt::value member;
    double base = 0;
};
struct raise {
    crdt::value member;
    double amount = 0;
};
struct append { ///< to a stream
    std::vector<crdt::stream_field> fields;
};
struct trim {
    causality::vector_clock up_to; ///< by origin: the number of its last entry that goes
};
struct claim {
    std::string group;
    std::string consumer;
    std::vector<crdt::stream::entry_name> entries;
};
struct acknowledge {
    std::string group;
    std::vector<crdt::stream::entry_name> entries;
};
struct expire {
    std::uint64_t deadline_ms = 0;
};
struct remove_key {
    crdt::map_key key;
};
struct reset {}; ///< of any kind: the clear of a set, the erasing of a whole text
using action = std::variant<grow, increment, add, remove, assign, insert, insert_values, erase, restore, mark,
                            enable, disable, give, take, transfer, score, raise, append, trim, claim,
                            acknowledge, expire, remove_key, reset>;

/// One action on one object, or on what stands at `path` in a map.
struct step {
    crdt::object_key object;
    std::vector<crdt::map_key> path;
    action what;
};

/// One transaction.
struct event {
    causality::dot id;
    causality::vector_clock seen; ///< its causal past: the clock of its replica just before
    causality::hybrid_time time;
    std::vector<step> steps;
};

/// One step as the object (or the value in a map) sees it that it is about.
struct update {
    const event* in = nullptr;
    std::size_t index = 0; ///< among the steps of its event
    std::span<const crdt::map_key> path;
    const action* what = nullptr;

    /// nullptr unless it is such an action on the very object (or value) that the history is of.
    template <class Action>
    [[nodiscard]] const Action* as() const {
        return path.empty() ? std::get_if<Action>(what) : nullptr;
    }
};

/// The updates of one object, in an order that a replica could have delivered them in.
using history = std::vector<update>;

[[nodiscard]] inline bool happened_before(const update& a, const update& b) {
    return a.in == b.in ? a.index < b.index : b.in->seen.contains(a.in->id);
}

/// True iff some update for which `takes_back` holds has seen `u`.
template <class Predicate>
[[nodiscard]] bool taken_back(const history& all, const update& u, Predicate takes_back) {
    return std::ranges::any_of(
        all, [&](const update& later) { return takes_back(later) && happened_before(u, later); });
}

[[nodiscard]] inline bool is_reset(const update& u) {
    return u.as<reset>() != nullptr;
}

/// The part of a replica's delivered events that is about one object.
[[nodiscard]] inline history history_of(std::span<const event* const> delivered,
                                        const crdt::object_key& object) {
    history all;
    for (const event* const e : delivered) {
        for (std::size_t index = 0; index < e->steps.size(); ++index) {
            if (const step& s = e->steps[index]; s.object == object) {
                all.push_back({e, index, s.path, &s.what});
            }
        }
    }
    return all;
}

/// The part of a map's history that is about the value under `key`. To remove a key, or to reset the map, is
/// to reset the value.
[[nodiscard]] inline history under(const history& map, const crdt::map_key& key) {
    static const action reset_of_value = reset{};
    history inner;
    for (const update& u : map) {
        if (!u.path.empty() && u.path.front() == key) {
            inner.push_back({u.in, u.index, u.path.subspan(1), u.what});
        } else if (const remove_key* const removed = u.as<remove_key>();
                   is_reset(u) || (removed != nullptr && removed->key == key)) {
            inner.push_back({u.in, u.index, {}, &reset_of_value});
        }
    }
    return inner;
}

} // namespace sangam::specification
