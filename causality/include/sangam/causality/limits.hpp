#pragma once

#include <cstddef>
#include <cstdint>

namespace sangam::causality::limits {

/// Every event of a recorded history has a vector clock: replicas times events is its memory.
inline constexpr std::size_t history_replicas_max = 256;
inline constexpr std::size_t history_events_max = 16'384;

/// The end of the year 9999, in milliseconds since the Unix epoch: no valid time is later.
inline constexpr std::uint64_t time_ms_max = 253'402'300'799'999;

} // namespace sangam::causality::limits
