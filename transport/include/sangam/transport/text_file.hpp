#pragma once

#include <sangam/causality/error.hpp>
#include <sangam/crdt/text_columns.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace sangam::transport {

enum class text_compression : std::uint8_t {
    none,  ///< as is: read and written fastest
    fast,  ///< about half of it
    small, ///< as small as can be, in many times the time to write; read as fast as `fast`
};

/// Bytes of a text, to be kept or sent: docs/text-format.md. They carry a checksum. Equal columns give equal
/// bytes with the same compression and version of zstd. Precondition: the columns are those that
/// rga_text::columns makes. Cost: O(size), with a large factor for `small`.
[[nodiscard]] std::string encode_text(const crdt::text_columns& columns, text_compression compression);

/// The columns again, as far as bytes can be judged; crdt::rga_text::from_columns judges the rest. Errors
/// (the `where` names the column): truncated, malformed, trailing_bytes, unknown_version, unknown_kind,
/// too_large, invalid_value, and those of crdt::text_order. Cost: O(size of what the bytes unpack to) time
/// and memory, which is at most 32,768 times their number.
[[nodiscard]] result<crdt::text_columns> decode_text(std::string_view bytes);

} // namespace sangam::transport
