#pragma once

#include <sangam/crdt/operation.hpp>
#include <sangam/crdt/operation_context.hpp>
#include <sangam/crdt/or_map.hpp>

#include <concepts>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace sangam::crdt {

/// One replicated object of any kind: a key's value in the keyspace or in a map.
///
/// Cost, errors, threads: those of the type inside.
class object {
public:
    /// In the order of the kinds.
    using state = std::variant<g_counter, pn_counter, resettable_counter, or_set, or_map, lww_register,
                               rga_text, g_set, rw_set, mv_register, ew_flag, dw_flag, bounded_counter,
                               rga_list, sorted_set, stream, expiry>;

    /// A new, empty object. Precondition: a known kind.
    explicit object(object_kind kind);
    object() : object(object_kind::lww_register) {}

    [[nodiscard]] object_kind kind() const noexcept;
    [[nodiscard]] bool empty() const noexcept;
    /// True iff the object equals a new one: then a map need not store it. An empty object may differ by what
    /// it keeps of the past (the prefixes that a counter's resets saw, the tombstones of a text). O(1).
    [[nodiscard]] bool is_new() const noexcept;

    /// nullptr unless the object has that type.
    template <class T>
    [[nodiscard]] const T* as() const noexcept {
        return std::get_if<T>(&state_);
    }

    /// True iff `leaf` at `path` (empty unless this is a map) may be applied: kinds match, the path fits the
    /// limits, and the type at its end accepts it (see rga_text::accepts for `pending`).
    [[nodiscard]] bool accepts(std::span<const map_key> path, const leaf_operation& leaf,
                               causality::replica_id origin,
                               std::span<const text_id_range> pending = {}) const;

    /// Precondition: accepts(path, leaf, context.id.replica).
    void apply(std::span<const map_key> path, const leaf_operation& leaf, const operation_context& context,
               std::vector<text_patch>* patches = nullptr);

    /// The operations that undo all that is seen of this object, as they would be in a map under `prefix`.
    /// Precondition: may_be_nested(kind()).
    void append_reset(const std::vector<map_key>& prefix, std::vector<map_operation>& operations) const;

    friend bool operator==(const object&, const object&) = default;

private:
    state state_;
};

static_assert(operation_based<or_map>);
static_assert(std::regular<object>);
/// Every key of the keyspace pays for the largest type: see bench/memory.
static_assert(sizeof(object) <= 56);

} // namespace sangam::crdt
