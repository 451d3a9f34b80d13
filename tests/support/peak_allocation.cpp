#include "peak_allocation.hpp"

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>
#include <pthread.h>

namespace {

thread_local std::ptrdiff_t held = 0;
thread_local std::ptrdiff_t most = 0;

std::atomic<const char*> failing{nullptr};
std::atomic<std::size_t> left{0};
std::atomic<std::size_t> failed{0};

bool fails_here() noexcept {
    const char* const name = failing.load();
    char own[16] = {};
    if (name == nullptr || ::pthread_getname_np(::pthread_self(), own, sizeof own) != 0 ||
        std::strcmp(name, own) != 0) {
        return false;
    }
    std::size_t before = left.load();
    while (before > 1 && !left.compare_exchange_weak(before, before - 1)) {
    }
    if (before > 1) return false;
    if (before == 1) failing = nullptr; // this one and no other
    ++failed;
    return true;
}

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

sangam::test::failing_thread::failing_thread(const char* name, std::size_t n) noexcept {
    failed = 0;
    left = n;
    failing = name;
}

sangam::test::failing_thread::~failing_thread() {
    failing = nullptr;
}

std::size_t sangam::test::failing_thread::failures() noexcept {
    return failed;
}

// Not inlined, because g++ would warn of a new and a free that do not match.
[[gnu::noinline]] void* operator new(std::size_t size) {
    return counted(fails_here() ? nullptr : std::malloc(size == 0 ? 1 : size));
}

[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
    const auto unit = static_cast<std::size_t>(alignment);
    return counted(std::aligned_alloc(unit, (size + unit - 1) / unit * unit));
}

// Else a sanitizer's would meet our delete.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    try {
        return ::operator new(size);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment,
                                     const std::nothrow_t&) noexcept {
    try {
        return ::operator new(size, alignment);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
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
