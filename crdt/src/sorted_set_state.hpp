#pragma once

#include <sangam/crdt/register_writes.hpp>
#include <sangam/crdt/sorted_set.hpp>

#include <boost/multi_index/identity.hpp>
#include <boost/multi_index/ranked_index.hpp>
#include <boost/multi_index_container.hpp>

#include <map>
#include <optional>
#include <vector>

namespace sangam::crdt {

/// What is live of one member.
class member_scores {
public:
    /// Nothing when it is no member.
    [[nodiscard]] std::optional<double> score() const noexcept;
    /// True iff this equals a new one.
    [[nodiscard]] bool is_new() const noexcept { return assigns_.empty() && shares_.empty(); }

    [[nodiscard]] observed_dots observed() const { return assigns_.observed(); }
    /// The increments that count.
    [[nodiscard]] std::vector<sorted_set::prefix> seen() const;
    /// True iff all but those of `origin` itself are applied.
    [[nodiscard]] bool has(const std::vector<sorted_set::prefix>& seen,
                           causality::replica_id origin) const noexcept;
    /// The sum of all increments of one replica, those that were taken back included.
    [[nodiscard]] double_double total_of(causality::replica_id origin) const noexcept;

    void assign(const sorted_set::assign_op& op, const operation_context& context);
    void increment(double amount, causality::replica_id origin);
    void take(const sorted_set::remove_op& op);

    friend bool operator==(const member_scores&, const member_scores&) = default;

private:
    /// As in resettable_counter.
    struct share {
        causality::replica_id origin;
        std::uint64_t increments = 0;
        double_double total;
        std::uint64_t reset_increments = 0;
        double_double reset_total;
        friend bool operator==(const share&, const share&) = default;
    };

    share& share_of(causality::replica_id origin);
    void take(const std::vector<sorted_set::prefix>& seen);

    register_writes assigns_;
    std::vector<share> shares_; ///< sorted by origin
};

class sorted_set::state {
public:
    state() = default;
    state(const state& other);
    state& operator=(const state&) = delete;

    /// An entry of the ranking; `member` points into `members`.
    struct place {
        double score = 0;
        const value* member = nullptr;
    };
    struct by_score_then_member {
        bool operator()(const place& a, const place& b) const noexcept {
            return a.score != b.score ? a.score < b.score : *a.member < *b.member;
        }
    };
    struct by_score {
        bool operator()(const place& a, double b) const noexcept { return a.score < b; }
        bool operator()(double a, const place& b) const noexcept { return a < b.score; }
    };
    using ranking_type =
        boost::multi_index_container<place, boost::multi_index::indexed_by<boost::multi_index::ranked_unique<
                                                boost::multi_index::identity<place>, by_score_then_member>>>;
    using members_type = std::map<value, member_scores>;

    [[nodiscard]] const members_type& members() const noexcept { return members_; }
    [[nodiscard]] const ranking_type& ranking() const noexcept { return ranking_; }
    /// What is live of a member, as of a new one if there is nothing.
    [[nodiscard]] const member_scores& of(const value& member) const noexcept;

    /// Puts `next` in the place of what is live of the member. If it throws, nothing has changed.
    void put(const value& member, member_scores next);

private:
    members_type members_;
    ranking_type ranking_;
};

} // namespace sangam::crdt
