#pragma once

#include <sangam/causality/vector_clock.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace sangam::delivery {

/// A clock on the wire: what must be merged into the clock that announcement number `base` of the same sender
/// carried. Base 0 is the empty clock. `acknowledged` is the greatest number received from the other side, so
/// that the sender may use it as a base.
struct clock_announcement {
    std::uint64_t number = 0; ///< from 1, increasing in one session
    std::uint64_t base = 0;
    std::uint64_t acknowledged = 0;
    causality::vector_clock difference;
    friend bool operator==(const clock_announcement&, const clock_announcement&) = default;
};

/// Both directions of the exchange of clocks with one peer: full clocks once, then differences against what
/// the other side is known to have, over a channel that loses, repeats and reorders. A difference too large
/// for one frame is cut: what is announced is a lower bound of the clock then, and the rest follows when that
/// was acknowledged.
///
/// Invariants: (X1) a base is always a clock that the other side acknowledged, or the empty one; (X2) at
///   most `bases_kept` sent clocks are kept: the base, and the latest that are not acknowledged; (X3) so
///   many received ones are kept that every base that the peer can still name is among them: the base it
///   named last, and those not older than `bases_kept` numbers.
/// Cost: O(size of the clock) a call; memory 2 * `bases_kept` clocks.
/// Threads: none; the caller's lock.
class clock_exchange {
public:
    static constexpr std::size_t bases_kept = 16;

    clock_exchange() = default;
    /// Announcements are numbered from `announced_before` + 1: whoever opens a second exchange with the same
    /// other side in one session (its link was replaced) must go on where the first one was.
    explicit clock_exchange(std::uint64_t announced_before) : last_number_(announced_before) {}

    /// The next announcement of `clock`, with at most `entries_max` entries, which must not be 0.
    /// Precondition: `clock` dominates every clock announced before.
    [[nodiscard]] clock_announcement announce(const causality::vector_clock& clock,
                                              std::size_t entries_max = SIZE_MAX);

    /// What the last announcement said, its base included. Precondition: there is one, and forget_sent was
    /// not called after it.
    [[nodiscard]] const causality::vector_clock& announced() const { return sent_.back().second; }

    /// The last announcement was cut, and nothing was acknowledged since: another one would only repeat it.
    [[nodiscard]] bool cut_and_unacknowledged() const noexcept {
        return cut_after_ && acknowledged_by_peer_ == cut_base_;
    }

    /// The clock that the announcement carries; nothing when it is no newer than one received before, or when
    /// its base is not known here (then the sender must start anew: a hello), `knows_base` tells which; or
    /// when the clock would have more than `entries_max` entries. That announcement is not acknowledged, so
    /// its sender repeats it, and nothing of it is lost.
    [[nodiscard]] std::optional<causality::vector_clock> receive(const clock_announcement& announcement,
                                                                 std::size_t entries_max = SIZE_MAX);

    /// True iff the clock that the announcement is a difference to is still kept here.
    [[nodiscard]] bool knows_base(const clock_announcement& announcement) const;

    /// The greatest number received.
    [[nodiscard]] std::uint64_t last_received() const noexcept { return last_received_; }

    /// The other side may have forgotten what it received: the next announcement carries the full clock, and
    /// only acknowledgements of that and later ones count.
    void forget_sent();

    /// The other side may count anew: any number is accepted next.
    void forget_received();

    /// Forgets everything: a new session on the other side.
    void restart() { *this = clock_exchange(last_number_); }

private:
    using numbered_clock = std::pair<std::uint64_t, causality::vector_clock>;

    void on_acknowledged(std::uint64_t number);
    [[nodiscard]] causality::vector_clock cut(const causality::vector_clock& difference,
                                              std::size_t entries_max);

    std::uint64_t last_number_ = 0;
    std::uint64_t last_received_ = 0;
    std::uint64_t acknowledged_by_peer_ = 0;         ///< the base; 0, or the number of sent_.front()
    std::deque<numbered_clock> sent_;                ///< by number
    std::deque<numbered_clock> received_;            ///< by number
    std::uint64_t cut_base_ = 0;                     ///< of the last announcement
    std::optional<causality::replica_id> cut_after_; ///< the last origin that it named, if it was cut
    causality::replica_id turn_; ///< the next cut begins behind it, so that no origin waits for ever
};

} // namespace sangam::delivery
