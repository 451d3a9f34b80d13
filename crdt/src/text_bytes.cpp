#include "text_bytes.hpp"

#include <sangam/causality/assert.hpp>

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

namespace sangam::crdt {
namespace {

bool begins_character(char byte) noexcept {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

} // namespace

void text_bytes::grow(std::size_t bytes) {
    constexpr std::size_t bytes_max = std::numeric_limits<std::uint32_t>::max();
    SANGAM_INVARIANT(bytes <= bytes_max - used_);
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
    std::uint32_t slot = known();
    const std::size_t needed = (std::size_t{slot} + characters + stride - 1) / stride;
    if (needed > marks_.capacity()) marks_.reserve(needed + needed / 4);
    for (std::size_t before = marks_.size() * stride; before < slot; before += stride)
        marks_.push_back(static_cast<std::uint32_t>(before));
    if (text.size() == characters) {
        for (std::size_t next = marks_.size(); next < needed; ++next)
            marks_.push_back(static_cast<std::uint32_t>(used_ + (next * stride - slot)));
        return;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!begins_character(text[i])) continue;
        if (slot % stride == 0) marks_.push_back(static_cast<std::uint32_t>(used_ + i));
        ++slot;
    }
}

void text_bytes::take_back(std::uint32_t characters) noexcept {
    used_ = offset_of(known() - characters);
    size_ -= characters;
    if (!marks_.empty()) marks_.resize((known() + stride - 1) / stride);
}

std::size_t text_bytes::marked_offset_of(std::uint32_t slot) const noexcept {
    if (slot == known()) return used_;
    const std::size_t mark = slot / stride;
    std::size_t offset = marks_[mark];
    if (mark + 1 < marks_.size() && marks_[mark + 1] - offset == stride)
        return offset + slot % stride; // ASCII
    for (std::uint32_t left = slot % stride; left > 0; --left) {
        do {
            ++offset;
        } while (!begins_character(bytes_[offset]));
    }
    return offset;
}

// --- gaps

std::size_t text_bytes::gap_behind(serial_t serial) const noexcept {
    const std::size_t entry = serial >> directory_shift_;
    if (entry + 1 >= directory_.size()) return gaps_.size();
    std::size_t low = directory_[entry];
    for (std::size_t length = directory_[entry + 1] - low; length > 0;) {
        const std::size_t half = length / 2;
        if (gaps_[low + half].end <= serial) {
            low += half + 1;
            length -= half + 1;
        } else {
            length = half;
        }
    }
    return low;
}

text_bytes::slots text_bytes::slots_of(serial_t first, std::uint32_t length) const noexcept {
    const auto missing_before = [this](std::size_t number) {
        return number > 0 ? gaps_[number - 1].missing : 0;
    };
    const auto slot_of = [&](serial_t serial, std::size_t number) {
        const std::uint32_t missing = missing_before(number);
        if (number == gaps_.size()) return serial - missing;
        const missing_run& g = gaps_[number];
        return std::min(serial, g.end - (g.missing - missing)) - missing;
    };
    const std::size_t number = gap_behind(first);
    const std::uint32_t from = slot_of(first, number);
    const serial_t end = first + length;
    // Most ranges have no gap: then there is nothing to look for.
    if (number == gaps_.size() || end <= gaps_[number].end) return {from, slot_of(end, number) - from};
    return {from, slot_of(end, gap_behind(end)) - from};
}

void text_bytes::fill_directory() {
    const serial_t end = gaps_.back().end;
    // Several entries a gap: in most of them no gap ends, and nothing is searched.
    directory_shift_ = static_cast<unsigned>(std::bit_width(end / gaps_.size() / 4));
    directory_.resize((end >> directory_shift_) + 2);
    std::uint32_t number = 0;
    for (std::size_t entry = 0; entry < directory_.size(); ++entry) {
        const std::uint64_t serial = std::uint64_t{entry} << directory_shift_;
        while (number < gaps_.size() && gaps_[number].end <= serial)
            ++number;
        directory_[entry] = number;
    }
}

text_bytes text_bytes::with_gaps(std::string known, std::uint32_t known_characters,
                                 const std::vector<gap>& gaps) {
    text_bytes made;
    if (known.size() != known_characters) made.mark(known, known_characters);
    made.used_ = known.size();
    made.bytes_ = std::move(known);
    made.size_ = known_characters;
    if (gaps.empty()) return made;
    made.gaps_.reserve(gaps.size());
    std::uint32_t missing = 0;
    for (const gap& g : gaps) {
        missing += g.length;
        made.gaps_.push_back({g.first + g.length, missing});
    }
    made.size_ += missing;
    made.fill_directory();
    return made;
}

} // namespace sangam::crdt
