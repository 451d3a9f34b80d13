#pragma once

#include <sangam/causality/assert.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <memory>
#include <type_traits>
#include <utility>

namespace sangam::crdt {

/// A sequence that mostly has one element: what stands until something later has seen it.
///
/// Invariants: (F1) no element or one is in the object itself; more are in one block on the heap.
/// Cost: 8 bytes and one element. As std::vector otherwise; `erase` gives the block back when one is left.
/// Errors: only allocation throws, and then *this is unchanged.
/// Threads: const members may run together; anything else needs the caller's lock.
template <class T>
class few {
    static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>);

public:
    using value_type = T;
    using size_type = std::size_t;
    using difference_type = std::ptrdiff_t;
    using reference = T&;
    using const_reference = const T&;
    using iterator = T*;
    using const_iterator = const T*;

    few() noexcept {}
    few(std::initializer_list<T> items) : few() {
        reserve(items.size());
        std::uninitialized_copy(items.begin(), items.end(), data());
        size_ = static_cast<std::uint32_t>(items.size());
    }
    few(const few& other) : few() { // so that ~few gives back what is taken before an element throws
        reserve(other.size());
        std::uninitialized_copy(other.begin(), other.end(), data());
        size_ = other.size_;
    }
    few(few&& other) noexcept { take(other); }
    few& operator=(const few& other) {
        if (this != &other) {
            *this = few(other);
        }
        return *this;
    }
    few& operator=(few&& other) noexcept {
        if (this != &other) {
            release();
            take(other);
        }
        return *this;
    }
    ~few() { release(); }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] T* data() noexcept { return is_on_heap() ? many_ : std::addressof(one_); }
    [[nodiscard]] const T* data() const noexcept { return is_on_heap() ? many_ : std::addressof(one_); }
    [[nodiscard]] iterator begin() noexcept { return data(); }
    [[nodiscard]] const_iterator begin() const noexcept { return data(); }
    [[nodiscard]] iterator end() noexcept { return data() + size_; }
    [[nodiscard]] const_iterator end() const noexcept { return data() + size_; }
    [[nodiscard]] T& operator[](std::size_t index) noexcept { return data()[index]; }
    [[nodiscard]] const T& operator[](std::size_t index) const noexcept { return data()[index]; }
    /// Precondition: not empty.
    [[nodiscard]] const T& back() const noexcept { return data()[size_ - 1]; }

    void reserve(std::size_t count) {
        if (count <= capacity_) {
            return;
        }
        SANGAM_INVARIANT(count <= std::numeric_limits<std::uint32_t>::max());
        T* const block = std::allocator<T>().allocate(count);
        std::uninitialized_move(begin(), end(), block);
        const std::uint32_t kept = size_;
        release();
        many_ = block;
        size_ = kept;
        capacity_ = static_cast<std::uint32_t>(count);
    }
    void push_back(T item) { insert(end(), std::move(item)); }
    void insert(const_iterator place, T item) {
        const auto index = place - begin();
        if (size_ == capacity_) {
            reserve(std::size_t{capacity_} * 2);
        }
        T* const at = begin() + index;
        if (at == end()) {
            std::construct_at(at, std::move(item));
        } else {
            std::construct_at(end(), std::move(*(end() - 1)));
            std::move_backward(at, end() - 1, end());
            *at = std::move(item);
        }
        ++size_;
    }
    void erase(const_iterator place) noexcept {
        T* const at = begin() + (place - begin());
        std::move(at + 1, end(), at);
        std::destroy_at(end() - 1);
        --size_;
        if (size_ <= 1 && is_on_heap()) {
            leave_heap();
        }
    }

    friend bool operator==(const few& a, const few& b) { return std::ranges::equal(a, b); }

private:
    [[nodiscard]] bool is_on_heap() const noexcept { return capacity_ > 1; }

    void release() noexcept {
        std::destroy(begin(), end());
        if (is_on_heap()) {
            std::allocator<T>().deallocate(many_, capacity_);
        }
        size_ = 0;
        capacity_ = 1;
    }
    /// Precondition: *this is as a new one.
    void take(few& other) noexcept {
        if (other.is_on_heap()) {
            many_ = other.many_;
        } else if (!other.empty()) {
            std::construct_at(std::addressof(one_), std::move(other.one_));
            std::destroy_at(std::addressof(other.one_));
        }
        size_ = std::exchange(other.size_, 0);
        capacity_ = std::exchange(other.capacity_, 1);
    }
    /// Precondition: one element or none, in a block.
    void leave_heap() noexcept {
        T* const block = many_;
        if (size_ == 1) {
            std::construct_at(std::addressof(one_), std::move(*block));
            std::destroy_at(block);
        }
        std::allocator<T>().deallocate(block, capacity_);
        capacity_ = 1;
    }

    union {
        T one_;
        T* many_;
    };
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = 1;
};

} // namespace sangam::crdt
