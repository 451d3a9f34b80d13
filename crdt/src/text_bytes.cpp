#include "text_bytes.hpp"

#include <sangam/causality/assert.hpp>

#include <algorithm>
#include <limits>

namespace sangam::crdt {
namespace {

bool begins_character(char byte) noexcept {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

} // namespace

void text_bytes::reserve_for(std::size_t bytes) {
    constexpr std::size_t bytes_max = std::numeric_limits<std::uint32_t>::max();
    SANGAM_INVARIANT(bytes <= bytes_max - used_);
    if (bytes_.size() - used_ >= bytes) return;
    bytes_.resize(std::max(used_ + bytes + 16, used_ + used_ / 4));
}

void text_bytes::append(std::string_view text, std::uint32_t characters) {
    reserve_for(text.size());
    if (text.size() != characters || !marks_.empty()) mark(text, characters);
    if (text.size() == 1) {
        bytes_[used_] = text[0];
    } else {
        std::ranges::copy(text, bytes_.begin() + static_cast<std::ptrdiff_t>(used_));
    }
    used_ += text.size();
    size_ += characters;
}

/// Adds the marks of a text that will be appended; also those of what is there, if there were none yet.
void text_bytes::mark(std::string_view text, std::uint32_t characters) {
    const std::size_t needed = (std::size_t{size_} + characters + stride - 1) / stride;
    if (needed > marks_.capacity()) marks_.reserve(needed + needed / 4);
    for (std::size_t known = marks_.size() * stride; known < size_; known += stride)
        marks_.push_back(static_cast<std::uint32_t>(known));
    if (text.size() == characters) {
        for (std::size_t next = marks_.size(); next < needed; ++next)
            marks_.push_back(static_cast<std::uint32_t>(used_ + (next * stride - size_)));
        return;
    }
    serial_t serial = size_;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!begins_character(text[i])) continue;
        if (serial % stride == 0) marks_.push_back(static_cast<std::uint32_t>(used_ + i));
        ++serial;
    }
}

void text_bytes::take_back(std::uint32_t characters) noexcept {
    used_ = offset_of(size_ - characters);
    size_ -= characters;
    if (!marks_.empty()) marks_.resize((size_ + stride - 1) / stride);
}

std::size_t text_bytes::marked_offset_of(serial_t serial) const noexcept {
    if (serial == size_) return used_;
    const std::size_t mark = serial / stride;
    std::size_t offset = marks_[mark];
    if (mark + 1 < marks_.size() && marks_[mark + 1] - offset == stride)
        return offset + serial % stride; // ASCII
    for (serial_t left = serial % stride; left > 0; --left) {
        do {
            ++offset;
        } while (!begins_character(bytes_[offset]));
    }
    return offset;
}

} // namespace sangam::crdt
