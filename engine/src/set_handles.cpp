#include <sangam/engine/set_handles.hpp>

#include "handle_access.hpp"

namespace sangam::engine {

namespace {

template <class Function>
auto with_set(const object_address& address, Function&& function) {
    return with_type<crdt::or_set, crdt::rw_set>(address, crdt::object_kind::or_set,
                                                 std::forward<Function>(function));
}

} // namespace

void set_handle::add(crdt::value element) const {
    with_set(address_, [&]<class Set>(std::type_identity<Set>) {
        write_as<Set>(*target_, address_,
                      [&](const Set& set, causality::replica_id) { return set.add(std::move(element)); });
    });
}

void set_handle::remove(crdt::value element) const {
    if (address_.kind() == crdt::object_kind::rw_set) {
        write_as<crdt::rw_set>(*target_, address_, [&](const auto& set, causality::replica_id) {
            return set.remove(std::move(element));
        });
        return;
    }
    write_if<crdt::or_set>(
        *target_, address_, [&](const auto& set) { return set.contains(element); },
        [&](const auto& set, causality::replica_id) { return set.remove(std::move(element)); });
}

void set_handle::clear() const {
    with_set(address_, [&]<class Set>(std::type_identity<Set>) {
        write_if<Set>(
            *target_, address_, [](const Set& set) { return !(set == Set()); },
            [](const Set& set, causality::replica_id) {
                if constexpr (requires { set.clear(); }) {
                    return set.clear();
                } else {
                    return set.reset();
                }
            });
    });
}

bool set_handle::contains(const crdt::value& element) const {
    return with_set(address_, [&]<class Set>(std::type_identity<Set>) {
        return read_as<Set>(*target_, address_, [&](const Set& set) { return set.contains(element); });
    });
}

std::size_t set_handle::size() const {
    return with_set(address_, [&]<class Set>(std::type_identity<Set>) {
        return read_as<Set>(*target_, address_, [](const Set& set) { return set.size(); });
    });
}

std::vector<crdt::value> set_handle::elements() const {
    return with_set(address_, [&]<class Set>(std::type_identity<Set>) {
        return read_as<Set>(*target_, address_, [](const Set& set) { return set.elements(); });
    });
}

void g_set_handle::add(crdt::value element) const {
    write_if<crdt::g_set>(
        *target_, address_, [&](const auto& set) { return !set.contains(element); },
        [&](const auto& set, causality::replica_id) { return set.add(std::move(element)); });
}

bool g_set_handle::contains(const crdt::value& element) const {
    return read_as<crdt::g_set>(*target_, address_, [&](const auto& set) { return set.contains(element); });
}

std::size_t g_set_handle::size() const {
    return read_as<crdt::g_set>(*target_, address_, [](const auto& set) { return set.size(); });
}

std::vector<crdt::value> g_set_handle::elements() const {
    return read_as<crdt::g_set>(*target_, address_, [](const auto& set) { return set.elements(); });
}

void sorted_set_handle::assign(crdt::value member, double score) const {
    write_as<crdt::sorted_set>(*target_, address_, [&](const auto& set, causality::replica_id) {
        return set.assign(std::move(member), score);
    });
}

void sorted_set_handle::increment(crdt::value member, double amount) const {
    write_as<crdt::sorted_set>(*target_, address_, [&](const auto& set, causality::replica_id self) {
        return set.increment(std::move(member), amount, self);
    });
}

void sorted_set_handle::remove(crdt::value member) const {
    write_if<crdt::sorted_set>(
        *target_, address_, [&](const auto& set) { return set.contains(member); },
        [&](const auto& set, causality::replica_id) { return set.remove(std::move(member)); });
}

void sorted_set_handle::clear() const {
    write_if<crdt::sorted_set>(
        *target_, address_, [](const auto& set) { return !set.empty(); },
        [](const auto& set, causality::replica_id) { return set.clear(); });
}

bool sorted_set_handle::contains(const crdt::value& member) const {
    return read_as<crdt::sorted_set>(*target_, address_,
                                     [&](const auto& set) { return set.contains(member); });
}

std::optional<double> sorted_set_handle::score(const crdt::value& member) const {
    return read_as<crdt::sorted_set>(*target_, address_, [&](const auto& set) { return set.score(member); });
}

std::size_t sorted_set_handle::size() const {
    return read_as<crdt::sorted_set>(*target_, address_, [](const auto& set) { return set.size(); });
}

std::optional<std::size_t> sorted_set_handle::rank(const crdt::value& member) const {
    return read_as<crdt::sorted_set>(*target_, address_, [&](const auto& set) { return set.rank(member); });
}

std::vector<crdt::sorted_set::scored> sorted_set_handle::entries(std::size_t first, std::size_t count) const {
    return read_as<crdt::sorted_set>(*target_, address_,
                                     [&](const auto& set) { return set.entries(first, count); });
}

std::vector<crdt::sorted_set::scored> sorted_set_handle::entries_by_score(double least,
                                                                          double greatest) const {
    return read_as<crdt::sorted_set>(*target_, address_,
                                     [&](const auto& set) { return set.entries_by_score(least, greatest); });
}

} // namespace sangam::engine
