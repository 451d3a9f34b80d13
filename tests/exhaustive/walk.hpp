#pragma once

#include "specification/history.hpp"
#include "specification/print.hpp"
#include "specification/run.hpp"
#include "specification/text_checks.hpp"

#include <sangam/crdt/operation_context.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Every history of a few transactions at a few replicas: see README.md.
namespace sangam::exhaustive {

/// A transaction that a user may do next: what is meant, and what the type prepared for it.
template <class Operation>
struct choice {
    std::vector<specification::step> steps;
    std::vector<Operation> operations;
    /// What the sequence that the last step is about shows to its user right after.
    std::optional<specification::shown_sequence> after;
    std::uint64_t delay = 0; ///< how much later its time is than it has to be
};

/// A type under test. `menu` is what a user may do in a state as the transaction `next`, whose time is the
/// earliest that it may have. The others return what is wrong, or nothing: `apply` with the delivery of a
/// transaction, `misplaced` with what its own user sees of it, `wrong` with a state after a history.
template <class Type>
concept subject = std::equality_comparable<typename Type::state> &&
                  requires(const Type& type, typename Type::state& state, const typename Type::state& view,
                           const choice<typename Type::operation>& done, const crdt::operation_context& next,
                           const specification::history& all) {
                      { type.new_state() } -> std::same_as<typename Type::state>;
                      {
                          type.menu(view, next)
                      } -> std::same_as<std::vector<choice<typename Type::operation>>>;
                      { type.apply(state, done, next) } -> std::same_as<std::string>;
                      { type.misplaced(view, done) } -> std::same_as<std::string>;
                      { type.wrong(view, all) } -> std::same_as<std::string>;
                      { type.show(view) } -> std::same_as<std::string>;
                  };

struct scope {
    std::size_t transactions = 4; ///< 1 to 16
    std::size_t replicas = 3;
};

/// All histories of exactly so many transactions. Checked is what they add to the shorter ones: the state
/// after all of a history, whichever transaction comes last.
///
/// Invariants: (X1) `closed_` are the causally closed sets of the transactions so far, and `states_` the
///   states after them; (X2) every history is generated once: in the order that always takes, of those that
///   can come next, the transaction of the smallest replica.
template <subject Type>
class walk {
public:
    walk(const Type& type, const scope& within)
        : type_(type), within_(within), done_(within.transactions), own_(within.replicas),
          states_(std::size_t{1} << (within.transactions - 1), type.new_state()), last_(type.new_state()),
          other_(type.new_state()) {}

    void run() { extend(); }

    [[nodiscard]] std::uint64_t histories() const noexcept { return histories_; }
    [[nodiscard]] std::uint64_t applies() const noexcept { return applies_; }
    /// The first one, with its history; empty if there is none.
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

private:
    using set = std::uint32_t; ///< of transactions, as bits
    using state = typename Type::state;

    struct transaction {
        specification::event meant; ///< its steps are those of `what`
        choice<typename Type::operation> what;
        std::size_t replica = 0;
        set seen = 0;
    };

    [[nodiscard]] static set only(std::size_t n) noexcept { return set{1} << n; }
    [[nodiscard]] static bool includes(set all, set part) noexcept { return (part & ~all) == 0; }

    void extend() {
        const std::size_t known = closed_.size();
        for (std::size_t replica = 0; replica < within_.replicas; ++replica) {
            for (std::size_t n = 0; n < known && problem_.empty(); ++n) {
                if (includes(closed_[n], own_[replica]) && comes_next(replica, closed_[n])) {
                    extend_by(replica, closed_[n]);
                }
            }
        }
    }

    /// False if the order of X2 has such a transaction earlier.
    [[nodiscard]] bool comes_next(std::size_t replica, set seen) const noexcept {
        for (std::size_t n = count_; n > 0 && !includes(seen, only(n - 1)); --n) {
            if (done_[n - 1].replica > replica) {
                return false;
            }
        }
        return true;
    }

    /// Every transaction that a user at `replica` may do after `seen`.
    void extend_by(std::size_t replica, set seen) {
        transaction& newest = done_[count_];
        newest.replica = replica;
        newest.seen = seen;
        const crdt::operation_context next = place(newest);
        for (auto& what : type_.menu(states_[seen], next)) {
            newest.meant.time = {next.time.bits + what.delay};
            newest.what = std::move(what);
            push();
            if (count_ == within_.transactions) {
                check();
            } else {
                const std::size_t known = closed_.size();
                close();
                extend();
                closed_.resize(known);
            }
            pop();
            if (!problem_.empty()) {
                return;
            }
        }
    }

