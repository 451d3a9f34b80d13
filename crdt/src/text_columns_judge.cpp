#include "text_columns_judge.hpp"

#include "number_ids.hpp"

#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>

#include <algorithm>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <string_view>

namespace sangam::crdt {
namespace {

using causality::error;
using causality::result;
using kind = text_columns::kind;

constexpr std::uint32_t characters_max = no_serial / 2 - 1;

bool continues(const text_columns::id_run& before, const text_columns::id_run& run) noexcept {
    return run.replica == before.replica && run.lamport == before.lamport + before.length;
}

error wrong(std::string_view column, std::size_t entry, std::string_view what,
            errc code = errc::invalid_columns) {
    return {code, std::string(column) + "[" + std::to_string(entry) + "]: " + std::string(what)};
}

/// In increasing order; what touches or overlaps is one.
std::vector<number_run> join(std::vector<number_run> runs) {
    std::ranges::sort(runs, {}, &number_run::first);
    std::vector<number_run> joined;
    joined.reserve(runs.size());
    for (const number_run& run : runs) {
        if (!joined.empty() && run.first <= joined.back().first + joined.back().length) {
            number_run& last = joined.back();
            last.length = std::max(last.first + last.length, run.first + run.length) - last.first;
        } else {
            joined.push_back(run);
        }
    }
    return joined;
}

/// How many of the runs hold a number, less one.
interval_counts count_again(const std::vector<number_run>& runs) {
    std::vector<std::uint32_t> begins;
    std::vector<std::uint32_t> ends;
    for (const number_run& run : runs) {
        begins.push_back(run.first);
        ends.push_back(run.first + run.length);
    }
    std::ranges::sort(begins);
    std::ranges::sort(ends);
    interval_counts again;
    std::uint32_t from = 0;
    std::uint32_t depth = 0;
    for (std::size_t b = 0, e = 0; e < ends.size();) {
        const bool ended = b == begins.size() || ends[e] <= begins[b];
        const std::uint32_t at = ended ? ends[e++] : begins[b++];
        if (depth > 1 && from < at) {
            again.append(from, at, depth - 1);
        }
        from = at;
        depth += ended ? 0U - 1U : 1U;
    }
    return again;
}

/// What is in `from` and not in `without`. Preconditions: both as `join` makes them.
std::vector<number_run> difference(const std::vector<number_run>& from,
                                   const std::vector<number_run>& without) {
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

result<void> text_columns_judge::all(std::initializer_list<step> steps) {
    for (const step next : steps) {
        if (auto judged = (this->*next)(); !judged) return judged;
    }
    return {};
}

result<void> text_columns_judge::judge_order() {
    return all({&text_columns_judge::judge_replicas, &text_columns_judge::judge_ids,
                columns_.what == kind::state ? &text_columns_judge::judge_state
                                             : &text_columns_judge::judge_inserts});
}

result<void> text_columns_judge::judge() {
    if (auto judged = judge_order(); !judged) return judged;
    if (columns_.what == kind::state) {
        if (auto judged = judge_shown(); !judged) return judged;
        take_shown();
        make_log();
    } else {
        auto judged = all({&text_columns_judge::judge_gone, &text_columns_judge::judge_erased,
                           &text_columns_judge::judge_restores, &text_columns_judge::judge_transactions,
                           &text_columns_judge::judge_inserters, &text_columns_judge::judge_steps_of_restores,
                           &text_columns_judge::judge_named_by_restores});
        if (!judged) return judged;
        make_log();
        find_erased();
        make_spans(walk_text_order(columns_));
        sort_spans();
    }
    return judge_marks();
}

result<void> text_columns_judge::judge_replicas() {
    std::vector<causality::replica_id> sorted = columns_.replicas;
    std::ranges::sort(sorted);
    for (std::size_t n = 1; n < sorted.size(); ++n) {
        if (sorted[n - 1] == sorted[n]) return wrong("replicas", n, to_string(sorted[n]) + " stands twice");
    }
    return {};
}

/// The runs of ids up to the first that cannot be.
std::vector<text_ids::run> text_columns_judge::read_ids() {
    // Who inserts does so with ids that are greater than all of his; those of a state come in any order.
    const std::uint32_t arrivals_from = columns_.what == kind::state ? no_serial : columns_.base;
    std::vector<std::uint64_t> next(columns_.replicas.size(), 1);
    std::vector<text_ids::run> runs;
    runs.reserve(columns_.ids.size());
    std::uint32_t total = 0;
    std::uint32_t seen = 0;
    text_columns::id_run before;
    for (const text_columns::id_run& run : columns_.ids) {
        const std::uint64_t end = run.lamport + run.length;
        if (run.replica == seen && seen < next.size()) ++seen;
        if (run.length - 1 >= characters_max - total || run.lamport - 1 >= limits::lamport_max ||
            end - 1 > limits::lamport_max || run.replica >= seen || continues(before, run))
            break;
        if (total + run.length > arrivals_from) {
            const std::uint64_t arrived = std::min(run.length, total + run.length - arrivals_from);
            if (end - arrived < next[run.replica]) break;
        }
        if (arrivals_from != no_serial) next[run.replica] = std::max(next[run.replica], end);
        runs.push_back({run.lamport, total, run.replica});
        total += run.length;
        before = run;
    }
    total_ = total;
    seen_ = seen;
    return runs;
}

/// Why the run that follows those that were read cannot be.
error text_columns_judge::wrong_run(std::size_t n) const {
    const text_columns::id_run& run = columns_.ids[n];
    if (run.length == 0) return wrong("ids", n, "no character");
    if (run.length > characters_max - total_)
        return wrong("ids", n, "more characters than a text can have", errc::too_large);
    if (run.lamport == 0 || run.lamport > limits::lamport_max ||
        run.length - 1 > limits::lamport_max - run.lamport)
        return wrong("ids", n, "Lamport number " + std::to_string(run.lamport) + " and on");
    if (run.replica >= seen_)
        return wrong("ids", n, "replica " + std::to_string(run.replica) + " before others, or none");
    if (n > 0 && continues(columns_.ids[n - 1], run)) return wrong("ids", n, "it continues the one before");
    return wrong("ids", n, "Lamport numbers of one replica that do not increase");
}

result<void> text_columns_judge::judge_ids() {
    std::vector<text_ids::run> runs = read_ids();
    if (runs.size() < columns_.ids.size()) return wrong_run(runs.size());
    if (seen_ < columns_.replicas.size()) return wrong("replicas", seen_, "it has no character");
    ids_ = text_ids(columns_.replicas, std::move(runs), total_);
    if (const auto repeated = ids_.find_repeated()) return wrong("ids", *repeated, "ids that stand twice");
    return judge_numbers();
}

/// No Lamport number is greater than the number of characters that can have the lesser ones (decision 13):
/// those of a state and of a base come in any order, what arrives begins at most one behind the greatest.
result<void> text_columns_judge::judge_numbers() const {
    const std::uint32_t base = columns_.what == kind::state ? total_ : std::min(columns_.base, total_);
    std::uint32_t first = 0;
    std::uint64_t greatest = 0;
    for (std::size_t n = 0; n < columns_.ids.size(); ++n) {
        const text_columns::id_run& run = columns_.ids[n];
        const std::uint64_t known = first < base ? std::min<std::uint64_t>(run.length, base - first) : 0;
        if (known > 0 && run.lamport + known - 1 > base)
            return wrong("ids", n,
                         "Lamport number " + std::to_string(run.lamport + known - 1) + ", more than the " +
                             std::to_string(base) + " characters of the " +
                             (columns_.what == kind::state ? "state" : "base"));
        if (known == 0 && run.lamport > greatest + 1)
            return wrong("ids", n,
                         "Lamport number " + std::to_string(run.lamport) + ", and the greatest before is " +
                             std::to_string(greatest));
        greatest = std::max(greatest, run.lamport + run.length - 1);
        first += run.length;
    }
    return {};
}

result<void> text_columns_judge::judge_inserts() {
    const std::uint32_t total = ids_.size();
    const number_ids id_of(columns_);
    const bool increase = id_of.increase_with_numbers();
    // Who inserts has seen what it is put behind. Of the base only the order is known.
    const auto may_be_behind = [&](std::uint32_t parent, std::uint32_t number) {
        const text_id before = id_of(parent);
        const text_id id = id_of(number);
        return number < columns_.base ? before < id : before.lamport < id.lamport;
    };
    const auto wrong_parent = [&](std::size_t n, std::uint32_t parent, std::uint32_t number) {
        const auto named = [&](std::uint32_t which) {
            return "number " + std::to_string(which) + " (Lamport number " +
                   std::to_string(id_of(which).lamport) + ")";
        };
        return wrong("inserts", n,
                     named(number) + " is put behind " + named(parent) + ", whose " +
                         (number < columns_.base ? "id" : "Lamport number") + " is not less");
    };
    std::uint32_t first = 0;
    std::size_t id_run = 0; // that of `first`, or the one before
    for (std::size_t n = 0; n < columns_.inserts.size(); ++n) {
        const auto [length, parent] = columns_.inserts[n];
        if (length == 0) return wrong("inserts", n, "no character");
        if (length > total - first)
            return wrong("inserts", n, "past the last number, " + std::to_string(total));
        if (parent != text_columns::no_parent) {
            if (parent >= total) return wrong("inserts", n, "behind number " + std::to_string(parent));
            if (parent + 1 == first) return wrong("inserts", n, "it continues the one before");
            if (increase ? parent >= first : !may_be_behind(parent, first))
                return wrong_parent(n, parent, first);
        }
        // Inside of a run the ids increase, if not they are no parents.
        for (; !increase && ids_.end_of(id_run) < first + length; ++id_run) {
            const std::uint32_t next = ids_.end_of(id_run);
            if (next > first && !may_be_behind(next - 1, next)) return wrong_parent(n, next - 1, next);
        }
        first += length;
    }
    if (first != total)
        return error{errc::invalid_columns,
                     "inserts: " + std::to_string(first) + " numbers of " + std::to_string(total)};
    return {};
}

result<void> text_columns_judge::judge_state() {
    if (!columns_.inserts.empty()) return error{errc::invalid_columns, "a state with inserts"};
    if (columns_.base != 0 || !columns_.gone.empty() || !columns_.erased.empty() ||
        !columns_.restores.empty() || !columns_.transactions.empty())
        return error{errc::invalid_columns, "a state with a log"};
    return {};
}

result<void> text_columns_judge::judge_shown() {
    std::uint64_t sum = 0;
    for (std::size_t n = 0; n < columns_.shown.size(); ++n) {
        if (columns_.shown[n] == 0 && n > 0) return wrong("shown", n, "no character");
        sum += columns_.shown[n];
    }
    if (sum != ids_.size() || (sum == 0 && !columns_.shown.empty()))
        return error{errc::invalid_columns,
                     "shown: " + std::to_string(sum) + " characters of " + std::to_string(ids_.size())};
    return {};
}

result<void> text_columns_judge::judge_gone() {
    if (!columns_.shown.empty()) return error{errc::invalid_columns, "a history that says what is shown"};
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
    }
    return {};
}

/// What no restore has shown again, and how often what is erased is.
void text_columns_judge::find_erased() {
    std::vector<number_run> erased;
    log_.for_each_live_erase(
        [&](std::uint32_t first, std::uint32_t length) { erased.push_back({first, length}); });
    std::vector<number_run> all = gone_;
    all.insert(all.end(), erased.begin(), erased.end());
    again_ = count_again(all);
    erased_ = difference(join(std::move(erased)), gone_);
    for (const number_run& run : erased_)
        erased_count_ += run.length;
    hidden_ = join(std::move(all));
}

result<void> text_columns_judge::judge_transactions() {
    const std::uint64_t steps = ids_.size() + erased_steps_;
    std::uint64_t least = columns_.base;
    std::map<causality::replica_id, std::uint64_t> ends; // behind the last transaction of each
    for (std::size_t n = 0; n < columns_.transactions.size(); ++n) {
        const text_columns::transaction_run& run = columns_.transactions[n];
        if (run.count == 0 || (run.count == 1) != (run.stride == 0))
            return wrong("transactions", n,
                         std::to_string(run.count) + " of " + std::to_string(run.stride) + " steps");
        if (run.first.sequence == 0 || run.first.sequence > limits::lamport_max ||
            run.count - 1 > limits::lamport_max - run.first.sequence)
            return wrong("transactions", n, "sequence " + std::to_string(run.first.sequence) + " and on");
        std::uint64_t& behind = ends[run.first.replica];
        if (run.first.sequence < behind)
            return wrong("transactions", n, to_string(run.first) + " is not behind those before");
        behind = run.first.sequence + run.count;
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
                return wrong("transactions", n,
                             "they insert what ids[" + std::to_string(at) + "] gives another replica");
        }
    }
    return {};
}

void text_columns_judge::make_log() {
    std::vector<edit_log::named_run> named;
    named.reserve(columns_.erased.size());
    for (const text_columns::erased_run& run : columns_.erased)
        named.push_back({run.inserted, run.first, run.length << 1 | (run.backward ? 1U : 0U)});
    std::vector<edit_log::restore> restores;
    restores.reserve(columns_.restores.size());
    for (const text_columns::restore& r : columns_.restores) {
        for (std::size_t run = r.first; run < r.first + r.erases.size(); ++run)
            named[run].when |= edit_log::restore_bit;
        restores.push_back({0, r.first, r.erases, {}});
    }
    std::vector<edit_log::transaction_run> transactions;
    transactions.reserve(columns_.transactions.size());
    for (const text_columns::transaction_run& run : columns_.transactions)
        transactions.push_back({run.first, run.step, run.stride, run.count});
    const std::uint32_t base = columns_.what == kind::state ? total_ : columns_.base;
    log_ = {base, std::move(named), std::move(transactions), std::move(restores)};
}

// --- what the text is made of

void text_columns_judge::add_span(std::uint32_t first, std::uint32_t length, bool visible,
                                  std::uint32_t insert) {
    spans_.push_back(span_tree::span::of(first, length, visible));
    inserts_.push_back(insert);
    visible_ += visible ? length : 0;
}

/// The numbers of a state follow the text.
void text_columns_judge::take_shown() {
    spans_.reserve(columns_.shown.size());
    gone_.reserve(columns_.shown.size() / 2);
    std::uint32_t first = 0;
    bool visible = true;
    for (const std::uint32_t length : columns_.shown) {
        if (length > 0) spans_.push_back(span_tree::span::of(first, length, visible));
        if (!visible) gone_.push_back({first, length});
        visible_ += visible ? length : 0;
        first += length;
        visible = !visible;
    }
    by_number_.resize(spans_.size());
    std::iota(by_number_.begin(), by_number_.end(), 0);
}

/// Cuts the pieces where hidden ones begin and end.
void text_columns_judge::make_spans(const std::vector<text_piece>& order) {
    spans_.reserve(order.size() + 2 * hidden_.size());
    inserts_.reserve(order.size() + 2 * hidden_.size());
    const auto end_of = [](const number_run& run) { return run.first + run.length; };
    for (const text_piece& piece : order) {
        const std::uint32_t end = piece.first + piece.length;
        auto next = std::ranges::upper_bound(hidden_, piece.first, {}, end_of);
        for (std::uint32_t first = piece.first; first < end;) {
            const bool visible = next == hidden_.end() || first < next->first;
            const std::uint32_t cut =
                next == hidden_.end() ? end : std::min(end, visible ? next->first : end_of(*next));
            add_span(first, cut - first, visible, piece.insert);
            if (!visible) ++next;
            first = cut;
        }
    }
}

/// What is of one insert stands in the order of numbers.
void text_columns_judge::sort_spans() {
    std::vector<std::uint32_t> next(columns_.inserts.size() + 1);
    for (const std::uint32_t insert : inserts_)
        ++next[insert + 1];
    std::partial_sum(next.begin(), next.end(), next.begin());
    by_number_.resize(spans_.size());
    for (std::uint32_t n = 0; n < spans_.size(); ++n)
        by_number_[next[inserts_[n]]++] = n;
}

result<std::vector<text_piece>> text_order(const text_columns& columns) {
    if (const auto judged = text_columns_judge(columns).judge_order(); !judged) return judged.error();
    return walk_text_order(columns);
}

} // namespace sangam::crdt
