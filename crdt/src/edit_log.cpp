#include "edit_log.hpp"

#include "cover_tree.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sangam::crdt {

edit_log::edit_log(serial_t base, std::vector<named_run> named, std::vector<transaction_run> transactions,
                   std::vector<restore> restores)
    : base_(base), named_runs_(std::move(named)), transactions_(std::move(transactions)),
      restores_(std::move(restores)) {
    for (const named_run& run : named_runs_)
        named_ += run.length();
    if (restores_.empty()) return;
    index();
    for (restore& r : restores_)
        find_targets(r);
}

void edit_log::find_targets(restore& r) {
    r.step = starts_[r.run];
    std::vector<named_keys> names;
    names.reserve(r.erases.size());
    for (std::size_t n = 0; n < r.erases.size(); ++n) {
        const named_run& run = named_runs_[r.run + n];
        names.push_back({run.first, run.length(), r.erases[n]});
    }
    const auto itself = [](serial_t serial) { return keyed{serial, no_serial}; };
    for (const erased_part& part :
         find_erases(std::move(names), itself, named_runs_[r.run].inserted() + r.step)) {
        for (std::uint64_t step = part.steps.first; step < part.steps.end;) {
            const interval_counts::part same = taken_back_.part_at(step, part.steps.end);
            if (same.count == 0) {
                taken_back_.prepare(step, same.end);
                taken_back_.add(step, same.end);
            }
            step = same.end;
        }
        r.targets.push_back(part.steps);
    }
}

std::size_t edit_log::restore_of(std::size_t run) const noexcept {
    const auto behind = std::ranges::upper_bound(restores_, run, {}, &restore::run);
    return static_cast<std::size_t>(behind - restores_.begin()) - 1;
}

void edit_log::begin_run(const causality::dot& id, std::uint64_t step) {
    if (!transactions_.empty()) {
        transaction_run& last = transactions_.back();
        const std::uint64_t stride = step - last.step;
        if (last.count == 1 && stride == 0) { // a transaction without a step is not worth a run
            last.first = id;
            return;
        }
        const causality::dot next{last.first.replica, last.first.sequence + 1};
        if (last.count == 1 && id == next && stride <= std::numeric_limits<std::uint32_t>::max()) {
            last.stride = static_cast<std::uint32_t>(stride);
            last.count = 2;
            return;
        }
    }
    if (transactions_.size() == transactions_.capacity())
        transactions_.reserve(transactions_.size() + transactions_.size() / 2 + 1);
    transactions_.push_back({id, step});
}

std::vector<edit_log::named_run> edit_log::named_since(std::uint64_t since) const {
    std::uint64_t left = named_ - since;
    std::size_t number = named_runs_.size();
    while (left > 0 && left >= named_runs_[number - 1].length())
        left -= named_runs_[--number].length();
    std::vector<named_run> runs;
    if (left > 0) {
        named_run part = named_runs_[number - 1];
        const auto length = static_cast<std::uint32_t>(left);
        if (!part.backward()) part.first += part.length() - length;
        part.bits = length << 1 | (part.bits & 1);
        runs.push_back(part);
    }
    runs.insert(runs.end(), named_runs_.begin() + static_cast<std::ptrdiff_t>(number), named_runs_.end());
    return runs;
}

// --- restores

void edit_log::index() {
    starts_.reserve(named_runs_.size());
    while (starts_.size() < named_runs_.size())
        starts_.push_back(starts_.empty() ? 0 : starts_.back() + named_runs_[starts_.size() - 1].length());
    for (; indexed_transactions_ + 1 < transactions_.size(); ++indexed_transactions_)
        runs_by_[transactions_[indexed_transactions_].first.replica].push_back(
            static_cast<std::uint32_t>(indexed_transactions_));
}

/// The steps of those of a run's transactions that are asked for.
void edit_log::append_steps(known_steps& known, std::size_t number, const dot_range& transactions,
                            std::uint64_t end) const {
    const transaction_run& r = transactions_[number];
    const std::uint64_t asked = transactions.first.sequence;
    if (r.first.replica != transactions.first.replica || r.first.sequence >= asked + transactions.count ||
        r.first.sequence + r.count <= asked)
        return;
    const std::uint64_t from = asked > r.first.sequence ? asked - r.first.sequence : 0;
    const std::uint64_t to = std::min<std::uint64_t>(r.count, asked + transactions.count - r.first.sequence);
    const std::uint64_t end_of_run = number + 1 < transactions_.size() ? transactions_[number + 1].step : end;
    const step_range found{r.step + from * r.stride, to < r.count ? r.step + to * r.stride : end_of_run};
    if (found.first >= std::min(found.end, end)) return;
    known.steps.push_back({found.first, std::min(found.end, end)});
    // Runs of one replica come by increasing sequence number.
    if (known.transactions.count == 0) known.transactions.first = {r.first.replica, r.first.sequence + from};
    known.transactions.count = r.first.sequence + to - known.transactions.first.sequence;
}

