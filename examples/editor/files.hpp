#pragma once

#include <sangam/causality/error.hpp>

#include <string>
#include <string_view>

namespace editor {

/// The bytes of a file. Errors: cannot_read, too_large.
[[nodiscard]] sangam::result<std::string> read_bytes(const std::string& path);

/// The bytes of a file, unpacked if it is gzip (known by its first bytes; a name that ends in .gz must be
/// gzip). Errors: cannot_read, bad_gzip, too_large.
[[nodiscard]] sangam::result<std::string> read_unpacked(const std::string& path);

/// The content of a UTF-8 file. Errors: cannot_read, too_large, invalid_utf8 with the offset of the first bad
/// byte.
[[nodiscard]] sangam::result<std::string> read_text(const std::string& path);

/// Replaces the file as a whole: a reader sees the old content or the new one. Packs if the name ends in .gz.
/// Errors: cannot_write.
[[nodiscard]] sangam::result<void> write_file(const std::string& path, std::string_view content);

} // namespace editor
