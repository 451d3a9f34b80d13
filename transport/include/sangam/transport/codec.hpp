#pragma once

#include <sangam/causality/error.hpp>
#include <sangam/transport/frame.hpp>
#include <sangam/transport/message.hpp>

#include <string>
#include <string_view>

namespace sangam::transport {

/// The two parts of a frame, as views of its bytes. The body is empty for the kinds that have none.
struct frame_parts {
    std::string_view head;
    std::string_view body;
    friend bool operator==(const frame_parts&, const frame_parts&) = default;
};

/// A frame's bytes: the length of the head, the head, the body. Precondition: they fit
/// limits::frame_bytes_max, as all that encode_head and encode_batch make does. Cost: O(size).
[[nodiscard]] std::string join_frame(std::string_view head, std::string_view body);

/// The parts of a frame; views of `frame`. Errors (the `where` starts with "frame"): truncated, too_large.
/// Cost: O(1).
[[nodiscard]] result<frame_parts> split_frame(std::string_view frame);

/// Bytes of a head. Preconditions: names fit limits.hpp.
/// Cost: O(size). Threads: pure.
[[nodiscard]] std::string encode_head(const head& h);

/// A head of `group`. Errors (the `where` names the field): truncated, too_large, malformed, unknown_version,
/// unknown_kind, wrong_group, invalid_text, invalid_value. Cost: O(size of the bytes), whatever they say; the
/// input may be unaligned.
[[nodiscard]] result<head> decode_head(std::string_view bytes, std::string_view group);

/// Bytes of a batch: columns, see docs/wire-format.md. Preconditions: the batch is not empty, its messages'
/// ids are consecutive dots of its origin, everything fits limits.hpp, names are UTF-8, and the messages cost
/// at most limits::batch_cost_max together: so do each of them alone, and any run of them. Then the bytes are
/// at most limits::body_bytes_max, which is checked: a frame that no peer takes is never made.
[[nodiscard]] std::string encode_batch(const batch& b);

/// A batch, fully validated as far as bytes can be: every dot of the messages is the origin's, dependencies
/// are sorted, of others, text is UTF-8, values are values, character ids of inserts are the origin's.
/// `size_bytes` is memory_of. What cannot be judged by bytes alone (an insert's parent) is judged when the
/// causal past is there: crdt::object::accepts. Errors: as above, and foreign_dot. Cost: O(size of the bytes)
/// time; memory for the unpacked bytes and up to three times what the messages cost, which are at most
/// limits::batch_cost_max; it is taken only when what is charged so far is within the limit.
[[nodiscard]] result<batch> decode_batch(std::string_view bytes);

} // namespace sangam::transport
