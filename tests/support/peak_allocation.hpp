#pragma once

#include <cstddef>

namespace sangam::test {

/// The most memory that this thread has held at once since the last call, beyond what it held then.
/// peak_allocation.cpp replaces operator new of the whole program.
void start_peak() noexcept;
[[nodiscard]] std::size_t peak() noexcept;

} // namespace sangam::test
