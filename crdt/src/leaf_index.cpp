#include "leaf_index.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <utility>

namespace sangam::crdt {
namespace {

constexpr std::uint32_t leaf_mask = leaf_index::leaves_max - 1;

} // namespace

std::size_t leaf_index::bucket::interval_of(std::uint32_t offset) const noexcept {
    // The number of steps depends on the size alone, and no step is a guess of the processor's.
    const std::uint32_t* base = entries.data();
    for (std::size_t length = entries.size(); length > 1;) {
        const std::size_t half = length / 2;
        base = base[half] >> 24 <= offset ? base + half : base;
        length -= half;
    }
    return static_cast<std::size_t>(base - entries.data());
}

std::uint32_t leaf_index::leaf_of(serial_t serial) const noexcept {
    const std::uint32_t head = heads_[serial / bucket_size];
    if ((head & several) == 0) return head;
    const bucket& b = buckets_[head ^ several];
    const std::uint32_t offset = serial % bucket_size;
    return b.is_array() ? b.entries[offset] : b.entries[b.interval_of(offset)] & leaf_mask;
}

void leaf_index::append_intervals(std::uint32_t length, std::uint32_t leaf) {
    const serial_t size_before = size_;
    try {
        for (std::uint32_t left = length; left > 0;) {
            const std::uint32_t offset = size_ % bucket_size;
            if (offset == 0) heads_.push_back(leaf);
            const std::uint32_t part = std::min(left, bucket_size - offset);
            if (heads_.back() != leaf) {
                bucket& b = tear(heads_.size() - 1);
                if (b.entries.size() == intervals_max) b.become_array();
                if (b.is_array()) {
                    std::fill_n(b.entries.begin() + offset, part, leaf);
                } else if ((b.entries.back() & leaf_mask) != leaf) {
                    b.entries.push_back(interval(offset, leaf));
                }
            }
            size_ += part;
            left -= part;
        }
    } catch (...) {
        truncate(size_before);
        throw;
    }
    open_leaf_ = last_is_array() ? none : leaf;
}

/// The intervals of a bucket, whether there were several or not.
leaf_index::bucket& leaf_index::tear(std::size_t number) {
    const std::uint32_t head = heads_[number];
    if ((head & several) == 0) {
        bucket torn;
        torn.entries.reserve(8); // it will be torn further
        torn.entries.push_back(interval(0, head));
        buckets_.push_back(std::move(torn));
        heads_[number] = several | static_cast<std::uint32_t>(buckets_.size() - 1);
    }
    return buckets_[heads_[number] ^ several];
}

void leaf_index::add_bucket(std::span<const std::uint32_t> intervals) {
    if (intervals.size() == 1) {
        heads_.push_back(intervals.front() & leaf_mask);
        return;
    }
    heads_.push_back(several | static_cast<std::uint32_t>(buckets_.size()));
    bucket& added = buckets_.emplace_back();
    added.entries.assign(intervals.begin(), intervals.end());
    if (intervals.size() > intervals_max) added.become_array();
}

bool leaf_index::last_is_array() const noexcept {
    return (heads_.back() & several) != 0 && buckets_[heads_.back() ^ several].is_array();
}

void leaf_index::truncate(serial_t size) noexcept {
    size_ = size;
    heads_.resize((size + bucket_size - 1) / bucket_size); // those that go are in one leaf each
    if (size % bucket_size == 0 || (heads_.back() & several) == 0) return;
    bucket& last = buckets_[heads_.back() ^ several];
    if (last.is_array()) { // it may not have been one before
        open_leaf_ = none;
        return;
    }
    std::vector<std::uint32_t>& entries = last.entries;
    while (entries.back() >> 24 >= size % bucket_size)
        entries.pop_back();
}

void leaf_index::assign(serial_t first, std::uint32_t length, std::uint32_t leaf) {
    const bool holds_last = first + length == size_;
    while (length > 0) {
        const std::uint32_t offset = first % bucket_size;
        const std::uint32_t part = std::min(length, bucket_size - offset);
        const std::size_t number = first / bucket_size;
        const bool last = number == size_ / bucket_size;
        const std::uint32_t end = last ? size_ % bucket_size : bucket_size;
        if ((heads_[number] & several) == 0 && part == end) {
            heads_[number] = leaf;
        } else if (heads_[number] != leaf) {
            tear(number).assign(offset, offset + part, end, leaf);
        }
        first += part;
        length -= part;
    }
    if (last_is_array()) {
        open_leaf_ = none;
    } else if (holds_last) {
        open_leaf_ = leaf;
    }
}

/// `end` is how many serials the bucket has.
void leaf_index::bucket::assign(std::uint32_t from, std::uint32_t to, std::uint32_t end, std::uint32_t leaf) {
    if (is_array()) {
        std::fill(entries.begin() + from, entries.begin() + to, leaf);
        return;
    }
    const std::size_t left = interval_of(from);
    std::size_t behind = left + 1;
    while (behind < entries.size() && entries[behind] >> 24 < to)
        ++behind;
    const std::uint32_t last = entries[behind - 1] & leaf_mask; // of `to` - 1
    const std::uint32_t next = behind < entries.size() ? entries[behind] >> 24 : end;
    const bool joins_before = left > 0 && (entries[left - 1] & leaf_mask) == leaf;
    const bool joins_behind = behind < entries.size() && (entries[behind] & leaf_mask) == leaf;
    if (behind == left + 1 && entries[left] >> 24 == from && next == to && !joins_before &&
        !joins_behind) { // most spans have an interval of their own
        entries[left] = interval(from, leaf);
        return;
    }
    const std::size_t first_gone = entries[left] >> 24 < from ? left + 1 : left;

    std::array<std::uint32_t, 2> added{};
    std::size_t count = 0;
    if (first_gone == 0 || (entries[first_gone - 1] & leaf_mask) != leaf)
        added[count++] = interval(from, leaf);
    if (to < next) {
        if (last != leaf) added[count++] = interval(to, last); // its rest stays what it is
    } else if (joins_behind) {
        ++behind; // the next interval only lengthens this one
    }
    const std::size_t gone = behind - first_gone;
    const std::size_t size = entries.size() - gone + count;
    if (size > intervals_max) {
        become_array();
        assign(from, to, end, leaf);
        return;
    }
    const std::size_t moved = entries.size() - behind;
    if (size > entries.size()) entries.resize(size);
    std::memmove(entries.data() + first_gone + count, entries.data() + behind, moved * sizeof(std::uint32_t));
    std::copy_n(added.begin(), count, entries.begin() + static_cast<std::ptrdiff_t>(first_gone));
    entries.resize(size);
}

void leaf_index::bucket::become_array() {
    std::vector<std::uint32_t> array(bucket_size);
    for (std::size_t n = 0; n < entries.size(); ++n) {
        const std::uint32_t to = n + 1 < entries.size() ? entries[n + 1] >> 24 : bucket_size;
        std::fill(array.begin() + (entries[n] >> 24), array.begin() + to, entries[n] & leaf_mask);
    }
    entries = std::move(array);
}

} // namespace sangam::crdt
