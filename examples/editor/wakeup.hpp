#pragma once

namespace editor {

/// Lets any thread wake one that polls.
class wakeup {
public:
    wakeup();
    ~wakeup();
    wakeup(const wakeup&) = delete;
    wakeup& operator=(const wakeup&) = delete;

    /// Readable after `ring`.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    void ring() const;
    /// True if somebody rang since the last call.
    [[nodiscard]] bool take() const;

private:
    int descriptor_ = -1;
};

} // namespace editor
