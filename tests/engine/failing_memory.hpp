#pragma once

#include <cstddef>
#include <new>

namespace sangam::test {

/// While one exists, no thread with this name (as in /proc/*/comm) gets memory: failing_memory.cpp replaces
/// operator new.
class failing_thread {
public:
    explicit failing_thread(const char* name);
    ~failing_thread();
    failing_thread(const failing_thread&) = delete;
    failing_thread& operator=(const failing_thread&) = delete;
};

/// The n-th allocation of this thread from now on fails, once; 0: none does.
void fail_allocation(std::size_t n) noexcept;
/// Whether one is still to fail.
[[nodiscard]] bool allocation_is_to_fail() noexcept;

/// Calls `change`, whose n-th allocation fails. False: it has ended before that, without a failure. What it
/// throws is the caller's to catch.
template <class Change>
bool fails_within(std::size_t n, Change&& change) {
    struct at_exit {
        ~at_exit() { fail_allocation(0); }
    } const over;
    fail_allocation(n);
    change();
    return !allocation_is_to_fail();
}

} // namespace sangam::test
