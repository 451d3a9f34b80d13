#pragma once

namespace sangam::test {

/// While one exists, no thread with this name (as in /proc/*/comm) gets memory: failing_thread.cpp replaces
/// operator new.
class failing_thread {
public:
    explicit failing_thread(const char* name);
    ~failing_thread();
    failing_thread(const failing_thread&) = delete;
    failing_thread& operator=(const failing_thread&) = delete;
};

} // namespace sangam::test
