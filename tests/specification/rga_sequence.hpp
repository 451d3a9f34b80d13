#pragma once

#include "specification/history.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
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

/// Which updates erased each element, and which of these a restore has taken back.
class erasures {
public:
    /// Updates in the order of the history.
    void insert(const crdt::text_id& id, const update& u) { inserted_.emplace_back(id, &u); }
    void erase(const crdt::text_id& id, const update& u) { erases_[id].push_back(&u); }
    void restore(const update& u) { restores_.push_back(&u); }
    /// A reset erases what is visible to it.
    void reset(const update& u) {
        for (const auto& [id, inserted] : inserted_) {
            if (happened_before(*inserted, u) &&
                visible(id, [&](const update& seen) { return happened_before(seen, u); })) {
                erase(id, u);
            }
        }
    }
    /// No erase of it is live, of those updates for which `counts` holds.
    template <class Counts>
    [[nodiscard]] bool visible(const crdt::text_id& id, Counts counts) const {
        const auto erases = erases_.find(id);
        return erases == erases_.end() || std::ranges::all_of(erases->second, [&](const update* erase) {
                   return !counts(*erase) || std::ranges::any_of(restores_, [&](const update* u) {
                       return counts(*u) && happened_before(*erase, *u) &&
                              names(*u->as<specification::restore>(), id, *erase);
                   });
               });
    }
    [[nodiscard]] bool visible(const crdt::text_id& id) const {
        return visible(id, [](const update&) { return true; });
    }

private:
    [[nodiscard]] static bool names(const specification::restore& r, const crdt::text_id& id,
                                    const update& erase) {
        return std::ranges::count(r.elements, id) > 0 && std::ranges::count(r.erases, erase.in->id) > 0;
    }

    std::vector<std::pair<crdt::text_id, const update*>> inserted_;
    std::map<crdt::text_id, std::vector<const update*>> erases_;
    std::vector<const update*> restores_;
};

/// The depth-first walk of the tree of parents, children by descending id. An element is visible iff every
/// erase of it, by name or by a reset that saw it visible, is taken back by a restore that came after.
/// `Insert` has `after` and `items()`.
template <class Insert>
[[nodiscard]] auto rga_sequence(const history& all) {
    using item = std::ranges::range_value_t<decltype(std::declval<const Insert&>().items())>;
    using siblings = std::map<crdt::text_id, item, std::greater<>>;
    erasures erased;
    std::map<std::optional<crdt::text_id>, siblings> children;
    std::vector<std::pair<const update*, std::uint64_t>> last_lamport;
    for (const update& u : all) {
        if (const erase* const e = u.as<erase>()) {
            for (const crdt::text_id& id : e->elements) {
                erased.erase(id, u);
            }
        } else if (is_reset(u)) {
            erased.reset(u);
        } else if (u.as<restore>() != nullptr) {
            erased.restore(u);
        } else if (const Insert* const inserted = u.as<Insert>()) {
            crdt::text_id id{first_lamport(last_lamport, u), u.in->id.replica};
            std::optional<crdt::text_id> parent = inserted->after;
            for (const item& content : inserted->items()) {
                children[parent].emplace(id, content);
                erased.insert(id, u);
                parent = id;
                ++id.lamport;
            }
            last_lamport.emplace_back(&u, id.lamport - 1);
        }
    }
    std::vector<walked<item>> walk;
    std::vector<std::pair<crdt::text_id, item>> ahead(children[{}].rbegin(), children[{}].rend());
    while (!ahead.empty()) {
        auto [id, content] = std::move(ahead.back());
        ahead.pop_back();
        walk.push_back({id, std::move(content), erased.visible(id)});
        ahead.insert(ahead.end(), children[id].rbegin(), children[id].rend());
    }
    return walk;
}

} // namespace sangam::specification
