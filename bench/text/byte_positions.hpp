#pragma once

#include "edit_list.hpp"

#include <string_view>

namespace bench {

[[nodiscard]] bool is_ascii(std::string_view text) noexcept;

/// The same edits with positions and counts in bytes of UTF-8 instead of Unicode scalar values, so that a gap
/// buffer has nothing to do but to move bytes. Precondition: they fit one another.
/// Cost: an edit takes time linear in the characters outside ASCII that are in the text.
[[nodiscard]] edit_list with_byte_positions(const edit_list& edits);

} // namespace bench
