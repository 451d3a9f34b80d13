#pragma once

#include <sangam/crdt/operation_context.hpp>
#include <sangam/crdt/value.hpp>

#include <cstddef>
#include <set>
#include <utility>
#include <vector>

namespace sangam::crdt {

/// A set that only grows.
///
/// Meaning: e is a member iff some add(e) exists.
/// Cost: n elements; add is O(log n). Nothing besides the elements is kept.
/// Errors: apply is total; only allocation throws, and then *this is unchanged.
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: Shapiro et al., "A comprehensive study of Convergent and Commutative Replicated Data Types"
///   (2011), 3.3.1.
class g_set {
public:
    struct operation {
        value element;
        friend bool operator==(const operation&, const operation&) = default;
    };

    [[nodiscard]] operation add(value element) const { return {std::move(element)}; }
    void apply(const operation& op, const operation_context&) { elements_.insert(op.element); }

    [[nodiscard]] bool contains(const value& element) const { return elements_.contains(element); }
    [[nodiscard]] std::size_t size() const noexcept { return elements_.size(); }
    [[nodiscard]] bool empty() const noexcept { return elements_.empty(); }
    /// In increasing order.
    [[nodiscard]] std::vector<value> elements() const { return {elements_.begin(), elements_.end()}; }

    friend bool operator==(const g_set&, const g_set&) = default;

private:
    std::set<value> elements_;
};

static_assert(operation_based<g_set>);

} // namespace sangam::crdt
