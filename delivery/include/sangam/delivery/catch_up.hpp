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
#include <span>
#include <utility>
#include <vector>

namespace sangam::delivery {

/// Finds what is missing and whom to ask for it. A member may claim what it does not have, or not answer: the
/// others are asked instead, and it is asked last from then on.
///
/// Meaning: a dot is missing when a linked member has it delivered and it is neither delivered nor held back
///   here. A gap may close by itself for gap_delay_ms (messages in flight); then its first
///   request_messages_max dots are asked for. While an origin keeps having a gap, newly known dots of it are
///   given between one and two gap_delay_ms.
///   A question is brisk for hedge_delay_ms (twice the time that its link took last, if that is longer) after
///   it was asked and after each hedge_messages_brisk new messages that it brought, and never for longer than
///   request_timeout_ms. When no question about an origin is brisk, others are asked beside it: one, then
///   two, then four at a time, each for probe_messages_max dots if it has not answered well before.
///   A question fails when it brings nothing new for request_timeout_ms, or is answered while its first dot
///   is still missing. Its link is not asked again before request_timeout_ms, doubled with each failure on
///   end up to failure_pause_ms_max.
/// Order: links that answered well last, those never asked, those that were too slow to be brisk, those that
///   failed; among equals whose turn it is.
/// Invariants: (G1) at most one open question to a link; (G2) at most one brisk question for an origin,
///   besides those asked together with it, and one to a link that answered well before; (G3) only a member
///   whose clock contains the first dot of a range is asked for it.
/// Cost: `questions` looks at origins_per_look_max origins by turns, besides those that links are asked
/// about,
///   or at fewer when it has to check too often whether links have what is missing; a look is O(log origins).
///   When there are more it asks to be called again after look_pause_ms, until a whole turn finds nothing
///   missing. `forget`, and a `learn` of less than before, are O(links * origins); the rest O(origins + log
///   links). What liars cost: with n of them and one honest member O(log n) hedge_delay_ms once, however long
///   the range, because whoever answered well is asked first; and by the origins that they invent, a turn
///   that takes longer.
/// Threads: none; the caller's lock. Time comes in by the call.
class catch_up {
public:
    /// The first gap of an origin below a known length: causal_buffer::first_gap.
    using gap_finder =
        std::function<std::optional<dot_range>(causality::replica_id origin, std::uint64_t known)>;

    explicit catch_up(protocol_timing timing = {}) : timing_(timing) {}

    /// What the member at `link` has. `urgent`: do not wait for gaps to close by themselves (a hello: nothing
    /// is in flight); that takes back the link's open question and its pause too, but not that it failed.
    void learn(std::uint64_t link, const causality::vector_clock& has, bool urgent, std::uint64_t now_ms);

    /// The link is gone: its open question is asked elsewhere.
    void forget(std::uint64_t link);

    /// The questions to ask now. `self` is never asked about: own messages come from the log.
    [[nodiscard]] std::vector<range_question> questions(causality::replica_id self,
                                                        const gap_finder& first_gap, std::uint64_t now_ms);

    /// A part of an answer, in time or late, held something that was new here, worth so many messages.
    void brought(std::uint64_t link, causality::replica_id origin, std::uint64_t messages,
                 std::uint64_t now_ms);

    /// An answer ended (it may hold any part of the range, or nothing) and its messages were offered. The
    /// next part is asked for at once. An answer that no open question waits for is ignored.
    void answered(std::uint64_t link, causality::replica_id origin, std::uint64_t now_ms);

    /// The question could not be sent: it is asked elsewhere at once, or of the same link after gap_delay_ms.
    void not_sent(std::uint64_t link);

    /// A question that failed: who said that it has the dot, and did not give it.
    struct failure {
        std::uint64_t link = 0;
        causality::dot first;
        friend bool operator==(const failure&, const failure&) = default;
    };
    /// Those since the last call, at most one for each link.
    [[nodiscard]] std::vector<failure> take_failures() { return std::exchange(failures_, {}); }

    [[nodiscard]] std::size_t open_questions() const noexcept;

    /// When `questions` may have something new at the latest; nothing when nothing is missing or open.
    [[nodiscard]] std::optional<std::uint64_t> next_due_ms() const { return next_due_ms_; }

private:
    /// How the last question to a link ended, best first.
    enum class standing { good, unknown, slow, failed };

