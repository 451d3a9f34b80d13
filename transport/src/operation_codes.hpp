#pragma once

#include "batch_layout.hpp"

#include <sangam/crdt/object.hpp>

#include <type_traits>

/// Which code stands for which operation.
namespace sangam::transport::layout {

template <code Code, class Type, class Operation>
struct coded {
    static constexpr code number = Code;
    using type = Type;
    using operation = Operation;
};

template <class... Entries>
struct code_table {};

using codes =
    code_table<coded<code::g_increment, crdt::g_counter, crdt::g_counter::operation>,
               coded<code::pn_increment, crdt::pn_counter, crdt::pn_counter::operation>,
               coded<code::increment, crdt::resettable_counter, crdt::resettable_counter::increment_op>,
               coded<code::reset_counter, crdt::resettable_counter, crdt::resettable_counter::reset_op>,
               coded<code::add, crdt::or_set, crdt::or_set::add_op>,
               coded<code::remove, crdt::or_set, crdt::or_set::remove_op>,
               coded<code::clear, crdt::or_set, crdt::or_set::clear_op>,
               coded<code::assign, crdt::lww_register, crdt::lww_register::assign_op>,
               coded<code::reset_register, crdt::lww_register, crdt::lww_register::reset_op>,
               coded<code::insert, crdt::rga_text, crdt::rga_text::insert_op>,
               coded<code::erase, crdt::rga_text, crdt::rga_text::erase_op>,
               coded<code::g_add, crdt::g_set, crdt::g_set::operation>,
               coded<code::rw_add, crdt::rw_set, crdt::rw_set::add_op>,
               coded<code::rw_remove, crdt::rw_set, crdt::rw_set::remove_op>,
               coded<code::rw_reset, crdt::rw_set, crdt::rw_set::reset_op>,
               coded<code::mv_assign, crdt::mv_register, crdt::mv_register::assign_op>,
               coded<code::mv_reset, crdt::mv_register, crdt::mv_register::reset_op>,
               coded<code::ew_enable, crdt::ew_flag, crdt::ew_flag::enable_op>,
               coded<code::ew_disable, crdt::ew_flag, crdt::ew_flag::disable_op>,
               coded<code::dw_enable, crdt::dw_flag, crdt::dw_flag::enable_op>,
               coded<code::dw_disable, crdt::dw_flag, crdt::dw_flag::disable_op>,
               coded<code::dw_reset, crdt::dw_flag, crdt::dw_flag::reset_op>,
               coded<code::give, crdt::bounded_counter, crdt::bounded_counter::increment_op>,
               coded<code::take, crdt::bounded_counter, crdt::bounded_counter::decrement_op>,
               coded<code::transfer, crdt::bounded_counter, crdt::bounded_counter::transfer_op>,
               coded<code::list_insert, crdt::rga_list, crdt::rga_list::insert_op>,
               coded<code::list_erase, crdt::rga_list, crdt::rga_list::erase_op>,
               coded<code::score_assign, crdt::sorted_set, crdt::sorted_set::assign_op>,
               coded<code::score_increment, crdt::sorted_set, crdt::sorted_set::increment_op>,
               coded<code::score_remove, crdt::sorted_set, crdt::sorted_set::remove_op>,
               coded<code::score_clear, crdt::sorted_set, crdt::sorted_set::clear_op>,
               coded<code::append, crdt::stream, crdt::stream::append_op>,
               coded<code::trim, crdt::stream, crdt::stream::trim_op>,
               coded<code::claim, crdt::stream, crdt::stream::claim_op>,
               coded<code::acknowledge, crdt::stream, crdt::stream::acknowledge_op>,
               coded<code::expire, crdt::expiry, crdt::expiry::set_op>,
               coded<code::expiry_reset, crdt::expiry, crdt::expiry::reset_op>,
               coded<code::mark, crdt::rga_text, crdt::rga_text::mark_op>,
               coded<code::restore, crdt::rga_text, crdt::rga_text::restore_op>>;

/// An insert that goes on has a code of its own, and no other fields than its content.
[[nodiscard]] constexpr bool goes_on(code c) noexcept {
    return c == code::insert_next || c == code::list_insert_next;
}
[[nodiscard]] constexpr code written_in_full(code c) noexcept {
    return c == code::insert_next ? code::insert : c == code::list_insert_next ? code::list_insert : c;
}
[[nodiscard]] constexpr code that_goes_on(code c) noexcept {
    return c == code::insert ? code::insert_next : code::list_insert_next;
}

/// The code of an operation that is written in full.
template <class Operation>
[[nodiscard]] constexpr code code_of() noexcept {
    const auto find = []<class... Entries>(code_table<Entries...>) {
        code found{};
        ((std::is_same_v<typename Entries::operation, Operation> ? (void)(found = Entries::number) : void()),
         ...);
        return found;
    };
    return find(codes());
}

template <class T>
inline constexpr crdt::object_kind kind_of_type = [] {
    return []<class... Types>(std::type_identity<std::variant<Types...>>) {
        std::uint8_t kind = 0;
        bool found = false;
        ((found = found || std::is_same_v<T, Types>, kind += found ? 0 : 1), ...);
        return static_cast<crdt::object_kind>(kind + 1);
    }(std::type_identity<crdt::object::state>());
}();

} // namespace sangam::transport::layout
