#pragma once

#include <cstdint>
#include <type_traits>

namespace sangam::crdt {

__extension__ using int128 = __int128;
__extension__ using uint128 = unsigned __int128;

/// A sum in 128 bits that asks for the alignment of 64: an object that may hold one is no larger for it.
template <class Number>
    requires std::is_same_v<Number, int128> || std::is_same_v<Number, uint128>
class wide_sum {
public:
    [[nodiscard]] constexpr Number get() const noexcept {
        return static_cast<Number>(uint128{high_} << 64 | low_);
    }
    constexpr wide_sum& operator+=(Number amount) noexcept {
        const auto sum = static_cast<uint128>(get()) + static_cast<uint128>(amount);
        low_ = static_cast<std::uint64_t>(sum);
        high_ = static_cast<std::uint64_t>(sum >> 64);
        return *this;
    }
    friend constexpr bool operator==(const wide_sum&, const wide_sum&) = default;

private:
    std::uint64_t low_ = 0;
    std::uint64_t high_ = 0;
};

} // namespace sangam::crdt
