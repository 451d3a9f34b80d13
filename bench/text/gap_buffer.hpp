#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace bench {

/// Bytes in one array with a gap where it was edited last: no CRDT, only the useful work. The yardstick.
///
/// Cost: an edit moves the bytes between its place and that of the edit before; growing is amortised.
class gap_buffer {
public:
    /// Precondition: position <= size().
    void insert(std::size_t position, std::string_view text) {
        if (text.size() > gap_end_ - gap_begin_) grow(text.size());
        move_gap(position);
        if (text.size() == 1) {
            data_[gap_begin_] = text.front();
        } else {
            copy(data_.get() + gap_begin_, text.data(), text.size());
        }
        gap_begin_ += text.size();
    }

    /// Precondition: position + count <= size().
    void erase(std::size_t position, std::size_t count) {
        if (position + count < gap_begin_) {
            move_gap(position + count);
        } else if (position > gap_begin_) {
            move_gap(position);
        }
        gap_end_ += count - (gap_begin_ - position);
        gap_begin_ = position;
    }

    [[nodiscard]] std::size_t size() const noexcept { return capacity_ - (gap_end_ - gap_begin_); }

    [[nodiscard]] std::string str() const {
        std::string all(data_.get(), gap_begin_);
        all.append(data_.get() + gap_end_, capacity_ - gap_end_);
        return all;
    }

private:
    static void copy(char* to, const char* from, std::size_t count) noexcept {
        if (count > 0) std::memcpy(to, from, count);
    }

    void move_gap(std::size_t position) noexcept {
        if (position < gap_begin_) {
            const std::size_t moved = gap_begin_ - position;
            gap_begin_ -= moved;
            gap_end_ -= moved;
            std::memmove(data_.get() + gap_end_, data_.get() + gap_begin_, moved);
        } else if (position > gap_begin_) {
            const std::size_t moved = position - gap_begin_;
            std::memmove(data_.get() + gap_begin_, data_.get() + gap_end_, moved);
            gap_begin_ += moved;
            gap_end_ += moved;
        }
    }

    void grow(std::size_t at_least) {
        constexpr std::size_t first_capacity = 1024;
        const std::size_t behind = capacity_ - gap_end_;
        const std::size_t wider = capacity_ * 2 + at_least + first_capacity;
        auto data = std::make_unique_for_overwrite<char[]>(wider);
        copy(data.get(), data_.get(), gap_begin_);
        copy(data.get() + wider - behind, data_.get() + gap_end_, behind);
        data_ = std::move(data);
        gap_end_ = wider - behind;
        capacity_ = wider;
    }

    std::unique_ptr<char[]> data_;
    std::size_t gap_begin_ = 0;
    std::size_t gap_end_ = 0;
    std::size_t capacity_ = 0;
};

} // namespace bench
