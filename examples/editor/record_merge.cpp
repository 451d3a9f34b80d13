#include <editor/errc.hpp>
#include <editor/record.hpp>

#include <sangam/causality/dot.hpp>

#include <algorithm>
#include <map>
#include <optional>

namespace editor {
namespace {

using sangam::causality::clock_entry;
using sangam::causality::dot;
using sangam::causality::vector_clock;

sangam::error unusable(std::string what) {
    return {errc::bad_record, std::move(what)};
}

/// Takes changes from the records one by one, each when all that it saw is taken.
class merger {
public:
    explicit merger(std::span<const record> records) : records_(records), next_(records.size(), 0) {}

    sangam::result<std::vector<recorded_transaction>> run() {
        std::vector<recorded_transaction> taken;
        while (!done()) {
            const std::optional<std::size_t> agent = ready_agent();
            if (!agent) return unusable(what_blocks());
            if (const clock_entry* unknown = unknown_entry(next(*agent)->seen)) {
                return unusable("change " + std::to_string(next_[*agent]) + " of " + records_[*agent].name +
                                " saw " + to_string(dot{unknown->replica, unknown->length}) +
                                ", which is no change of the text");
            }
            taken.push_back(take(*agent, taken.size()));
        }
        return taken;
    }

    [[nodiscard]] const vector_clock& all() const noexcept { return all_; }

private:
    [[nodiscard]] const recorded_change* next(std::size_t agent) const {
        const auto& changes = records_[agent].changes;
        return next_[agent] < changes.size() ? &changes[next_[agent]] : nullptr;
    }

    [[nodiscard]] bool done() const {
        for (std::size_t agent = 0; agent < records_.size(); ++agent) {
            if (next(agent) != nullptr) return false;
        }
        return true;
    }

    [[nodiscard]] const clock_entry* unknown_entry(const vector_clock& seen) const {
        for (const clock_entry& entry : seen.entries()) {
            if (!taken_.contains({entry.replica, entry.length})) return &entry;
        }
        return nullptr;
    }

    /// Of several that are ready the one that saw least, which keeps the history close to the order of
    /// events.
    [[nodiscard]] std::optional<std::size_t> ready_agent() const {
        std::optional<std::size_t> found;
        for (std::size_t agent = 0; agent < records_.size(); ++agent) {
            const recorded_change* change = next(agent);
            if (change == nullptr || !all_.dominates(change->seen)) continue;
            if (!found || change->seen.total() < next(*found)->seen.total()) found = agent;
        }
        return found;
    }

    recorded_transaction take(std::size_t agent, std::size_t index) {
        const recorded_change& change = *next(agent);
        const dot name{records_[agent].replica, change.sequence};
        recorded_transaction made;
        made.agent = agent;
        made.patches = change.patches;
        for (const clock_entry& entry : change.seen.entries()) {
            if (is_maximal(entry, change.seen))
                made.parents.push_back(taken_.at({entry.replica, entry.length}).index);
        }
        std::ranges::sort(made.parents);
        taken_.emplace(name, place{index, &change.seen});
        all_.advance_to(name.replica, name.sequence);
        ++next_[agent];
        return made;
    }

    /// No other change that was seen has seen this one.
    [[nodiscard]] bool is_maximal(const clock_entry& entry, const vector_clock& seen) const {
        return std::ranges::none_of(seen.entries(), [&](const clock_entry& other) {
            return other.replica != entry.replica &&
                   (*taken_.at({other.replica, other.length}).seen)[entry.replica] >= entry.length;
        });
    }

    [[nodiscard]] std::string what_blocks() const {
        for (std::size_t agent = 0; agent < records_.size(); ++agent) {
            const recorded_change* change = next(agent);
            if (change == nullptr) continue;
            const vector_clock missing = change->seen.difference(all_);
            return "change " + std::to_string(next_[agent]) + " of " + records_[agent].name +
                   " saw changes that no record has: " + to_string(missing);
        }
        return "nothing blocks";
    }

    struct place {
        std::size_t index;
        const vector_clock* seen;
    };

    std::span<const record> records_;
    std::vector<std::size_t> next_;
    std::map<dot, place> taken_;
    vector_clock all_;
};

sangam::result<std::string> common_end(std::span<const record> records, const vector_clock& all) {
    const record* first = nullptr;
    for (const record& candidate : records) {
        if (candidate.seen != all) continue;
        if (first != nullptr && first->end_content != candidate.end_content) {
            return unusable(first->name + " and " + candidate.name +
                            " saw the same changes and end in different texts");
        }
        if (first == nullptr) first = &candidate;
    }
    if (first == nullptr) return unusable("nobody saw all changes: record until everybody has everything");
    return first->end_content;
}

} // namespace

sangam::result<history> merge_records(std::span<const record> records) {
    for (std::size_t i = 0; i < records.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (records[i].replica == records[j].replica) {
                return unusable("records " + std::to_string(j) + " and " + std::to_string(i) +
                                " are of one replica");
            }
        }
    }
    for (const record& r : records) {
        if (!r.complete) {
            return unusable("the record of " + r.name +
                            " has a gap: more was edited than could be written down");
        }
    }
    merger merging(records);
    auto transactions = merging.run();
    if (!transactions) return transactions.error();
    auto end = common_end(records, merging.all());
    if (!end) return end.error();
    history merged;
    merged.kind = history::format::concurrent;
    merged.agents = std::max<std::size_t>(records.size(), 1);
    merged.end_content = std::move(*end);
    merged.transactions = std::move(*transactions);
    return merged;
}

} // namespace editor
