#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/utf8.hpp>
#include <sangam/crdt/value.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <new>

namespace sangam::crdt {

namespace {

constexpr char hex_digits[] = "0123456789abcdef";

void check_size(std::size_t size) {
    if (size > limits::value_bytes_max) {
        throw_misuse(errc::too_large, "a value of " + std::to_string(size) + " bytes; the limit is " +
                                          std::to_string(limits::value_bytes_max));
    }
}

[[nodiscard]] std::string show(null_t) {
    return "null";
}

[[nodiscard]] std::string show(bool truth) {
    return truth ? "true" : "false";
}

[[nodiscard]] std::string show(std::int64_t integer) {
    return std::to_string(integer);
}

/// The shortest text that reads back as the same double, and never the text of an integer.
[[nodiscard]] std::string show(double real) {
    char buffer[32];
    const std::to_chars_result end = std::to_chars(buffer, buffer + sizeof buffer, real);
    std::string text(buffer, end.ptr);
    if (text.find_first_not_of("-0123456789") == std::string::npos) {
        text += ".0";
    }
    return text;
}

[[nodiscard]] std::string show(std::string_view content) {
    std::string text = "\"";
    for (const char c : content) {
        switch (c) {
        case '"':
            text += "\\\"";
            break;
        case '\\':
            text += "\\\\";
            break;
        case '\b':
            text += "\\b";
            break;
        case '\f':
            text += "\\f";
            break;
        case '\n':
            text += "\\n";
            break;
        case '\r':
            text += "\\r";
            break;
        case '\t':
            text += "\\t";
            break;
        default:
            if (const auto byte = static_cast<unsigned char>(c); byte < 0x20) {
                text += {'\\', 'u', '0', '0', hex_digits[byte >> 4], hex_digits[byte & 0xf]};
            } else {
                text += c;
            }
        }
    }
    return text + '"';
}

[[nodiscard]] std::string show(std::span<const std::byte> raw) {
    std::string text = "0x";
    for (const std::byte b : raw) {
        text += hex_digits[std::to_integer<unsigned>(b >> 4)];
        text += hex_digits[std::to_integer<unsigned>(b & std::byte{0xf})];
    }
    return text;
}

} // namespace

value::value(double real) : content_{.real = {{kind::real, 0}, real}} {
    if (std::isnan(real)) {
        throw_misuse(errc::not_a_number, "a value that is a double");
    }
}

value::value(std::string_view text) {
    check_size(text.size());
    if (const auto invalid = utf8::find_invalid(text)) {
        throw_misuse(errc::invalid_utf8, "byte " + std::to_string(*invalid) + " of a text of " +
                                             std::to_string(text.size()) + " bytes");
    }
    hold(kind::text, text);
}

value::value(std::span<const std::byte> raw) {
    check_size(raw.size());
    hold(kind::bytes, {reinterpret_cast<const char*>(raw.data()), raw.size()});
}

value::value(const value& other) {
    if (other.is_on_heap()) {
        hold(other.type(), other.characters());
    } else {
        content_ = other.content_;
    }
}

void value::hold(kind type, std::string_view characters) {
    char* target = nullptr;
    if (characters.size() <= inline_bytes_max) {
        content_.brief = {{type, static_cast<std::uint8_t>(characters.size())}, {}};
        target = content_.brief.held;
    } else {
        target = static_cast<char*>(::operator new(characters.size()));
        content_.lengthy = {{type, elsewhere}, static_cast<std::uint32_t>(characters.size()), target};
    }
    std::ranges::copy(characters, target);
}

void value::release() noexcept {
    ::operator delete(content_.lengthy.held);
}

std::string_view value::characters() const noexcept {
    if (is_on_heap()) {
        return {content_.lengthy.held, content_.lengthy.size};
    }
    return {content_.brief.held, content_.nothing.h.inline_bytes};
}

std::optional<std::string_view> value::as_text() const noexcept {
    if (type() != kind::text) {
        return std::nullopt;
    }
    return characters();
}

std::optional<std::span<const std::byte>> value::as_bytes() const noexcept {
    if (type() != kind::bytes) {
        return std::nullopt;
    }
    return std::as_bytes(std::span(characters()));
}

bool operator==(const value& a, const value& b) noexcept {
    return a.content_bytes() == b.content_bytes() && (a <=> b) == 0;
}

std::strong_ordering operator<=>(const value& a, const value& b) noexcept {
    if (a.type() != b.type()) {
        return a.type() <=> b.type();
    }
    switch (a.type()) {
    case value::kind::null:
        break;
    case value::kind::boolean:
        return a.content_.truth.held <=> b.content_.truth.held;
    case value::kind::integer:
        return a.content_.integer.held <=> b.content_.integer.held;
    case value::kind::real:
        return std::strong_order(a.content_.real.held, b.content_.real.held);
    case value::kind::text:
    case value::kind::bytes:
        return a.characters() <=> b.characters();
    }
    return std::strong_ordering::equal;
}

std::string to_string(const value& v) {
    switch (v.type()) {
    case value::kind::null:
        break;
    case value::kind::boolean:
        return show(*v.as_bool());
    case value::kind::integer:
        return show(*v.as_integer());
    case value::kind::real:
        return show(*v.as_real());
    case value::kind::text:
        return show(*v.as_text());
    case value::kind::bytes:
        return show(*v.as_bytes());
    }
    return show(null_t{});
}

} // namespace sangam::crdt
