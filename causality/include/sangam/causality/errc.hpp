#pragma once

#include <sangam/causality/error.hpp>

#include <type_traits>

namespace sangam::causality {

/// What can be wrong with a history that somebody records. Nothing has changed when one of these is reported.
enum class errc {
    not_a_history = 1, ///< a line that is none of the text form
    invalid_name,      ///< of a replica or message: other than letters, digits, '_', '-', or used before
    invalid_text,      ///< a label or state that is not printable UTF-8, or that the text form cannot hold
    unknown_replica,
    unknown_message, ///< received before it was sent
    unknown_event,
    own_message, ///< received by the replica that sent it
    too_large,   ///< more than limits.hpp allows
};

[[nodiscard]] boost::system::error_code make_error_code(errc code) noexcept;

} // namespace sangam::causality

template <>
struct boost::system::is_error_code_enum<sangam::causality::errc> : std::true_type {};
