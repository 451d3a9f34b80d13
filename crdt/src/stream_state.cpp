#include "stream_state.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sangam::crdt {

// --- entries

bool stream_entries::contains(const stream::entry_name& name) const noexcept {
    const auto at = origins_.find(name.origin);
    return at != origins_.end() && name.number > at->second.trimmed && name.number <= at->second.last();
}

stream_id stream_entries::id_of(const stream::entry_name& name) const noexcept {
    const origin& from = origins_.find(name.origin)->second;
    return {from.times[name.number - from.trimmed - 1], name.origin, name.number};
}

void stream_entries::append(const std::vector<stream_field>& fields, const operation_context& context) {
    origin& from = origins_.try_emplace(context.id.replica).first->second;
    from.times.push_back(context.time);
    try {
        entries_.emplace(stream_id{context.time, context.id.replica, from.last()}, fields);
    } catch (...) {
        from.times.pop_back();
        if (from.last() == 0) {
            origins_.erase(context.id.replica);
        }
        throw;
    }
}

std::uint64_t stream_entries::trim(const stream::entry_name& up_to) {
    const auto at = origins_.find(up_to.origin);
    if (at == origins_.end()) {
        return 0;
    }
    origin& from = at->second;
    while (from.trimmed < up_to.number && !from.times.empty()) {
        entries_.erase({from.times.front(), up_to.origin, from.trimmed + 1});
        from.times.pop_front();
        ++from.trimmed;
    }
    return from.trimmed;
}

// --- groups

bool stream_group::is_acknowledged(const stream::entry_name& name) const noexcept {
    const auto at = acknowledged_.find(name.origin);
    return at != acknowledged_.end() &&
           (name.number <= at->second.up_to || at->second.beyond.contains(name.number));
}

std::uint64_t stream_group::acknowledged_up_to(causality::replica_id origin,
                                               std::uint64_t trimmed) const noexcept {
    const auto at = acknowledged_.find(origin);
    return at == acknowledged_.end() ? trimmed : std::max(trimmed, at->second.up_to);
}

observed_dots stream_group::claims_of(const stream::entry_name& name) const {
    observed_dots dots;
    if (const auto at = pending_.find(name); at != pending_.end()) {
        for (const claim_record& c : at->second) {
            dots.push_back(c.id);
        }
    }
    return dots;
}

std::vector<stream::pending_entry> stream_group::pending() const {
    std::vector<stream::pending_entry> all;
    all.reserve(pending_.size());
    for (const auto& [name, records] : pending_) {
        const auto later = [](const claim_record& a, const claim_record& b) {
            return std::pair(a.time, a.id) < std::pair(b.time, b.id);
        };
        const claim_record& last = *std::ranges::max_element(records, later);
        all.push_back({name, last.consumer, last.time});
    }
    return all;
}

void stream_group::claim(const stream::claimed_entry& entry, const std::string& consumer,
                         const operation_context& context) {
    if (is_acknowledged(entry.name)) {
        return;
    }
    const auto at = pending_.find(entry.name);
    claims kept; // aside: an allocation that fails leaves the claims as they were
    if (at != pending_.end()) {
        std::ranges::copy_if(at->second, std::back_inserter(kept), [&](const claim_record& c) {
            return c.id != context.id && std::ranges::find(entry.observed, c.id) == entry.observed.end();
        });
    }
    const auto place = std::ranges::lower_bound(kept, context.id, {}, &claim_record::id);
    kept.insert(place, claim_record{context.time, context.id, consumer});
    if (at == pending_.end()) {
        pending_.emplace(entry.name, std::move(kept));
    } else {
        at->second = std::move(kept);
    }
}

void stream_group::acknowledge(const stream::entry_name& name, std::uint64_t trimmed) {
    if (is_acknowledged(name)) {
        return;
    }
    acknowledged_[name.origin].beyond.insert(name.number);
    pending_.erase(name);
    normalize(name.origin, trimmed);
}

void stream_group::trim(const stream::entry_name& up_to) {
    pending_.erase(pending_.lower_bound({up_to.origin, 0}), pending_.upper_bound(up_to));
    normalize(up_to.origin, up_to.number);
}

/// One form for each set of acknowledged entries, whatever the order in which they were acknowledged and
/// trimmed.
void stream_group::normalize(causality::replica_id origin, std::uint64_t trimmed) {
    const auto at = acknowledged_.find(origin);
    if (at == acknowledged_.end()) {
        return;
    }
    numbers& known = at->second;
    known.beyond.erase(known.beyond.begin(), known.beyond.upper_bound(trimmed));
    std::uint64_t up_to = std::max(known.up_to, trimmed);
    while (!known.beyond.empty() && *known.beyond.begin() == up_to + 1) {
        known.beyond.erase(known.beyond.begin());
        ++up_to;
    }
    known.up_to = up_to > trimmed ? up_to : 0;
    if (known == numbers()) {
        acknowledged_.erase(at);
    }
}

// --- both

const stream_group& stream::state::group(const std::string& name) const noexcept {
    static const stream_group none;
    const auto at = groups.find(name);
    return at == groups.end() ? none : at->second;
}

void stream::state::apply(const trim_op& op) {
    for (const entry_name& named : op.up_to) {
        const entry_name gone{named.origin, entries.trim(named)};
        for (auto& [name, group] : groups) {
            group.trim(gone);
        }
    }
    std::erase_if(groups, [](const auto& named) { return named.second.empty(); });
}

void stream::state::apply(const claim_op& op, const operation_context& context) {
    for (const claimed_entry& entry : op.entries) {
        if (entries.contains(entry.name)) {
            groups[op.group].claim(entry, op.consumer, context);
        }
    }
}

void stream::state::apply(const acknowledge_op& op) {
    for (const entry_name& name : op.entries) {
        if (entries.contains(name)) {
            groups[op.group].acknowledge(name, entries.origins().at(name.origin).trimmed);
        }
    }
}

} // namespace sangam::crdt
