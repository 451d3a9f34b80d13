#pragma once

#include <cstddef>
#include <cstdint>

namespace sangam::delivery {

/// What the causal buffer may hold back. At a limit the newest message of the origin that holds most is
/// dropped; it is fetched again later, because the buffer is a cache of the origin's log and not the truth.
struct buffer_limits {
    std::size_t messages_per_origin_max = 1 << 16;
    std::size_t bytes_per_origin_max = 16 << 20;
    std::size_t messages_max = 1 << 18;
    std::size_t bytes_max = 64 << 20;
};

/// How own messages are cut into batches.
struct batch_limits {
    std::size_t messages_max = 4096;
    std::size_t bytes_max = 256 << 10;
};

/// Intervals and time-outs of the protocol, in milliseconds.
struct protocol_timing {
    std::uint64_t hello_interval_ms = 100; ///< first pause between hellos that are not answered; doubles
    std::uint64_t hello_interval_ms_max = 2000;
    std::uint64_t heartbeat_interval_ms = 500; ///< when nothing changed
    std::uint64_t heartbeat_soon_ms = 20;      ///< when there is something to tell or to acknowledge
    std::uint64_t silence_ms_max = 5000;       ///< a peer that sent nothing for so long is greeted anew
    std::uint64_t gap_delay_ms = 30;           ///< how long a gap may close by itself before it is asked for
    std::uint64_t request_timeout_ms = 1000;   ///< then the range is asked for again, if possible elsewhere
    std::uint64_t request_messages_max = 8192; ///< of one range request
    std::uint64_t hedge_delay_ms = 100;        ///< others are asked beside a question that is not brisk
    std::uint64_t hedge_messages_brisk = 64;   ///< so many new messages in that time are brisk
    std::uint64_t probe_messages_max = 64;     ///< asked of a member beside others, when it is not known well
    std::uint64_t failure_pause_ms_max =
        4000;                                ///< a link that failed again and again is not asked for so long
    std::size_t origins_per_look_max = 4096; ///< that one look for gaps looks at
    std::uint64_t look_pause_ms = 10;        ///< between looks when one does not reach round
    std::uint64_t resume_messages_max =
        4096; ///< a lagging peer that misses no more than this is sent the rest unasked
    std::uint64_t resume_bytes_max = 256 << 10; ///< and then not acknowledged: what is left it has to ask for
    std::uint64_t stream_bytes_first = 4 << 20; ///< streamed and not acknowledged by who never acknowledged
    std::uint64_t stream_bytes_max = 32 << 20;  ///< streamed and not acknowledged: then any peer lags
    std::uint64_t answer_bytes_max = 8 << 20;   ///< of one answer: what is left has to be asked for
    std::size_t announced_entries_max = 1 << 16; ///< of a clock in one frame: the rest follows in the next
    std::size_t unknown_origins_max = 1 << 17;   ///< that a peer may name and that are not known here
    std::uint64_t answer_copies_free = 2;        ///< see answer_budget
    std::uint64_t answer_burst_bytes = 16 << 20;
    std::uint64_t answer_bytes_per_second = 1 << 20;
};

} // namespace sangam::delivery
