#pragma once

#include "specification/meaning.hpp"

#include <sangam/crdt/object.hpp>

namespace sangam::specification {

[[nodiscard]] inline stream_meaning observed_stream(const crdt::stream& log) {
    stream_meaning m{log.read_after({}, log.size()).entries, {}, {}};
    for (const std::string group : stream_groups) {
        m.pending[group] = log.pending(group);
        m.fresh[group];
        for (const crdt::stream::claimed_entry& e : log.claim(group, "nobody", log.size()).entries) {
            m.fresh[group].push_back(e.name);
        }
    }
    return m;
}

[[nodiscard]] inline text_elements observed_text(const crdt::rga_text& text) {
    text_elements elements;
    const std::vector<crdt::formatted_run> runs = text.formatted();
    auto run = runs.begin();
    std::size_t position = 0;
    for (const crdt::rga_text::element& e : text.elements()) {
        elements.push_back({e.id, e.scalar, e.visible, {}});
        if (!e.visible || run == runs.end()) continue;
        elements.back().marks = run->marks;
        if (++position == run->position + run->length) ++run;
    }
    return elements;
}

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
        m.content = observed_text(*text);
    } else if (const auto* const added = object.as<crdt::g_set>()) {
        m.content = added->elements();
    } else if (const auto* const removing = object.as<crdt::rw_set>()) {
        m.content = removing->elements();
    } else if (const auto* const values = object.as<crdt::mv_register>()) {
        m.content = values->values();
    } else if (const auto* const enabling = object.as<crdt::ew_flag>()) {
        m.content = enabling->enabled();
    } else if (const auto* const disabling = object.as<crdt::dw_flag>()) {
        m.content = disabling->enabled();
    } else if (const auto* const bounded = object.as<crdt::bounded_counter>()) {
        m.content = meaning::rights{bounded->value(), bounded->all_rights()};
    } else if (const auto* const list = object.as<crdt::rga_list>()) {
        m.content = list->elements();
    } else if (const auto* const scores = object.as<crdt::sorted_set>()) {
        m.content = scores->entries(0, scores->size());
    } else if (const auto* const log = object.as<crdt::stream>()) {
        m.content = observed_stream(*log);
    } else if (const auto* const ends = object.as<crdt::expiry>()) {
        m.content = meaning::ending{ends->deadline(), ends->owner()};
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
