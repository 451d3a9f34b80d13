#pragma once

#include <sangam/engine/handles.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace sangam::engine {

template <class Handle>
Handle make_handle(const std::shared_ptr<executor>& target, std::string_view key, crdt::object_kind kind) {
    return Handle(target, object_address{{std::string(key), kind}, {}});
}

inline object_handle make_handle_for_key(const std::shared_ptr<executor>& target, std::string_view key) {
    const crdt::object_kind kind = kind_for_key(key);
    switch (kind) {
    case crdt::object_kind::pn_counter:
        return make_handle<counter_handle>(target, key, kind);
    case crdt::object_kind::or_set:
        return make_handle<set_handle>(target, key, kind);
    case crdt::object_kind::or_map:
        return make_handle<map_handle>(target, key, kind);
    case crdt::object_kind::rga_text:
        return make_handle<text_handle>(target, key, kind);
    default:
        return make_handle<register_handle>(target, key, kind);
    }
}

} // namespace sangam::engine
