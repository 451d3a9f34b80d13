#pragma once

#include <optional>

namespace editor {

/// Signals as something to poll: SIGINT, SIGTERM, SIGHUP and SIGWINCH arrive here and nowhere else.
/// Make it before any other thread, so that all threads leave these signals alone.
class signals {
public:
    signals();
    ~signals();
    signals(const signals&) = delete;
    signals& operator=(const signals&) = delete;

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    /// The next signal that has arrived; nothing if none has.
    [[nodiscard]] std::optional<int> take() const;
    /// One that asks to stop (not SIGWINCH) has arrived, now or at an earlier call.
    [[nodiscard]] bool stop_requested();

private:
    int descriptor_ = -1;
    bool stopped_ = false;
};

} // namespace editor
