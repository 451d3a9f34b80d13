#include "exhaustive/menus.hpp"

#include <limits>

namespace sangam::exhaustive {

using specification::leaf_intent;

std::vector<object_choice> g_counter_menu(const crdt::object& seen, const crdt::operation_context& next) {
    const auto& counter = *seen.as<crdt::g_counter>();
    offers offered(seen);
    for (const std::uint64_t amount :
         {weight<std::uint64_t>(next.id), std::numeric_limits<std::uint64_t>::max()}) {
        offered.add(leaf_intent<crdt::g_counter>(specification::grow{amount}, counter.increment(amount)));
    }
    return std::move(offered).all();
}

std::vector<object_choice> pn_counter_menu(const crdt::object& seen, const crdt::operation_context& next) {
    using limits = std::numeric_limits<std::int64_t>;
    const auto& counter = *seen.as<crdt::pn_counter>();
    const auto own = weight<std::int64_t>(next.id);
    offers offered(seen);
    for (const std::int64_t amount : {own, -own, limits::max(), limits::min()}) {
        offered.add(
            leaf_intent<crdt::pn_counter>(specification::increment{amount}, counter.increment(amount)));
    }
    return std::move(offered).all();
}

std::vector<object_choice> resettable_counter_menu(const crdt::object& seen,
                                                   const crdt::operation_context& next) {
    const auto& counter = *seen.as<crdt::resettable_counter>();
    const auto own = weight<std::int64_t>(next.id);
    offers offered(seen);
    for (const std::int64_t amount : {own, -own}) {
        offered.add(leaf_intent<crdt::resettable_counter>(specification::increment{amount},
                                                          counter.increment(amount, next.id.replica)));
    }
    if (!counter.empty()) {
        offered.add(leaf_intent<crdt::resettable_counter>(specification::reset{}, counter.reset()));
    }
    return std::move(offered).all();
}

std::vector<object_choice> bounded_counter_menu(const crdt::object& seen,
                                                const crdt::operation_context& next) {
    const auto& counter = *seen.as<crdt::bounded_counter>();
    const causality::replica_id self = next.id.replica;
    offers offered(seen);
    offered.add(leaf_intent<crdt::bounded_counter>(specification::give{2}, counter.increment(2, self)));
    if (counter.rights(self) > 0) {
        offered.add(leaf_intent<crdt::bounded_counter>(specification::take{1}, counter.decrement(1, self)));
        for (const causality::replica_id to : {causality::replica_id{1}, causality::replica_id{2}}) {
            offered.add(leaf_intent<crdt::bounded_counter>(specification::transfer{1, to},
                                                           counter.transfer(1, to, self)));
        }
    }
    return std::move(offered).all();
}

} // namespace sangam::exhaustive
