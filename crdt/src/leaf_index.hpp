#pragma once

#include "text_ids.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace sangam::crdt {

/// Which leaf of the tree each serial is in, in buckets of 256 serials. Characters that were typed one behind
/// the other mostly are in one leaf, so most buckets are a few intervals; one that is torn up becomes a plain
/// array, and one that is all in one leaf is no more than its number.
///
/// Cost: `leaf_of` and `append` O(1); `assign` O(1) for each bucket that it touches. 4 bytes a bucket, and 4
/// an interval where there are several.
class leaf_index {
public:
    static constexpr std::uint32_t leaves_max = std::uint32_t{1} << 24;

    [[nodiscard]] std::uint32_t leaf_of(serial_t serial) const noexcept;

    /// The serials from size() on are in `leaf`. If it throws, nothing has changed.
    void append(std::uint32_t length, std::uint32_t leaf) {
        if (leaf == open_leaf_ && length <= room_in_last()) {
            size_ += length;
        } else {
            append_intervals(length, leaf);
        }
    }
    /// Fills an empty index: `runs` times, run_of(n) says how many serials come next, and their leaf.
    template <class RunOf>
    void build(std::size_t runs, serial_t serials, RunOf&& run_of);
    /// How many more serials in the leaf of the last one need no more than `lengthen_last`.
    [[nodiscard]] std::uint32_t room_in_last() const noexcept {
        return open_leaf_ == none ? 0 : (bucket_size - size_ % bucket_size) % bucket_size;
    }
    void lengthen_last() noexcept { ++size_; }
    /// Serials that are known are in `leaf` from now on. If it throws, some of them may already be.
    void assign(serial_t first, std::uint32_t length, std::uint32_t leaf);

    [[nodiscard]] serial_t size() const noexcept { return size_; }

private:
    static constexpr std::uint32_t bucket_size = 256;
    static constexpr std::uint32_t none = leaves_max;
    static constexpr std::size_t intervals_max = 48; ///< a bucket with more is an array

    /// An array has one leaf a serial; otherwise each entry is the first offset of an interval in the upper 8
    /// bits and its leaf in the lower 24, in increasing order.
    struct bucket {
        std::vector<std::uint32_t> entries;
        [[nodiscard]] bool is_array() const noexcept { return entries.size() == bucket_size; }
        [[nodiscard]] std::size_t interval_of(std::uint32_t offset) const noexcept;
        void assign(std::uint32_t from, std::uint32_t to, std::uint32_t end, std::uint32_t leaf);
        void become_array();
    };

    static constexpr std::uint32_t several = std::uint32_t{1} << 31;

    [[nodiscard]] static constexpr std::uint32_t interval(std::uint32_t offset, std::uint32_t leaf) noexcept {
        return offset << 24 | leaf;
    }
    void append_intervals(std::uint32_t length, std::uint32_t leaf);
    void add_bucket(std::span<const std::uint32_t> intervals);
    void truncate(serial_t size) noexcept;
    bucket& tear(std::size_t number);
    [[nodiscard]] bool last_is_array() const noexcept;

    std::vector<std::uint32_t> heads_; ///< of every bucket its leaf, or `several` and its place in buckets_
    std::vector<bucket> buckets_;
    serial_t size_ = 0;
    /// The leaf of the last serial, if its interval is open at its end; none if the bucket is an array.
    std::uint32_t open_leaf_ = none;
};

template <class RunOf>
void leaf_index::build(std::size_t runs, serial_t serials, RunOf&& run_of) {
    heads_.reserve(serials / bucket_size + 1);
    std::array<std::uint32_t, bucket_size + 1> intervals{}; // of the bucket that is being filled
    std::size_t count = 0;
    std::uint32_t offset = 0;
    std::uint32_t before = none; // the leaf of the last interval
    for (std::size_t n = 0; n < runs; ++n) {
        auto [length, leaf] = run_of(n);
        size_ += length;
        while (length > 0) {
            // What is in the leaf of the one before is overwritten by the next. No branch: nobody could guess
            // it.
            intervals[count] = interval(offset, leaf);
            count += leaf != before ? 1 : 0;
            before = leaf;
            const std::uint32_t part = std::min(length, bucket_size - offset);
            offset += part;
            length -= part;
            if (offset < bucket_size) continue;
            add_bucket(std::span(intervals).first(count));
            count = 0;
            offset = 0;
            before = none;
        }
        open_leaf_ = leaf;
    }
    if (count > 0) add_bucket(std::span(intervals).first(count));
    if (size_ > 0 && last_is_array()) open_leaf_ = none;
}

} // namespace sangam::crdt
