#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sangam::crdt {

struct null_t {
    friend constexpr auto operator<=>(const null_t&, const null_t&) = default;
};

using bytes = std::vector<std::byte>;

/// What registers and sets hold: null, a truth value, a 64-bit integer, a double, UTF-8 text or bytes.
///
/// Meaning: two values are the same iff they have the same kind and content; the integer 1 and the double 1.0
///   differ, and so do 0.0 and -0.0. The order is total: by kind as listed, then by content.
/// Errors: the constructors throw `exception` with errc::not_a_number, invalid_utf8 or too_large.
/// Threads: const members may run together; anything else needs the caller's lock.
class value {
public:
    enum class kind : std::uint8_t { null, boolean, integer, real, text, bytes };

    value() noexcept = default;
    value(null_t) noexcept {}
    value(std::same_as<bool> auto truth) noexcept : content_(truth) {}
    template <std::integral Integer>
        requires(!std::same_as<Integer, bool> && (sizeof(Integer) < 8 || std::signed_integral<Integer>))
    value(Integer integer) noexcept : content_(std::int64_t{integer}) {}
    /// A 64-bit integer without sign may not fit: the caller says how to convert it.
    template <std::unsigned_integral Integer>
        requires(sizeof(Integer) >= 8)
    value(Integer) = delete;
    value(double real);
    value(std::string text);
    value(std::string_view text) : value(std::string(text)) {}
    value(const char* text) : value(std::string(text)) {}
    value(crdt::bytes raw);

    [[nodiscard]] kind type() const noexcept { return static_cast<kind>(content_.index()); }
    [[nodiscard]] bool is_null() const noexcept { return type() == kind::null; }

    /// nullptr unless the value has that kind.
    [[nodiscard]] const bool* as_bool() const noexcept { return std::get_if<bool>(&content_); }
    [[nodiscard]] const std::int64_t* as_integer() const noexcept {
        return std::get_if<std::int64_t>(&content_);
    }
    [[nodiscard]] const double* as_real() const noexcept { return std::get_if<double>(&content_); }
    [[nodiscard]] const std::string* as_text() const noexcept { return std::get_if<std::string>(&content_); }
    [[nodiscard]] const crdt::bytes* as_bytes() const noexcept {
        const raw_bytes* const raw = std::get_if<raw_bytes>(&content_);
        return raw != nullptr ? &raw->content : nullptr;
    }

    /// The memory of text or bytes; 0 for the other kinds.
    [[nodiscard]] std::size_t content_bytes() const noexcept;

    friend bool operator==(const value& a, const value& b) noexcept { return (a <=> b) == 0; }
    friend std::strong_ordering operator<=>(const value& a, const value& b) noexcept;

private:
    /// libstdc++ 12 believes that a variant of only trivial types, strings and vectors always has a content;
    /// a copy that runs out of memory then destroys one that is not there. A type of our own takes it out of
    /// that rule.
    struct raw_bytes {
        crdt::bytes content;
    };

    std::variant<null_t, bool, std::int64_t, double, std::string, raw_bytes> content_;
};

/// For people: null, true, 42, 0.5, "text" with JSON escapes, 0x0aff for bytes.
[[nodiscard]] std::string to_string(const value& v);

} // namespace sangam::crdt
