#pragma once

#include <sangam/causality/error.hpp>

namespace sangam::transport {

enum class errc {
    truncated = 1,   ///< the bytes end before the value does
    too_large,       ///< a frame, list or text over its limit in limits.hpp
    malformed,       ///< not Cap'n Proto, or lists that do not fit together
    trailing_bytes,  ///< something follows the last value
    unknown_version, ///< another protocol version
    unknown_kind,    ///< a kind of frame, object, operation or value that this version does not have
    wrong_group,     ///< a frame of another group
    foreign_dot,     ///< a dot, or a character id, of somebody else's
    invalid_text,    ///< text that is not well-formed UTF-8
    invalid_value,   ///< a NaN, an empty insert, a sequence or Lamport number of 0 or past the limit, ...
    bad_address,     ///< not an address that this transport knows
    socket_failed,   ///< the operating system or ZeroMQ refused (cannot bind, cannot connect)
};

[[nodiscard]] boost::system::error_code make_error_code(errc code) noexcept;

} // namespace sangam::transport

template <>
struct boost::system::is_error_code_enum<sangam::transport::errc> : std::true_type {};
