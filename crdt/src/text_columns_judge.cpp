#include "text_columns_judge.hpp"

#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <string_view>

namespace sangam::crdt {
namespace {

using causality::error;
using causality::result;
using kind = text_columns::kind;

error wrong(std::string_view column, std::size_t entry, std::string_view what, errc code = errc::invalid_columns) {
    return {code, std::string(column) + "[" + std::to_string(entry) + "]: " + std::string(what)};
}

/// Places of the spans in the order of their first numbers, which are below `total`.
std::vector<std::uint32_t> sorted_by_number(const std::vector<text_columns::span>& order, std::uint32_t total) {
    constexpr unsigned digit_bits = 11;
    constexpr std::uint32_t digits = 1U << digit_bits;
    std::vector<std::uint32_t> places(order.size());
    for (std::uint32_t n = 0; n < places.size(); ++n)
        places[n] = n;
    if (order.size() < digits / 8) {
        std::ranges::sort(places, {}, [&](std::uint32_t n) { return order[n].first; });
        return places;
    }
    std::vector<std::uint32_t> sorted(places.size());
    for (unsigned shift = 0; shift < 32 && total >> shift > 0; shift += digit_bits) {
        std::array<std::uint32_t, digits> start{};
        const auto digit_of = [&](std::uint32_t n) { return order[n].first >> shift & (digits - 1); };
        for (const std::uint32_t n : places)
            ++start[digit_of(n)];
        std::uint32_t sum = 0;
        for (std::uint32_t& s : start)
            sum += std::exchange(s, sum);
        for (const std::uint32_t n : places)
            sorted[start[digit_of(n)]++] = n;
        places.swap(sorted);
    }
    return places;
}

/// Joins what touches or overlaps. Precondition: increasing `first`.
void append(std::vector<number_run>& runs, const number_run& added) {
    if (!runs.empty() && added.first <= runs.back().first + runs.back().length) {
        number_run& last = runs.back();
        last.length = std::max(last.first + last.length, added.first + added.length) - last.first;
    } else {
        runs.push_back(added);
    }
}

/// What is in `from` and not in `without`. Preconditions: both as `append` makes them.
std::vector<number_run> difference(const std::vector<number_run>& from, const std::vector<number_run>& without) {
    std::vector<number_run> left;
    auto next = without.begin();
    for (const number_run& run : from) {
        std::uint32_t first = run.first;
        const std::uint32_t end = run.first + run.length;
        while (next != without.end() && next->first + next->length <= first)
            ++next;
        for (auto cut = next; cut != without.end() && cut->first < end; ++cut) {
            if (first < cut->first) left.push_back({first, cut->first - first});
            first = cut->first + cut->length;
        }
        if (first < end) left.push_back({first, end - first});
    }
    return left;
}

} // namespace

std::uint32_t text_columns_judge::base() const noexcept {
    return columns_.what == kind::state ? ids_.size() : columns_.base;
}

result<void> text_columns_judge::judge() {
    using step = result<void> (text_columns_judge::*)();
    const bool state = columns_.what == kind::state;
    for (const step next : {&text_columns_judge::judge_replicas, &text_columns_judge::judge_ids,
                            &text_columns_judge::judge_order}) {
        if (auto judged = (this->*next)(); !judged) return judged;
    }
    if (state) return judge_state();
    for (const step next : {&text_columns_judge::judge_gone, &text_columns_judge::judge_erased,
                            &text_columns_judge::judge_transactions, &text_columns_judge::judge_inserters}) {
        if (auto judged = (this->*next)(); !judged) return judged;
    }
    return {};
}

result<void> text_columns_judge::judge_replicas() {
    std::vector<causality::replica_id> sorted = columns_.replicas;
    if (columns_.what == kind::history) std::ranges::sort(sorted);
    for (std::size_t n = 1; n < sorted.size(); ++n) {
        if (sorted[n - 1] == sorted[n]) return wrong("replicas", n, to_string(sorted[n]) + " stands twice");
        if (sorted[n] < sorted[n - 1]) return wrong("replicas", n, "less than the one before");
    }
    return {};
}

result<void> text_columns_judge::judge_ids() {
    ids_.reserve(columns_.ids.size());
    std::uint32_t seen = 0; // replicas
    for (std::size_t n = 0; n < columns_.ids.size(); ++n) {
        const text_columns::id_run& run = columns_.ids[n];
        if (run.length == 0) return wrong("ids", n, "no character");
        if (run.length >= no_serial / 2 - ids_.size())
            return wrong("ids", n, "more characters than a text can have", errc::too_large);
        if (run.lamport == 0 || run.lamport > limits::lamport_max ||
            run.length - 1 > limits::lamport_max - run.lamport)
            return wrong("ids", n, "Lamport number " + std::to_string(run.lamport) + " and on");
        const bool is_new = run.replica == seen;
        if (is_new && seen < columns_.replicas.size()) {
            ++seen;
        } else if (run.replica >= seen) {
            return wrong("ids", n, "replica " + std::to_string(run.replica) + " before others, or none");
        }
        const causality::replica_id replica = columns_.replicas[run.replica];
        const text_ids::author_t author = ids_.reserve_for(replica);
        if (columns_.what == kind::state && run.replica + 1 != seen)
            return wrong("ids", n, "a replica less than the one before");
        if (run.lamport <= ids_.greatest_lamport(replica))
            return wrong("ids", n, "Lamport numbers of one replica that do not increase");
        const std::size_t runs = ids_.runs().size();
        ids_.add({run.lamport, replica}, run.length, author);
        if (ids_.runs().size() == runs) return wrong("ids", n, "it continues the one before");
    }
    if (seen < columns_.replicas.size()) return wrong("replicas", seen, "it has no character");
    return {};
}

result<void> text_columns_judge::judge_order() {
    const std::vector<text_columns::span>& order = columns_.order;
    const std::uint32_t total = ids_.size();
    std::uint64_t sum = 0;
    for (std::size_t n = 0; n < order.size(); ++n) {
        const text_columns::span& s = order[n];
        if (s.length == 0) return wrong("order", n, "no character");
        if (s.first >= total || s.length > total - s.first)
            return wrong("order", n, "past the last number, " + std::to_string(total));
        if (n > 0 && order[n - 1].visible == s.visible && order[n - 1].first + order[n - 1].length == s.first)
            return wrong("order", n, "it continues the one before");
        sum += s.length;
        if (s.visible) visible_ += s.length;
    }
    if (sum != total)
        return error{errc::invalid_columns, "order: " + std::to_string(sum) + " numbers of " + std::to_string(total)};
    by_number_ = sorted_by_number(order, total);
    std::uint32_t end = 0;
    for (const std::uint32_t n : by_number_) {
        if (order[n].first != end)
            return wrong("order", n, order[n].first < end ? "a number that stands twice" : "a number that is left out");
        end += order[n].length;
    }
    return {};
}

/// All that is not visible.
std::vector<number_run> text_columns_judge::hidden() const {
    std::vector<number_run> runs;
    runs.reserve(columns_.order.size() / 2 + 1);
    for (const std::uint32_t n : by_number_) {
        const text_columns::span& s = columns_.order[n];
        if (!s.visible) append(runs, {s.first, s.length});
    }
    return runs;
}

result<void> text_columns_judge::judge_state() {
    if (columns_.base != 0 || !columns_.gone.empty() || !columns_.erased.empty() || !columns_.transactions.empty())
        return error{errc::invalid_columns, "a state with a log"};
    gone_ = hidden();
    return {};
}

result<void> text_columns_judge::judge_gone() {
    if (columns_.base > ids_.size())
        return error{errc::invalid_columns, "base: " + std::to_string(columns_.base) + " of " +
                                                std::to_string(ids_.size()) + " characters"};
    gone_.reserve(columns_.gone.size());
    for (std::size_t n = 0; n < columns_.gone.size(); ++n) {
        const text_columns::run& run = columns_.gone[n];
        if (run.length == 0) return wrong("gone", n, "no character");
        if (run.first >= columns_.base || run.length > columns_.base - run.first)
            return wrong("gone", n, "past the base, " + std::to_string(columns_.base));
        if (n > 0 && run.first <= gone_.back().first + gone_.back().length)
            return wrong("gone", n, "not behind the one before, or it continues it");
        gone_.push_back({run.first, run.length});
    }
    return {};
}

result<void> text_columns_judge::judge_erased() {
    std::uint32_t inserted = columns_.base;
    std::vector<number_run> erased;
    erased.reserve(columns_.erased.size());
    for (std::size_t n = 0; n < columns_.erased.size(); ++n) {
        const text_columns::erased_run& run = columns_.erased[n];
        if (run.length == 0) return wrong("erased", n, "no character");
        if (run.backward && run.length == 1) return wrong("erased", n, "one character, backward");
        if (run.inserted < inserted || run.inserted > ids_.size())
            return wrong("erased", n, "when " + std::to_string(run.inserted) + " characters were there");
        if (run.first >= run.inserted || run.length > run.inserted - run.first)
            return wrong("erased", n, "characters that were not there yet");
        inserted = run.inserted;
        erased_steps_ += run.length;
        erased.push_back({run.first, run.length});
    }
    return judge_hidden(std::move(erased));
}

/// What is erased is what the log erases, and what was before.
result<void> text_columns_judge::judge_hidden(std::vector<number_run> erased) {
    std::ranges::sort(erased, {}, &number_run::first);
    std::vector<number_run> joined;
    for (const number_run& run : erased)
        append(joined, run);
    const std::vector<number_run> all = hidden();
    if (const auto not_hidden = difference(joined, all); !not_hidden.empty())
        return error{errc::invalid_columns,
                     "order: number " + std::to_string(not_hidden.front().first) + " is visible, and the log erases it"};
    if (const auto not_hidden = difference(gone_, all); !not_hidden.empty())
        return error{errc::invalid_columns,
                     "order: number " + std::to_string(not_hidden.front().first) + " is visible, and gone"};
    erased_ = difference(joined, gone_);
    if (const auto unknown = difference(difference(all, joined), gone_); !unknown.empty())
        return error{errc::invalid_columns,
                     "order: number " + std::to_string(unknown.front().first) + " is erased, and nothing erases it"};
    for (const number_run& run : erased_)
        erased_count_ += run.length;
    return {};
}

result<void> text_columns_judge::judge_transactions() {
    const std::uint64_t steps = ids_.size() + erased_steps_;
    std::uint64_t least = columns_.base;
    for (std::size_t n = 0; n < columns_.transactions.size(); ++n) {
        const text_columns::transaction_run& run = columns_.transactions[n];
        if (run.count == 0 || (run.count == 1) != (run.stride == 0))
            return wrong("transactions", n,
                         std::to_string(run.count) + " of " + std::to_string(run.stride) + " steps");
        if (run.first.sequence == 0 || run.first.sequence > limits::lamport_max ||
            run.count - 1 > limits::lamport_max - run.first.sequence)
            return wrong("transactions", n, "sequence " + std::to_string(run.first.sequence) + " and on");
        if (n == 0 ? run.step != least : run.step < least || run.step == columns_.transactions[n - 1].step)
            return wrong("transactions", n, "step " + std::to_string(run.step));
        // The last one of several may have no step.
        least = run.step;
        if (least >= steps || std::uint64_t{run.count - 1} * run.stride > steps - least)
            return wrong("transactions", n, "past the last step, " + std::to_string(steps));
        least += std::uint64_t{run.count - 1} * run.stride;
    }
    if (columns_.transactions.empty() && steps != columns_.base)
        return error{errc::invalid_columns, "transactions: none, and " + std::to_string(steps) + " steps"};
    return {};
}

/// Who did what the ids say: nobody inserts with the id of another replica.
result<void> text_columns_judge::judge_inserters() {
    auto run = columns_.erased.begin();
    std::uint64_t erased = 0; // steps in front of `run`
    const auto serials_before = [&](std::uint64_t step) {
        while (run != columns_.erased.end() && run->inserted + erased + run->length <= step)
            erased += (run++)->length;
        const std::uint64_t inserted = step - erased;
        return run == columns_.erased.end() ? inserted : std::min<std::uint64_t>(inserted, run->inserted);
    };
    std::size_t id = 0;
    for (std::size_t n = 0; n < columns_.transactions.size(); ++n) {
        const std::uint64_t first = serials_before(columns_.transactions[n].step);
        const std::uint64_t end = n + 1 < columns_.transactions.size()
                                      ? serials_before(columns_.transactions[n + 1].step)
                                      : ids_.size();
        if (first == end) continue;
        while (ids_.end_of(id) <= first)
            ++id;
        for (std::size_t at = id; at < ids_.runs().size() && ids_.runs()[at].first < end; ++at) {
            if (ids_.replicas()[ids_.runs()[at].author] != columns_.transactions[n].first.replica)
                return wrong("transactions", n, "they insert what ids[" + std::to_string(at) + "] gives another replica");
        }
    }
    return {};
}

edit_log text_columns_judge::take_log() {
    std::vector<edit_log::erased_run> erased;
    erased.reserve(columns_.erased.size());
    for (const text_columns::erased_run& run : columns_.erased)
        erased.push_back({run.inserted, run.first, run.length << 1 | (run.backward ? 1U : 0U)});
    std::vector<edit_log::transaction_run> transactions;
    transactions.reserve(columns_.transactions.size());
    for (const text_columns::transaction_run& run : columns_.transactions)
        transactions.push_back({run.first, run.step, run.stride, run.count});
    return {base(), std::move(erased), std::move(transactions)};
}

} // namespace sangam::crdt
