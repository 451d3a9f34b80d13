#include <sangam/engine/counter_handles.hpp>

#include "handle_access.hpp"

#include <sangam/crdt/errc.hpp>

#include <limits>
#include <string>

namespace sangam::engine {

namespace {

template <class Function>
auto with_counter(const object_address& address, Function&& function) {
    return with_type<crdt::resettable_counter, crdt::pn_counter>(
        address, crdt::object_kind::resettable_counter, std::forward<Function>(function));
}

} // namespace

void counter_handle::increment(std::int64_t amount) const {
    with_counter(address_, [&]<class Counter>(std::type_identity<Counter>) {
        write_as<Counter>(*target_, address_, [&](const Counter& counter, causality::replica_id self) {
            if constexpr (requires { counter.increment(amount, self); }) {
                return counter.increment(amount, self);
            } else {
                return counter.increment(amount);
            }
        });
    });
}

void counter_handle::decrement(std::int64_t amount) const {
    if (amount == std::numeric_limits<std::int64_t>::min()) {
        throw exception({crdt::errc::counter_overflow, "decrement by " + std::to_string(amount)});
    }
    increment(-amount);
}

std::int64_t counter_handle::value() const {
    return with_counter(address_, [&]<class Counter>(std::type_identity<Counter>) {
        return read_as<Counter>(*target_, address_, [](const Counter& counter) { return counter.value(); });
    });
}

void resettable_counter_handle::reset() const {
    write_if<crdt::resettable_counter>(
        *target_, address_, [](const auto& counter) { return !counter.empty(); },
        [](const auto& counter, causality::replica_id) { return counter.reset(); });
}

void g_counter_handle::increment(std::uint64_t amount) const {
    write_as<crdt::g_counter>(*target_, address_, [&](const auto& counter, causality::replica_id) {
        return counter.increment(amount);
    });
}

std::uint64_t g_counter_handle::value() const {
    return read_as<crdt::g_counter>(*target_, address_, [](const auto& counter) { return counter.value(); });
}

void bounded_counter_handle::increment(std::uint64_t amount) const {
    write_as<crdt::bounded_counter>(*target_, address_, [&](const auto& counter, causality::replica_id self) {
        return counter.increment(amount, self);
    });
}

void bounded_counter_handle::decrement(std::uint64_t amount) const {
    write_as<crdt::bounded_counter>(*target_, address_, [&](const auto& counter, causality::replica_id self) {
        return counter.decrement(amount, self);
    });
}

void bounded_counter_handle::transfer(std::uint64_t amount, causality::replica_id to) const {
    write_as<crdt::bounded_counter>(*target_, address_, [&](const auto& counter, causality::replica_id self) {
        return counter.transfer(amount, to, self);
    });
}

std::uint64_t bounded_counter_handle::value() const {
    return read_as<crdt::bounded_counter>(*target_, address_,
                                          [](const auto& counter) { return counter.value(); });
}

std::uint64_t bounded_counter_handle::rights(causality::replica_id replica) const {
    return read_as<crdt::bounded_counter>(*target_, address_,
                                          [&](const auto& counter) { return counter.rights(replica); });
}

} // namespace sangam::engine
