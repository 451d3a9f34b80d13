#pragma once

#include <cstddef>
#include <cstdint>

namespace sangam::transport::limits {

inline constexpr std::size_t message_cost_max = 16 << 20; ///< memory_of a message: decides what is valid
inline constexpr std::size_t batch_cost_max = message_cost_max; ///< the sum over the messages of one batch
/// A batch as it travels: a batch that costs so much has no more bytes unpacked, and packing adds at most a
/// sixteenth and 2.
inline constexpr std::size_t body_bytes_max = batch_cost_max / 16 * 17 + 2;
inline constexpr std::size_t frame_length_bytes = 4; ///< the length of the head, in front of it
inline constexpr std::size_t head_beside_body_bytes_max = 1 << 10;
inline constexpr std::size_t frame_bytes_max =
    frame_length_bytes + head_beside_body_bytes_max + body_bytes_max;
/// Unpacked bytes for each that arrived. Our packing never makes more of one: see packed.hpp.
inline constexpr std::size_t unpacked_ratio_max = 16;
/// Frames of one link that have been received and not handed over; then its sender has to wait.
inline constexpr std::size_t received_frames_max = 16;
/// Bytes of one link that wait to be sent; then it would block. One frame always has room.
inline constexpr std::size_t queued_bytes_max = 16 << 20;
inline constexpr std::size_t batch_messages_max = 1 << 16;     ///< messages in one batch
inline constexpr std::size_t message_operations_max = 1 << 16; ///< operations in one message
inline constexpr std::size_t message_dependencies_max = 1 << 12;
inline constexpr std::size_t clock_entries_max = 1 << 16;
inline constexpr std::size_t name_bytes_max = 256;    ///< names of replicas and groups
inline constexpr std::size_t reason_bytes_max = 1024; ///< of a refusal; encode_head cuts what is longer
inline constexpr std::size_t incoming_links_max =
    4096; ///< of one ROUTER; then the one that was silent longest is forgotten
/// A connection that came in has sent a whole frame by then, or is ended. A replica says hello at once, or
/// within hello_interval_ms_max when it had to wait for the connection.
inline constexpr std::uint64_t first_frame_ms_max = 10'000;
/// When there is no place for another connection, one that has never sent a frame makes room after this.
inline constexpr std::uint64_t unheard_ms_min = 2'500;
/// One that has sent a frame makes room then, too, when it was silent for ten intervals of heartbeats.
inline constexpr std::uint64_t silent_ms_min = 5'000;
/// So many bytes of a frame that is not whole yet count as a whole one: a slow line is not silence.
inline constexpr std::size_t pace_bytes_min = 64 << 10;
/// What has come of frames that are not whole, over all that came in and were sent at most one frame. A hello
/// of the greatest clock is far below its part of this.
inline constexpr std::size_t strangers_bytes_max = 4 * frame_bytes_max;
/// Reasons of connections that were ended, between two polls; more are counted.
inline constexpr std::size_t refusals_kept_max = 64;
inline constexpr int nesting_max = 8; ///< Cap'n Proto pointers
inline constexpr std::uint64_t sequence_max = std::uint64_t{1} << 62;

static_assert(message_cost_max <= batch_cost_max, "what is valid alone must be a valid batch");

} // namespace sangam::transport::limits
