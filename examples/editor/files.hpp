#pragma once

#include <editor/file_state.hpp>

#include <sangam/causality/error.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace editor {

/// The bytes of a file, and what it was then. Only regular files are read: opening a FIFO would wait for
/// somebody who writes, and a device may have no end. Errors: cannot_read, not_a_file, too_large.
struct file_content {
    std::string bytes;
    file_state state;
};
[[nodiscard]] sangam::result<file_content> read_file(const std::string& path);

/// The bytes of a file, unpacked if it is gzip (known by its first bytes; a name that ends in .gz must be
/// gzip). Errors: as read_file, bad_gzip.
[[nodiscard]] sangam::result<std::string> read_unpacked(const std::string& path);

/// The content of a UTF-8 file, as it is: a byte order mark, NULs and any line breaks are characters of it.
/// Errors: as read_file, invalid_utf8 with the offset of the first bad byte.
[[nodiscard]] sangam::result<file_content> read_text(const std::string& path);

/// What the file is now; no error if there is none. Errors: as read_file.
[[nodiscard]] sangam::result<file_state> look_at_file(const std::string& path);

/// Replaces the file as a whole, as save_file does. Packs if the name ends in .gz.
/// Errors: as save_file.
sangam::result<file_state> write_file(const std::string& path, std::string_view content,
                                      const file_state* expected = nullptr,
                                      std::optional<file_state>* replaced = nullptr);

} // namespace editor
