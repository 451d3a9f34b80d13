#pragma once

#include <sangam/causality/vector_clock.hpp>
#include <sangam/delivery/dot_range.hpp>
#include <sangam/delivery/limits.hpp>
#include <sangam/delivery/range_question.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace sangam::delivery {

/// Finds what is missing and whom to ask for it: any member that has the range, one question to a link at a
/// time.
///
/// Meaning: a dot is missing when a linked member has it delivered and it is neither delivered nor held back
///   here. A gap may close by itself for gap_delay_ms (messages in flight); then its first
///   request_messages_max dots are asked for. While an origin keeps having a gap, newly known dots of it are
///   given between one and two gap_delay_ms. A question that is not answered within request_timeout_ms, or
///   that brought nothing, is asked again, of another member if there is one; the same member is not asked
///   again for the same dot before request_timeout_ms.
/// Invariants: (G1) at most one open question to a link, and at most one for an origin; (G2) only a member
///   whose clock contains the first dot of a range is asked for it.
/// Cost: `questions` is O(origins + links), and O(links) for each gap that is due; `forget` and an urgent
///   `learn` are O(links * origins); the rest O(origins + log links).
/// Threads: none; the caller's lock. Time comes in by the call.
class catch_up {
public:
    /// The first gap of an origin below a known length: causal_buffer::first_gap.
    using gap_finder =
        std::function<std::optional<dot_range>(causality::replica_id origin, std::uint64_t known)>;

    explicit catch_up(protocol_timing timing = {}) : timing_(timing) {}

    /// What the member at `link` has. `urgent`: do not wait for gaps to close by themselves (a hello: nothing
    /// is in flight). An urgent clock replaces what was known of the link, any other adds to it.
    void learn(std::uint64_t link, const causality::vector_clock& has, bool urgent, std::uint64_t now_ms);

    /// The link is gone: its open question is asked elsewhere.
    void forget(std::uint64_t link);

    /// The questions to ask now. `self` is never asked about: own messages come from the log.
    [[nodiscard]] std::vector<range_question> questions(causality::replica_id self,
                                                        const gap_finder& first_gap, std::uint64_t now_ms);

    /// An answer came (it may hold any part of the range, or nothing) and its messages were offered. The next
    /// part is asked for at once. An answer that no open question waits for is ignored.
    void answered(std::uint64_t link, causality::replica_id origin, std::uint64_t now_ms);

    /// The question could not be sent: it is asked elsewhere at once, or of the same link after gap_delay_ms.
    void not_sent(std::uint64_t link);

    /// For tests.
    [[nodiscard]] std::size_t open_questions() const noexcept;

    /// When `questions` may have something new at the latest; nothing when nothing is missing or open.
    [[nodiscard]] std::optional<std::uint64_t> next_due_ms() const { return next_due_ms_; }

private:
    struct open_question {
        causality::replica_id origin;
        std::uint64_t asked_ms = 0; ///< or when the gap last shrank
    };

    struct member {
        causality::vector_clock has;
        bool urgent = false; ///< until the next `questions`
        std::optional<open_question> open;
        std::uint64_t not_before_ms = 0; ///< after a question could not be sent
    };

    /// The first missing run of an origin.
    struct gap {
        std::uint64_t first = 0;
        std::uint64_t last = 0;
        std::uint64_t overdue_to = 0; ///< dots up to this were given time enough
        std::uint64_t given_to = 0;   ///< dots up to this are given time from `given_ms` on
        std::uint64_t given_ms = 0;
        std::optional<std::uint64_t> open_link; ///< whose open question is about this origin
        std::set<std::uint64_t> asked;          ///< links that were asked for `first` in this round
        std::uint64_t asked_ms = 0;             ///< last
    };

    void due_at(std::uint64_t ms);
    void close(member& asked);
    void find_gaps(causality::replica_id self, const gap_finder& first_gap, std::uint64_t now_ms);
    void update(gap& known_gap, const dot_range& missing, std::uint64_t known, std::uint64_t now_ms);
    void time_out(std::uint64_t now_ms);
    [[nodiscard]] std::optional<range_question> ask(causality::replica_id origin, gap& wanted,
                                                    std::uint64_t now_ms);
    [[nodiscard]] std::optional<std::uint64_t> whom_to_ask(const causality::dot& first, gap& wanted,
                                                           std::uint64_t now_ms);

    protocol_timing timing_;
    std::map<std::uint64_t, member> members_; ///< by link
    std::map<causality::replica_id, gap> gaps_;
    causality::vector_clock known_; ///< of all members together
    std::uint64_t last_link_ = 0;   ///< asked last: the next one takes the next turn
    causality::replica_id last_origin_;
    std::optional<std::uint64_t> next_due_ms_;
};

} // namespace sangam::delivery
