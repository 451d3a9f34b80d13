#pragma once

#include <editor/file_state.hpp>

#include <sangam/causality/error.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace editor {

/// Replaces a file's content by `content`.
///
/// Meaning: a reader sees the old content or the new one, also after a loss of power: the new one is written
///   beside the file, synced, and renamed over it, and the folder is synced. The file keeps its mode, owner,
///   group and extended attributes; a new one gets the mode that the umask leaves. If the path is a link,
///   what it leads to is replaced, and the link stays. `expected`, unless it is nullptr, is what the file
///   must still be (a file that did not exist must not exist). A file that has other names (hard links), or
///   whose owner, group or attributes the new one cannot have, is written in place, so that it stays the file
///   that it is: room for all is taken first, and a copy of the old content stands beside it, as
///   NAME.sangam-backup-HEX, until the new one is synced. Whoever reads it at that moment may see half of it.
/// Errors: file_changed (nothing was written), not_a_file, cannot_write. After an error the old content
///   or the new one is whole; only where writing in place failed half-way (a broken disk) it is in the copy,
///   which stays and which the error names. A folder that cannot be written to is cannot_write. What the
///   system says when the folder cannot be synced is no error if it cannot sync folders at all; else the new
///   content is in the file, which then may not outlast a loss of power: `replaced`, unless it is nullptr,
///   gets what the file is now.
[[nodiscard]] sangam::result<file_state> save_file(const std::string& path, std::string_view content,
                                                   const file_state* expected = nullptr,
                                                   std::optional<file_state>* replaced = nullptr);

/// Writes `content` to a new file beside `path`, whose name begins with the file's, and returns its path: for
/// who may not overwrite and has nobody to ask. Only the owner may read it.
/// Errors: cannot_write. Nothing was written then, unless only the folder could not be synced: the file
/// stays,
///   and the error names it.
[[nodiscard]] sangam::result<std::string> save_beside(const std::string& path, std::string_view content);

} // namespace editor
