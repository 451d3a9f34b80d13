#pragma once

#include <sangam/causality/error.hpp>

namespace sangam::engine {

enum class errc {
    bad_option = 1, ///< an option of `open` that cannot be served; `where` names it
    wrong_type,     ///< the key holds an object of another kind
    timed_out,      ///< the deadline passed first
    closed,         ///< the replica, or the transaction, is over, or the replica was moved from
    would_deadlock, ///< use inside a transaction or log callback, of any replica; closing inside a callback
    forked,         ///< the replica was opened by the process that this one was forked from
};

[[nodiscard]] boost::system::error_code make_error_code(errc code) noexcept;

} // namespace sangam::engine

template <>
struct boost::system::is_error_code_enum<sangam::engine::errc> : std::true_type {};
