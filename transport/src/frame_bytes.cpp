#include <sangam/transport/codec.hpp>

#include <sangam/causality/assert.hpp>
#include <sangam/transport/errc.hpp>
#include <sangam/transport/limits.hpp>

#include <cstdint>

namespace sangam::transport {

namespace {

constexpr std::size_t length_bytes = limits::frame_length_bytes;

} // namespace

std::string join_frame(std::string_view head, std::string_view body) {
    SANGAM_ASSERT(length_bytes + head.size() + body.size() <= limits::frame_bytes_max);
    std::string frame;
    frame.reserve(length_bytes + head.size() + body.size());
    for (std::size_t i = 0; i < length_bytes; ++i) {
        frame += static_cast<char>(head.size() >> (8 * i) & 0xff);
    }
    return frame.append(head).append(body);
}

result<frame_parts> split_frame(std::string_view frame) {
    if (frame.size() > limits::frame_bytes_max) {
        return error{errc::too_large, "frame: " + std::to_string(frame.size()) + " bytes, and the limit is " +
                                          std::to_string(limits::frame_bytes_max)};
    }
    if (frame.size() < length_bytes) {
        return error{errc::truncated, "frame: " + std::to_string(frame.size()) +
                                          " bytes, and the length of its head takes " +
                                          std::to_string(length_bytes)};
    }
    std::uint32_t head_size = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) {
        head_size |= std::uint32_t{static_cast<unsigned char>(frame[i])} << (8 * i);
    }
    frame.remove_prefix(length_bytes);
    if (head_size > frame.size()) {
        return error{errc::truncated, "frame: its head has " + std::to_string(head_size) +
                                          " bytes, and there are " + std::to_string(frame.size())};
    }
    return frame_parts{frame.substr(0, head_size), frame.substr(head_size)};
}

} // namespace sangam::transport
