#pragma once

#include <sangam/causality/replica_id.hpp>
#include <sangam/crdt/double_double.hpp>
#include <sangam/crdt/observed_dots.hpp>
#include <sangam/crdt/operation_context.hpp>
#include <sangam/crdt/value.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace sangam::crdt {

/// Members in the order of their scores.
///
/// Meaning: of each member, the assigns and increments count that no later assign of it, remove of it or
///   clear saw. It is a member iff some count; its score is the assign among them with the greatest (time,
///   dot), or 0, and the sum of the increments among them, added up with twice a double's precision. So a
///   concurrent increment comes on top of an assign, and a concurrent write survives a remove with its own
///   effect only.
/// Invariants: (Z1) the ranking has exactly the members, each with its score; (Z2) what an operation saw of
///   one replica's increments of a member is a prefix of them; (Z3) a member of which nothing is left is not
///   stored.
/// Cost: n members, d live assigns and r replicas that incremented one member: every change and `rank` are
///   O(log n + d + r), `entries` O(log n + what it returns). Of a member that was incremented, the totals of
///   each replica stay after a remove, because a concurrent remove may name a prefix of them.
/// Errors: `assign` and `increment` throw `exception` with errc::not_a_number (NaN, or an infinite amount),
///   `increment` with errc::counter_overflow when this replica's increments of the member would leave the
///   finite numbers. `apply` is total; only allocation throws, and then *this is unchanged.
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: the sorted sets of Redis Active-Active, with resets that are exact.
class sorted_set {
public:
    using dots = observed_dots;

    /// The first `increments` increments of a member by `origin`, which sum to `total`.
    struct prefix {
        causality::replica_id origin;
        std::uint64_t increments = 0;
        double_double total;
        friend bool operator==(const prefix&, const prefix&) = default;
    };
    struct assign_op {
        value member;
        double score = 0;
        dots observed;            ///< the assigns that this replaces
        std::vector<prefix> seen; ///< the increments that this replaces, sorted by origin
        friend bool operator==(const assign_op&, const assign_op&) = default;
    };
    struct increment_op {
        value member;
        double amount = 0;
        friend bool operator==(const increment_op&, const increment_op&) = default;
    };
    struct remove_op {
        value member;
        dots observed;
        std::vector<prefix> seen;
        friend bool operator==(const remove_op&, const remove_op&) = default;
    };
    struct clear_op {
        std::vector<remove_op> members; ///< all that was seen, sorted by member
        friend bool operator==(const clear_op&, const clear_op&) = default;
    };
    using operation = std::variant<assign_op, increment_op, remove_op, clear_op>;

    sorted_set() noexcept;
    sorted_set(const sorted_set&);
    sorted_set(sorted_set&&) noexcept;
    sorted_set& operator=(const sorted_set&);
    sorted_set& operator=(sorted_set&&) noexcept;
    ~sorted_set();

    [[nodiscard]] assign_op assign(value member, double score) const;
    /// `self` is the replica that will issue the operation.
    [[nodiscard]] increment_op increment(value member, double amount, causality::replica_id self) const;
    [[nodiscard]] remove_op remove(value member) const;
    [[nodiscard]] clear_op clear() const;
    /// False for what names increments of somebody else that are not here: its author cannot have seen them.
    [[nodiscard]] bool accepts(const operation& op, causality::replica_id origin) const noexcept;
    /// Precondition: accepts(op, context.id.replica).
    void apply(const operation& op, const operation_context& context);

    [[nodiscard]] bool contains(const value& member) const { return score(member).has_value(); }
    /// Infinite only when an infinite score was assigned. Sums are made in the order of the replicas' ids and
    /// kept finite, so that they are the same everywhere.
    [[nodiscard]] std::optional<double> score(const value& member) const;
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }

    /// A member with its score, as the ranking orders them: by score, then by member.
    struct scored {
        value member;
        double score = 0;
        friend bool operator==(const scored&, const scored&) = default;
    };
    /// How many members stand before this one.
    [[nodiscard]] std::optional<std::size_t> rank(const value& member) const;
    /// At most `count` from the rank `first` on.
    [[nodiscard]] std::vector<scored> entries(std::size_t first, std::size_t count) const;
    /// Those with scores from `least` to `greatest`.
    [[nodiscard]] std::vector<scored> entries_by_score(double least, double greatest) const;

    friend bool operator==(const sorted_set& a, const sorted_set& b);

private:
    class state;

    [[nodiscard]] const state& get() const noexcept;

    std::unique_ptr<state> state_; ///< null until something is written
};

static_assert(operation_based<sorted_set>);

} // namespace sangam::crdt
