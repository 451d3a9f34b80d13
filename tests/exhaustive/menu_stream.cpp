#include "exhaustive/menus.hpp"

#include <string>

namespace sangam::exhaustive {
namespace {

using crdt::stream;
using specification::leaf_intent;

constexpr const char* group = "g";

[[nodiscard]] specification::intent trimming(const stream::trim_op& op) {
    specification::trim what;
    for (const stream::entry_name& last : op.up_to) {
        what.up_to.advance_to(last.origin, last.number);
    }
    return leaf_intent<stream>(std::move(what), op);
}

[[nodiscard]] specification::intent claiming(const stream::claim_op& op) {
    specification::claim what{op.group, op.consumer, {}};
    for (const stream::claimed_entry& e : op.entries) {
        what.entries.push_back(e.name);
    }
    return leaf_intent<stream>(std::move(what), op);
}

/// What the group does with one entry: the first new one is claimed, the first claimed one again, and the
/// first of all is acknowledged.
void offer_group(offers& offered, const stream& log, const std::string& consumer) {
    if (const stream::claim_op op = log.claim(group, consumer, 1); !op.entries.empty()) {
        offered.add_at_two_times(claiming(op));
    }
    if (const auto pending = log.pending(group); !pending.empty()) {
        offered.add(claiming(log.claim_again(group, consumer, std::vector{pending.front().name})));
    }
    const std::vector first{log.read_after({}, 1).entries.front().name()};
    if (const stream::acknowledge_op op = log.acknowledge(group, first); !op.entries.empty()) {
        offered.add(leaf_intent<stream>(specification::acknowledge{group, op.entries}, op));
    }
}

} // namespace

std::vector<object_choice> stream_menu(const crdt::object& seen, const crdt::operation_context& next) {
    const auto& log = *seen.as<stream>();
    const std::vector<crdt::stream_field> fields{{"f", static_cast<std::int64_t>(mark(next.id))}};
    offers offered(seen);
    offered.add_at_two_times(leaf_intent<stream>(specification::append{fields}, log.append(fields)));
    if (!log.empty()) {
        offer_group(offered, log, "of " + std::to_string(next.id.replica.bits));
        offered.add(trimming(log.trim_to(log.size() - 1)));
    }
    if (log.size() > 1) {
        offered.add(leaf_intent<stream>(specification::reset{}, log.reset()));
    }
    return std::move(offered).all();
}

} // namespace sangam::exhaustive
