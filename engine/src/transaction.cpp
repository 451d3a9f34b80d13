#include <sangam/engine/transaction.hpp>

#include "handle_factory.hpp"

namespace sangam::engine {

counter_handle transaction::counter(std::string_view key) const {
    return make_handle<counter_handle>(target_, key, crdt::object_kind::pn_counter);
}

g_counter_handle transaction::g_counter(std::string_view key) const {
    return make_handle<g_counter_handle>(target_, key, crdt::object_kind::g_counter);
}

set_handle transaction::set(std::string_view key) const {
    return make_handle<set_handle>(target_, key, crdt::object_kind::or_set);
}

map_handle transaction::map(std::string_view key) const {
    return make_handle<map_handle>(target_, key, crdt::object_kind::or_map);
}

register_handle transaction::lww_register(std::string_view key) const {
    return make_handle<register_handle>(target_, key, crdt::object_kind::lww_register);
}

text_handle transaction::text(std::string_view key) const {
    return make_handle<text_handle>(target_, key, crdt::object_kind::rga_text);
}

object_handle transaction::object_for_key(std::string_view key) const {
    return make_handle_for_key(target_, key);
}

} // namespace sangam::engine
