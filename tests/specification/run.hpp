#pragma once

#include "specification/print.hpp"

#include <sangam/causality/history.hpp>

#include <map>
#include <span>
#include <string>

namespace sangam::specification {

/// "r1a" for the id 0x1a.
[[nodiscard]] inline std::string short_name(causality::replica_id id) {
    const std::string digits = causality::to_string(id);
    return "r" + digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1));
}

/// The steps of `e`, without what the text form of histories gives a meaning to.
[[nodiscard]] inline std::string label_of(const event& e) {
    std::string label;
    for (const step& s : e.steps) {
        label += label.empty() ? "" : "; ";
        for (const crdt::map_key& key : s.path) {
            label += key.name + "/";
        }
        for (const char c : to_string(s.what)) {
            const bool control = (c >= 0 && c < ' ') || c == 0x7f;
            label += c == '=' || c == '>' || control ? '?' : c;
        }
    }
    return label;
}

/// What `sangam-history` draws: each transaction as a message, and before it the receipt of what it has seen.
/// Precondition: the events stand in an order that they could have been delivered in.
[[nodiscard]] inline result<causality::history> as_run(std::span<const event* const> events) {
    causality::history run;
    std::map<causality::replica_id, std::pair<std::size_t, causality::vector_clock>> known; ///< index, clock
    for (const event* const e : events) {
        if (known.contains(e->id.replica)) continue;
        const auto added = run.add_replica(short_name(e->id.replica));
        if (!added) return added.error();
        known[e->id.replica].first = *added;
    }
    const auto message = [](const event& e) {
        return short_name(e.id.replica) + "_" + std::to_string(e.id.sequence);
    };
    for (const event* const e : events) {
        auto& [index, clock] = known[e->id.replica];
        for (const event* const earlier : events) {
            if (!e->seen.contains(earlier->id) || clock.contains(earlier->id)) continue;
            clock.advance_to(earlier->id.replica, earlier->id.sequence);
            if (earlier->id.replica == e->id.replica) continue;
            if (const auto received = run.receive(index, message(*earlier)); !received)
                return received.error();
        }
        clock.advance_to(e->id.replica, e->id.sequence);
        if (const auto sent = run.send(index, message(*e), label_of(*e)); !sent) return sent.error();
    }
    return run;
}

/// For a failure: the run as a file for `sangam-history`.
[[nodiscard]] inline std::string drawable(std::span<const event* const> events) {
    const auto run = as_run(events);
    return run ? "\nfor sangam-history:\n" + causality::to_text(*run)
               : "\ncannot be drawn: " + run.error().message();
}

} // namespace sangam::specification
