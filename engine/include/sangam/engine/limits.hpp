#pragma once

#include <sangam/transport/limits.hpp>

#include <cstddef>

namespace sangam::engine::limits {

/// The memory of one transaction's operations that is sure to fit a frame when encoded: see
/// transport::encode_batch.
inline constexpr std::size_t message_bytes_max = transport::limits::part_bytes_max / 4 * 3;
/// Links that a replica converses over at once; frames of further ones are rejected.
inline constexpr std::size_t conversations_max = 4096;
/// Changes that wait for callbacks; past it a write waits.
inline constexpr std::size_t changes_waiting_max = 1 << 16;

} // namespace sangam::engine::limits
