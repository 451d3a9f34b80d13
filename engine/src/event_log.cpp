#include <sangam/engine/event_log.hpp>

#include <sangam/engine/limits.hpp>

#include <utility>

namespace sangam::engine {

namespace {

thread_local bool inside_callback = false;

} // namespace

bool event_log::in_callback() noexcept {
    return inside_callback;
}

/// A callback that causes an event of its own would wait for itself: such an event is dropped.
void event_log::report(log_event event, std::uint64_t steady_ms) {
    if (!callback_ || inside_callback) {
        return;
    }
    const std::lock_guard lock(mutex_);
    if (!admits(event, steady_ms)) {
        return;
    }
    inside_callback = true;
    try {
        callback_(event);
    } catch (...) { // NOLINT(bugprone-empty-catch): a log that fails has nowhere to say so
    }
    inside_callback = false;
}

bool event_log::admits(log_event& event, std::uint64_t steady_ms) {
    kind& k = kinds_[event.text];
    if (k.handed_over == 0 || steady_ms >= k.interval_began_ms + limits::event_interval_ms) {
        k.interval_began_ms = steady_ms;
        k.handed_over = 0;
    }
    if (k.handed_over >= limits::events_per_interval_max) {
        ++k.left_out;
        return false;
    }
    ++k.handed_over;
    if (k.left_out != 0) {
        event.fields.push_back({"left out", std::to_string(std::exchange(k.left_out, 0))});
    }
    return true;
}

} // namespace sangam::engine
