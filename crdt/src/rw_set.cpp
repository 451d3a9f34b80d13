#include <sangam/crdt/rw_set.hpp>

#include <utility>

namespace sangam::crdt {

rw_set::dots rw_set::observed(const value& element) const {
    const auto at = elements_.find(element);
    return at == elements_.end() ? dots{} : at->second.all();
}

rw_set::add_op rw_set::add(value element) const {
    dots seen = observed(element);
    return {std::move(element), std::move(seen)};
}

rw_set::remove_op rw_set::remove(value element) const {
    dots seen = observed(element);
    return {std::move(element), std::move(seen)};
}

rw_set::reset_op rw_set::reset() const {
    reset_op op;
    op.elements.reserve(elements_.size());
    for (const auto& [element, votes] : elements_) {
        op.elements.push_back({element, votes.all()});
    }
    return op;
}

void rw_set::apply(const operation& op, const operation_context& context) {
    if (const reset_op* const reset = std::get_if<reset_op>(&op)) {
        for (const remove_op& seen : reset->elements) {
            take(seen);
        }
        return;
    }
    const add_op* const add = std::get_if<add_op>(&op);
    const value& element = add != nullptr ? add->element : std::get<remove_op>(op).element;
    const auto at = elements_.find(element);
    // Built aside: an allocation that fails leaves *this as it was.
    opposed_dots votes = at == elements_.end() ? opposed_dots{} : at->second;
    votes.take(add != nullptr ? add->observed : std::get<remove_op>(op).observed);
    put_in(add != nullptr ? votes.in_favour : votes.against, context.id);
    put(element, std::move(votes));
}

void rw_set::put(const value& element, opposed_dots votes) {
    const bool is_member = votes.carried();
    const auto [at, is_new] = elements_.try_emplace(element);
    const bool was_member = !is_new && at->second.carried();
    at->second = std::move(votes);
    size_ = size_ - (was_member ? 1 : 0) + (is_member ? 1 : 0);
}

void rw_set::take(const remove_op& seen) {
    const auto at = elements_.find(seen.element);
    if (at == elements_.end()) {
        return;
    }
    size_ -= at->second.carried() ? 1 : 0;
    at->second.take(seen.observed);
    size_ += at->second.carried() ? 1 : 0;
    if (at->second.empty()) {
        elements_.erase(at);
    }
}

bool rw_set::contains(const value& element) const {
    const auto at = elements_.find(element);
    return at != elements_.end() && at->second.carried();
}

std::vector<value> rw_set::elements() const {
    std::vector<value> members;
    members.reserve(size_);
    for (const auto& [element, votes] : elements_) {
        if (votes.carried()) {
            members.push_back(element);
        }
    }
    return members;
}

} // namespace sangam::crdt
