#pragma once

#include <sangam/causality/error.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace sangam::transport {

/// Appends one zstd frame, with a checksum. Parts of some size are packed each in a way that fits it.
void append_frame(std::string& bytes, std::span<const std::string_view> parts, int level);
/// The level that stores what it is given.
[[nodiscard]] int storing_level() noexcept;

struct unpacked {
    std::unique_ptr<char[]> memory;
    std::size_t size = 0;
    [[nodiscard]] std::string_view view() const noexcept { return {memory.get(), size}; }
};
/// Exactly one frame of `size` bytes; memory for them is taken only if so many bytes can hold as many.
/// Errors: too_large, malformed, trailing_bytes.
[[nodiscard]] result<unpacked> unpack_frame(std::string_view frame, std::uint64_t size);

} // namespace sangam::transport
