#include <sangam/causality/assert.hpp>
#include <sangam/causality/errc.hpp>
#include <sangam/causality/history.hpp>
#include <sangam/causality/limits.hpp>

#include <boost/locale/utf.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace sangam::causality {

namespace {

using utf8 = boost::locale::utf::utf_traits<char>;

constexpr std::string_view name_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

replica_id clock_name(std::size_t replica) {
    return replica_id{replica + 1};
}

result<void> check_name(std::string_view what, std::string_view name) {
    if (name.empty() || name.find_first_not_of(name_characters) != std::string_view::npos) {
        return error{errc::invalid_name, std::string(what) + " '" + std::string(name) + "'"};
    }
    return {};
}

/// Printable UTF-8 without blanks at its ends.
result<void> check_text(std::string_view what, std::string_view text) {
    const auto refused = [&](const char* why) {
        return error{errc::invalid_text, std::string(what) + ' ' + why};
    };
    if (!text.empty() && (text.front() == ' ' || text.back() == ' ')) {
        return refused("begins or ends with a blank");
    }
    for (auto at = text.begin(); at != text.end();) {
        const auto from = at;
        const auto scalar = utf8::decode(at, text.end());
        if (scalar == boost::locale::utf::illegal || scalar == boost::locale::utf::incomplete ||
            scalar < 0x20 || scalar == 0x7f) {
            return refused(("has no printable UTF-8 at byte " + std::to_string(from - text.begin())).c_str());
        }
    }
    return {};
}

result<void> check_label(std::string_view label) {
    if (auto checked = check_text("label", label); !checked) return checked;
    // As it stands in a line: a blank before it, and one after it if more follows.
    const std::string in_line = ' ' + std::string(label) + ' ';
    for (const std::string_view sign : {" -> ", " = "}) {
        if (in_line.find(sign) != std::string::npos) {
            return error{errc::invalid_text, "label holds '" + std::string(sign) + "'"};
        }
    }
    if (in_line.starts_with(" <- ")) {
        return error{errc::invalid_text, "label begins with '<- '"};
    }
    return {};
}

} // namespace

result<std::size_t> history::add_replica(std::string_view name) {
    if (auto checked = check_name("replica", name); !checked) return checked.error();
    if (std::ranges::find(replicas_, name) != replicas_.end()) {
        return error{errc::invalid_name, "replica '" + std::string(name) + "' is there already"};
    }
    if (replicas_.size() == limits::history_replicas_max) {
        return error{errc::too_large, "replica " + std::to_string(replicas_.size() + 1)};
    }
    replicas_.emplace_back(name);
    events_of_.emplace_back();
    return replicas_.size() - 1;
}

result<std::size_t> history::record(event next) {
    if (next.replica >= replicas_.size()) {
        return error{errc::unknown_replica, "replica " + std::to_string(next.replica)};
    }
    if (auto checked = check_label(next.label); !checked) return checked.error();
    if (auto checked = check_text("state", next.state); !checked) return checked.error();
    if (events_.size() == limits::history_events_max) {
        return error{errc::too_large, "event " + std::to_string(events_.size() + 1)};
    }
    auto& own = events_of_[next.replica];
    if (!own.empty()) {
        next.clock = events_[own.back()].clock;
    }
    if (next.what == kind::receive) {
        next.clock.merge(events_[messages_[next.message].sent].clock);
    }
    next.sequence = own.size() + 1;
    next.clock.advance_to(clock_name(next.replica), next.sequence);
    own.push_back(events_.size());
    events_.push_back(std::move(next));
    return events_.size() - 1;
}

result<std::size_t> history::local(std::size_t replica, std::string_view label, std::string_view state) {
    if (label.empty()) {
        return error{errc::invalid_text, "label of a local event is empty"};
    }
    return record({replica, 0, kind::local, 0, std::string(label), std::string(state), {}});
}

