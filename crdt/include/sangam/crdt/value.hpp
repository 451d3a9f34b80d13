#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sangam::crdt {

struct null_t {
    friend constexpr auto operator<=>(const null_t&, const null_t&) = default;
};

using bytes = std::vector<std::byte>;

/// What registers and sets hold: null, a truth value, a 64-bit integer, a double, UTF-8 text or bytes.
///
/// Meaning: two values are the same iff they have the same kind and content; the integer 1 and the double 1.0
///   differ, and so do 0.0 and -0.0. The order is total: by kind as listed, then by content; text and bytes
///   as numbers from 0 to 255, a prefix first.
/// Cost: 16 bytes. Text and bytes of up to `inline_bytes_max` are in them, longer content is in one block of
///   its own size on the heap. A move copies the 16 bytes and leaves null.
/// Errors: the constructors throw `exception` with errc::not_a_number, invalid_utf8 or too_large. An
///   assignment whose allocation fails leaves *this unchanged.
/// Threads: const members may run together; anything else needs the caller's lock.
class value {
public:
    enum class kind : std::uint8_t { null, boolean, integer, real, text, bytes };

    static constexpr std::size_t inline_bytes_max = 14;

    value() noexcept = default;
    value(null_t) noexcept {}
    value(std::same_as<bool> auto truth) noexcept : content_{.truth = {{kind::boolean, 0}, truth}} {}
    template <std::integral Integer>
        requires(!std::same_as<Integer, bool> && (sizeof(Integer) < 8 || std::signed_integral<Integer>))
    value(Integer integer) noexcept : content_{.integer = {{kind::integer, 0}, integer}} {}
    /// A 64-bit integer without sign may not fit: the caller says how to convert it.
    template <std::unsigned_integral Integer>
        requires(sizeof(Integer) >= 8)
    value(Integer) = delete;
    value(double real);
    value(std::string_view text);
    value(const std::string& text) : value(std::string_view(text)) {}
    value(const char* text) : value(std::string_view(text)) {}
    value(std::span<const std::byte> raw);
    value(const crdt::bytes& raw) : value(std::span(raw)) {}

    value(const value& other);
    value(value&& other) noexcept : content_(std::exchange(other.content_, content())) {}
    value& operator=(const value& other) { return *this = value(other); }
    value& operator=(value&& other) noexcept {
        value taken(std::move(other));
        std::swap(content_, taken.content_);
        return *this;
    }
    ~value() {
        if (is_on_heap()) {
            release();
        }
    }

    [[nodiscard]] kind type() const noexcept { return content_.nothing.h.type; }
    [[nodiscard]] bool is_null() const noexcept { return type() == kind::null; }

    /// nullptr unless the value has that kind.
    [[nodiscard]] const bool* as_bool() const noexcept {
        return type() == kind::boolean ? &content_.truth.held : nullptr;
    }
    [[nodiscard]] const std::int64_t* as_integer() const noexcept {
        return type() == kind::integer ? &content_.integer.held : nullptr;
    }
    [[nodiscard]] const double* as_real() const noexcept {
        return type() == kind::real ? &content_.real.held : nullptr;
    }
    /// Nothing unless the value has that kind. Valid until the value is assigned to, moved or destroyed.
    [[nodiscard]] std::optional<std::string_view> as_text() const noexcept;
    [[nodiscard]] std::optional<std::span<const std::byte>> as_bytes() const noexcept;

    /// The size of text or bytes; 0 for the other kinds.
    [[nodiscard]] std::size_t content_bytes() const noexcept { return characters().size(); }

    friend bool operator==(const value& a, const value& b) noexcept;
    friend std::strong_ordering operator<=>(const value& a, const value& b) noexcept;

private:
    /// `inline_bytes` counts what `brief` holds; it is 0 for other kinds and `elsewhere` for `lengthy`.
    static constexpr std::uint8_t elsewhere = 0xff;
    struct head {
        kind type;
        std::uint8_t inline_bytes;
    };
    /// Each begins with a head, so that the head may be read through any of them.
    struct held_nothing {
        head h;
    };
    struct held_truth {
        head h;
        bool held;
    };
    struct held_integer {
        head h;
        std::int64_t held;
    };
    struct held_real {
        head h;
        double held;
    };
    struct brief_content {
        head h;
        char held[inline_bytes_max];
    };
    struct lengthy_content {
        head h;
        std::uint32_t size;
        char* held;
    };
    union content {
        held_nothing nothing = {};
        held_truth truth;
        held_integer integer;
        held_real real;
        brief_content brief;
        lengthy_content lengthy;
    };

    [[nodiscard]] bool is_on_heap() const noexcept { return content_.nothing.h.inline_bytes == elsewhere; }
    /// The content of text and of bytes; nothing for other kinds.
    [[nodiscard]] std::string_view characters() const noexcept;
    /// Precondition: *this is null and `characters` fits the limit.
    void hold(kind type, std::string_view characters);
    void release() noexcept;

    content content_;
};

static_assert(sizeof(value) == 16);

/// For people: null, true, 42, 0.5, "text" with JSON escapes, 0x0aff for bytes.
[[nodiscard]] std::string to_string(const value& v);

} // namespace sangam::crdt
