#pragma once

#include "text_ids.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sangam::crdt {

/// The content of a text's characters by serial: UTF-8 that only grows at its end.
///
/// Cost: `append` O(bytes), `view` O(1) for ASCII, else O(stride). 1 byte a character and 4 a stride.
class text_bytes {
public:
    /// `text`: well-formed. `characters`: how many it is. If it throws, nothing has changed.
    void append(std::string_view text, std::uint32_t characters);
    /// How many characters `append_ascii` may add.
    [[nodiscard]] std::size_t room_for_ascii() const noexcept {
        const std::size_t room = bytes_.size() - used_;
        return marks_.empty() ? room : std::min<std::size_t>(room, (stride - size_ % stride) % stride);
    }
    /// Precondition: there is room.
    void append_ascii(char c) noexcept {
        bytes_[used_++] = c;
        ++size_;
    }
    /// Takes the last `characters` back.
    void take_back(std::uint32_t characters) noexcept;

    [[nodiscard]] serial_t size() const noexcept { return size_; }
    [[nodiscard]] std::string_view view(serial_t first, std::uint32_t length) const noexcept {
        const std::size_t from = offset_of(first);
        return all().substr(from, offset_of(first + length) - from);
    }
    [[nodiscard]] std::string_view all() const noexcept { return {bytes_.data(), used_}; }
    [[nodiscard]] std::size_t offset_of(serial_t serial) const noexcept {
        return marks_.empty() ? serial : marked_offset_of(serial);
    }

private:
    static constexpr serial_t stride = 64;

    void reserve_for(std::size_t bytes);
    void mark(std::string_view text, std::uint32_t characters);
    [[nodiscard]] std::size_t marked_offset_of(serial_t serial) const noexcept;

    std::string bytes_; ///< longer than what is used, so that a keystroke need not ask for room
    std::size_t used_ = 0;
    std::vector<std::uint32_t> marks_; ///< where every `stride`-th character begins; empty while all is ASCII
    serial_t size_ = 0;
};

} // namespace sangam::crdt
