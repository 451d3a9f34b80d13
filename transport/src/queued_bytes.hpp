#pragma once

#include <sangam/transport/limits.hpp>

#include <cstddef>

namespace sangam::transport {

/// Whether a link on which `waiting` bytes wait to be sent takes `bytes` more. One frame always has room.
[[nodiscard]] constexpr bool has_room(std::size_t waiting, std::size_t bytes) noexcept {
    return waiting == 0 || waiting + bytes <= limits::queued_bytes_max;
}

} // namespace sangam::transport
