#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <iosfwd>
#include <stdexcept>
#include <string>
#include <utility>

namespace sangam::causality {

/// What went wrong (the code) and where (a field, a byte offset, an address, a file).
/// Every layer has its own `errc` with its own category; codes compare with `==` against those enumerators.
struct error {
    boost::system::error_code code;
    std::string where;

    /// "transport: unknown version: head.version is 9, this is 1".
    [[nodiscard]] std::string message() const;
    friend bool operator==(const error&, const error&) = default;

    /// Prints the message; Boost prints a result with it.
    template <class Char, class Traits>
    friend std::basic_ostream<Char, Traits>& operator<<(std::basic_ostream<Char, Traits>& out,
                                                        const error& e) {
        return out << e.message().c_str();
    }
};

/// A value or the error that prevented it. `.value()` throws `exception` when there is none.
template <class T>
using result = boost::system::result<T, error>;

/// Thrown by calls that an application used wrongly (a position past the end, a NaN, a key of another type),
/// and by `result::value()`. Nothing has changed when it is thrown.
class exception : public std::runtime_error {
public:
    explicit exception(error reason) : std::runtime_error(reason.message()), reason_(std::move(reason)) {}
    [[nodiscard]] const boost::system::error_code& code() const noexcept { return reason_.code; }
    [[nodiscard]] const error& reason() const noexcept { return reason_; }

private:
    error reason_;
};

/// Found by Boost when `result::value()` has no value.
[[noreturn]] void throw_exception_from_error(const error& reason, const boost::source_location& location);

/// The error category of one `errc` enumeration: `Traits` gives `name` and `text(int)`.
template <class Traits>
class enum_category final : public boost::system::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return Traits::name; }
    [[nodiscard]] std::string message(int code) const override { return Traits::text(code); }

    static const enum_category& instance() noexcept {
        static const enum_category category;
        return category;
    }
};

} // namespace sangam::causality

namespace sangam {
using causality::error;
using causality::exception;
using causality::result;
} // namespace sangam
