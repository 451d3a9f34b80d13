#pragma once

#include <sangam/causality/error.hpp>

#include <string>

namespace sangam::crdt {

/// What an application can do wrong with a type. Nothing has changed when one of these is reported.
enum class errc {
    not_a_number = 1,    ///< a double that is NaN: it would not equal itself
    invalid_utf8,        ///< text that is not well-formed UTF-8
    position_past_end,   ///< a text position or range that ends after the last character
    inside_surrogates,   ///< a UTF-16 position between the two halves of one character
    counter_overflow,    ///< an increment that 64 bits cannot hold
    too_large,           ///< a value, name or text over its limit in limits.hpp
    nested_too_deeply,   ///< a path through maps over its limit in limits.hpp
    insufficient_rights, ///< more of a bounded_counter than this replica may take
    unknown_entry,       ///< an entry that a stream does not have (any more)
    unknown_version,     ///< a version before that which a text was loaded from without its log
    invalid_columns,     ///< text_columns that are those of no text
};

[[nodiscard]] boost::system::error_code make_error_code(errc code) noexcept;

/// Throws `sangam::exception`; `where` names what is wrong in the call: a byte, a size and its limit.
[[noreturn]] void throw_misuse(errc code, std::string where);

} // namespace sangam::crdt

template <>
struct boost::system::is_error_code_enum<sangam::crdt::errc> : std::true_type {};
