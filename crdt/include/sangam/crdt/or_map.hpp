#pragma once

#include <sangam/crdt/operation.hpp>
#include <sangam/crdt/operation_context.hpp>

#include <boost/container/map.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sangam::crdt {

class object;

/// A map whose values are replicated types themselves, maps included.
///
/// Meaning: the value under a key is what its type means over the updates of that key that no later remove of
///   the key (or of a map around it, or reset) saw: `remove` undoes what it saw of the value, and a
///   concurrent update survives with its own effect only. A key is a member iff its value is not empty. A key
///   is (name, kind), so kinds never clash.
/// Invariants: (M1) a value that equals a new one is not stored; (M2) no path to a value is longer than
///   limits::map_depth_max.
/// Cost: n keys, depth p; an update is O(p log n) and the value's own cost; remove and reset are O(size of
///   what they remove), and send one leaf operation for every value below. `contains`, `keys`, `size` and
///   `empty` pass over values that are stored and yet empty; `keys` and `size` are O(n).
/// Errors: apply is total on operations that `accepts`; only allocation throws.
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: the recursive-reset map of Antidote and Riak (Brown et al., "Riak DT Map", 2014), operation-based.
class or_map {
public:
    using operation = map_operation;

    or_map();
    or_map(const or_map&);
    or_map(or_map&&) noexcept;
    or_map& operator=(const or_map&);
    or_map& operator=(or_map&&) noexcept;
    ~or_map();

    /// Reading: the stored value under `key`, or nullptr. It may be stored and yet empty: see `keys`.
    [[nodiscard]] const object* find(const map_key& key) const;
    /// The value at a path of keys of which all but the last are maps, or nullptr.
    [[nodiscard]] const object* find(std::span<const map_key> path) const;
    /// The members, in increasing order.
    [[nodiscard]] std::vector<map_key> keys() const;
    [[nodiscard]] bool contains(const map_key& key) const;
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] bool empty() const noexcept;

    /// The operations that undo what is seen of the value under `key`: one for every non-empty leaf below it.
    [[nodiscard]] std::vector<operation> remove(const map_key& key) const;
    /// The same for every key.
    [[nodiscard]] std::vector<operation> reset() const;

    /// True iff the path fits the limits and its kinds, and the leaf's type accepts the leaf operation.
    [[nodiscard]] bool accepts(std::span<const map_key> path, const leaf_operation& leaf,
                               causality::replica_id origin,
                               std::span<const text_id_range> pending = {}) const;

    /// Precondition: accepts(op.path, op.leaf, context.id.replica).
    void apply(const operation& op, const operation_context& context,
               std::vector<text_patch>* patches = nullptr) {
        apply(op.path, op.leaf, context, patches);
    }
    void apply(std::span<const map_key> path, const leaf_operation& leaf, const operation_context& context,
               std::vector<text_patch>* patches = nullptr);

    friend bool operator==(const or_map& a, const or_map& b);

private:
    friend class object;

    void append_reset(std::vector<map_key> prefix, std::vector<operation>& operations) const;

    boost::container::map<map_key, object> values_;
};

} // namespace sangam::crdt
