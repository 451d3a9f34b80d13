#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sangam::causality {

/// The name of one replica: 64 random bits, never reused. When in doubt, draw a new one and retire the old.
/// The order has no meaning beyond breaking ties in the same way everywhere.
struct replica_id {
    std::uint64_t bits = 0;

    friend constexpr auto operator<=>(const replica_id&, const replica_id&) = default;
};

/// Sixteen lower-case hexadecimal digits.
[[nodiscard]] std::string to_string(replica_id id);

/// The inverse of `to_string`; nothing unless `text` is exactly sixteen hexadecimal digits.
[[nodiscard]] std::optional<replica_id> parse_replica_id(std::string_view text);

} // namespace sangam::causality

template <>
struct std::hash<sangam::causality::replica_id> {
    std::size_t operator()(sangam::causality::replica_id id) const noexcept {
        return static_cast<std::size_t>(id.bits); // random bits already
    }
};
