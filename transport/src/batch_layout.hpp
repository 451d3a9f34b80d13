#pragma once

#include <sangam/crdt/operation.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

/// What encoder and decoder of a batch share; docs/wire-format.md draws it.
namespace sangam::transport::layout {

/// What is done: the lower four bits of an operation's first number, or, where these are `further`, the
/// number behind it. Never change one, only add.
enum class code : std::uint8_t {
    g_increment = 1,
    pn_increment = 2,
    increment = 3,
    reset_counter = 4,
    add = 5,
    remove = 6,
    clear = 7,
    assign = 8,
    reset_register = 9,
    insert = 10,
    erase = 11,
    insert_next = 12,      ///< behind the last character of the batch's insert before it in the same text,
                           ///< with the next Lamport number
    list_insert_next = 13, ///< the same of a list
    g_add = 14,
    further = 15,
    rw_add = 16,
    rw_remove = 17,
    rw_reset = 18,
    mv_assign = 19,
    mv_reset = 20,
    ew_enable = 21,
    ew_disable = 22,
    dw_enable = 23,
    dw_disable = 24,
    dw_reset = 25,
    give = 26,
    take = 27,
    transfer = 28,
    list_insert = 29,
    list_erase = 30,
    score_assign = 31,
    score_increment = 32,
    score_remove = 33,
    score_clear = 34,
    append = 35,
    trim = 36,
    claim = 37,
    acknowledge = 38,
    expire = 39,
    expiry_reset = 40,
    mark = 41,
    restore = 42,
};

inline constexpr unsigned code_bits = 4;
inline constexpr std::uint64_t code_mask = (1 << code_bits) - 1;
inline constexpr std::uint64_t code_max = 0xff;

/// The other bits: which object.
inline constexpr std::uint64_t same_object = 0;   ///< as the operation before
inline constexpr std::uint64_t new_object = 1;    ///< written out here
inline constexpr std::uint64_t listed_object = 2; ///< and more: the n-th that was written out before

enum class value_code : std::uint8_t {
    null = 1,
    no = 2,
    yes = 3,
    integer = 4,
    real = 5,
    text = 6,
    bytes = 7
};

/// No number that a list item starts with is 0, so that packing, which drops zeros, cannot turn a few bytes
/// into many items.
inline constexpr std::uint64_t replica_is_origin = 1; ///< 2 and more: the table of replicas
inline constexpr std::uint64_t no_parent = 0;

/// A place in a text is such a number, or no_element, with one bit below it.
inline constexpr std::uint64_t no_element = 0;
inline constexpr unsigned place_bits = 1;
inline constexpr std::uint64_t place_is_right = 1; ///< in front of the element, or at the end

/// Only keys up to this weight are listed, longer ones are written out at every use: so what a reader
/// allocates for an operation is bounded by the operation's bytes.
inline constexpr std::size_t listed_weight_max = 256;
inline constexpr std::size_t path_key_weight = 48;

[[nodiscard]] inline std::size_t weight_of(const crdt::object_key& object,
                                           const std::vector<crdt::map_key>& path) noexcept {
    std::size_t weight = object.name.size();
    for (const crdt::map_key& key : path) {
        weight += path_key_weight + key.name.size();
    }
    return weight;
}

inline constexpr unsigned time_counter_bits = 16;
inline constexpr std::uint64_t time_ms_mask = (std::uint64_t{1} << 48) - 1;

} // namespace sangam::transport::layout
