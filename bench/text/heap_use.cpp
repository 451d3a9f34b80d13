#include "heap_use.hpp"

#include <malloc.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <new>
#include <utility>

namespace bench {
namespace {

/// For the counter's own table: operator new would count itself.
template <class T>
struct uncounted_allocator {
    using value_type = T;
    uncounted_allocator() = default;
    template <class U>
    explicit uncounted_allocator(const uncounted_allocator<U>&) noexcept {}
    T* allocate(std::size_t count) {
        if (void* block = std::malloc(count * sizeof(T))) return static_cast<T*>(block);
        throw std::bad_alloc();
    }
    void deallocate(T* block, std::size_t) noexcept { std::free(block); }
    template <class U>
    friend bool operator==(const uncounted_allocator&, const uncounted_allocator<U>&) noexcept {
        return true;
    }
};

/// The blocks that were allocated since counting began and are still there.
class block_table {
public:
    void add(void* block, std::size_t requested) {
        use_.requested += requested;
        use_.usable += malloc_usable_size(block);
        ++use_.blocks;
        requested_[block] = requested;
    }
    void remove(void* block) noexcept {
        const auto found = requested_.find(block);
        if (found == requested_.end()) return;
        use_.requested -= found->second;
        use_.usable -= malloc_usable_size(block);
        --use_.blocks;
        requested_.erase(found);
    }
    [[nodiscard]] const heap_use& use() const noexcept { return use_; }

private:
    using entry = std::pair<void* const, std::size_t>;
    std::map<void*, std::size_t, std::less<>, uncounted_allocator<entry>> requested_;
    heap_use use_;
};

block_table* counting = nullptr; // nullptr nearly always: the price of the replaced operators is one test

std::size_t malloc_bytes() {
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

void* allocate(std::size_t bytes, std::size_t alignment) {
    void* block = nullptr;
    if (alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
        block = std::malloc(bytes > 0 ? bytes : 1);
    } else {
        block = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    }
    if (block == nullptr) throw std::bad_alloc();
    if (counting != nullptr) counting->add(block, bytes);
    return block;
}

void release(void* block) noexcept {
    if (counting != nullptr && block != nullptr) counting->remove(block);
    std::free(block);
}

} // namespace

heap_use heap_used_by(const std::function<void(const std::function<void()>& look)>& make_and_hold) {
    heap_use found;
    block_table table;
    counting = &table;
    make_and_hold([&] { found = table.use(); });
    counting = nullptr;

    const std::size_t before = malloc_bytes();
    make_and_hold([&] { found.from_malloc = malloc_bytes() - before; });
    return found;
}

} // namespace bench

// The other forms (arrays, nothrow) call these.
void* operator new(std::size_t bytes) {
    return bench::allocate(bytes, 1);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return bench::allocate(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* block) noexcept {
    bench::release(block);
}
void operator delete(void* block, std::size_t) noexcept {
    bench::release(block);
}
void operator delete(void* block, std::align_val_t) noexcept {
    bench::release(block);
}
void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
    bench::release(block);
}
