#pragma once

#include "text_ids.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sangam::crdt {

/// The content of a text's characters by serial: UTF-8 that only grows at its end. Of characters that were
/// erased before the text was loaded there may be none: those are gaps.
///
/// Cost: `append` O(bytes), `view` O(1) for ASCII, else O(stride). 1 byte a character and 4 a stride; 16 to
/// 40 a gap, however long.
class text_bytes {
public:
    /// `text`: well-formed. `characters`: how many it is. If it throws, nothing has changed.
    void append(std::string_view text, std::uint32_t characters);
    /// How many characters `append_ascii` may add.
    [[nodiscard]] std::size_t room_for_ascii() const noexcept {
        const std::size_t room = bytes_.size() - used_;
        return marks_.empty() ? room : std::min<std::size_t>(room, (stride - known() % stride) % stride);
    }
    /// Precondition: there is room.
    void append_ascii(char c) noexcept {
        bytes_[used_++] = c;
        ++size_;
    }
    /// Takes the last `characters` back. Precondition: they are no gap.
    void take_back(std::uint32_t characters) noexcept;

    [[nodiscard]] serial_t size() const noexcept { return size_; }
    /// Without what is not known.
    [[nodiscard]] std::string_view view(serial_t first, std::uint32_t length) const noexcept {
        if (marks_.empty() && gaps_.empty()) return all().substr(first, length);
        return view_of_slots(slots_of(first, length));
    }
    [[nodiscard]] std::string_view all() const noexcept { return {bytes_.data(), used_}; }
    /// Every character is a byte.
    [[nodiscard]] bool ascii() const noexcept { return marks_.empty(); }
    /// The place in all() of a character that is known. Precondition: ascii().
    [[nodiscard]] std::size_t ascii_offset_of(serial_t serial) const noexcept {
        if (gaps_.empty()) return serial;
        const std::size_t number = gap_behind(serial);
        return serial - (number > 0 ? gaps_[number - 1].missing : 0);
    }

    /// Characters without content.
    struct gap {
        serial_t first = 0;
        std::uint32_t length = 0;
    };
    /// A text with gaps, which are in increasing order and do not touch. `known`: the content of all other
    /// characters, `size` with the gaps.
    [[nodiscard]] static text_bytes with_gaps(std::string known, std::uint32_t known_characters,
                                              const std::vector<gap>& gaps);
    /// Calls back with every range of characters whose content is known, in order.
    template <class Function>
    void for_each_known(Function&& function) const {
        serial_t from = 0;
        std::uint32_t missing = 0;
        for (const missing_run& g : gaps_) {
            const serial_t first = g.end - (g.missing - missing);
            if (from < first) function(from, first - from);
            from = g.end;
            missing = g.missing;
        }
        if (from < size_) function(from, size_ - from);
    }
    template <class Function>
    void for_each_gap(Function&& function) const {
        std::uint32_t missing = 0;
        for (const missing_run& g : gaps_) {
            function(g.end - (g.missing - missing), g.missing - missing);
            missing = g.missing;
        }
    }

private:
    static constexpr serial_t stride = 64;

    /// A gap ends before `end`, and `missing` characters in front of that are in gaps.
    struct missing_run {
        serial_t end = 0;
        std::uint32_t missing = 0;
    };
    /// Known characters, counted without the gaps.
    struct slots {
        std::uint32_t first = 0;
        std::uint32_t length = 0;
    };
    [[nodiscard]] slots slots_of(serial_t first, std::uint32_t length) const noexcept;
    /// The first gap that ends behind a serial.
    [[nodiscard]] std::size_t gap_behind(serial_t serial) const noexcept;
    [[nodiscard]] std::string_view view_of_slots(const slots& s) const noexcept {
        const std::size_t from = offset_of(s.first);
        return all().substr(from, offset_of(s.first + s.length) - from);
    }
    [[nodiscard]] std::uint32_t known() const noexcept {
        return size_ - (gaps_.empty() ? 0 : gaps_.back().missing);
    }
    [[nodiscard]] std::size_t offset_of(std::uint32_t slot) const noexcept {
        return marks_.empty() ? slot : marked_offset_of(slot);
    }

    void reserve_for(std::size_t bytes) {
        if (bytes_.size() - used_ < bytes) grow(bytes);
    }
    void grow(std::size_t bytes);
    void mark(std::string_view text, std::uint32_t characters);
    [[nodiscard]] std::size_t marked_offset_of(std::uint32_t slot) const noexcept;
    void fill_directory();

    std::string bytes_; ///< longer than what is used, so that a keystroke need not ask for room
    std::size_t used_ = 0;
    std::vector<std::uint32_t> marks_; ///< where every `stride`-th slot begins; empty while all is ASCII
    serial_t size_ = 0;
    std::vector<missing_run> gaps_;
    /// The first gap that ends behind serial n << directory_shift_, by n: two to eight entries a gap.
    std::vector<std::uint32_t> directory_;
    unsigned directory_shift_ = 0;
};

} // namespace sangam::crdt
