#pragma once

#include <sangam/crdt/bounded_counter.hpp>
#include <sangam/crdt/dw_flag.hpp>
#include <sangam/crdt/ew_flag.hpp>
#include <sangam/crdt/expiry.hpp>
#include <sangam/crdt/g_counter.hpp>
#include <sangam/crdt/g_set.hpp>
#include <sangam/crdt/lww_register.hpp>
#include <sangam/crdt/mv_register.hpp>
#include <sangam/crdt/or_set.hpp>
#include <sangam/crdt/pn_counter.hpp>
#include <sangam/crdt/resettable_counter.hpp>
#include <sangam/crdt/rga_list.hpp>
#include <sangam/crdt/rga_text.hpp>
#include <sangam/crdt/rw_set.hpp>
#include <sangam/crdt/sorted_set.hpp>
#include <sangam/crdt/stream.hpp>

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
    g_set = 8,
    rw_set = 9,
    mv_register = 10,
    ew_flag = 11,
    dw_flag = 12,
    bounded_counter = 13,
    rga_list = 14,
    sorted_set = 15,
    stream = 16,
    expiry = 17,
};

/// Every kind, in the order of the numbers, which have no gaps.
inline constexpr object_kind all_kinds[] = {
    object_kind::g_counter,       object_kind::pn_counter, object_kind::resettable_counter,
    object_kind::or_set,          object_kind::or_map,     object_kind::lww_register,
    object_kind::rga_text,        object_kind::g_set,      object_kind::rw_set,
    object_kind::mv_register,     object_kind::ew_flag,    object_kind::dw_flag,
    object_kind::bounded_counter, object_kind::rga_list,   object_kind::sorted_set,
    object_kind::stream,          object_kind::expiry,
};

/// "g_counter", "or_map" and so on; "unknown" for any other number.
[[nodiscard]] const char* to_string(object_kind kind) noexcept;

/// What a map may hold: every kind that can take back exactly what a remove saw. The others only grow, or
/// could not keep their bound (docs/adr/0009).
inline constexpr object_kind nested_kinds[] = {
    object_kind::resettable_counter,
    object_kind::or_set,
    object_kind::or_map,
    object_kind::lww_register,
    object_kind::rga_text,
    object_kind::rw_set,
    object_kind::mv_register,
    object_kind::ew_flag,
    object_kind::dw_flag,
    object_kind::rga_list,
    object_kind::sorted_set,
    object_kind::stream,
    object_kind::expiry,
};

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

/// An operation of a type that holds no other objects, in the order of the kinds.
using leaf_operation =
    std::variant<g_counter::operation, pn_counter::operation, resettable_counter::operation,
                 or_set::operation, lww_register::operation, rga_text::operation, g_set::operation,
                 rw_set::operation, mv_register::operation, ew_flag::operation, dw_flag::operation,
                 bounded_counter::operation, rga_list::operation, sorted_set::operation, stream::operation,
                 expiry::operation>;

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
