#pragma once

#include <sangam/causality/dot.hpp>
#include <sangam/causality/hybrid_clock.hpp>
#include <sangam/crdt/operation_context.hpp>
#include <sangam/crdt/value.hpp>

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <variant>

namespace sangam::crdt {

/// One assignment that nothing later has replaced.
struct register_write {
    causality::hybrid_time time;
    causality::dot id;
    crdt::value content;
    friend bool operator==(const register_write&, const register_write&) = default;
};

/// Orders concurrent writes by time, then by replica: the rule of every register in the product.
struct later_then_greater_replica {
    [[nodiscard]] static bool wins(const register_write& a, const register_write& b) noexcept {
        return std::pair(a.time, a.id) > std::pair(b.time, b.id);
    }
};

/// A register in which the last writer wins.
///
/// Meaning: the assign with the greatest (time, replica) among those that no later reset saw; empty if there
///   is none.
/// Invariants: (R1) writes are sorted by their dots, each once; (R2) none of them saw another.
/// Cost: w concurrent writes (1 unless replicas wrote at once), d observed dots (d <= w): apply is O(w d).
///   The losers of a conflict are kept until a later write, because a reset that saw only the winner must
///   bring back the loser that it did not see.
/// Errors: apply is total; only allocation throws, and then *this is unchanged.
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: Johnson and Thomas, RFC 677 (1975); times are hybrid, so a causally later write always wins.
///   `TieRule::wins` must be a strict total order in which a greater time wins.
template <class TieRule>
class basic_lww_register {
public:
    using dots = boost::container::small_vector<causality::dot, 1>;

    struct assign_op {
        crdt::value content;
        dots observed; ///< the writes that this replaces
        friend bool operator==(const assign_op&, const assign_op&) = default;
    };
    struct reset_op {
        dots observed; ///< the writes that this takes away
        friend bool operator==(const reset_op&, const reset_op&) = default;
    };
    using operation = std::variant<assign_op, reset_op>;

    [[nodiscard]] assign_op assign(crdt::value content) const;
    [[nodiscard]] reset_op reset() const;
    void apply(const operation& op, const operation_context& context);

    /// The winner's value; null when nothing is assigned.
    [[nodiscard]] crdt::value value() const;
    /// The winner, or nullptr. Valid until the next apply.
    [[nodiscard]] const register_write* winner() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return writes_.empty(); }

    friend bool operator==(const basic_lww_register&, const basic_lww_register&) = default;

private:
    using writes = boost::container::small_vector<register_write, 1>;

    [[nodiscard]] dots observed() const;

    writes writes_;
};

template <class TieRule>
auto basic_lww_register<TieRule>::observed() const -> dots {
    dots seen;
    seen.reserve(writes_.size());
    for (const register_write& write : writes_) {
        seen.push_back(write.id);
    }
    return seen;
}

template <class TieRule>
auto basic_lww_register<TieRule>::assign(crdt::value content) const -> assign_op {
    return {std::move(content), observed()};
}

template <class TieRule>
auto basic_lww_register<TieRule>::reset() const -> reset_op {
    return {observed()};
}

template <class TieRule>
void basic_lww_register<TieRule>::apply(const operation& op, const operation_context& context) {
    const assign_op* const assign = std::get_if<assign_op>(&op);
    const dots& seen = assign != nullptr ? assign->observed : std::get<reset_op>(op).observed;
    // Built aside: an allocation that fails leaves *this as it was. The usual write keeps, so copies, none.
    writes kept;
    for (const register_write& write : writes_) {
        const bool replaced = assign != nullptr && write.id == context.id;
        if (!replaced && std::ranges::find(seen, write.id) == seen.end()) {
            kept.push_back(write);
        }
    }
    if (assign != nullptr) {
        const auto at = std::ranges::lower_bound(kept, context.id, {}, &register_write::id);
        kept.insert(at, register_write{context.time, context.id, assign->content});
    }
    writes_ = std::move(kept);
}

template <class TieRule>
crdt::value basic_lww_register<TieRule>::value() const {
    const register_write* const best = winner();
    return best != nullptr ? best->content : crdt::value();
}

template <class TieRule>
const register_write* basic_lww_register<TieRule>::winner() const noexcept {
    const register_write* best = nullptr;
    for (const register_write& write : writes_) {
        if (best == nullptr || TieRule::wins(write, *best)) {
            best = &write;
        }
    }
    return best;
}

using lww_register = basic_lww_register<later_then_greater_replica>;
extern template class basic_lww_register<later_then_greater_replica>;

static_assert(operation_based<lww_register>);

} // namespace sangam::crdt
