#pragma once

#include <sangam/causality/error.hpp>
#include <sangam/causality/vector_clock.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sangam::causality {

/// A run of a few replicas, recorded as events and messages, to ask what happened before what and to draw it.
///
/// Meaning: event a happened before event b iff both are of one replica and a was recorded first, or a sent a
///   message that b received, or there is an event between them. Two events neither of which happened before
///   the other are concurrent. Messages may be received by many, in any order, more than once, or never.
/// Invariants: (H1) an event's clock holds its replica's events so far, itself included, and the clocks of
///   all that it received; (H2) events stand in the order of recording, which never contradicts
///   happened-before.
/// Cost: r replicas, e events. Recording is O(r), memory O(r e), `order` O(log r), `concurrent_groups`
///   O(r e). Bounded by limits.hpp: it is for examples, failures and teaching, not for traffic.
/// Errors: what is recorded is checked, and nothing changes when it is refused.
/// Threads: const members may run together; anything else needs the caller's lock.
/// Source: Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System" (1978); Mattern
///   (1989), for the clocks.
class history {
public:
    enum class kind { local, send, receive };

    struct event {
        std::size_t replica = 0;    ///< index into `replicas`
        std::uint64_t sequence = 0; ///< 1 for the replica's first event
        kind what = kind::local;
        std::size_t message = 0; ///< index into `messages`, if it sends or receives one
        std::string label;       ///< what happened, in words; may be empty unless the event is local
        std::string state;       ///< of the replica afterwards; empty if it is not told
        vector_clock clock;      ///< of all events up to this one; replica i counts as replica_id{i + 1}

        friend bool operator==(const event&, const event&) = default;
    };

    struct message {
        std::string name;
        std::size_t sent = 0; ///< index of the event

        friend bool operator==(const message&, const message&) = default;
    };

    /// Adds a replica without events; its index. Names are letters, digits, '_' and '-'.
    result<std::size_t> add_replica(std::string_view name);

    /// Each records what happened next at `replica` and answers with the event's index. A label must not hold
    /// " -> " or " = ", nor begin with "<- ": those are signs of the text form.
    result<std::size_t> local(std::size_t replica, std::string_view label, std::string_view state = {});
    result<std::size_t> send(std::size_t replica, std::string_view message_name, std::string_view label = {},
                             std::string_view state = {});
    result<std::size_t> receive(std::size_t replica, std::string_view message_name,
                                std::string_view label = {}, std::string_view state = {});

    [[nodiscard]] const std::vector<std::string>& replicas() const noexcept { return replicas_; }
    [[nodiscard]] const std::vector<message>& messages() const noexcept { return messages_; }
    [[nodiscard]] const std::vector<event>& events() const noexcept { return events_; }

    /// How the event `a` relates to the event `b`. Precondition: both exist.
    [[nodiscard]] causal_order order(std::size_t a, std::size_t b) const;

    /// The finest division of the run into groups such that all of one group happened before all of the next:
    /// two concurrent events are in one group, and a group of one event is concurrent to nothing.
    /// Each group is in the order of recording.
    [[nodiscard]] std::vector<std::vector<std::size_t>> concurrent_groups() const;

    /// "alice:3" is alice's third event.
    [[nodiscard]] std::string name_of(std::size_t event_index) const;

    /// The inverse of `name_of`; unknown_event says what there is not.
    [[nodiscard]] result<std::size_t> find(std::string_view event_name) const;

    friend bool operator==(const history&, const history&) = default;

private:
    result<std::size_t> record(event next);

    std::vector<std::string> replicas_;
    std::vector<message> messages_;
    std::vector<event> events_;
    std::vector<std::vector<std::size_t>> events_of_; ///< per replica
    std::map<std::string, std::size_t, std::less<>> message_named_;
};

/// Reads the text form; docs/history.md describes it. An error names the line.
[[nodiscard]] result<history> parse_history(std::string_view text);

/// The text form. `parse_history` gives the same history back.
[[nodiscard]] std::string to_text(const history& run);

/// A graph for Graphviz: a box an event, a row a replica, a dashed edge a message.
[[nodiscard]] std::string to_graphviz(const history& run);

/// A space-time diagram as a complete SVG document: a line a replica, time to the right, an arrow a message.
/// An event stands in the first column in which everything before it is further left.
[[nodiscard]] std::string to_svg(const history& run);

} // namespace sangam::causality
