#include <sangam/engine/keyspace.hpp>

#include <span>

namespace sangam::engine {

keyspace::key_view keyspace::key_of(const entry_pointer& e) noexcept {
    const std::span<const std::byte> name = *e->name.as_bytes();
    return {{reinterpret_cast<const char*>(name.data()), name.size()}, e->object.kind()};
}

const crdt::object* keyspace::find(const crdt::object_key& key) const {
    const auto at = entries_.find(key);
    return at == entries_.end() ? nullptr : &(*at)->object;
}

crdt::object* keyspace::find(const crdt::object_key& key) {
    const auto at = entries_.find(key);
    return at == entries_.end() ? nullptr : &(*at)->object;
}

crdt::object& keyspace::find_or_add(const crdt::object_key& key) {
    if (crdt::object* const found = find(key)) {
        return *found;
    }
    auto added = std::make_unique<entry>(
        entry{crdt::value(std::as_bytes(std::span(key.name))), crdt::object(key.kind)});
    return (*entries_.insert(std::move(added)).first)->object;
}

} // namespace sangam::engine
