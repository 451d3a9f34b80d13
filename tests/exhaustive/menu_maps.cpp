#include "exhaustive/menus.hpp"

namespace sangam::exhaustive {
namespace {

using crdt::map_key;
using crdt::object_kind;
using crdt::or_map;
using crdt::or_set;
using crdt::resettable_counter;
using specification::intent;
using specification::leaf_intent;

[[nodiscard]] intent under(const map_key& key, intent does) {
    does.path.insert(does.path.begin(), key);
    for (crdt::keyed_operation& op : does.operations) {
        op.path.insert(op.path.begin(), key);
    }
    return does;
}

[[nodiscard]] intent in_map(specification::action what, std::vector<crdt::map_operation> operations) {
    intent does{{}, std::move(what), {}, {}};
    for (crdt::map_operation& op : operations) {
        does.operations.push_back({{}, std::move(op.path), std::move(op.leaf)});
    }
    return does;
}

[[nodiscard]] intent removal(const or_map& map, const map_key& key) {
    return in_map(specification::remove_key{key}, map.remove(key));
}

/// What stands under the key, or a new one.
template <class Type>
[[nodiscard]] Type value_at(const or_map& map, const map_key& key) {
    const crdt::object* const found = map.find(key);
    return found != nullptr ? *found->as<Type>() : Type();
}

[[nodiscard]] intent increment(const or_map& map, const map_key& key, const causality::dot& id) {
    const auto amount = weight<std::int64_t>(id);
    const auto op = value_at<resettable_counter>(map, key).increment(amount, id.replica);
    return under(key, leaf_intent<resettable_counter>(specification::increment{amount}, op));
}

[[nodiscard]] intent addition(const or_map& map, const map_key& key, const crdt::value& element) {
    const auto op = value_at<or_set>(map, key).add(element);
    return under(key, leaf_intent<or_set>(specification::add{element}, op));
}

[[nodiscard]] intent subtraction(const or_map& map, const map_key& key, const crdt::value& element) {
    const auto op = value_at<or_set>(map, key).remove(element);
    return under(key, leaf_intent<or_set>(specification::remove{element}, op));
}

/// To remove a key that is there, and to reset the map when that is more.
void offer_removals(offers& offered, const or_map& map) {
    const std::vector<map_key> keys = map.keys();
    for (const map_key& key : keys) {
        offered.add(removal(map, key));
    }
    if (keys.size() > 1) {
        offered.add(in_map(specification::reset{}, map.reset()));
    }
}

} // namespace

std::vector<object_choice> map_of_counters_menu(const crdt::object& seen,
                                                const crdt::operation_context& next) {
    const auto& map = *seen.as<or_map>();
    offers offered(seen);
    offered.add(increment(map, {"a", object_kind::resettable_counter}, next.id));
    offered.add(increment(map, {"b", object_kind::resettable_counter}, next.id));
    offer_removals(offered, map);
    return std::move(offered).all();
}

std::vector<object_choice> map_of_sets_menu(const crdt::object& seen, const crdt::operation_context&) {
    const auto& map = *seen.as<or_map>();
    const map_key a{"a", object_kind::or_set};
    const map_key b{"b", object_kind::or_set};
    offers offered(seen);
    for (const crdt::value element : {1, 2}) {
        offered.add(addition(map, a, element));
        if (value_at<or_set>(map, a).contains(element)) {
            offered.add(subtraction(map, a, element));
        }
    }
    offered.add(addition(map, b, 1));
    offer_removals(offered, map);
    return std::move(offered).all();
}

std::vector<object_choice> map_of_maps_menu(const crdt::object& seen, const crdt::operation_context& next) {
    const auto& map = *seen.as<or_map>();
    const map_key inner{"m", object_kind::or_map};
    const map_key counter{"a", object_kind::resettable_counter};
    const map_key set{"a", object_kind::or_set};
    const or_map in = value_at<or_map>(map, inner);
    offers offered(seen);
    offered.add(under(inner, increment(in, counter, next.id)));
    offered.add(under(inner, addition(in, set, 1)));
    offered.add(increment(map, counter, next.id));
    for (const map_key& key : in.keys()) {
        offered.add(under(inner, removal(in, key)));
    }
    offer_removals(offered, map);
    return std::move(offered).all();
}

} // namespace sangam::exhaustive
