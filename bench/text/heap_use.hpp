#pragma once

#include <cstddef>
#include <functional>

namespace bench {

/// What is held on the heap.
struct heap_use {
    std::size_t requested = 0; ///< bytes asked of operator new
    std::size_t usable = 0;    ///< bytes of the blocks that it got: malloc_usable_size
    std::size_t blocks = 0;
    std::size_t from_malloc = 0; ///< malloc's own count: also what came past operator new, and its overhead
};

/// Calls `make_and_hold(look)`, which makes something and calls `look()` while it still has it: twice, once
/// for each way of counting. Counts nothing at other times. Not for two threads.
[[nodiscard]] heap_use
heap_used_by(const std::function<void(const std::function<void()>& look)>& make_and_hold);

} // namespace bench
