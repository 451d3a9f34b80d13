#include "zmtp_filter.hpp"

#include <algorithm>
#include <utility>

namespace sangam::transport {

namespace {

constexpr std::size_t greeting_bytes = 64;
constexpr std::size_t signature_end_at = 9;
constexpr std::size_t revision_at = 10;
constexpr std::size_t mechanism_at = 12;
constexpr std::size_t mechanism_bytes = 20;
constexpr std::uint8_t revision_min = 3;
constexpr std::string_view mechanism = "NULL";

constexpr std::uint8_t more_flag = 1;
constexpr std::uint8_t long_flag = 2;
constexpr std::uint8_t command_flag = 4;
constexpr std::size_t long_length_bytes = 8;
constexpr std::string_view ready_name = "\x05READY";
constexpr std::string_view routing_id_name = "identity";
constexpr std::string_view own_name = "Identity";
constexpr std::size_t ready_bytes_max = 255;

std::uint8_t number_of(char byte) noexcept {
    return static_cast<std::uint8_t>(byte);
}

bool is_routing_id(std::string_view name) {
    return std::equal(name.begin(), name.end(), routing_id_name.begin(), routing_id_name.end(),
                      [](char a, char b) { return (number_of(a) | 0x20) == number_of(b); });
}

} // namespace

bool zmtp_filter::refuse(std::string why) {
    reason_ = std::move(why);
    return false;
}

bool zmtp_filter::take(std::string_view bytes) {
    passed_.clear();
    whole_ = greeted();
    if (!reason_.empty()) {
        return false;
    }
    std::size_t at = 0;
    for (; at < bytes.size() && !greeted(); ++at) {
        if (state_ == state::greeting) {
            if (!take_greeting(bytes[at])) return false;
            if (use_ == use::passes) passed_ += bytes[at];
        } else {
            if (!take_ready(bytes[at])) return false;
            if (!greeted()) continue;
            if (use_ == use::passes) passed_ += ready_;
            std::string().swap(ready_);
        }
    }
    const std::size_t frames_at = at;
    while (at < bytes.size()) {
        if (state_ == state::content) {
            const auto step = std::min<std::uint64_t>(left_, bytes.size() - at);
            left_ -= step;
            at += static_cast<std::size_t>(step);
        } else {
            const std::uint8_t byte = number_of(bytes[at++]);
            if (state_ == state::flags) {
                if (!take_flags(byte)) return false;
                continue;
            }
            left_ = left_ << 8U | byte;
            if (--length_bytes_left_ > 0) continue;
            if (left_ > frame_bytes_max_) {
                return refuse("a frame of " + std::to_string(left_) + " bytes is over the limit of " +
                              std::to_string(frame_bytes_max_));
            }
            state_ = state::content;
            length_ = left_;
        }
        if (left_ == 0) {
            state_ = state::flags;
            ++frames_;
        }
    }
    if (!whole_ && use_ == use::passes) {
        passed_ += bytes.substr(frames_at);
    }
    return true;
}

bool zmtp_filter::take_greeting(char byte) {
    const std::size_t at = greeting_bytes_++;
    const std::uint8_t number = number_of(byte);
    const bool other_protocol = (at == 0 && number != 0xff) || (at == signature_end_at && (number & 1U) == 0);
    if (other_protocol) {
        return refuse("the greeting is not of ZMTP 3");
    }
    if (at == revision_at && number < revision_min) {
        return refuse("the greeting is of ZMTP " + std::to_string(number) + ", which is before 3");
    }
    if (at >= mechanism_at && at < mechanism_at + mechanism_bytes) {
        const std::size_t within = at - mechanism_at;
        if (byte != (within < mechanism.size() ? mechanism[within] : '\0')) {
            return refuse("the greeting wants a security mechanism");
        }
    }
    if (greeting_bytes_ == greeting_bytes) {
        state_ = state::ready;
    }
    return true;
}

bool zmtp_filter::take_ready(char byte) {
    ready_ += byte;
    if (ready_.size() == 1 && number_of(byte) != command_flag) {
        return refuse("something else than a short READY follows the greeting");
    }
    if (ready_.size() < 2 || ready_.size() < 2U + number_of(ready_[1])) {
        return true;
    }
    state_ = state::flags;
    return check_ready();
}

bool zmtp_filter::check_ready() {
    std::string_view left = std::string_view(ready_).substr(2);
    if (!left.starts_with(ready_name)) {
        return refuse("something else than READY follows the greeting");
    }
    left.remove_prefix(ready_name.size());
    std::string kept;
    while (!left.empty()) {
        const std::string_view property = left;
        const std::size_t name_bytes = number_of(left[0]);
        if (left.size() < 1 + name_bytes + 4) return refuse("READY ends within a property");
        const std::string_view name = left.substr(1, name_bytes);
        left.remove_prefix(1 + name_bytes);
        std::size_t value_bytes = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            value_bytes = value_bytes << 8U | number_of(left[i]);
        }
        left.remove_prefix(4);
        if (left.size() < value_bytes) return refuse("READY ends within a property");
        if (is_routing_id(name) && value_bytes != 0) return refuse("READY has a routing id");
        left.remove_prefix(value_bytes);
        if (!is_routing_id(name)) kept += property.substr(0, property.size() - left.size());
    }
    return routing_id_.empty() || name_ready(std::move(kept));
}

bool zmtp_filter::name_ready(std::string properties) {
    std::string named(ready_name);
    named += properties;
    named += static_cast<char>(own_name.size());
    named += own_name;
    named += std::string(3, '\0');
    named += static_cast<char>(routing_id_.size());
    named += routing_id_;
    if (named.size() > ready_bytes_max) {
        return refuse("READY is longer than any of this library");
    }
    ready_ = {static_cast<char>(command_flag), static_cast<char>(named.size())};
    ready_ += named;
    return true;
}

bool zmtp_filter::take_flags(std::uint8_t flags) {
    if ((flags & more_flag) != 0) {
        return refuse("a frame has several parts, not 1");
    }
    if ((flags & static_cast<std::uint8_t>(~long_flag)) != 0) {
        return refuse("a command of ZMTP follows READY");
    }
    state_ = state::length;
    left_ = 0;
    length_bytes_left_ = (flags & long_flag) != 0 ? long_length_bytes : 1;
    return true;
}

} // namespace sangam::transport