    /// Sets the dot and the causal past of `newest`. Its time is one more than the greatest that it has seen.
    [[nodiscard]] crdt::operation_context place(transaction& newest) {
        specification::event& meant = newest.meant;
        causality::hybrid_time greatest;
        meant.seen = {};
        for (std::size_t n = 0; n < count_; ++n) {
            if (includes(newest.seen, only(n))) {
                const specification::event& earlier = done_[n].meant;
                meant.seen.advance_to(earlier.id.replica, earlier.id.sequence);
                greatest = std::max(greatest, earlier.time);
            }
        }
        const causality::replica_id self{newest.replica + 1};
        meant.id = {self, meant.seen[self] + 1};
        return {meant.id, {greatest.bits + 1}};
    }

    void push() {
        const transaction& newest = done_[count_];
        for (std::size_t index = 0; index < newest.what.steps.size(); ++index) {
            const specification::step& s = newest.what.steps[index];
            all_.push_back({&newest.meant, index, s.path, &s.what});
        }
        own_[newest.replica] |= only(count_);
        ++count_;
    }

    void pop() {
        --count_;
        const transaction& newest = done_[count_];
        own_[newest.replica] &= ~only(count_);
        all_.resize(all_.size() - newest.what.steps.size());
    }

    /// Adds the closed sets that the newest transaction is in.
    void close() {
        const std::size_t newest = count_ - 1;
        const std::size_t known = closed_.size();
        for (std::size_t n = 0; n < known; ++n) {
            const set before = closed_[n];
            if (includes(before, done_[newest].seen)) {
                state& after = states_[before | only(newest)];
                after = states_[before];
                deliver(after, newest);
                closed_.push_back(before | only(newest));
            }
        }
    }

    void deliver(state& to, std::size_t n) {
        ++applies_;
        const transaction& t = done_[n];
        note(type_.apply(to, t.what, {t.meant.id, t.meant.time}));
    }

    void check() {
        ++histories_;
        const std::size_t newest = count_ - 1;
        const set before = only(newest) - 1;
        last_ = states_[before];
        deliver(last_, newest);
        set seen_by_some = 0;
        for (const transaction& t : done_) {
            seen_by_some |= t.seen;
        }
        for (std::size_t n = 0; n < newest && problem_.empty(); ++n) {
            if (!includes(seen_by_some, only(n))) {
                other_ = states_[before & ~only(n)];
                deliver(other_, newest);
                deliver(other_, n);
                compare(n);
            }
        }
        if (done_[newest].seen == before) {
            note(type_.misplaced(last_, done_[newest].what));
        }
        note(type_.wrong(last_, all_));
    }

    void compare(std::size_t n) {
        if (!(other_ == last_)) {
            const auto with_last = [&](std::size_t delivered_last, const state& shown) {
                return "\n  with " + causality::to_string(done_[delivered_last].meant.id) +
                       " last: " + type_.show(shown);
            };
            note("the order of delivery makes a difference:" + with_last(count_ - 1, last_) +
                 with_last(n, other_));
        }
    }

    void note(const std::string& wrong) {
        if (wrong.empty() || !problem_.empty()) {
            return;
        }
        problem_ = wrong + "\nin the history";
        std::vector<specification::event> meant;
        std::vector<const specification::event*> events;
        for (std::size_t n = 0; n < count_; ++n) {
            meant.push_back(done_[n].meant);
            meant.back().steps = done_[n].what.steps;
            problem_ += "\n  " + specification::to_string(meant.back());
        }
        std::ranges::transform(meant, std::back_inserter(events), [](const auto& e) { return &e; });
        problem_ += specification::drawable(events);
    }

    const Type& type_;
    scope within_;
    std::vector<transaction> done_; ///< of which the first `count_` are in the history
    std::size_t count_ = 0;
    std::vector<set> own_; ///< by replica
    specification::history all_;
    std::vector<set> closed_{0};
    std::vector<state> states_;
    state last_;
    state other_;
    std::uint64_t histories_ = 0;
    std::uint64_t applies_ = 0;
    std::string problem_;
};

struct findings {
    std::vector<std::uint64_t> histories; ///< of 1, 2, 3 ... transactions
    std::uint64_t applies = 0;
    std::string problem; ///< of a shortest history that has one; empty if none has
};

/// All histories of at most so many transactions, the shorter ones first.
template <subject Type>
[[nodiscard]] findings check_all(const Type& type, const scope& within) {
    findings found;
    for (std::size_t size = 1; size <= within.transactions && found.problem.empty(); ++size) {
        walk<Type> of_size(type, {size, within.replicas});
        of_size.run();
        found.histories.push_back(of_size.histories());
        found.applies += of_size.applies();
        found.problem = of_size.problem();
    }
    return found;
}

} // namespace sangam::exhaustive
