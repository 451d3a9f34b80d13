#include "text_bytes.hpp"

#include <sangam/causality/assert.hpp>

#include <limits>

namespace sangam::crdt {
namespace {

bool begins_character(char byte) noexcept {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

} // namespace

void text_bytes::append_marked(std::string_view text, std::uint32_t characters) {
    SANGAM_INVARIANT(bytes_.size() + text.size() <= std::numeric_limits<std::uint32_t>::max());
    std::vector<std::uint32_t> added;
    if (marks_.empty()) {
        for (serial_t serial = 0; serial < size_; serial += stride)
            added.push_back(serial);
    }
    serial_t serial = size_;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!begins_character(text[i])) continue;
        if (serial % stride == 0) added.push_back(static_cast<std::uint32_t>(bytes_.size() + i));
        ++serial;
    }
    if (marks_.capacity() - marks_.size() < added.size()) marks_.reserve(2 * marks_.size() + added.size());
    bytes_.append(text);
    marks_.insert(marks_.end(), added.begin(), added.end());
    size_ += characters;
}

void text_bytes::take_back(std::uint32_t characters) noexcept {
    bytes_.resize(offset_of(size_ - characters));
    size_ -= characters;
    if (!marks_.empty()) marks_.resize((size_ + stride - 1) / stride);
}

std::size_t text_bytes::marked_offset_of(serial_t serial) const noexcept {
    if (serial == size_) return bytes_.size();
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
