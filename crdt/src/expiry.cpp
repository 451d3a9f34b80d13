#include <sangam/crdt/expiry.hpp>

#include <algorithm>
#include <utility>

namespace sangam::crdt {

expiry::dots expiry::observed() const {
    dots seen;
    seen.reserve(sets_.size());
    for (const entry& e : sets_) {
        seen.push_back(e.id);
    }
    return seen;
}

void expiry::apply(const operation& op, const operation_context& context) {
    const set_op* const set = std::get_if<set_op>(&op);
    const dots& seen = set != nullptr ? set->observed : std::get<reset_op>(op).observed;
    // Built aside: an allocation that fails leaves *this as it was.
    decltype(sets_) kept;
    for (const entry& e : sets_) {
        const bool replaced = set != nullptr && e.id == context.id;
        if (!replaced && std::ranges::find(seen, e.id) == seen.end()) {
            kept.push_back(e);
        }
    }
    if (set != nullptr) {
        const auto at = std::ranges::lower_bound(kept, context.id, {}, &entry::id);
        kept.insert(at, entry{context.id, set->deadline_ms});
    }
    sets_ = std::move(kept);
}

const expiry::entry* expiry::winner() const noexcept {
    const auto wins = [](const entry& a, const entry& b) {
        return std::pair(a.deadline_ms, a.id) < std::pair(b.deadline_ms, b.id);
    };
    const auto best = std::ranges::max_element(sets_, wins);
    return best == sets_.end() ? nullptr : &*best;
}

std::optional<std::uint64_t> expiry::deadline() const noexcept {
    const entry* const best = winner();
    return best != nullptr ? std::optional(best->deadline_ms) : std::nullopt;
}

std::optional<causality::dot> expiry::owner() const noexcept {
    const entry* const best = winner();
    return best != nullptr ? std::optional(best->id) : std::nullopt;
}

} // namespace sangam::crdt
