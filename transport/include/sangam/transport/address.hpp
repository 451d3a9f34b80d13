#pragma once

#include <sangam/causality/error.hpp>

#include <string>
#include <string_view>

namespace sangam::transport {

/// Where a replica listens: "tcp://127.0.0.1:7001" (ZeroMQ; port "*" lets the system choose when listening),
/// "ipc:///path" (ZeroMQ), or "memory://name" (one process, for tests and simulations).
struct address {
    enum class scheme { tcp, ipc, memory };
    scheme kind = scheme::tcp;
    std::string text; ///< as it was given
    friend bool operator==(const address&, const address&) = default;
};

/// Errors: bad_address, with what is wrong with which part.
[[nodiscard]] result<address> parse_address(std::string_view text);

/// True for addresses that only this machine can reach: loopback, ipc, memory. Others are refused for
/// listening, because frames are neither encrypted nor authenticated in this version.
[[nodiscard]] bool is_local(const address& a);

} // namespace sangam::transport
