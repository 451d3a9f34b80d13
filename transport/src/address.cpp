#include <sangam/transport/address.hpp>

#include <sangam/transport/errc.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace sangam::transport {

namespace {

constexpr std::string_view tcp_prefix = "tcp://";
constexpr std::string_view ipc_prefix = "ipc://";
constexpr std::string_view memory_prefix = "memory://";
constexpr std::size_t ipc_path_bytes_max = 107; // sockaddr_un::sun_path, with its 0

/// A decimal number without sign, spaces or leading zeros.
std::optional<unsigned> parse_number(std::string_view text, unsigned max) {
    unsigned number = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || status != std::errc{} || end != text.data() + text.size() || number > max ||
        (text.size() > 1 && text[0] == '0')) {
        return std::nullopt;
    }
    return number;
}

std::optional<std::array<std::uint8_t, 4>> parse_ipv4(std::string_view host) {
    std::array<std::uint8_t, 4> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const std::size_t dot = i + 1 == bytes.size() ? host.size() : host.find('.');
        if (dot == std::string_view::npos) return std::nullopt;
        const auto number = parse_number(host.substr(0, dot), 255);
        if (!number) return std::nullopt;
        bytes[i] = static_cast<std::uint8_t>(*number);
        host.remove_prefix(dot == host.size() ? dot : dot + 1);
    }
    return bytes;
}

error bad(std::string_view text, const std::string& what) {
    return {errc::bad_address, "\"" + std::string(text) + "\": " + what};
}

std::string_view host_of(std::string_view text) {
    text.remove_prefix(tcp_prefix.size());
    return text.substr(0, text.rfind(':'));
}

result<address> parse_tcp(std::string_view text) {
    const std::string_view rest = text.substr(tcp_prefix.size());
    const std::size_t colon = rest.rfind(':');
    if (colon == std::string_view::npos) {
        return bad(text, "a port is missing");
    }
    const std::string_view host = host_of(text);
    if (host != "localhost" && host != "*" && !parse_ipv4(host)) {
        return bad(text, "the host \"" + std::string(host) +
                             "\" is neither a numeric IPv4 address nor localhost nor *");
    }
    const std::string_view port = rest.substr(colon + 1);
    if (port != "*" && !parse_number(port, 65535)) {
        return bad(text, "the port \"" + std::string(port) + "\" is neither 0 to 65535 nor *");
    }
    return address{address::scheme::tcp, std::string(text)};
}

result<address> parse_name(std::string_view text, std::string_view prefix, address::scheme kind) {
    const std::string_view name = text.substr(prefix.size());
    if (name.empty()) {
        return bad(text, "nothing follows " + std::string(prefix));
    }
    if (kind == address::scheme::ipc && name.size() > ipc_path_bytes_max) {
        return bad(text, "the path has " + std::to_string(name.size()) + " bytes, the system's limit is " +
                             std::to_string(ipc_path_bytes_max));
    }
    return address{kind, std::string(text)};
}

} // namespace

result<address> parse_address(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) return bad(text, "it contains a zero byte");
    if (text.starts_with(tcp_prefix)) return parse_tcp(text);
    if (text.starts_with(ipc_prefix)) return parse_name(text, ipc_prefix, address::scheme::ipc);
    if (text.starts_with(memory_prefix)) return parse_name(text, memory_prefix, address::scheme::memory);
    return bad(text, "it starts with none of tcp://, ipc://, memory://");
}

bool is_local(const address& a) {
    if (a.kind != address::scheme::tcp) {
        return true;
    }
    const std::string_view host = host_of(a.text);
    const auto bytes = parse_ipv4(host);
    return host == "localhost" || (bytes && (*bytes)[0] == 127);
}

} // namespace sangam::transport
