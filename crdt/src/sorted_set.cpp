#include "sorted_set_state.hpp"

#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/lww_register.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

namespace sangam::crdt {

namespace {

/// NaN, which only operations that no correct replica makes lead to, becomes 0.
[[nodiscard]] double made_finite(double sum) noexcept {
    constexpr double greatest = std::numeric_limits<double>::max();
    return std::isnan(sum) ? 0.0 : std::clamp(sum, -greatest, greatest);
}

/// `rough`: the same sum as doubles have it, which tells infinite from wrong.
[[nodiscard]] double_double made_finite(const double_double& sum, double rough) noexcept {
    return sum.is_finite() ? sum : double_double{made_finite(rough), 0};
}

[[nodiscard]] double_double plus(const double_double& a, const double_double& b) noexcept {
    return made_finite(a + b, a.high + b.high);
}

void check_number(const char* what, double number, bool may_be_infinite) {
    if (std::isnan(number) || (!may_be_infinite && std::isinf(number))) {
        throw_misuse(errc::not_a_number,
                     std::string("sorted_set: ") + what + " is " + std::to_string(number));
    }
}

} // namespace

// --- what is live of one member

std::optional<double> member_scores::score() const noexcept {
    double base = 0;
    bool is_member = !assigns_.empty();
    if (is_member) {
        const register_write* last = &assigns_.all().front();
        for (const register_write& write : assigns_.all()) {
            last = later_then_greater_replica::wins(write, *last) ? &write : last;
        }
        base = *last->content.as_real();
    }
    double_double increments;
    for (const share& s : shares_) {
        is_member = is_member || s.increments > s.reset_increments;
        increments =
            plus(increments, made_finite(s.total - s.reset_total, s.total.high - s.reset_total.high));
    }
    if (!is_member) {
        return std::nullopt;
    }
    return (std::isinf(base) ? base : plus(increments, {base, 0}).high) + 0.0; // no negative zero
}

std::vector<sorted_set::prefix> member_scores::seen() const {
    std::vector<sorted_set::prefix> live;
    for (const share& s : shares_) {
        if (s.increments > s.reset_increments) {
            live.push_back({s.origin, s.increments, s.total});
        }
    }
    return live;
}

bool member_scores::has(const std::vector<sorted_set::prefix>& seen,
                        causality::replica_id origin) const noexcept {
    return std::ranges::all_of(seen, [&](const sorted_set::prefix& p) {
        const auto at = std::ranges::lower_bound(shares_, p.origin, {}, &share::origin);
        return p.origin == origin ||
               (at != shares_.end() && at->origin == p.origin && p.increments <= at->increments);
    });
}

double_double member_scores::total_of(causality::replica_id origin) const noexcept {
    const auto at = std::ranges::lower_bound(shares_, origin, {}, &share::origin);
    return at != shares_.end() && at->origin == origin ? at->total : double_double();
}

void member_scores::assign(const sorted_set::assign_op& op, const operation_context& context) {
    assigns_.assign(std::isnan(op.score) ? value(0.0) : value(op.score), op.observed, context);
    take(op.seen);
}

void member_scores::increment(double amount, causality::replica_id origin) {
    share& own = share_of(origin);
    ++own.increments;
    own.total = plus(own.total, {amount, 0});
}

void member_scores::take(const sorted_set::remove_op& op) {
    assigns_.reset(op.observed);
    take(op.seen);
}

void member_scores::take(const std::vector<sorted_set::prefix>& seen) {
    for (const sorted_set::prefix& p : seen) {
        if (p.increments == 0) {
            continue; // an entry without content would make equal states unequal
        }
        share& s = share_of(p.origin);
        // The total breaks a tie that only wrong operations can make; without it their order would show.
        std::tie(s.reset_increments, s.reset_total) =
            std::max(std::pair(s.reset_increments, s.reset_total),
                     std::pair(p.increments, made_finite(p.total, p.total.high)));
    }
}

member_scores::share& member_scores::share_of(causality::replica_id origin) {
    auto at = std::ranges::lower_bound(shares_, origin, {}, &share::origin);
    if (at == shares_.end() || at->origin != origin) {
        at = shares_.insert(at, share{origin});
    }
    return *at;
}

// --- all members

sorted_set::state::state(const state& other) : members_(other.members_) {
    for (const auto& [member, scores] : members_) {
        if (const auto score = scores.score()) {
            ranking_.insert({*score, &member});
        }
    }
}

const member_scores& sorted_set::state::of(const value& member) const noexcept {
    static const member_scores none;
    const auto at = members_.find(member);
    return at == members_.end() ? none : at->second;
}

void sorted_set::state::put(const value& member, member_scores next) {
    const auto before = of(member).score();
    const auto after = next.score();
    const auto [at, is_new] = members_.try_emplace(member);
    if (after && after != before) {
        try {
            ranking_.insert({*after, &at->first});
        } catch (...) {
            if (is_new) {
                members_.erase(at);
            }
            throw;
        }
    }
    if (before && after != before) {
        ranking_.erase({*before, &at->first});
    }
    at->second = std::move(next);
    if (at->second.is_new()) {
        members_.erase(at);
    }
}

// --- the type

sorted_set::sorted_set() noexcept = default;
sorted_set::sorted_set(const sorted_set& other)
    : state_(other.state_ ? std::make_unique<state>(*other.state_) : nullptr) {}
sorted_set::sorted_set(sorted_set&&) noexcept = default;
sorted_set& sorted_set::operator=(const sorted_set& other) {
    return *this = sorted_set(other);
}
sorted_set& sorted_set::operator=(sorted_set&&) noexcept = default;
sorted_set::~sorted_set() = default;

const sorted_set::state& sorted_set::get() const noexcept {
    static const state none;
    return state_ ? *state_ : none;
}

sorted_set::assign_op sorted_set::assign(value member, double score) const {
    check_number("the score", score, true);
    const member_scores& live = get().of(member);
    return {std::move(member), score + 0.0, live.observed(), live.seen()};
}

sorted_set::increment_op sorted_set::increment(value member, double amount,
                                               causality::replica_id self) const {
    check_number("the amount", amount, false);
    if (const double total = get().of(member).total_of(self).high; std::isinf(total + amount)) {
        throw_misuse(errc::counter_overflow,
                     "sorted_set: an increment of " + to_string(member) + " by " + std::to_string(amount) +
                         " where this replica's increments sum to " + std::to_string(total));
    }
    return {std::move(member), amount};
}

sorted_set::remove_op sorted_set::remove(value member) const {
    const member_scores& live = get().of(member);
    return {std::move(member), live.observed(), live.seen()};
}

sorted_set::clear_op sorted_set::clear() const {
    clear_op op;
    for (const auto& [member, live] : get().members()) {
        if (live.score()) {
            op.members.push_back({member, live.observed(), live.seen()});
        }
    }
    return op;
}

bool sorted_set::accepts(const operation& op, causality::replica_id origin) const noexcept {
    const auto knows = [&](const auto& one) { return get().of(one.member).has(one.seen, origin); };
    if (const assign_op* const assign = std::get_if<assign_op>(&op)) {
        return knows(*assign);
    }
    if (const remove_op* const remove = std::get_if<remove_op>(&op)) {
        return knows(*remove);
    }
    const clear_op* const clear = std::get_if<clear_op>(&op);
    return clear == nullptr || std::ranges::all_of(clear->members, knows);
}

void sorted_set::apply(const operation& op, const operation_context& context) {
    if (!state_) {
        state_ = std::make_unique<state>();
    }
    if (const assign_op* const assign = std::get_if<assign_op>(&op)) {
        member_scores next = state_->of(assign->member);
        next.assign(*assign, context);
        state_->put(assign->member, std::move(next));
    } else if (const increment_op* const increment = std::get_if<increment_op>(&op)) {
        member_scores next = state_->of(increment->member);
        next.increment(increment->amount, context.id.replica);
        state_->put(increment->member, std::move(next));
    } else if (const remove_op* const remove = std::get_if<remove_op>(&op)) {
        member_scores next = state_->of(remove->member);
        next.take(*remove);
        state_->put(remove->member, std::move(next));
    } else {
        for (const remove_op& seen : std::get<clear_op>(op).members) {
            member_scores next = state_->of(seen.member);
            next.take(seen);
            state_->put(seen.member, std::move(next));
        }
    }
}

std::optional<double> sorted_set::score(const value& member) const {
    return get().of(member).score();
}

std::size_t sorted_set::size() const noexcept {
    return get().ranking().size();
}

std::optional<std::size_t> sorted_set::rank(const value& member) const {
    const auto score = get().of(member).score();
    if (!score) {
        return std::nullopt;
    }
    const auto& ranking = get().ranking();
    return ranking.rank(ranking.find(state::place{*score, &member}));
}

std::vector<sorted_set::scored> sorted_set::entries(std::size_t first, std::size_t count) const {
    std::vector<scored> found;
    const auto& ranking = get().ranking();
    for (auto at = ranking.nth(std::min(first, ranking.size())); at != ranking.end() && found.size() < count;
         ++at) {
        found.push_back({*at->member, at->score});
    }
    return found;
}

std::vector<sorted_set::scored> sorted_set::entries_by_score(double least, double greatest) const {
    std::vector<scored> found;
    const auto& ranking = get().ranking();
    for (auto at = ranking.lower_bound(least, state::by_score());
         at != ranking.end() && at->score <= greatest; ++at) {
        found.push_back({*at->member, at->score});
    }
    return found;
}

bool operator==(const sorted_set& a, const sorted_set& b) {
    return a.get().members() == b.get().members();
}

} // namespace sangam::crdt
