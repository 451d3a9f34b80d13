#pragma once

#include <sangam/engine/log_event.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace sangam::engine {

/// Hands events to an application's log callback, and no more of one kind than a log can bear.
///
/// Meaning: of the events with one text, `limits::events_per_interval_max` are handed over in each
///   `limits::event_interval_ms`; the next one after that interval carries how many were left out, in a last
///   field "left out". So a stranger who sends a million bad frames does not fill a disk.
/// Cost: O(log kinds) an event and its fields; nothing without a callback.
/// Threads: safe from any thread; the callback is called by one at a time.
class event_log {
public:
    explicit event_log(log_callback callback) : callback_(std::move(callback)) {}

    void report(log_event event, std::uint64_t steady_ms);

    /// Whether the calling thread is inside the callback of an event_log.
    [[nodiscard]] static bool in_callback() noexcept;

private:
    struct kind {
        std::uint64_t interval_began_ms = 0;
        std::size_t handed_over = 0;
        std::uint64_t left_out = 0;
    };

    [[nodiscard]] bool admits(log_event& event, std::uint64_t steady_ms);

    const log_callback callback_;
    std::mutex mutex_;
    std::map<std::string, kind, std::less<>> kinds_; ///< by text; there are as many as the sources name
};

} // namespace sangam::engine
