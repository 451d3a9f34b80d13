#include <sangam/engine/map_handle.hpp>

#include "handle_access.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace sangam::engine {

template <class Handle>
Handle map_handle::nested(std::string_view name, crdt::object_kind kind) const {
    object_address address = address_;
    address.path.push_back({std::string(name), kind});
    return Handle(target_, std::move(address));
}

resettable_counter_handle map_handle::counter(std::string_view name) const {
    return nested<resettable_counter_handle>(name, crdt::object_kind::resettable_counter);
}

set_handle map_handle::set(std::string_view name) const {
    return nested<set_handle>(name, crdt::object_kind::or_set);
}

set_handle map_handle::rw_set(std::string_view name) const {
    return nested<set_handle>(name, crdt::object_kind::rw_set);
}

sorted_set_handle map_handle::sorted_set(std::string_view name) const {
    return nested<sorted_set_handle>(name, crdt::object_kind::sorted_set);
}

mv_register_handle map_handle::mv_register(std::string_view name) const {
    return nested<mv_register_handle>(name, crdt::object_kind::mv_register);
}

flag_handle map_handle::ew_flag(std::string_view name) const {
    return nested<flag_handle>(name, crdt::object_kind::ew_flag);
}

flag_handle map_handle::dw_flag(std::string_view name) const {
    return nested<flag_handle>(name, crdt::object_kind::dw_flag);
}

list_handle map_handle::list(std::string_view name) const {
    return nested<list_handle>(name, crdt::object_kind::rga_list);
}

stream_handle map_handle::stream(std::string_view name) const {
    return nested<stream_handle>(name, crdt::object_kind::stream);
}

expiry_handle map_handle::expiry(std::string_view name) const {
    return nested<expiry_handle>(name, crdt::object_kind::expiry);
}

register_handle map_handle::lww_register(std::string_view name) const {
    return nested<register_handle>(name, crdt::object_kind::lww_register);
}

text_handle map_handle::text(std::string_view name) const {
    return nested<text_handle>(name, crdt::object_kind::rga_text);
}

map_handle map_handle::map(std::string_view name) const {
    return nested<map_handle>(name, crdt::object_kind::or_map);
}

void map_handle::put(std::string_view name, crdt::value content) const {
    lww_register(name).assign(std::move(content));
}

std::optional<crdt::value> map_handle::get(std::string_view name) const {
    return read_as<crdt::or_map>(
        *target_, address_, [&](const crdt::or_map& map) -> std::optional<crdt::value> {
            const crdt::object* found =
                map.find(crdt::map_key{std::string(name), crdt::object_kind::lww_register});
            if (!found || found->empty()) {
                return std::nullopt;
            }
            return found->as<crdt::lww_register>()->value();
        });
}

void map_handle::remove(std::string_view name) const {
    target_->write(
        address_, [&](const crdt::object& object, causality::replica_id, operation_list& operations) {
            for (const crdt::object_kind kind : crdt::nested_kinds) {
                for (crdt::map_operation& op : object.as<crdt::or_map>()->remove({std::string(name), kind})) {
                    operations.add(std::move(op));
                }
            }
        });
}

void map_handle::clear() const {
    target_->write(address_,
                   [&](const crdt::object& object, causality::replica_id, operation_list& operations) {
                       for (crdt::map_operation& op : object.as<crdt::or_map>()->reset()) {
                           operations.add(std::move(op));
                       }
                   });
}

bool map_handle::contains(std::string_view name) const {
    return read_as<crdt::or_map>(*target_, address_, [&](const crdt::or_map& map) {
        return std::ranges::any_of(crdt::nested_kinds, [&](crdt::object_kind kind) {
            return map.contains({std::string(name), kind});
        });
    });
}

std::vector<crdt::map_key> map_handle::keys() const {
    return read_as<crdt::or_map>(*target_, address_, [](const crdt::or_map& map) { return map.keys(); });
}

std::size_t map_handle::size() const {
    return read_as<crdt::or_map>(*target_, address_, [](const crdt::or_map& map) { return map.size(); });
}

} // namespace sangam::engine
