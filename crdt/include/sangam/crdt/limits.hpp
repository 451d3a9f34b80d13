#pragma once

#include <cstddef>
#include <cstdint>

/// Limits that every replica of a group must judge alike: they decide whether an operation is valid.
namespace sangam::crdt::limits {

inline constexpr std::size_t value_bytes_max = 1 << 20;        ///< one string or byte string
inline constexpr std::size_t name_bytes_max = 4096;            ///< a key of an object or of a map
inline constexpr std::size_t map_depth_max = 32;               ///< maps inside maps
inline constexpr std::size_t text_insert_bytes_max = 1 << 20;  ///< one insert; a longer text is several
inline constexpr std::size_t list_insert_values_max = 1 << 16; ///< one insert; more values are several
inline constexpr std::size_t stream_fields_max = 1 << 10;      ///< of one entry of a stream
/// What who inserts here is refused from on, erased elements included. What others insert meanwhile is taken
/// up to twice as many.
inline constexpr std::uint32_t sequence_elements_max = 1U << 30;
inline constexpr std::uint64_t lamport_max = std::uint64_t{1} << 62;

} // namespace sangam::crdt::limits
