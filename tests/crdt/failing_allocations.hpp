#pragma once

#include <cstddef>
#include <limits>
#include <new>

namespace sangam::crdt::test {

inline constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();
/// How many more allocations of this thread succeed: allocation_test.cpp replaces operator new.
extern thread_local std::size_t allocations_left;
/// How many bytes this thread has asked for.
extern thread_local std::size_t bytes_allocated;

/// Calls `change` with room for so many allocations; false if one more was needed.
template <class Change>
[[nodiscard]] bool succeeds_with(std::size_t allocations, Change&& change) {
    bool failed = false;
    allocations_left = allocations;
    try {
        change();
    } catch (const std::bad_alloc&) {
        failed = true;
    }
    allocations_left = no_limit;
    return !failed;
}

} // namespace sangam::crdt::test
