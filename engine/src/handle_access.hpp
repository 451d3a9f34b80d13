#pragma once

#include <sangam/causality/assert.hpp>
#include <sangam/engine/executor.hpp>

#include <type_traits>
#include <utility>

/// How handles reach the object that they name.
namespace sangam::engine {

/// Reads one object of a known type.
template <class Type, class Function>
auto read_as(const executor& target, const object_address& address, Function&& function) {
    std::invoke_result_t<Function, const Type&> answer{};
    target.read(address, [&](const crdt::object& object) { answer = function(*object.as<Type>()); });
    return answer;
}

/// Writes with what `prepare(const Type&, self)` returns.
template <class Type, class Prepare>
void write_as(executor& target, const object_address& address, Prepare&& prepare) {
    target.write(address,
                 [&](const crdt::object& object, causality::replica_id self, operation_list& operations) {
                     operations.add(typename Type::operation(prepare(*object.as<Type>(), self)));
                 });
}

/// The same, but writes nothing when `is_needed(const Type&)` says so.
template <class Type, class Needed, class Prepare>
void write_if(executor& target, const object_address& address, Needed&& is_needed, Prepare&& prepare) {
    target.write(address,
                 [&](const crdt::object& object, causality::replica_id self, operation_list& operations) {
                     const Type& state = *object.as<Type>();
                     if (is_needed(state)) {
                         operations.add(typename Type::operation(prepare(state, self)));
                     }
                 });
}

/// Calls `function` with a tag of the first of two types whose kind the address has.
template <class First, class Second, class Function>
auto with_type(const object_address& address, crdt::object_kind first, Function&& function) {
    return address.kind() == first ? function(std::type_identity<First>())
                                   : function(std::type_identity<Second>());
}

} // namespace sangam::engine
