#include "exhaustive/menus.hpp"

namespace sangam::exhaustive {

using specification::leaf_intent;

std::vector<object_choice> g_set_menu(const crdt::object& seen, const crdt::operation_context&) {
    const auto& set = *seen.as<crdt::g_set>();
    offers offered(seen);
    for (const crdt::value element : {1, 2}) {
        offered.add(leaf_intent<crdt::g_set>(specification::add{element}, set.add(element)));
    }
    return std::move(offered).all();
}

std::vector<object_choice> or_set_menu(const crdt::object& seen, const crdt::operation_context&) {
    const auto& set = *seen.as<crdt::or_set>();
    offers offered(seen);
    for (const crdt::value element : {1, 2}) {
        offered.add(leaf_intent<crdt::or_set>(specification::add{element}, set.add(element)));
        if (set.contains(element)) {
            offered.add(leaf_intent<crdt::or_set>(specification::remove{element}, set.remove(element)));
        }
    }
    if (set.size() > 1) {
        offered.add(leaf_intent<crdt::or_set>(specification::reset{}, set.clear()));
    }
    return std::move(offered).all();
}

std::vector<object_choice> rw_set_menu(const crdt::object& seen, const crdt::operation_context&) {
    const auto& set = *seen.as<crdt::rw_set>();
    offers offered(seen);
    for (const crdt::value element : {1, 2}) {
        offered.add(leaf_intent<crdt::rw_set>(specification::add{element}, set.add(element)));
        offered.add(leaf_intent<crdt::rw_set>(specification::remove{element}, set.remove(element)));
    }
    if (!set.nothing_to_reset()) {
        offered.add(leaf_intent<crdt::rw_set>(specification::reset{}, set.reset()));
    }
    return std::move(offered).all();
}

std::vector<object_choice> sorted_set_menu(const crdt::object& seen, const crdt::operation_context& next) {
    using crdt::sorted_set;
    const auto& set = *seen.as<sorted_set>();
    const auto own = weight<double>(next.id);
    offers offered(seen);
    offered.add_at_two_times(leaf_intent<sorted_set>(specification::score{1, own}, set.assign(1, own)));
    for (const crdt::value member : {1, 2}) {
        offered.add(leaf_intent<sorted_set>(specification::raise{member, own},
                                            set.increment(member, own, next.id.replica)));
        if (set.contains(member)) {
            offered.add(leaf_intent<sorted_set>(specification::remove{member}, set.remove(member)));
        }
    }
    if (set.size() > 1) {
        offered.add(leaf_intent<sorted_set>(specification::reset{}, set.clear()));
    }
    return std::move(offered).all();
}

} // namespace sangam::exhaustive
