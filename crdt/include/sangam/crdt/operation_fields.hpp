#pragma once

#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/operation.hpp>

#include <concepts>
#include <type_traits>

/// What each operation consists of, once for all that walk over operations: the codec of the transport, who
/// measures their memory, who collects what they refer to.
///
/// `fields(visitor, op)` shows the visitor the fields of `op` one after another, in the order in which they
/// travel, and stops at the first for which it returns false. `op` is const for a visitor that only looks. A
/// visitor has a member for each sort of field:
///
///   number(n, name)            any 64 bits
///   positive(n, name)          1 and more: a count or a sequence number
///   signed_number(n, name)     any 64 bits with sign
///   real(x, name)              a double, not NaN
///   content(v, name)           a value
///   text(s, size_max, name)    UTF-8
///   replica(id, name)
///   dots(d, name)              increasing
///   inserted(op)               the ids, the parent and the content of an insert
///   ranges(r, name)            of ids
///   erased(parts, name)        ranges of ids, each with the transactions, before this one, that erased it
///   places(begin, end, name)   two places in a text
///   list(items, traits, each)  a count and so many items, each shown by `each(item)`
namespace sangam::crdt {

/// How a list travels and what it costs.
struct list_traits {
    const char* name;
    std::size_t numbers_min; ///< that each item takes on the wire
    std::size_t memory;      ///< of one item, besides what its fields take
    std::size_t items_max;
    bool increasing; ///< by `order_of(item)`, strictly
};

namespace parts {
inline constexpr std::size_t any_number = std::size_t{1} << 32;
inline constexpr list_traits elements{"elements", 2, 96, any_number, true};
inline constexpr list_traits members{"members", 3, 128, any_number, true};
inline constexpr list_traits seen{"seen", 3, 32, any_number, true};
inline constexpr list_traits seen_scores{"seen", 2, 40, any_number, true};
inline constexpr list_traits values{"values", 1, 24, limits::list_insert_values_max, false};
inline constexpr list_traits stream_fields{"fields", 2, 64, limits::stream_fields_max, false};
inline constexpr list_traits up_to{"up_to", 2, 24, any_number, true};
inline constexpr list_traits claimed{"entries", 3, 64, any_number, false};
inline constexpr list_traits acknowledged{"entries", 2, 24, any_number, false};
} // namespace parts

template <class T, class Operation>
concept field_owner = std::same_as<std::remove_const_t<T>, Operation>;

// --- what the items of increasing lists are ordered by

[[nodiscard]] inline const value& order_of(const or_set::remove_op& op) noexcept {
    return op.element;
}
[[nodiscard]] inline const value& order_of(const rw_set::remove_op& op) noexcept {
    return op.element;
}
[[nodiscard]] inline const value& order_of(const sorted_set::remove_op& op) noexcept {
    return op.member;
}
[[nodiscard]] inline causality::replica_id order_of(const resettable_counter::prefix& p) noexcept {
    return p.origin;
}
[[nodiscard]] inline causality::replica_id order_of(const sorted_set::prefix& p) noexcept {
    return p.origin;
}
[[nodiscard]] inline causality::replica_id order_of(const stream::entry_name& name) noexcept {
    return name.origin;
}

// --- counters

template <class V>
bool fields(V& v, field_owner<g_counter::operation> auto& op) {
    return v.number(op.amount, "amount");
}
template <class V>
bool fields(V& v, field_owner<pn_counter::operation> auto& op) {
    return v.signed_number(op.amount, "amount");
}
template <class V>
bool fields(V& v, field_owner<resettable_counter::increment_op> auto& op) {
    return v.signed_number(op.amount, "amount");
}
template <class V>
bool fields(V& v, field_owner<resettable_counter::reset_op> auto& op) {
    return v.list(op.seen, parts::seen, [&](auto& seen) {
        return v.replica(seen.origin, "seen") && v.positive(seen.increments, "seen.increments") &&
               v.signed_number(seen.total, "seen.total");
    });
}
template <class V>
bool fields(V& v, field_owner<bounded_counter::increment_op> auto& op) {
    return v.number(op.amount, "amount");
}
template <class V>
bool fields(V& v, field_owner<bounded_counter::decrement_op> auto& op) {
    return v.number(op.amount, "amount");
}
template <class V>
bool fields(V& v, field_owner<bounded_counter::transfer_op> auto& op) {
    return v.replica(op.to, "to") && v.number(op.amount, "amount");
}

// --- sets

template <class V>
bool fields(V& v, field_owner<g_set::operation> auto& op) {
    return v.content(op.element, "element");
}
template <class V, class Op>
    requires field_owner<Op, or_set::add_op> || field_owner<Op, or_set::remove_op> ||
             field_owner<Op, rw_set::add_op> || field_owner<Op, rw_set::remove_op>
bool fields(V& v, Op& op) {
    return v.content(op.element, "element") && v.dots(op.observed, "observed");
}
template <class V, class Op>
    requires field_owner<Op, or_set::clear_op> || field_owner<Op, rw_set::reset_op>
bool fields(V& v, Op& op) {
    return v.list(op.elements, parts::elements, [&](auto& element) { return fields(v, element); });
}

/// What a sorted_set's operation saw of a member.
template <class V>
bool seen_of_member(V& v, auto& op) {
    return v.dots(op.observed, "observed") && v.list(op.seen, parts::seen_scores, [&](auto& seen) {
        return v.replica(seen.origin, "seen") && v.positive(seen.increments, "seen.increments") &&
               v.real(seen.total.high, "seen.total") && v.real(seen.total.low, "seen.total");
    });
}
template <class V>
bool fields(V& v, field_owner<sorted_set::assign_op> auto& op) {
    return v.content(op.member, "member") && v.real(op.score, "score") && seen_of_member(v, op);
}
template <class V>
bool fields(V& v, field_owner<sorted_set::increment_op> auto& op) {
    return v.content(op.member, "member") && v.real(op.amount, "amount");
}
template <class V>
bool fields(V& v, field_owner<sorted_set::remove_op> auto& op) {
    return v.content(op.member, "member") && seen_of_member(v, op);
}
template <class V>
bool fields(V& v, field_owner<sorted_set::clear_op> auto& op) {
    return v.list(op.members, parts::members, [&](auto& member) { return fields(v, member); });
}

// --- registers and flags

template <class V, class Op>
    requires field_owner<Op, lww_register::assign_op> || field_owner<Op, mv_register::assign_op>
bool fields(V& v, Op& op) {
    return v.content(op.content, "content") && v.dots(op.observed, "observed");
}
/// Operations that only name what they saw.
template <class V, class Op>
    requires field_owner<Op, lww_register::reset_op> || field_owner<Op, mv_register::reset_op> ||
             field_owner<Op, ew_flag::enable_op> || field_owner<Op, ew_flag::disable_op> ||
             field_owner<Op, dw_flag::enable_op> || field_owner<Op, dw_flag::disable_op> ||
             field_owner<Op, dw_flag::reset_op> || field_owner<Op, expiry::reset_op>
bool fields(V& v, Op& op) {
    return v.dots(op.observed, "observed");
}
template <class V>
bool fields(V& v, field_owner<expiry::set_op> auto& op) {
    return v.number(op.deadline_ms, "deadline") && v.dots(op.observed, "observed");
}

// --- sequences

template <class V, class Op>
    requires field_owner<Op, rga_text::insert_op> || field_owner<Op, rga_list::insert_op>
bool fields(V& v, Op& op) {
    return v.inserted(op);
}
template <class V, class Op>
    requires field_owner<Op, rga_text::erase_op> || field_owner<Op, rga_list::erase_op>
bool fields(V& v, Op& op) {
    return v.ranges(op.ranges, "ranges");
}

template <class V>
bool fields(V& v, field_owner<rga_text::restore_op> auto& op) {
    return v.erased(op.parts, "parts");
}

template <class V>
bool fields(V& v, field_owner<rga_text::mark_op> auto& op) {
    return v.places(op.begin, op.end, "places") && v.text(op.name, limits::name_bytes_max, "mark") &&
           v.content(op.content, "content");
}

// --- streams

template <class V>
bool fields(V& v, field_owner<stream::append_op> auto& op) {
    return v.list(op.fields, parts::stream_fields, [&](auto& field) {
        return v.text(field.name, limits::name_bytes_max, "field") && v.content(field.content, "content");
    });
}
template <class V>
bool fields(V& v, field_owner<stream::entry_name> auto& name) {
    return v.replica(name.origin, "entry") && v.positive(name.number, "entry");
}
template <class V>
bool fields(V& v, field_owner<stream::trim_op> auto& op) {
    return v.list(op.up_to, parts::up_to, [&](auto& name) { return fields(v, name); });
}
template <class V>
bool fields(V& v, field_owner<stream::claim_op> auto& op) {
    return v.text(op.group, limits::name_bytes_max, "group") &&
           v.text(op.consumer, limits::name_bytes_max, "consumer") &&
           v.list(op.entries, parts::claimed, [&](auto& claimed) {
               return fields(v, claimed.name) && v.dots(claimed.observed, "observed");
           });
}
template <class V>
bool fields(V& v, field_owner<stream::acknowledge_op> auto& op) {
    return v.text(op.group, limits::name_bytes_max, "group") &&
           v.list(op.entries, parts::acknowledged, [&](auto& name) { return fields(v, name); });
}

/// Shows the fields of whatever operation `op` holds.
template <class V, class... Operations>
bool fields(V& v, const std::variant<Operations...>& op) {
    return std::visit([&](const auto& held) { return fields(v, held); }, op);
}

} // namespace sangam::crdt
