#pragma once

#include <sangam/engine/status.hpp>

#include <string>
#include <string_view>

namespace editor {

/// Sixty-four hexadecimal digits, as sha256sum prints them.
[[nodiscard]] std::string sha256_hex(std::string_view content);

/// "writer-1: 21362 characters, sha256 ..., 26078 messages, held back at most 3, 123456 bytes sent".
[[nodiscard]] std::string summary_line(const sangam::engine::replica_status& status, std::string_view text);

} // namespace editor
