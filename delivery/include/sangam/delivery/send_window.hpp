#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

namespace sangam::delivery {

/// How many bytes of own messages went over a link unasked and are not acknowledged by the other side's
/// clock. The link may keep them all: what it takes is no sign that anybody reads. So whoever has
/// acknowledged nothing is trusted with little, and whoever acknowledges is trusted with as much again, up to
/// a limit.
///
/// Meaning: `in_flight()` is at least the bytes sent behind the greatest sequence acknowledged, and at most
///   one message's frame and 1 / `steps` of `bytes_first` more. `bytes_allowed()` is what was acknowledged in
///   all, but no less than `bytes_first` and no more than `bytes_max`.
/// Cost: O(1) a call; memory at most `steps` * bytes_max / bytes_first + 1 entries while no more than
/// `bytes_max` is in flight. Threads: none; the caller's lock.
class send_window {
public:
    static constexpr std::uint64_t steps = 16;

    send_window(std::uint64_t bytes_first, std::uint64_t bytes_max)
        : bytes_first_(bytes_first), bytes_max_(std::max(bytes_first, bytes_max)) {}

    /// Own messages up to `sequence` were handed to the link, in `bytes` bytes.
    void sent(std::uint64_t sequence, std::uint64_t bytes);

    /// The other side has all own messages up to `sequence`.
    void acknowledged(std::uint64_t sequence);

    /// The other side greeted: what was sent may be lost, so it may be sent again from what it has. It stays
    /// in flight until it is acknowledged.
    void greeted() noexcept { sent_to_ = 0; }

    [[nodiscard]] std::uint64_t in_flight() const noexcept { return sent_bytes_ - acknowledged_bytes_; }
    [[nodiscard]] bool full() const noexcept { return in_flight() >= bytes_allowed(); }
    [[nodiscard]] std::uint64_t bytes_allowed() const noexcept {
        return std::clamp(acknowledged_bytes_, bytes_first_, bytes_max_);
    }
    /// The last own message that was sent since the last greeting.
    [[nodiscard]] std::uint64_t sent_to() const noexcept { return sent_to_; }

private:
    struct step {
        std::uint64_t sequence = 0;
        std::uint64_t bytes_before = 0; ///< sent before the first of this step
        std::uint64_t bytes_after = 0;  ///< sent up to `sequence`
    };

    std::uint64_t bytes_first_;
    std::uint64_t bytes_max_;
    std::uint64_t sent_bytes_ = 0;
    std::uint64_t acknowledged_bytes_ = 0;
    std::uint64_t sent_to_ = 0;
    std::deque<step> steps_; ///< not acknowledged
};

} // namespace sangam::delivery
