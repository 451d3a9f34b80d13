#include "exhaustive/menus.hpp"

namespace sangam::exhaustive {

using specification::leaf_intent;

std::vector<object_choice> lww_register_menu(const crdt::object& seen, const crdt::operation_context&) {
    const auto& reg = *seen.as<crdt::lww_register>();
    offers offered(seen);
    for (const crdt::value content : {1, 2}) {
        offered.add_at_two_times(
            leaf_intent<crdt::lww_register>(specification::assign{content}, reg.assign(content)));
    }
    if (!reg.empty()) {
        offered.add(leaf_intent<crdt::lww_register>(specification::reset{}, reg.reset()));
    }
    return std::move(offered).all();
}

std::vector<object_choice> mv_register_menu(const crdt::object& seen, const crdt::operation_context&) {
    const auto& reg = *seen.as<crdt::mv_register>();
    offers offered(seen);
    for (const crdt::value content : {1, 2}) {
        offered.add(leaf_intent<crdt::mv_register>(specification::assign{content}, reg.assign(content)));
    }
    if (!reg.empty()) {
        offered.add(leaf_intent<crdt::mv_register>(specification::reset{}, reg.reset()));
    }
    return std::move(offered).all();
}

std::vector<object_choice> ew_flag_menu(const crdt::object& seen, const crdt::operation_context&) {
    const auto& flag = *seen.as<crdt::ew_flag>();
    offers offered(seen);
    offered.add(leaf_intent<crdt::ew_flag>(specification::enable{}, flag.enable()));
    offered.add(leaf_intent<crdt::ew_flag>(specification::disable{}, flag.disable()));
    return std::move(offered).all();
}

std::vector<object_choice> dw_flag_menu(const crdt::object& seen, const crdt::operation_context&) {
    const auto& flag = *seen.as<crdt::dw_flag>();
    offers offered(seen);
    offered.add(leaf_intent<crdt::dw_flag>(specification::enable{}, flag.enable()));
    offered.add(leaf_intent<crdt::dw_flag>(specification::disable{}, flag.disable()));
    if (!flag.nothing_to_reset()) {
        offered.add(leaf_intent<crdt::dw_flag>(specification::reset{}, flag.reset()));
    }
    return std::move(offered).all();
}

std::vector<object_choice> expiry_menu(const crdt::object& seen, const crdt::operation_context&) {
    const auto& ends = *seen.as<crdt::expiry>();
    offers offered(seen);
    for (const std::uint64_t deadline : {std::uint64_t{1000}, std::uint64_t{2000}, crdt::expiry::never}) {
        offered.add(leaf_intent<crdt::expiry>(specification::expire{deadline}, ends.set(deadline)));
    }
    if (!ends.empty()) {
        offered.add(leaf_intent<crdt::expiry>(specification::reset{}, ends.reset()));
    }
    return std::move(offered).all();
}

} // namespace sangam::exhaustive
