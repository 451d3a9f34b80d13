#include <sangam/crdt/or_set.hpp>

#include <utility>

namespace sangam::crdt {

or_set::add_op or_set::add(value element) const {
    const auto at = elements_.find(element);
    return {std::move(element), at == elements_.end() ? dots{} : at->second};
}

or_set::remove_op or_set::remove(value element) const {
    const auto at = elements_.find(element);
    return {std::move(element), at == elements_.end() ? dots{} : at->second};
}

or_set::clear_op or_set::clear() const {
    clear_op op;
    op.elements.reserve(elements_.size());
    for (const auto& [element, live] : elements_) {
        op.elements.push_back({element, live});
    }
    return op;
}

void or_set::apply(const operation& op, const operation_context& context) {
    if (const auto* const remove = std::get_if<remove_op>(&op)) {
        remove_observed(*remove);
        return;
    }
    if (const auto* const clear = std::get_if<clear_op>(&op)) {
        for (const remove_op& remove : clear->elements) {
            remove_observed(remove);
        }
        return;
    }
    const add_op& add = std::get<add_op>(op);
    const auto at = elements_.lower_bound(add.element);
    if (at == elements_.end() || at->first != add.element) {
        elements_.emplace_hint(at, add.element, dots{context.id});
        return;
    }
    dots live = at->second; // aside: an allocation that fails leaves *this as it was
    take_away(live, add.observed);
    put_in(live, context.id);
    at->second = std::move(live);
}

void or_set::remove_observed(const remove_op& op) {
    const auto at = elements_.find(op.element);
    if (at == elements_.end()) {
        return;
    }
    take_away(at->second, op.observed);
    if (at->second.empty()) {
        elements_.erase(at);
    }
}

bool or_set::contains(const value& element) const {
    return elements_.contains(element);
}

std::vector<value> or_set::elements() const {
    std::vector<value> all;
    all.reserve(elements_.size());
    for (const auto& [element, live] : elements_) {
        all.push_back(element);
    }
    return all;
}

} // namespace sangam::crdt
