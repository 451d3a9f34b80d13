#include "text_index.hpp"

#include <sangam/causality/assert.hpp>

#include <algorithm>

namespace sangam::crdt {

std::uint64_t text_index::replica_ids::greatest_lamport() const noexcept {
    return runs.back().first + (homes.size() - runs.back().home) - 1;
}

/// Behind the last home of the run with this number.
std::size_t text_index::replica_ids::end_of(std::size_t run) const noexcept {
    return run + 1 < runs.size() ? runs[run + 1].home : homes.size();
}

std::span<const text_index::home_t> text_index::homes_from(const text_id& id) const noexcept {
    const auto found = replicas_.find(id.replica);
    if (found == replicas_.end()) return {};
    const replica_ids& ids = found->second;
    const auto behind = std::ranges::upper_bound(ids.runs, id.lamport, {}, &run::first);
    if (behind == ids.runs.begin()) return {};
    const auto last_started = static_cast<std::size_t>(behind - ids.runs.begin()) - 1;
    const run& from = ids.runs[last_started];
    const std::size_t length = ids.end_of(last_started) - from.home;
    const std::uint64_t skipped = id.lamport - from.first;
    if (skipped >= length) return {};
    return std::span(ids.homes).subspan(from.home + skipped, length - skipped);
}

std::uint64_t text_index::greatest_lamport(causality::replica_id replica) const noexcept {
    const auto found = replicas_.find(replica);
    return found == replicas_.end() ? 0 : found->second.greatest_lamport();
}

void text_index::add(const text_id_range& range, home_t home) {
    SANGAM_ASSERT(range.length > 0 && range.first.lamport > greatest_lamport(range.first.replica));
    replica_ids& ids = replicas_[range.first.replica];
    if (ids.runs.empty() || ids.greatest_lamport() + 1 != range.first.lamport) {
        ids.runs.push_back({range.first.lamport, ids.homes.size()});
    }
    ids.homes.insert(ids.homes.end(), range.length, home);
    greatest_lamport_ = std::max(greatest_lamport_, ids.greatest_lamport());
    size_ += range.length;
}

void text_index::move(const text_id_range& range, home_t home) noexcept {
    const std::span<const home_t> known = homes_from(range.first);
    SANGAM_INVARIANT(known.size() >= range.length);
    std::vector<home_t>& homes = replicas_.find(range.first.replica)->second.homes;
    const auto first = homes.begin() + (known.data() - homes.data());
    std::fill_n(first, range.length, home);
}

std::string text_index::check_invariants() const {
    std::size_t size = 0;
    std::uint64_t greatest = 0;
    for (const auto& [replica, ids] : replicas_) {
        const std::string who = "replica " + causality::to_string(replica) + ": ";
        if (ids.runs.empty() || ids.runs.front().home != 0) return who + "X2: no home for the first run";
        for (std::size_t i = 0; i < ids.runs.size(); ++i) {
            const run& here = ids.runs[i];
            if (ids.end_of(i) <= here.home) return who + "X2: homes out of order";
            const std::uint64_t behind = here.first + (ids.end_of(i) - here.home);
            if (i + 1 < ids.runs.size() && ids.runs[i + 1].first <= behind) return who + "X1: runs touch";
        }
        size += ids.homes.size();
        greatest = std::max(greatest, ids.greatest_lamport());
    }
    if (size != size_)
        return "the index counts " + std::to_string(size_) + " of " + std::to_string(size) + " ids";
    if (greatest != greatest_lamport_)
        return "the greatest Lamport number is not " + std::to_string(greatest_lamport_);
    return {};
}

} // namespace sangam::crdt
