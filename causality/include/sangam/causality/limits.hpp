#pragma once

#include <cstddef>

namespace sangam::causality::limits {

/// Every event of a recorded history has a vector clock: replicas times events is its memory.
inline constexpr std::size_t history_replicas_max = 256;
inline constexpr std::size_t history_events_max = 16'384;

} // namespace sangam::causality::limits
