#pragma once

#include "specification/history.hpp"

#include <sangam/crdt/rga_text.hpp>

#include <functional>
#include <map>
#include <set>

namespace sangam::specification {

using text_elements = std::vector<crdt::rga_text::element>;

/// A character as a node of the tree of parents.
struct character {
    char32_t scalar = 0;
    bool visible = false;
};
using siblings = std::map<crdt::text_id, character, std::greater<>>; // by descending id

/// The Lamport number of the first character of `u`: one more than the greatest that it saw.
[[nodiscard]] inline std::uint64_t
first_lamport(const std::vector<std::pair<const update*, std::uint64_t>>& before, const update& u) {
    std::uint64_t greatest = 0;
    for (const auto& [earlier, last] : before) {
        greatest = std::max(greatest, happened_before(*earlier, u) ? last : 0);
    }
    return greatest + 1;
}

/// The depth-first walk of the tree of parents, children by descending id. A character is visible iff no
/// erase names it and no reset saw it.
[[nodiscard]] inline text_elements rga_text(const history& all) {
    std::set<crdt::text_id> erased;
    for (const update& u : all) {
        if (const erase* const e = u.as<erase>()) {
            erased.insert(e->characters.begin(), e->characters.end());
        }
    }
    std::map<std::optional<crdt::text_id>, siblings> children;
    std::vector<std::pair<const update*, std::uint64_t>> last_lamport;
    for (const update& u : all) {
        if (const insert* const inserted = u.as<insert>()) {
            const bool kept = !taken_back(all, u, is_reset);
            crdt::text_id id{first_lamport(last_lamport, u), u.in->id.replica};
            std::optional<crdt::text_id> parent = inserted->after;
            for (const char32_t scalar : inserted->text) {
                children[parent].emplace(id, character{scalar, kept && !erased.contains(id)});
                parent = id;
                ++id.lamport;
            }
            last_lamport.emplace_back(&u, id.lamport - 1);
        }
    }
    text_elements walk;
    std::vector<std::pair<crdt::text_id, character>> ahead(children[{}].rbegin(), children[{}].rend());
    while (!ahead.empty()) {
        const auto [id, c] = ahead.back();
        ahead.pop_back();
        walk.push_back({id, c.scalar, c.visible});
        ahead.insert(ahead.end(), children[id].rbegin(), children[id].rend());
    }
    return walk;
}

} // namespace sangam::specification
