#pragma once

#include <sangam/crdt/object.hpp>
#include <sangam/crdt/operation.hpp>

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

namespace sangam::engine {

/// The objects of a replica by their keys.
///
/// Cost: finding and adding are O(1). A key takes one block of 72 bytes, which holds the object and a name of
///   up to 14 bytes, and 10 to 21 bytes of the table; a longer name and what the object keeps elsewhere come
///   on top. bench/memory measures it.
/// Errors: only allocation throws, and then *this is unchanged.
/// Threads: const members may run together; anything else needs the caller's lock.
class keyspace {
public:
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    /// nullptr if there is none. An object stays where it is for the life of the keyspace.
    [[nodiscard]] const crdt::object* find(const crdt::object_key& key) const;
    [[nodiscard]] crdt::object* find(const crdt::object_key& key);
    /// The object under the key, a new one if there was none.
    crdt::object& find_or_add(const crdt::object_key& key);

private:
    /// The kind of the key is that of the object.
    struct entry {
        crdt::value name; ///< bytes: in here, and not in a block of their own, when they are few
        crdt::object object;
    };
    using entry_pointer = std::unique_ptr<entry>;

    struct key_view {
        std::string_view name;
        crdt::object_kind kind;
        friend bool operator==(const key_view&, const key_view&) = default;
    };
    [[nodiscard]] static key_view key_of(const crdt::object_key& key) noexcept {
        return {key.name, key.kind};
    }
    [[nodiscard]] static key_view key_of(const entry_pointer& e) noexcept;

    struct hash {
        using is_transparent = void;
        template <class Key>
        std::size_t operator()(const Key& key) const noexcept {
            const key_view view = key_of(key);
            return std::hash<std::string_view>()(view.name) * 31 + static_cast<std::size_t>(view.kind);
        }
    };
    struct same_key {
        using is_transparent = void;
        template <class A, class B>
        bool operator()(const A& a, const B& b) const noexcept {
            return key_of(a) == key_of(b);
        }
    };

    boost::unordered_flat_set<entry_pointer, hash, same_key> entries_;
};

} // namespace sangam::engine
