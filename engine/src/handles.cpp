#include <sangam/causality/error.hpp>
#include <sangam/engine/errc.hpp>
#include <sangam/engine/handles.hpp>

#include <string>

namespace sangam::engine {

crdt::object_kind kind_for_key(std::string_view key) noexcept {
    if (key.starts_with("counter:")) return crdt::object_kind::pn_counter;
    if (key.starts_with("set:")) return crdt::object_kind::or_set;
    if (key.starts_with("map:")) return crdt::object_kind::or_map;
    if (key.starts_with("text:")) return crdt::object_kind::rga_text;
    return crdt::object_kind::lww_register;
}

template <class Handle>
Handle handle_source::make(std::string_view key, crdt::object_kind kind) const {
    if (!target_) {
        throw exception({errc::closed, "moved-from replica"});
    }
    return Handle(target_, object_address{{std::string(key), kind}, {}});
}

counter_handle handle_source::counter(std::string_view key) const {
    return make<counter_handle>(key, crdt::object_kind::pn_counter);
}

resettable_counter_handle handle_source::resettable_counter(std::string_view key) const {
    return make<resettable_counter_handle>(key, crdt::object_kind::resettable_counter);
}

g_counter_handle handle_source::g_counter(std::string_view key) const {
    return make<g_counter_handle>(key, crdt::object_kind::g_counter);
}

bounded_counter_handle handle_source::bounded_counter(std::string_view key) const {
    return make<bounded_counter_handle>(key, crdt::object_kind::bounded_counter);
}

set_handle handle_source::set(std::string_view key) const {
    return make<set_handle>(key, crdt::object_kind::or_set);
}

set_handle handle_source::rw_set(std::string_view key) const {
    return make<set_handle>(key, crdt::object_kind::rw_set);
}

g_set_handle handle_source::g_set(std::string_view key) const {
    return make<g_set_handle>(key, crdt::object_kind::g_set);
}

sorted_set_handle handle_source::sorted_set(std::string_view key) const {
    return make<sorted_set_handle>(key, crdt::object_kind::sorted_set);
}

map_handle handle_source::map(std::string_view key) const {
    return make<map_handle>(key, crdt::object_kind::or_map);
}

register_handle handle_source::lww_register(std::string_view key) const {
    return make<register_handle>(key, crdt::object_kind::lww_register);
}

mv_register_handle handle_source::mv_register(std::string_view key) const {
    return make<mv_register_handle>(key, crdt::object_kind::mv_register);
}

flag_handle handle_source::ew_flag(std::string_view key) const {
    return make<flag_handle>(key, crdt::object_kind::ew_flag);
}

flag_handle handle_source::dw_flag(std::string_view key) const {
    return make<flag_handle>(key, crdt::object_kind::dw_flag);
}

text_handle handle_source::text(std::string_view key) const {
    return make<text_handle>(key, crdt::object_kind::rga_text);
}

list_handle handle_source::list(std::string_view key) const {
    return make<list_handle>(key, crdt::object_kind::rga_list);
}

stream_handle handle_source::stream(std::string_view key) const {
    return make<stream_handle>(key, crdt::object_kind::stream);
}

expiry_handle handle_source::expiry(std::string_view key) const {
    return make<expiry_handle>(key, crdt::object_kind::expiry);
}

object_handle handle_source::object_for_key(std::string_view key) const {
    switch (kind_for_key(key)) {
    case crdt::object_kind::pn_counter:
        return counter(key);
    case crdt::object_kind::or_set:
        return set(key);
    case crdt::object_kind::or_map:
        return map(key);
    case crdt::object_kind::rga_text:
        return text(key);
    default:
        return lww_register(key);
    }
}

} // namespace sangam::engine
