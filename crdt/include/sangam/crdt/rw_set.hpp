#pragma once

#include <sangam/crdt/observed_dots.hpp>
#include <sangam/crdt/operation_context.hpp>
#include <sangam/crdt/value.hpp>

#include <boost/container/map.hpp>

#include <cstddef>
#include <variant>
#include <vector>

namespace sangam::crdt {

/// A set in which a concurrent remove beats an add.
///
/// Meaning: operations that a later reset saw do not count; of those that count, e is a member iff there is
///   an add(e), and every remove(e) was seen by some add(e).
/// Invariants: (W1) an element with no live dot is absent from the state; (W2) the live dots of an element
///   are sorted, each once, and no live operation of an element has seen another; (W3) `size` counts the
///   members.
/// Cost: n elements, d live dots of one element; add and remove are O(log n + d log d), reset is O(n). A
///   remove is kept until an add has seen it, also of an element that was not there: it has to win over adds
///   still to come.
/// Errors: apply is total; only allocation throws, and then *this is unchanged.
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: the remove-wins set of Antidote and of Bieniusa et al. (2012), operation-based.
class rw_set {
public:
    using dots = observed_dots;

    struct add_op {
        value element;
        dots observed; ///< the live adds and removes that this replaces
        friend bool operator==(const add_op&, const add_op&) = default;
    };
    struct remove_op {
        value element;
        dots observed; ///< the live adds and removes that this replaces, or takes away as a part of a reset
        friend bool operator==(const remove_op&, const remove_op&) = default;
    };
    struct reset_op {
        std::vector<remove_op> elements; ///< all that was seen, sorted by element
        friend bool operator==(const reset_op&, const reset_op&) = default;
    };
    using operation = std::variant<add_op, remove_op, reset_op>;

    [[nodiscard]] add_op add(value element) const;
    [[nodiscard]] remove_op remove(value element) const;
    [[nodiscard]] reset_op reset() const;
    void apply(const operation& op, const operation_context& context);

    [[nodiscard]] bool contains(const value& element) const;
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    /// True iff not even a remove is left that has to win: then a reset has nothing to take away.
    [[nodiscard]] bool nothing_to_reset() const noexcept { return elements_.empty(); }
    /// In increasing order.
    [[nodiscard]] std::vector<value> elements() const;

    friend bool operator==(const rw_set&, const rw_set&) = default;

private:
    [[nodiscard]] dots observed(const value& element) const;
    void put(const value& element, opposed_dots votes);
    void take(const remove_op& seen);

    boost::container::map<value, opposed_dots> elements_; ///< smaller than a std::map
    std::size_t size_ = 0;
};

static_assert(operation_based<rw_set>);

} // namespace sangam::crdt
