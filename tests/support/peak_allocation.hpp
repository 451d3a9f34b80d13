#pragma once

#include <cstddef>

namespace sangam::test {

/// The most memory that this thread has held at once since the last call, beyond what it held then.
/// peak_allocation.cpp replaces operator new of the whole program.
void start_peak() noexcept;
[[nodiscard]] std::size_t peak() noexcept;

/// While one exists, the n-th allocation of threads with this name (as in /proc/*/comm) fails, or, if n is 0,
/// every one.
class failing_thread {
public:
    explicit failing_thread(const char* name, std::size_t n = 0) noexcept;
    failing_thread(const failing_thread&) = delete;
    failing_thread& operator=(const failing_thread&) = delete;
    ~failing_thread();
    /// How many have failed.
    [[nodiscard]] static std::size_t failures() noexcept;
};

} // namespace sangam::test
