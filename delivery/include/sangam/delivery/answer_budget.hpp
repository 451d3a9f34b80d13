#pragma once

#include <sangam/delivery/limits.hpp>

#include <cstdint>

namespace sangam::delivery {

/// How much of the log one link may make this replica read and send.
///
/// Meaning: answer_copies_free times the bytes of the log, once for as long as the link lives, cost nothing:
///   that is more than catching up takes, chunks that overlap included. What goes beyond is paid from a
///   bucket of answer_burst_bytes, into which answer_bytes_per_second flow. Nothing is refused: an answer
///   waits.
/// Cost: O(1).
/// Threads: none; the caller's lock. Time comes in by the call.
class answer_budget {
public:
    explicit answer_budget(protocol_timing timing) : timing_(timing), bucket_(timing.answer_burst_bytes) {}

    /// More may be sent now; one frame may go below what is there.
    [[nodiscard]] bool allows(std::uint64_t log_bytes, std::uint64_t now_ms);

    void spend(std::uint64_t bytes, std::uint64_t log_bytes);

private:
    protocol_timing timing_;
    std::uint64_t free_spent_ = 0;
    std::uint64_t bucket_;
    std::uint64_t owed_ = 0; ///< spent below an empty bucket
    std::uint64_t filled_ms_ = 0;
};

} // namespace sangam::delivery
