#pragma once

#include <sangam/causality/limits.hpp>

#include <compare>
#include <cstdint>

namespace sangam::causality {

/// A hybrid logical time: milliseconds since the Unix epoch in the upper 48 bits, a counter in the lower 16.
/// A counter that runs over carries into the milliseconds, so that the order is the order of the integer.
struct hybrid_time {
    std::uint64_t bits = 0;

    [[nodiscard]] static constexpr hybrid_time at_ms(std::uint64_t ms) noexcept { return {ms << 16}; }
    [[nodiscard]] constexpr std::uint64_t ms() const noexcept { return bits >> 16; }
    [[nodiscard]] constexpr std::uint16_t counter() const noexcept {
        return static_cast<std::uint16_t>(bits);
    }

    friend constexpr auto operator<=>(const hybrid_time&, const hybrid_time&) = default;
};

/// The latest time that there is.
inline constexpr hybrid_time latest_time{(limits::time_ms_max << 16) | 0xffff};

/// A clock whose times never go back and are greater than every time that was observed before.
///
/// Meaning: if a happened before b then time(a) < time(b); otherwise times follow the wall clock. A time far
///   ahead is believed: the clock goes on from there. At `latest_time` it stands still, because one false
///   message must not keep everybody from writing: from then on times tell nothing, and concurrent events are
///   ordered by their dots.
/// Cost: O(1).
/// Threads: none; the caller's lock.
/// Source: Kulkarni et al., "Logical Physical Clocks" (2014). The wall clock is given by the caller, so this
/// reads none.
class hybrid_clock {
public:
    /// A time for a new event: greater than all before, and not before `wall_ms`.
    [[nodiscard]] hybrid_time tick(std::uint64_t wall_ms) noexcept;

    /// Learns a time from another replica.
    void observe(hybrid_time time) noexcept;

    [[nodiscard]] hybrid_time last() const noexcept { return last_; }

private:
    hybrid_time last_;
};

} // namespace sangam::causality
