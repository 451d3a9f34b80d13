#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace editor {

/// Cuts UTF-8 text into pieces of at most `bytes_max` bytes, never inside a character. Empty text: no piece.
/// Preconditions: well-formed UTF-8, bytes_max >= 4.
[[nodiscard]] std::vector<std::string_view> cut_into_pieces(std::string_view text, std::size_t bytes_max);

} // namespace editor
