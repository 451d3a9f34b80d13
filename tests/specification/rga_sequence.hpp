#pragma once

#include "specification/history.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace sangam::specification {

/// An element of a sequence: a character of a text or a value of a list.
template <class Item>
struct walked {
    crdt::text_id id;
    Item item;
    bool visible = false;
};

/// The Lamport number of the first element of `u`: one more than the greatest that it saw.
[[nodiscard]] inline std::uint64_t
first_lamport(const std::vector<std::pair<const update*, std::uint64_t>>& before, const update& u) {
    std::uint64_t greatest = 0;
    for (const auto& [earlier, last] : before) {
        greatest = std::max(greatest, happened_before(*earlier, u) ? last : 0);
    }
    return greatest + 1;
}

/// The depth-first walk of the tree of parents, children by descending id. An element is visible iff no erase
/// names it and no reset saw it. `Insert` has `after` and `items()`.
template <class Insert>
[[nodiscard]] auto rga_sequence(const history& all) {
    using item = std::ranges::range_value_t<decltype(std::declval<const Insert&>().items())>;
    using siblings = std::map<crdt::text_id, std::pair<item, bool>, std::greater<>>;
    std::set<crdt::text_id> erased;
    for (const update& u : all) {
        if (const erase* const e = u.as<erase>()) {
            erased.insert(e->elements.begin(), e->elements.end());
        }
    }
    std::map<std::optional<crdt::text_id>, siblings> children;
    std::vector<std::pair<const update*, std::uint64_t>> last_lamport;
    for (const update& u : all) {
        if (const Insert* const inserted = u.as<Insert>()) {
            const bool kept = !taken_back(all, u, is_reset);
            crdt::text_id id{first_lamport(last_lamport, u), u.in->id.replica};
            std::optional<crdt::text_id> parent = inserted->after;
            for (const item& content : inserted->items()) {
                children[parent].emplace(id, std::pair(content, kept && !erased.contains(id)));
                parent = id;
                ++id.lamport;
            }
            last_lamport.emplace_back(&u, id.lamport - 1);
        }
    }
    std::vector<walked<item>> walk;
    std::vector<std::pair<crdt::text_id, std::pair<item, bool>>> ahead(children[{}].rbegin(),
                                                                       children[{}].rend());
    while (!ahead.empty()) {
        auto [id, content] = std::move(ahead.back());
        ahead.pop_back();
        walk.push_back({id, std::move(content.first), content.second});
        ahead.insert(ahead.end(), children[id].rbegin(), children[id].rend());
    }
    return walk;
}

} // namespace sangam::specification
