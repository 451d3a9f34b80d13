#include <sangam/causality/replica_id.hpp>

#include <charconv>

namespace sangam::causality {

std::string to_string(replica_id id) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text(16, '0');
    for (std::size_t i = 16; i-- > 0; id.bits >>= 4) {
        text[i] = digits[id.bits & 0xf];
    }
    return text;
}

std::optional<replica_id> parse_replica_id(std::string_view text) {
    replica_id id;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), id.bits, 16);
    if (text.size() != 16 || status != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return id;
}

} // namespace sangam::causality
