#include "text_columns_judge.hpp"

#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sangam::crdt {
namespace {

using causality::error;
using causality::result;

error wrong(std::size_t restore, std::string_view what) {
    return {errc::invalid_columns, "restores[" + std::to_string(restore) + "]: " + std::string(what)};
}

} // namespace

result<void> text_columns_judge::judge_restores() {
    std::size_t end = 0; // of the one before
    for (std::size_t n = 0; n < columns_.restores.size(); ++n) {
        const text_columns::restore& r = columns_.restores[n];
        if (r.erases.empty()) return wrong(n, "no character");
        if (r.first < end || r.first >= columns_.erased.size() ||
            r.erases.size() > columns_.erased.size() - r.first)
            return wrong(n, "not behind the one before, or past the erased");
        end = r.first + r.erases.size();
        for (std::size_t run = r.first; run < end; ++run) {
            if (columns_.erased[run].backward ||
                columns_.erased[run].inserted != columns_.erased[r.first].inserted)
                return wrong(n, "characters that one restore does not name");
        }
        for (const dot_range& range : r.erases) {
            const std::uint64_t sequence = range.first.sequence;
            if (sequence - 1 >= limits::lamport_max || range.count - 1 > limits::lamport_max - sequence)
                return wrong(n, "sequence " + std::to_string(sequence) + " and on");
        }
    }
    return {};
}

/// Each is of one transaction.
result<void> text_columns_judge::judge_steps_of_restores() {
    std::uint64_t named = 0; // in the entries of `erased` before `run`
    std::size_t run = 0;
    std::size_t at = 0;
    const std::vector<text_columns::transaction_run>& all = columns_.transactions;
    for (std::size_t n = 0; n < columns_.restores.size(); ++n) {
        const text_columns::restore& r = columns_.restores[n];
        for (; run < r.first; ++run)
            named += columns_.erased[run].length;
        const std::uint64_t first = columns_.erased[run].inserted + named;
        for (; run < r.first + r.erases.size(); ++run)
            named += columns_.erased[run].length;
        const std::uint64_t end = columns_.erased[r.first].inserted + named;
        while (at + 1 < all.size() && all[at + 1].step <= first)
            ++at;
        // The transaction of the first step, and where it ends.
        const std::uint64_t in_run = // the last one may have more steps than the others
            all[at].stride == 0
                ? 0
                : std::min<std::uint64_t>((first - all[at].step) / all[at].stride, all[at].count - 1);
        const std::uint64_t end_of_run = at + 1 < all.size() ? all[at + 1].step : ids_.size() + erased_steps_;
        const std::uint64_t end_of_transaction =
            in_run + 1 < all[at].count ? all[at].step + (in_run + 1) * all[at].stride : end_of_run;
        if (end > end_of_transaction) return wrong(n, "characters of several transactions");
        restoring_.emplace_back(first,
                                causality::dot{all[at].first.replica, all[at].first.sequence + in_run});
    }
    return {};
}

/// What a restore names begins and ends with transactions that were there before it. A longer range would
/// find no more, and with a replica that is nowhere here it would find nothing.
result<void> text_columns_judge::judge_named_by_restores() {
    if (columns_.restores.empty()) return {};
    std::map<causality::replica_id, std::vector<std::size_t>> runs_of;
    for (std::size_t n = 0; n < columns_.transactions.size(); ++n)
        runs_of[columns_.transactions[n].first.replica].push_back(n);
    const auto is_before = [&](const causality::dot& id, std::uint64_t step) {
        const auto known = runs_of.find(id.replica);
        if (known == runs_of.end()) return false;
        const auto sequence_of = [&](std::size_t n) { return columns_.transactions[n].first.sequence; };
        const auto behind = std::ranges::upper_bound(known->second, id.sequence, {}, sequence_of);
        if (behind == known->second.begin()) return false;
        const text_columns::transaction_run& run = columns_.transactions[*std::prev(behind)];
        const std::uint64_t in_run = id.sequence - run.first.sequence;
        return in_run < run.count && run.step + in_run * run.stride < step;
    };
    for (std::size_t n = 0; n < columns_.restores.size(); ++n) {
        const auto& [step, own] = restoring_[n];
        for (const dot_range& range : columns_.restores[n].erases) {
            const causality::dot last{range.first.replica, range.first.sequence + (range.count - 1)};
            if (own.replica == last.replica && own.sequence <= last.sequence &&
                own.sequence >= range.first.sequence)
                return wrong(n, "erases of its own transaction, " + to_string(own));
            for (const causality::dot& id : {range.first, last}) {
                if (!is_before(id, step))
                    return wrong(n, "erases of " + to_string(id) + ", which is not before it");
            }
        }
    }
    return {};
}

} // namespace sangam::crdt
