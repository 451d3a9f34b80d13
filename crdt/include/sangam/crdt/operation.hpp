#pragma once

#include <sangam/crdt/g_counter.hpp>
#include <sangam/crdt/lww_register.hpp>
#include <sangam/crdt/or_set.hpp>
#include <sangam/crdt/pn_counter.hpp>
#include <sangam/crdt/resettable_counter.hpp>
#include <sangam/crdt/rga_text.hpp>

#include <algorithm>
#include <compare>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace sangam::crdt {

/// The kinds of objects. The numbers travel on the wire: never change one, only add.
enum class object_kind : std::uint8_t {
    g_counter = 1,
    pn_counter = 2,
    resettable_counter = 3,
    or_set = 4,
    or_map = 5,
    lww_register = 6,
    rga_text = 7,
};

/// "g_counter", "or_map" and so on; "unknown" for any other number.
[[nodiscard]] const char* to_string(object_kind kind) noexcept;

/// What a map may hold: every kind that can take back exactly what a remove saw.
inline constexpr object_kind nested_kinds[] = {object_kind::resettable_counter, object_kind::or_set,
                                               object_kind::or_map, object_kind::lww_register,
                                               object_kind::rga_text};

[[nodiscard]] constexpr bool may_be_nested(object_kind kind) noexcept {
    return std::ranges::find(nested_kinds, kind) != std::ranges::end(nested_kinds);
}

/// The name of an object or of a value in a map. One name may stand for several kinds at once: they are
/// different keys.
struct object_key {
    std::string name;
    object_kind kind = object_kind::lww_register;
    friend auto operator<=>(const object_key&, const object_key&) = default;
};
using map_key = object_key;

/// An operation of a type that holds no other objects.
using leaf_operation =
    std::variant<g_counter::operation, pn_counter::operation, resettable_counter::operation,
                 or_set::operation, lww_register::operation, rga_text::operation>;

/// The kind whose `apply` takes this operation.
[[nodiscard]] object_kind kind_of(const leaf_operation& op) noexcept;

/// An operation of a map: a leaf operation and the way to it.
struct map_operation {
    std::vector<map_key> path; ///< not empty; the last key has the leaf's kind, all before it are maps
    leaf_operation leaf;
    friend bool operator==(const map_operation&, const map_operation&) = default;
};

/// One change to one object of the keyspace. `path` is empty unless the object is a map.
/// This is what a transaction is made of, and what travels.
struct keyed_operation {
    object_key object;
    std::vector<map_key> path;
    leaf_operation leaf;
    friend bool operator==(const keyed_operation&, const keyed_operation&) = default;
};

} // namespace sangam::crdt
