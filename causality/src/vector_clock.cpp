#include <sangam/causality/vector_clock.hpp>

#include <algorithm>
#include <charconv>

namespace sangam::causality {

namespace {

template <class Entries>
auto position_of(Entries& entries, replica_id replica) {
    return std::ranges::lower_bound(entries, replica, {}, &clock_entry::replica);
}

} // namespace

const char* to_string(causal_order order) noexcept {
    switch (order) {
    case causal_order::equal:
        return "equal";
    case causal_order::before:
        return "before";
    case causal_order::after:
        return "after";
    case causal_order::concurrent:
        return "concurrent";
    }
    return "unknown";
}

vector_clock::vector_clock(std::initializer_list<clock_entry> entries) {
    for (const clock_entry& entry : entries) {
        advance_to(entry.replica, entry.length);
    }
}

std::uint64_t vector_clock::operator[](replica_id replica) const noexcept {
    const auto at = position_of(entries_, replica);
    return at != entries_.end() && at->replica == replica ? at->length : 0;
}

bool vector_clock::contains(const dot& d) const noexcept {
    return d.sequence != 0 && d.sequence <= (*this)[d.replica];
}

void vector_clock::advance_to(replica_id replica, std::uint64_t length) {
    if (length == 0) {
        return;
    }
    const auto at = position_of(entries_, replica);
    if (at != entries_.end() && at->replica == replica) {
        at->length = std::max(at->length, length);
    } else {
        entries_.insert(at, {replica, length});
    }
}

void vector_clock::merge(const vector_clock& other) {
    if (dominates(other)) {
        return;
    }
    std::vector<clock_entry> merged;
    merged.reserve(entries_.size() + other.entries_.size());
    auto a = entries_.begin();
    auto b = other.entries_.begin();
    while (a != entries_.end() || b != other.entries_.end()) {
        if (b == other.entries_.end() || (a != entries_.end() && a->replica < b->replica)) {
            merged.push_back(*a++);
        } else if (a == entries_.end() || b->replica < a->replica) {
            merged.push_back(*b++);
        } else {
            merged.push_back({a->replica, std::max(a->length, b->length)});
            ++a;
            ++b;
        }
    }
    entries_ = std::move(merged);
}

bool vector_clock::dominates(const vector_clock& other) const noexcept {
    auto a = entries_.begin();
    for (const clock_entry& entry : other.entries_) {
        while (a != entries_.end() && a->replica < entry.replica) {
            ++a;
        }
        if (a == entries_.end() || a->replica != entry.replica || a->length < entry.length) {
            return false;
        }
    }
    return true;
}

causal_order vector_clock::compare(const vector_clock& other) const noexcept {
    const bool has_all = dominates(other);
    const bool is_in = other.dominates(*this);
    if (has_all && is_in) return causal_order::equal;
    if (has_all) return causal_order::after;
    if (is_in) return causal_order::before;
    return causal_order::concurrent;
}

vector_clock vector_clock::difference(const vector_clock& base) const {
    vector_clock result;
    auto b = base.entries_.begin();
    for (const clock_entry& entry : entries_) {
        while (b != base.entries_.end() && b->replica < entry.replica) {
            ++b;
        }
        const bool covered =
            b != base.entries_.end() && b->replica == entry.replica && b->length >= entry.length;
        if (!covered) {
            result.entries_.push_back(entry);
        }
    }
    return result;
}

std::uint64_t vector_clock::total() const noexcept {
    std::uint64_t sum = 0;
    for (const clock_entry& entry : entries_) {
        sum += entry.length;
    }
    return sum;
}

std::string to_string(const vector_clock& clock) {
    std::string text;
    for (const clock_entry& entry : clock.entries()) {
        if (!text.empty()) text += ',';
        text += to_string(entry.replica) + ":" + std::to_string(entry.length);
    }
    return text;
}

std::optional<vector_clock> parse_vector_clock(std::string_view text) {
    vector_clock clock;
    while (!text.empty()) {
        const std::string_view item = text.substr(0, text.find(','));
        const auto id = parse_replica_id(item.substr(0, 16));
        if (!id || item.size() < 18 || item[16] != ':') {
            return std::nullopt;
        }
        std::uint64_t length = 0;
        const char* const end = item.data() + item.size();
        const auto parsed = std::from_chars(item.data() + 17, end, length);
        if (parsed.ec != std::errc{} || parsed.ptr != end || length == 0 || clock[*id] != 0) {
            return std::nullopt;
        }
        clock.advance_to(*id, length);
        if (item.size() + 1 == text.size()) {
            return std::nullopt; // a comma at the end
        }
        text.remove_prefix(std::min(text.size(), item.size() + 1));
    }
    return clock;
}

} // namespace sangam::causality
