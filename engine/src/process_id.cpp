#include "process_id.hpp"

#include <atomic>

#include <pthread.h>
#include <unistd.h>

namespace sangam::engine {

namespace {

std::atomic<pid_t> cached{0};

void look_again() noexcept {
    cached.store(::getpid(), std::memory_order_relaxed);
}

/// The child's handler runs before `fork` returns there. Without it (no memory) the id is asked for each
/// time.
const bool follows_forks = [] {
    look_again();
    return ::pthread_atfork(nullptr, nullptr, look_again) == 0;
}();

} // namespace

pid_t current_process() noexcept {
    return follows_forks ? cached.load(std::memory_order_relaxed) : ::getpid();
}

} // namespace sangam::engine
