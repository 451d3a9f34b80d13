#include "failing_memory.hpp"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

#include <pthread.h>

namespace {

std::atomic<const char*> failing{nullptr};
thread_local std::size_t allocations_to_failure = 0;

bool fails_here() noexcept {
    if (allocations_to_failure > 0 && --allocations_to_failure == 0) return true;
    const char* const name = failing.load();
    char own[16] = {};
    return name != nullptr && ::pthread_getname_np(::pthread_self(), own, sizeof own) == 0 &&
           std::strcmp(name, own) == 0;
}

} // namespace

namespace sangam::test {

failing_thread::failing_thread(const char* name) {
    failing = name;
}

failing_thread::~failing_thread() {
    failing = nullptr;
}

void fail_allocation(std::size_t n) noexcept {
    allocations_to_failure = n;
}

bool allocation_is_to_fail() noexcept {
    return allocations_to_failure > 0;
}

} // namespace sangam::test

void* operator new(std::size_t size) {
    void* const memory = fails_here() ? nullptr : std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}
// Never fails: libzmq ends the process when it does. Replaced because a sanitizer's would not fit our delete.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
