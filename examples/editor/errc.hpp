#pragma once

#include <sangam/causality/error.hpp>

#include <string>

namespace editor {

enum class errc {
    bad_usage = 1, ///< the command line
    cannot_read,
    cannot_write,
    not_a_file,   ///< a directory, FIFO, device or socket
    file_changed, ///< by another program, since it was read or written here
    bad_gzip,
    too_large,
    bad_json,
    bad_history,  ///< JSON, but not one of the two formats
    bad_position, ///< a patch that does not fit the text it is made for
    bad_record,   ///< JSON, but not what --record writes, or records that do not belong together
    invalid_utf8,
    timed_out,
    stopped,          ///< by a signal
    not_exact,        ///< another text than --expect-exact asks for
    not_acknowledged, ///< others may not have all that was written here
};

[[nodiscard]] boost::system::error_code make_error_code(errc code) noexcept;

/// What went wrong and where, for a person, who does not know the layers by which an error's own message
/// begins.
[[nodiscard]] std::string explain(const sangam::error& problem);

} // namespace editor

template <>
struct boost::system::is_error_code_enum<editor::errc> : std::true_type {};
