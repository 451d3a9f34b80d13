#pragma once

#include <sangam/crdt/operation.hpp>
#include <sangam/delivery/envelope.hpp>

#include <cstddef>
#include <vector>

namespace sangam::transport {

/// What one transaction sends: its envelope and its operations, which are applied in order, all or none.
struct message : delivery::envelope {
    std::vector<crdt::keyed_operation> operations;
    friend bool operator==(const message&, const message&) = default;
};

/// What a message costs: a bound of its memory and of its bytes on the wire, for the budgets of delivery;
/// what `size_bytes` should be. A function of the content alone. No message may cost more than
/// limits::message_cost_max; a batch whose messages cost at most limits::batch_cost_max together, in whatever
/// company, is encoded in at most limits::body_bytes_max.
[[nodiscard]] std::size_t memory_of(const message& m) noexcept;

/// Consecutive messages of one origin: dots (origin, first), (origin, first + 1) and so on. The unit of the
/// wire and of the log. Not empty.
struct batch {
    causality::replica_id origin;
    std::uint64_t first = 1;
    std::vector<message> messages;
    [[nodiscard]] std::uint64_t last() const noexcept { return first + messages.size() - 1; }
    friend bool operator==(const batch&, const batch&) = default;
};

} // namespace sangam::transport
