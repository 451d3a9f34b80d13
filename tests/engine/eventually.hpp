#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace sangam::test {

/// Waits until something is true; false when it still is not after a long time.
inline bool eventually(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

} // namespace sangam::test
