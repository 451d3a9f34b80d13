#pragma once

#include <sangam/causality/replica_id.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace sangam::causality {

/// The name of one transaction: the `sequence`-th of `replica`, counted from 1. Sequence 0 names nothing.
struct dot {
    replica_id replica;
    std::uint64_t sequence = 0;

    friend constexpr auto operator<=>(const dot&, const dot&) = default;
};

/// "0123456789abcdef:7".
[[nodiscard]] inline std::string to_string(const dot& d) {
    return to_string(d.replica) + ":" + std::to_string(d.sequence);
}

} // namespace sangam::causality

template <>
struct std::hash<sangam::causality::dot> {
    std::size_t operator()(const sangam::causality::dot& d) const noexcept {
        return static_cast<std::size_t>(d.replica.bits ^ (d.sequence * 0x9e3779b97f4a7c15ULL));
    }
};