auto edit_log::steps_of(const dot_range& transactions, std::uint64_t end) const -> known_steps {
    known_steps known;
    if (const auto indexed = runs_by_.find(transactions.first.replica); indexed != runs_by_.end()) {
        const std::vector<std::uint32_t>& runs = indexed->second;
        const auto sequence_of = [this](std::uint32_t n) { return transactions_[n].first.sequence; };
        auto at = std::ranges::upper_bound(runs, transactions.first.sequence, {}, sequence_of);
        if (at != runs.begin()) --at;
        for (; at != runs.end() && sequence_of(*at) < transactions.first.sequence + transactions.count; ++at)
            append_steps(known, *at, transactions, end);
    }
    for (std::size_t n = indexed_transactions_; n < transactions_.size(); ++n)
        append_steps(known, n, transactions, end);
    return known;
}

/// Calls back with the parts of runs that are erases, in the order of their steps. `steps`: of all.
template <class Function>
void edit_log::for_each_erase_in(const step_range& steps, Function&& function) const {
    // The last indexed run that begins at or before the first step.
    std::size_t low = 0;
    for (std::size_t high = starts_.size(); high - low > 1;) {
        const std::size_t middle = low + (high - low) / 2;
        (named_runs_[middle].inserted() + starts_[middle] <= steps.first ? low : high) = middle;
    }
    std::uint64_t start = starts_.empty() ? 0 : starts_[low];
    for (std::size_t n = low; n < named_runs_.size(); start += named_runs_[n++].length()) {
        const named_run& run = named_runs_[n];
        const std::uint64_t begin = run.inserted() + start; // among all steps
        if (begin >= steps.end) return;
        const std::uint64_t from = std::max(begin, steps.first) - run.inserted();
        const std::uint64_t to = std::min(begin + run.length(), steps.end) - run.inserted();
        if (from >= to || run.restores()) continue;
        function(erased_part{{from, to}, run.serial_at(start, from, to), run.backward()});
    }
}

/// Of the runs from `from` on, which name the same transactions, each serial once.
void edit_log::unite(std::vector<restored_run>& runs, std::size_t from) {
    const auto begin = runs.begin() + static_cast<std::ptrdiff_t>(from);
    std::sort(begin, runs.end(),
              [](const restored_run& a, const restored_run& b) { return a.first < b.first; });
    auto last = begin;
    for (auto run = begin; run != runs.end(); ++run) {
        if (run == begin) continue;
        const serial_t end = run->first + run->length;
        if (run->first <= last->first + last->length) {
            last->length = std::max(last->first + last->length, end) - last->first;
        } else {
            *++last = *run;
        }
    }
    if (begin != runs.end()) runs.erase(std::next(last), runs.end());
}

/// Names of one replica's transactions, in the order of these: between two sequence numbers where a range
/// begins or ends the same elements are named, so each erase is looked at once, however many ranges it is in.
auto edit_log::find_erases(std::vector<named_keys> names, const key_function& key_of, std::uint64_t end,
                           std::vector<restored_run>* naming) const -> std::vector<erased_part> {
    std::vector<erased_part> found;
    const auto replica_of = [](const named_keys& name) { return name.erases.first.replica; };
    std::ranges::sort(names, {}, replica_of);
    for (auto from = names.begin(); from != names.end();) {
        const auto to = std::ranges::upper_bound(from, names.end(), replica_of(*from), {}, replica_of);
        find_erases_by_one({from, to}, key_of, end, found, naming);
        from = to;
    }
    std::ranges::sort(found, {}, [](const erased_part& part) { return part.steps.first; });
    return found;
}

namespace {

/// Calls back with the serials [from, to) of consecutive ones whose keys are covered; parts that touch are
/// one, whatever their keys are.
template <class Function>
void for_each_named(const cover_tree& named, const edit_log::key_function& key_of, serial_t first,
                    serial_t end, Function&& function) {
    serial_t from = first;
    serial_t to = first; // what was found last; empty: nothing
    for (serial_t serial = first; serial < end;) {
        const edit_log::keyed same = key_of(serial);
        const auto length = static_cast<serial_t>(std::min<std::uint64_t>(same.length, end - serial));
        named.for_each_covered(same.key, same.key + length, [&](std::uint64_t key, std::uint64_t key_end) {
            const serial_t more = serial + static_cast<serial_t>(key - same.key);
            if (more != to) {
                if (from < to) function(from, to);
                from = more;
            }
            to = serial + static_cast<serial_t>(key_end - same.key);
        });
        serial += length;
    }
    if (from < to) function(from, to);
}

} // namespace

