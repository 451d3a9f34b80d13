#pragma once

#include <sys/types.h>

namespace sangam::engine {

/// The id of this process, without a system call: a forked child finds its own.
[[nodiscard]] pid_t current_process() noexcept;

} // namespace sangam::engine