    struct open_question {
        causality::replica_id origin;
        std::uint64_t first = 0;
        std::uint64_t asked_ms = 0;
        std::uint64_t brought_ms = 0; ///< or asked
        std::uint64_t brisk_ms = 0;   ///< when it last brought hedge_messages_brisk, or was asked
        std::uint64_t counted = 0;    ///< new messages since then
        bool waited_for = false;      ///< it brought something
    };

    struct member {
        causality::vector_clock has;
        bool urgent = false; ///< until the next `questions`
        std::optional<open_question> open;
        standing known_as = standing::unknown;
        unsigned failures = 0;           ///< on end
        std::uint64_t latency_ms = 0;    ///< from the last question to what it brought first
        std::uint64_t not_before_ms = 0; ///< after a failure, or when a question could not be sent
    };

    /// The first missing run of an origin.
    struct gap {
        std::uint64_t first = 0;
        std::uint64_t last = 0;       ///< 0 when it has closed
        std::uint64_t overdue_to = 0; ///< dots up to this were given time enough
        std::uint64_t given_to = 0;   ///< dots up to this are given time from `given_ms` on
        std::uint64_t given_ms = 0;
        std::set<std::uint64_t> open_links; ///< whose open question is about this origin
        std::size_t together = 1;           ///< so many are asked next when none is brisk
    };

    /// An answered question that brought nothing: whether its first dot came another way is not known yet.
    struct doubt {
        std::uint64_t link = 0;
        open_question question;
    };

    /// What one call of `questions` looks with and has asked.
    struct look {
        causality::replica_id self;
        const gap_finder& first_gap;
        std::uint64_t now_ms;
        std::vector<range_question> asked;
        std::vector<std::uint64_t> free; ///< links that may be asked
    };

    void sum_up();
    void due_at(std::uint64_t ms);
    void close(std::uint64_t link, member& asked);
    void fail(std::uint64_t link, member& asked, const causality::dot& first, std::uint64_t asked_ms);
    void take_urgent();
    [[nodiscard]] std::set<causality::replica_id> look_around(look& looking);
    void look_and_ask(causality::replica_id origin, std::uint64_t known, look& looking);
    [[nodiscard]] gap* look_at(causality::replica_id origin, std::uint64_t known, look& looking);
    void update(gap& known_gap, const dot_range& missing, std::uint64_t known, std::uint64_t now_ms);
    void judge_answers(look& looking);
    void time_out(std::uint64_t now_ms);
    [[nodiscard]] std::uint64_t brisk_until(const member& asked) const;
    [[nodiscard]] std::optional<standing> best_brisk(const gap& wanted, std::uint64_t now_ms);
    void keep_turning(std::size_t looks, std::size_t origins, std::uint64_t now_ms);
    void ask(causality::replica_id origin, gap& wanted, look& looking);
    [[nodiscard]] std::optional<std::uint64_t> whom_to_ask(const causality::dot& first,
                                                           std::span<const std::uint64_t> free);
    [[nodiscard]] range_question put(std::uint64_t link, const causality::dot& first, gap& wanted,
                                     std::uint64_t now_ms);

    protocol_timing timing_;
    std::map<std::uint64_t, member> members_; ///< by link
    std::map<causality::replica_id, gap> gaps_;
    std::vector<doubt> doubts_;
    std::vector<failure> failures_;
    causality::vector_clock known_;         ///< of all members together
    causality::vector_clock urgent_;        ///< what their hellos named: it is given no time
    std::set<causality::replica_id> again_; ///< origins whose questions ended since the last `questions`
    causality::replica_id looked_to_;       ///< the next look begins behind it
    std::size_t turned_ = 0;                ///< origins that were looked at in this turn
    std::size_t checks_ = 0;                ///< in this call, whether a link has a dot
    bool gap_in_turn_ = false;
    bool turn_over_ = true;       ///< all origins were looked at since the last news, and nothing is missing
    std::uint64_t last_link_ = 0; ///< asked last: the next one takes the next turn
    causality::replica_id last_origin_;
    std::optional<std::uint64_t> next_due_ms_;
};

} // namespace sangam::delivery
