#include "leaf_index.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace sangam::crdt {
namespace {

constexpr std::uint32_t leaf_mask = leaf_index::leaves_max - 1;

constexpr std::uint32_t interval(std::uint32_t offset, std::uint32_t leaf) noexcept {
    return offset << 24 | leaf;
}

} // namespace

std::size_t leaf_index::bucket::interval_of(std::uint32_t offset) const noexcept {
    const auto behind = std::upper_bound(entries.begin(), entries.end(), interval(offset, leaf_mask));
    return static_cast<std::size_t>(behind - entries.begin()) - 1;
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
                    std::fill(b.entries.begin() + offset, b.entries.end(), leaf);
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
    last_leaf_ = leaf;
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

void leaf_index::truncate(serial_t size) noexcept {
    size_ = size;
    heads_.resize((size + bucket_size - 1) / bucket_size); // those that go are in one leaf each
    if (size % bucket_size == 0 || (heads_.back() & several) == 0) return;
    bucket& last = buckets_[heads_.back() ^ several];
    if (last.is_array()) return;
    std::vector<std::uint32_t>& entries = last.entries;
    while (entries.back() >> 24 >= size % bucket_size)
        entries.pop_back();
}

void leaf_index::assign(serial_t first, std::uint32_t length, std::uint32_t leaf) {
    if (first + length == size_ && length > 0) last_leaf_ = leaf;
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
}

/// `end` is how many serials the bucket has. What is in the last leaf is so up to the end of the bucket, too,
/// so that `append` has nothing to do for more of it.
void leaf_index::bucket::assign(std::uint32_t from, std::uint32_t to, std::uint32_t end, std::uint32_t leaf) {
    if (is_array()) {
        std::fill(entries.begin() + from, to == end ? entries.end() : entries.begin() + to, leaf);
        return;
    }
    const std::size_t left = interval_of(from);
    const std::size_t right = interval_of(to - 1); // its rest behind `to` stays what it is
    const std::uint32_t rest = entries[right] & leaf_mask;
    const bool rest_is_there = to < end && (right + 1 == entries.size() || entries[right + 1] >> 24 > to);
    const bool front_is_there = entries[left] >> 24 < from;

    std::array<std::uint32_t, 2> added{};
    std::size_t count = 0;
    const std::size_t first_gone = front_is_there ? left + 1 : left;
    std::size_t behind = right + 1;
    const bool same_before = first_gone > 0 && (entries[first_gone - 1] & leaf_mask) == leaf;
    if (!same_before) added[count++] = interval(from, leaf);
    if (rest_is_there) {
        if (rest != leaf) added[count++] = interval(to, rest);
    } else if (behind < entries.size() && (entries[behind] & leaf_mask) == leaf) {
        ++behind; // the next interval only lengthens this one
    }
    const std::size_t gone = behind - first_gone;
    if (entries.size() - gone + count > intervals_max) {
        become_array();
        assign(from, to, end, leaf);
        return;
    }
    const auto at = [this](std::size_t n) { return entries.begin() + static_cast<std::ptrdiff_t>(n); };
    const std::size_t replaced = std::min(gone, count);
    std::copy_n(added.begin(), replaced, at(first_gone));
    if (gone > count) {
        entries.erase(at(first_gone + replaced), at(behind));
    } else {
        entries.insert(at(behind), added.begin() + static_cast<std::ptrdiff_t>(replaced),
                       added.begin() + static_cast<std::ptrdiff_t>(count));
    }
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