void edit_log::find_erases_by_one(std::span<const named_keys> names, const key_function& key_of,
                                  std::uint64_t end, std::vector<erased_part>& found,
                                  std::vector<restored_run>* naming) const {
    struct change {
        std::uint64_t sequence;
        const named_keys* name;
        bool begins;
    };
    std::vector<change> changes;
    std::vector<std::uint64_t> ends;
    changes.reserve(2 * names.size());
    ends.reserve(2 * names.size());
    for (const named_keys& name : names) {
        changes.push_back({name.erases.first.sequence, &name, true});
        changes.push_back({name.erases.first.sequence + name.erases.count, &name, false});
        ends.push_back(name.first);
        ends.push_back(name.first + name.length);
    }
    std::ranges::sort(changes, {}, &change::sequence);
    cover_tree named(std::move(ends));
    const causality::replica_id replica = names.front().erases.first.replica;
    std::size_t open = 0; // ranges of transactions that have begun and not ended
    for (auto next = changes.begin(); next != changes.end();) {
        const std::uint64_t sequence = next->sequence;
        for (; next != changes.end() && next->sequence == sequence; ++next) {
            const std::uint64_t end_of_name = next->name->first + next->name->length;
            if (next->begins) {
                named.add(next->name->first, end_of_name);
                ++open;
            } else {
                named.remove(next->name->first, end_of_name);
                --open;
            }
        }
        if (next == changes.end()) break;
        if (open == 0) continue; // between two ranges
        const known_steps known = steps_of({{replica, sequence}, next->sequence - sequence}, end);
        const std::size_t of_others = naming != nullptr ? naming->size() : 0;
        for (const step_range& steps : known.steps) {
            for_each_erase_in(steps, [&](const erased_part& part) {
                for_each_named(named, key_of, part.first, part.first + part.length(),
                               [&](serial_t from, serial_t to) {
                                   found.push_back(part.part(from, to - from));
                                   if (naming != nullptr)
                                       naming->push_back({from, to - from, known.transactions});
                               });
            });
        }
        if (naming != nullptr) unite(*naming, of_others);
    }
}

void edit_log::begin_restore(std::span<const restored_run> runs, serial_t inserted, std::size_t parts) {
    if (named_runs_.capacity() - named_runs_.size() < runs.size())
        named_runs_.reserve(named_runs_.size() + std::max(runs.size(), named_runs_.size() / 2));
    restore begun{named_, named_runs_.size(), {}, {}};
    begun.targets.reserve(parts + 1);
    begun.erases.reserve(runs.size());
    for (const restored_run& run : runs)
        begun.erases.push_back(run.erases);
    restores_.push_back(std::move(begun));
    for (const restored_run& run : runs) {
        named_runs_.push_back({inserted | restore_bit, run.first, run.length << 1});
        named_ += run.length;
    }
}

/// Those of one part come side by side, from either end, so that none is left over but the one that grows.
void edit_log::add_target(const step_range& steps) noexcept {
    std::vector<step_range>& targets = restores_.back().targets;
    if (!targets.empty() && targets.back().end == steps.first) {
        targets.back().end = steps.end;
    } else if (!targets.empty() && targets.back().first == steps.end) {
        targets.back().first = steps.first;
    } else {
        targets.push_back(steps);
    }
    if (targets.size() > 1 && std::prev(targets.end(), 2)->end == targets.back().first) {
        std::prev(targets.end(), 2)->end = targets.back().end;
        targets.pop_back();
    }
}

std::string edit_log::check_restores() const {
    interval_counts expected;
    std::uint64_t step = 0;
    std::size_t run = 0;
    for (const restore& r : restores_) {
        for (; run < r.run; ++run)
            step += named_runs_[run].length();
        if (r.step != step || run == named_runs_.size() || !named_runs_[run].restores())
            return "T7: a restore is elsewhere in the log";
        for (const step_range& target : r.targets) {
            if (target.end > r.step) return "T7: a restore takes back what comes behind it";
            expected.prepare(target.first, target.end);
            expected.add(target.first, target.end);
        }
    }
    std::string broken;
    const auto check = [&](const interval_counts& counts, const interval_counts& others) {
        counts.for_each([&](std::uint64_t first, std::uint64_t end, std::uint32_t) {
            for (std::uint64_t at = first; at < end;) {
                const interval_counts::part other = others.part_at(at, end);
                if (other.count == 0) broken = "T7: other erases are taken back than restores name";
                at = other.end;
            }
        });
    };
    check(expected, taken_back_);
    check(taken_back_, expected);
    taken_back_.for_each([&](std::uint64_t, std::uint64_t, std::uint32_t count) {
        if (count != 1) broken = "T7: an erase is taken back twice";
    });
    return broken;
}

} // namespace sangam::crdt
