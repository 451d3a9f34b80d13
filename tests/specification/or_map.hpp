#pragma once

#include "specification/meaning.hpp"

namespace sangam::specification {

/// For each key the meaning of its type over the key's part of the history; a key is a member iff that is not
/// empty.
[[nodiscard]] inline meaning::members or_map(const history& all) {
    std::set<crdt::map_key> keys;
    for (const update& u : all) {
        if (!u.path.empty()) {
            keys.insert(u.path.front());
        }
    }
    meaning::members members;
    for (const crdt::map_key& key : keys) {
        if (meaning value = specified(key.kind, under(all, key)); !value.empty) {
            members.push_back({key, std::move(value)});
        }
    }
    return members;
}

[[nodiscard]] inline meaning specified(crdt::object_kind kind, const history& all) {
    switch (kind) {
    case crdt::object_kind::g_counter: {
        const std::uint64_t sum = g_counter(all);
        return {sum == 0, sum};
    }
    case crdt::object_kind::pn_counter: {
        const wide sum = pn_counter(all);
        return {sum == 0, clamped(sum)};
    }
    case crdt::object_kind::resettable_counter: {
        const history left = resettable_counter(all);
        return {left.empty(), clamped(pn_counter(left))};
    }
    case crdt::object_kind::or_set: {
        const std::set<crdt::value> elements = or_set(all);
        return {elements.empty(), meaning::elements(elements.begin(), elements.end())};
    }
    case crdt::object_kind::or_map: {
        meaning::members members = or_map(all);
        return {members.empty(), std::move(members)};
    }
    case crdt::object_kind::lww_register: {
        const update* const winner = lww_register(all);
        return {winner == nullptr, winner == nullptr ? crdt::value() : winner->as<assign>()->content};
    }
    case crdt::object_kind::rga_text: {
        text_elements walk = rga_text(all);
        return {std::ranges::none_of(walk, &marked_element::visible), std::move(walk)};
    }
    case crdt::object_kind::g_set: {
        const std::set<crdt::value> elements = g_set(all);
        return {elements.empty(), meaning::elements(elements.begin(), elements.end())};
    }
    case crdt::object_kind::rw_set: {
        const std::set<crdt::value> elements = rw_set(all);
        return {elements.empty(), meaning::elements(elements.begin(), elements.end())};
    }
    case crdt::object_kind::mv_register: {
        meaning::elements contents = mv_register(all);
        return {contents.empty(), std::move(contents)};
    }
    case crdt::object_kind::ew_flag:
        return {!ew_flag(all), ew_flag(all)};
    case crdt::object_kind::dw_flag:
        return {!dw_flag(all), dw_flag(all)};
    case crdt::object_kind::bounded_counter: {
        meaning::rights rights;
        for (const auto& [replica, amount] : bounded_counter(all)) {
            rights.second.emplace_back(replica, static_cast<std::uint64_t>(amount));
            rights.first += static_cast<std::uint64_t>(amount);
        }
        return {rights.first == 0, std::move(rights)};
    }
    case crdt::object_kind::rga_list: {
        list_elements walk = rga_list(all);
        return {std::ranges::none_of(walk, &crdt::rga_list::element::visible), std::move(walk)};
    }
    case crdt::object_kind::sorted_set: {
        ranking ranked = sorted_set(all);
        return {ranked.empty(), std::move(ranked)};
    }
    case crdt::object_kind::stream: {
        stream_meaning m = stream(all);
        return {m.entries.empty(), std::move(m)};
    }
    case crdt::object_kind::expiry: {
        const update* const winner = expiry(all);
        return winner == nullptr
                   ? meaning{true, meaning::ending{}}
                   : meaning{false, meaning::ending{winner->as<expire>()->deadline_ms, winner->in->id}};
    }
    }
    return {};
}

} // namespace sangam::specification
