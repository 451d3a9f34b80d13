#include "peak_allocation.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {

thread_local std::ptrdiff_t held = 0;
thread_local std::ptrdiff_t most = 0;

void* counted(void* memory) {
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    held += static_cast<std::ptrdiff_t>(malloc_usable_size(memory));
    most = std::max(most, held);
    return memory;
}

void release(void* memory) noexcept {
    held -= static_cast<std::ptrdiff_t>(malloc_usable_size(memory));
    std::free(memory);
}

} // namespace

void sangam::test::start_peak() noexcept {
    held = 0;
    most = 0;
}

std::size_t sangam::test::peak() noexcept {
    return static_cast<std::size_t>(most);
}

// Not inlined, because g++ would warn of a new and a free that do not match.
[[gnu::noinline]] void* operator new(std::size_t size) {
    return counted(std::malloc(size == 0 ? 1 : size));
}

[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
    const auto unit = static_cast<std::size_t>(alignment);
    return counted(std::aligned_alloc(unit, (size + unit - 1) / unit * unit));
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
    release(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    release(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
    release(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    release(memory);
}
