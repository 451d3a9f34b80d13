#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Unsigned integers of 1 to 10 bytes (LEB128): seven bits a byte, the lowest first, the eighth says that
/// more follow.
namespace sangam::transport::numbers {

inline void put(std::string& bytes, std::uint64_t number) {
    while (number >= 0x80) {
        bytes.push_back(static_cast<char>(number | 0x80));
        number >>= 7;
    }
    bytes.push_back(static_cast<char>(number));
}

/// Signed to unsigned so that small magnitudes stay small: 0, -1, 1, -2 become 0, 1, 2, 3.
[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t number) noexcept {
    return (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
}
[[nodiscard]] constexpr std::int64_t unzigzag(std::uint64_t number) noexcept {
    return static_cast<std::int64_t>((number >> 1) ^ (~(number & 1) + 1));
}

/// `to - from` and its two inverses, for any numbers: they wrap.
[[nodiscard]] constexpr std::uint64_t difference(std::uint64_t to, std::uint64_t from) noexcept {
    return zigzag(static_cast<std::int64_t>(to - from));
}
[[nodiscard]] constexpr std::uint64_t advance(std::uint64_t from, std::uint64_t difference) noexcept {
    return from + static_cast<std::uint64_t>(unzigzag(difference));
}
[[nodiscard]] constexpr std::uint64_t retreat(std::uint64_t to, std::uint64_t difference) noexcept {
    return to - static_cast<std::uint64_t>(unzigzag(difference));
}

enum class read_status { ok, ended, too_long };

class reader {
public:
    explicit reader(std::string_view bytes) noexcept : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    [[nodiscard]] std::size_t remaining() const noexcept { return static_cast<std::size_t>(end_ - at_); }

    /// Each number has one accepted form, the shortest.
    [[nodiscard]] read_status next(std::uint64_t& number) noexcept {
        if (at_ != end_ && (*at_ & 0x80) == 0) {
            number = static_cast<std::uint8_t>(*at_++);
            return read_status::ok;
        }
        return next_long(number);
    }

private:
    [[nodiscard]] read_status next_long(std::uint64_t& number) noexcept {
        number = 0;
        for (unsigned shift = 0; at_ != end_; shift += 7) {
            const auto byte = static_cast<std::uint8_t>(*at_++);
            if (shift == 63 && byte > 1) {
                return read_status::too_long;
            }
            number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if ((byte & 0x80) == 0) {
                return byte == 0 ? read_status::too_long : read_status::ok;
            }
        }
        return read_status::ended;
    }

    const char* at_;
    const char* end_;
};

} // namespace sangam::transport::numbers