result<std::size_t> history::send(std::size_t replica, std::string_view message_name, std::string_view label,
                                  std::string_view state) {
    if (auto checked = check_name("message", message_name); !checked) return checked.error();
    if (message_named_.contains(message_name)) {
        return error{errc::invalid_name, "message '" + std::string(message_name) + "' was sent before"};
    }
    auto recorded =
        record({replica, 0, kind::send, messages_.size(), std::string(label), std::string(state), {}});
    if (!recorded) return recorded.error();
    message_named_.emplace(message_name, messages_.size());
    messages_.push_back({std::string(message_name), *recorded});
    return *recorded;
}

result<std::size_t> history::receive(std::size_t replica, std::string_view message_name,
                                     std::string_view label, std::string_view state) {
    const auto named = message_named_.find(message_name);
    if (named == message_named_.end()) {
        return error{errc::unknown_message, "'" + std::string(message_name) + "' has not been sent"};
    }
    if (events_[messages_[named->second].sent].replica == replica) {
        return error{errc::own_message, "'" + std::string(message_name) + "'"};
    }
    return record({replica, 0, kind::receive, named->second, std::string(label), std::string(state), {}});
}

causal_order history::order(std::size_t a, std::size_t b) const {
    SANGAM_INVARIANT(a < events_.size() && b < events_.size());
    if (a == b) return causal_order::equal;
    const event& first = events_[a];
    const event& second = events_[b];
    if (second.clock[clock_name(first.replica)] >= first.sequence) return causal_order::before;
    if (first.clock[clock_name(second.replica)] >= second.sequence) return causal_order::after;
    return causal_order::concurrent;
}

std::vector<std::vector<std::size_t>> history::concurrent_groups() const {
    // A group is a run of neighbours (H2). It ends where every later event has seen all events so far: where
    // the least that a later one has seen of each replica is all that the replica has done.
    std::vector<bool> ends(events_.size(), false);
    std::vector<std::uint64_t> done(replicas_.size(), 0);
    for (const event& e : events_) {
        done[e.replica] = e.sequence;
    }
    std::vector<std::uint64_t> seen_later = done;
    for (std::size_t at = events_.size(); at > 0; --at) {
        ends[at - 1] = done == seen_later;
        const event& e = events_[at - 1];
        done[e.replica] = e.sequence - 1;
        for (std::size_t r = 0; r < seen_later.size(); ++r) {
            // Its own event does not count: what is asked next is what stands before it.
            const std::uint64_t seen = e.clock[clock_name(r)] - (r == e.replica ? 1 : 0);
            seen_later[r] = std::min(seen_later[r], seen);
        }
    }
    std::vector<std::vector<std::size_t>> groups;
    for (std::size_t at = 0; at < events_.size(); ++at) {
        if (at == 0 || ends[at - 1]) {
            groups.emplace_back();
        }
        groups.back().push_back(at);
    }
    return groups;
}

std::string history::name_of(std::size_t event_index) const {
    SANGAM_INVARIANT(event_index < events_.size());
    const event& e = events_[event_index];
    return replicas_[e.replica] + ':' + std::to_string(e.sequence);
}

result<std::size_t> history::find(std::string_view event_name) const {
    const error missing{errc::unknown_event,
                        "'" + std::string(event_name) + "': an event is REPLICA:NUMBER, as alice:3"};
    const std::size_t colon = event_name.find(':');
    if (colon == std::string_view::npos) return missing;
    const auto replica = std::ranges::find(replicas_, event_name.substr(0, colon));
    if (replica == replicas_.end()) return missing;
    const std::string_view digits = event_name.substr(colon + 1);
    std::size_t sequence = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), sequence);
    const auto& own = events_of_[static_cast<std::size_t>(replica - replicas_.begin())];
    if (problem != std::errc{} || end != digits.data() + digits.size() || sequence == 0 ||
        sequence > own.size()) {
        return missing;
    }
    return own[sequence - 1];
}

} // namespace sangam::causality
