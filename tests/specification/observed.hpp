#pragma once

#include "specification/meaning.hpp"

#include <sangam/crdt/object.hpp>

namespace sangam::specification {

/// What a state shows, read through the public interface of its type.
[[nodiscard]] inline meaning observed(const crdt::object& object) {
    meaning m{object.empty(), {}};
    if (const auto* const grown = object.as<crdt::g_counter>()) {
        m.content = grown->value();
    } else if (const auto* const counter = object.as<crdt::pn_counter>()) {
        m.content = counter->value();
    } else if (const auto* const resettable = object.as<crdt::resettable_counter>()) {
        m.content = resettable->value();
    } else if (const auto* const set = object.as<crdt::or_set>()) {
        m.content = set->elements();
    } else if (const auto* const assigned = object.as<crdt::lww_register>()) {
        m.content = assigned->value();
    } else if (const auto* const text = object.as<crdt::rga_text>()) {
        m.content = text->elements();
    } else if (const auto* const map = object.as<crdt::or_map>()) {
        meaning::members members;
        for (const crdt::map_key& key : map->keys()) {
            members.push_back({key, observed(*map->find(key))});
        }
        m.content = std::move(members);
    }
    return m;
}

} // namespace sangam::specification
