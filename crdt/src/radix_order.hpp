#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace sangam::crdt {

/// The numbers from 0 to `count` in the order of key_of(number), which is below `end`; equal ones stay in
/// order. Cost: O(count), three passes at most.
template <class Key>
std::vector<std::uint32_t> radix_order(std::uint32_t count, std::uint32_t end, Key&& key_of) {
    constexpr unsigned digit_bits = 11;
    constexpr std::uint32_t digits = 1U << digit_bits;
    std::vector<std::uint32_t> numbers(count);
    for (std::uint32_t n = 0; n < count; ++n)
        numbers[n] = n;
    if (count < digits / 8) {
        std::ranges::sort(numbers, {}, [&](std::uint32_t n) { return std::uint64_t{key_of(n)} << 32 | n; });
        return numbers;
    }
    std::vector<std::uint32_t> sorted(count);
    for (unsigned shift = 0; shift < 32 && end >> shift > 0; shift += digit_bits) {
        std::array<std::uint32_t, digits> start{};
        const auto digit_of = [&](std::uint32_t n) { return key_of(n) >> shift & (digits - 1); };
        for (const std::uint32_t n : numbers)
            ++start[digit_of(n)];
        std::uint32_t sum = 0;
        for (std::uint32_t& s : start)
            sum += std::exchange(s, sum);
        for (const std::uint32_t n : numbers)
            sorted[start[digit_of(n)]++] = n;
        numbers.swap(sorted);
    }
    return numbers;
}

} // namespace sangam::crdt
