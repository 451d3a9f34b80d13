#pragma once

#include <sangam/crdt/observed_dots.hpp>
#include <sangam/crdt/operation_context.hpp>
#include <sangam/crdt/value.hpp>

#include <cstddef>
#include <map>
#include <variant>
#include <vector>

namespace sangam::crdt {

/// A set in which a concurrent add beats a remove.
///
/// Meaning: e is a member iff some add(e) has no remove(e) or clear that saw it.
/// Invariants: (I1) an element with no live dot is absent; (I2) the live dots of an element are sorted, each
///   once.
/// Cost: n elements, d live dots of one element (d <= replicas that added it concurrently), k elements that a
///   clear saw. add and remove are O(log n + d log d), clear is O(k log n); a removed dot before a kept one
///   moves the dots behind it. No tombstones: causal delivery brings an add before any remove that saw it.
/// Errors: apply is total; only allocation throws, and then *this is unchanged.
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: Bieniusa et al., "An optimized conflict-free replicated set", arXiv:1210.3368; ours is
///   operation-based, so the causal context lives in the delivery layer and not in every set.
class or_set {
public:
    using dots = observed_dots;

    struct add_op {
        value element;
        dots observed; ///< the live dots that this add replaces
        friend bool operator==(const add_op&, const add_op&) = default;
    };
    struct remove_op {
        value element;
        dots observed; ///< the live dots that this takes away; none: the element was not seen
        friend bool operator==(const remove_op&, const remove_op&) = default;
    };
    struct clear_op {
        std::vector<remove_op> elements; ///< all that was seen, sorted by element
        friend bool operator==(const clear_op&, const clear_op&) = default;
    };
    using operation = std::variant<add_op, remove_op, clear_op>;

    [[nodiscard]] add_op add(value element) const;
    [[nodiscard]] remove_op remove(value element) const;
    [[nodiscard]] clear_op clear() const;
    void apply(const operation& op, const operation_context& context);

    [[nodiscard]] bool contains(const value& element) const;
    [[nodiscard]] std::size_t size() const noexcept { return elements_.size(); }
    [[nodiscard]] bool empty() const noexcept { return elements_.empty(); }
    /// In increasing order.
    [[nodiscard]] std::vector<value> elements() const;

    friend bool operator==(const or_set&, const or_set&) = default;

private:
    void remove_observed(const remove_op& op);

    std::map<value, dots> elements_;
};

static_assert(operation_based<or_set>);

} // namespace sangam::crdt
