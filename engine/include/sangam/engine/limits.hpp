#pragma once

#include <sangam/transport/limits.hpp>

#include <cstddef>

namespace sangam::engine::limits {

/// What a message may cost (transport::memory_of) before its dependencies are known: with as many as a message
/// may name it is still valid.
inline constexpr std::size_t message_bytes_max =
    transport::limits::message_cost_max - 24 * transport::limits::message_dependencies_max;
/// Links that a replica converses over at once; frames of further ones are rejected.
inline constexpr std::size_t conversations_max = 4096;
/// Changes that wait for callbacks; past it a write waits.
inline constexpr std::size_t changes_waiting_max = 1 << 16;

} // namespace sangam::engine::limits
