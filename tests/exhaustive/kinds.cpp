#include "exhaustive/menus.hpp"

namespace sangam::exhaustive {

std::span<const checked_kind> checked_kinds() {
    using enum crdt::object_kind;
    static constexpr checked_kind kinds[] = {
        {"g_counter", g_counter, g_counter_menu, 4, 6},
        {"pn_counter", pn_counter, pn_counter_menu, 4, 6},
        {"resettable_counter", resettable_counter, resettable_counter_menu, 4, 6},
        {"bounded_counter", bounded_counter, bounded_counter_menu, 4, 6},
        {"g_set", g_set, g_set_menu, 4, 6},
        {"or_set", or_set, or_set_menu, 4, 6},
        {"rw_set", rw_set, rw_set_menu, 4, 6},
        {"sorted_set", sorted_set, sorted_set_menu, 4, 6},
        {"lww_register", lww_register, lww_register_menu, 4, 6},
        {"mv_register", mv_register, mv_register_menu, 4, 6},
        {"ew_flag", ew_flag, ew_flag_menu, 4, 6},
        {"dw_flag", dw_flag, dw_flag_menu, 4, 6},
        {"expiry", expiry, expiry_menu, 4, 6},
        {"stream", stream, stream_menu, 4, 6},
        {"rga_text", rga_text, rga_text_menu, 4, 6},
        {"rga_text_runs", rga_text, rga_text_runs_menu, 4, 5},
        {"rga_text_marks", rga_text, rga_text_marks_menu, 4, 5},
        {"rga_list", rga_list, rga_list_menu, 4, 6},
        {"rga_list_runs", rga_list, rga_list_runs_menu, 4, 5},
        {"map_of_counters", or_map, map_of_counters_menu, 4, 5},
        {"map_of_sets", or_map, map_of_sets_menu, 4, 5},
        {"map_of_maps", or_map, map_of_maps_menu, 4, 5},
    };
    return kinds;
}

} // namespace sangam::exhaustive
