#pragma once

namespace sangam::causality {

/// What is called when an invariant of this library does not hold. It must not return.
/// The default prints the expression and its place to stderr and aborts: a wrong state replicates, a crash
/// does not.
using invariant_handler = void (*)(const char* expression, const char* file, int line);

/// Replaces the handler and returns the one before; nullptr restores the default.
/// Threads: safe from any thread.
invariant_handler set_invariant_handler(invariant_handler handler) noexcept;

[[noreturn]] void invariant_failed(const char* expression, const char* file, int line);

} // namespace sangam::causality

/// A condition whose failure is our own bug; always checked, so it must cost O(1).
#define SANGAM_INVARIANT(condition)                                                                          \
    (static_cast<bool>(condition) ? static_cast<void>(0)                                                     \
                                  : ::sangam::causality::invariant_failed(#condition, __FILE__, __LINE__))

/// A precondition that is checked in builds without NDEBUG only.
#ifdef NDEBUG
#define SANGAM_ASSERT(condition) static_cast<void>(0)
#else
#define SANGAM_ASSERT(condition) SANGAM_INVARIANT(condition)
#endif
