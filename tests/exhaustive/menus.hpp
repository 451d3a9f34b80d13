#pragma once

#include "exhaustive/objects.hpp"
#include "specification/user.hpp"

#include <cstdint>
#include <utility>
#include <vector>

/// What users may do with each kind. A menu is small, since every one of its choices multiplies the
/// histories: as few elements, values and times as can conflict, and nothing that changes nothing.
namespace sangam::exhaustive {

/// A menu being written.
class offers {
public:
    explicit offers(const crdt::object& seen) : object_{"x", seen.kind()} {}

    void add(specification::intent does, std::uint64_t delay = 0) {
        all_.push_back({{{object_, std::move(does.path), std::move(does.what)}},
                        std::move(does.operations),
                        std::move(does.after),
                        delay});
    }
    /// A write whose time matters: with the earliest time, and with the one after it. Concurrent ones then
    /// come with equal times, and in either order.
    void add_at_two_times(const specification::intent& does) {
        add(does);
        add(does, 1);
    }
    [[nodiscard]] std::vector<object_choice> all() && { return std::move(all_); }

private:
    crdt::object_key object_;
    std::vector<object_choice> all_;
};

/// A number of its own for each dot of the first four replicas, from 1.
[[nodiscard]] inline std::uint64_t mark(const causality::dot& id) {
    return (id.sequence - 1) * 4 + id.replica.bits;
}

/// A power of two of its own for each of the first seven dots of four replicas: a sum tells what is in it.
template <class Number>
[[nodiscard]] Number weight(const causality::dot& id) {
    return static_cast<Number>(std::uint64_t{1} << mark(id));
}

[[nodiscard]] std::vector<object_choice> g_counter_menu(const crdt::object&, const crdt::operation_context&);
[[nodiscard]] std::vector<object_choice> pn_counter_menu(const crdt::object&, const crdt::operation_context&);
[[nodiscard]] std::vector<object_choice> resettable_counter_menu(const crdt::object&,
                                                                 const crdt::operation_context&);
[[nodiscard]] std::vector<object_choice> bounded_counter_menu(const crdt::object&,
                                                              const crdt::operation_context&);
[[nodiscard]] std::vector<object_choice> g_set_menu(const crdt::object&, const crdt::operation_context&);
[[nodiscard]] std::vector<object_choice> or_set_menu(const crdt::object&, const crdt::operation_context&);
[[nodiscard]] std::vector<object_choice> rw_set_menu(const crdt::object&, const crdt::operation_context&);
[[nodiscard]] std::vector<object_choice> sorted_set_menu(const crdt::object&, const crdt::operation_context&);
[[nodiscard]] std::vector<object_choice> lww_register_menu(const crdt::object&,
                                                           const crdt::operation_context&);
[[nodiscard]] std::vector<object_choice> mv_register_menu(const crdt::object&,
                                                          const crdt::operation_context&);
[[nodiscard]] std::vector<object_choice> ew_flag_menu(const crdt::object&, const crdt::operation_context&);
[[nodiscard]] std::vector<object_choice> dw_flag_menu(const crdt::object&, const crdt::operation_context&);
[[nodiscard]] std::vector<object_choice> expiry_menu(const crdt::object&, const crdt::operation_context&);
[[nodiscard]] std::vector<object_choice> stream_menu(const crdt::object&, const crdt::operation_context&);

/// One element at a time.
[[nodiscard]] std::vector<object_choice> rga_text_menu(const crdt::object&, const crdt::operation_context&);
[[nodiscard]] std::vector<object_choice> rga_list_menu(const crdt::object&, const crdt::operation_context&);
/// Runs of one and two, and ranges to erase.
[[nodiscard]] std::vector<object_choice> rga_text_runs_menu(const crdt::object&,
                                                            const crdt::operation_context&);
/// One element at a time, and marks of one and of all, at two times.
[[nodiscard]] std::vector<object_choice> rga_text_marks_menu(const crdt::object&,
                                                             const crdt::operation_context&);
[[nodiscard]] std::vector<object_choice> rga_list_runs_menu(const crdt::object&,
                                                            const crdt::operation_context&);

[[nodiscard]] std::vector<object_choice> map_of_counters_menu(const crdt::object&,
                                                              const crdt::operation_context&);
[[nodiscard]] std::vector<object_choice> map_of_sets_menu(const crdt::object&,
                                                          const crdt::operation_context&);
[[nodiscard]] std::vector<object_choice> map_of_maps_menu(const crdt::object&,
                                                          const crdt::operation_context&);

} // namespace sangam::exhaustive
