#pragma once

#include <sangam/transport/limits.hpp>

#include <cstddef>
#include <cstdint>

namespace sangam::engine::limits {

/// What a message may cost (transport::memory_of) before its dependencies are known: with as many as a
/// message may name it is still valid.
inline constexpr std::size_t message_bytes_max =
    transport::limits::message_cost_max - 24 * transport::limits::message_dependencies_max;
/// Links that a replica converses over at once; frames of further ones are rejected.
inline constexpr std::size_t conversations_max = 4096;
/// Events of one text that the log callback hears of in one interval; the others are counted.
inline constexpr std::size_t events_per_interval_max = 20;
inline constexpr std::uint64_t event_interval_ms = 1000;
/// A dot that held-back messages wait for and that is missing for so long is reported.
inline constexpr std::uint64_t missing_patience_ms = 5000;
/// How often held-back messages are asked what they wait for.
inline constexpr std::uint64_t missing_look_ms = 500;
/// Missing dots that are watched, and of those the ones that `status` tells.
inline constexpr std::size_t missing_watched_max = 256;
inline constexpr std::size_t missing_told_max = 16;
/// Changes that wait for callbacks, and their memory; past either the longest queues are given up: see
/// change_feed.
inline constexpr std::size_t changes_waiting_max = 1 << 16;
inline constexpr std::size_t changes_waiting_bytes_max = 32 << 20;

} // namespace sangam::engine::limits
