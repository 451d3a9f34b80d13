#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/utf8.hpp>
#include <sangam/crdt/value.hpp>

#include <charconv>
#include <cmath>

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

[[nodiscard]] std::string show(const std::string& content) {
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

[[nodiscard]] std::string show(const bytes& raw) {
    std::string text = "0x";
    for (const std::byte b : raw) {
        text += hex_digits[std::to_integer<unsigned>(b >> 4)];
        text += hex_digits[std::to_integer<unsigned>(b & std::byte{0xf})];
    }
    return text;
}

} // namespace

value::value(double real) : content_(real) {
    if (std::isnan(real)) {
        throw_misuse(errc::not_a_number, "a value that is a double");
    }
}

value::value(std::string text) {
    check_size(text.size());
    if (const auto invalid = utf8::find_invalid(text)) {
        throw_misuse(errc::invalid_utf8, "byte " + std::to_string(*invalid) + " of a text of " +
                                             std::to_string(text.size()) + " bytes");
    }
    content_ = std::move(text);
}

value::value(crdt::bytes raw) {
    check_size(raw.size());
    content_ = raw_bytes{std::move(raw)};
}

std::size_t value::content_bytes() const noexcept {
    if (const std::string* const text = as_text()) {
        return text->size();
    }
    const crdt::bytes* const raw = as_bytes();
    return raw != nullptr ? raw->size() : 0;
}

std::strong_ordering operator<=>(const value& a, const value& b) noexcept {
    if (a.type() != b.type()) {
        return a.type() <=> b.type();
    }
    switch (a.type()) {
    case value::kind::null:
        break;
    case value::kind::boolean:
        return *a.as_bool() <=> *b.as_bool();
    case value::kind::integer:
        return *a.as_integer() <=> *b.as_integer();
    case value::kind::real:
        return std::strong_order(*a.as_real(), *b.as_real());
    case value::kind::text:
        return *a.as_text() <=> *b.as_text();
    case value::kind::bytes:
        return *a.as_bytes() <=> *b.as_bytes();
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
