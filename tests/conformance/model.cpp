#include "conformance/model.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <tuple>

namespace sangam::conformance {

namespace {

namespace json = boost::json;
using crdt::object_kind;

struct type_name {
    std::string_view of_vectors;
    object_kind kind;
};

constexpr type_name type_names[] = {
    {"counter_pn", object_kind::pn_counter},
    {"counter_fat", object_kind::resettable_counter},
    {"counter_b", object_kind::bounded_counter},
    {"set_go", object_kind::g_set},
    {"set_aw", object_kind::or_set},
    {"set_rw", object_kind::rw_set},
    {"flag_ew", object_kind::ew_flag},
    {"flag_dw", object_kind::dw_flag},
    {"register_mv", object_kind::mv_register},
    {"map_rr", object_kind::or_map},
};

[[nodiscard]] object_kind kind_of(std::string_view type) {
    const auto* const found = std::ranges::find(type_names, type, &type_name::of_vectors);
    if (found == std::end(type_names)) {
        throw std::invalid_argument("no such type: " + std::string(type));
    }
    return found->kind;
}

[[nodiscard]] std::string name_of(const crdt::object_key& key) {
    const auto* const found = std::ranges::find(type_names, key.kind, &type_name::kind);
    return key.name + ":" + std::string(found->of_vectors);
}

[[nodiscard]] std::string text_of(const json::value& v) {
    return std::string(v.as_string());
}

[[nodiscard]] json::value value_of(const std::vector<crdt::value>& values) {
    json::array shown;
    for (const crdt::value& v : values) {
        shown.emplace_back(*v.as_text());
    }
    return shown;
}

[[nodiscard]] json::value value_of(const crdt::object& object);

/// In the vectors a map shows a remove-wins set as long as it holds removes, with no element; here it shows
/// only what is not empty. Where there may be such sets: the names and kinds that the vectors use.
[[nodiscard]] bool holds_anything(const crdt::object& object);

template <class Show>
void for_each_held(const crdt::or_map& map, Show show) {
    for (const char* const name : {"k1", "k2", "k3"}) {
        for (const type_name& type : type_names) {
            const crdt::map_key key{name, type.kind};
            const crdt::object* const found = map.find(key);
            if (found != nullptr && holds_anything(*found)) {
                show(key, *found);
            }
        }
    }
}

[[nodiscard]] bool holds_anything(const crdt::object& object) {
    if (const auto* const set = object.as<crdt::rw_set>()) {
        return !set->nothing_to_reset();
    }
    bool holds = !object.empty();
    if (const auto* const map = object.as<crdt::or_map>()) {
        for_each_held(*map, [&](const crdt::map_key&, const crdt::object&) { holds = true; });
    }
    return holds;
}

[[nodiscard]] json::value value_of(const crdt::or_map& map) {
    json::object members;
    for (const crdt::map_key& key : map.keys()) {
        members[name_of(key)] = value_of(*map.find(key));
    }
    for_each_held(map, [&](const crdt::map_key& key, const crdt::object& held) {
        members[name_of(key)] = value_of(held);
    });
    return members;
}

[[nodiscard]] json::value value_of(const crdt::object& object) {
    switch (object.kind()) {
    case object_kind::pn_counter:
        return object.as<crdt::pn_counter>()->value();
    case object_kind::resettable_counter:
        return object.as<crdt::resettable_counter>()->value();
    case object_kind::bounded_counter:
        return static_cast<std::int64_t>(object.as<crdt::bounded_counter>()->value());
    case object_kind::g_set:
        return value_of(object.as<crdt::g_set>()->elements());
    case object_kind::or_set:
        return value_of(object.as<crdt::or_set>()->elements());
    case object_kind::rw_set:
        return value_of(object.as<crdt::rw_set>()->elements());
    case object_kind::ew_flag:
        return object.as<crdt::ew_flag>()->enabled();
    case object_kind::dw_flag:
        return object.as<crdt::dw_flag>()->enabled();
    case object_kind::mv_register:
        return value_of(object.as<crdt::mv_register>()->values());
    default:
        return value_of(*object.as<crdt::or_map>());
    }
}

[[nodiscard]] crdt::leaf_operation prepare_counter(const crdt::object& object, std::string_view name,
                                                   const json::array& what, causality::replica_id self) {
    const std::int64_t amount = what.at(1).as_int64();
    if (const auto* const bounded = object.as<crdt::bounded_counter>()) {
        const auto size = static_cast<std::uint64_t>(amount);
        using operation = crdt::bounded_counter::operation;
        if (name == "increment") return operation(bounded->increment(size, self));
        if (name == "decrement") return operation(bounded->decrement(size, self));
        return operation(bounded->transfer(size, id_of(what.at(2).as_int64()), self));
    }
    const std::int64_t signed_amount = name == "decrement" ? -amount : amount;
    if (const auto* const counter = object.as<crdt::resettable_counter>()) {
        return crdt::resettable_counter::operation(counter->increment(signed_amount, self));
    }
    return object.as<crdt::pn_counter>()->increment(signed_amount);
}

[[nodiscard]] crdt::leaf_operation prepare_add(const crdt::object& object, crdt::value element) {
    if (const auto* const set = object.as<crdt::g_set>()) return set->add(std::move(element));
    if (const auto* const set = object.as<crdt::or_set>()) {
        return crdt::or_set::operation(set->add(std::move(element)));
    }
    return crdt::rw_set::operation(object.as<crdt::rw_set>()->add(std::move(element)));
}

[[nodiscard]] crdt::leaf_operation prepare_remove(const crdt::object& object, crdt::value element) {
    if (const auto* const set = object.as<crdt::or_set>()) {
        return crdt::or_set::operation(set->remove(std::move(element)));
    }
    return crdt::rw_set::operation(object.as<crdt::rw_set>()->remove(std::move(element)));
}

template <class Flag>
[[nodiscard]] crdt::leaf_operation prepare_flag(const Flag& flag, bool enabled) {
    return enabled ? typename Flag::operation(flag.enable()) : typename Flag::operation(flag.disable());
}

/// What a user's step makes on an object that holds no others.
[[nodiscard]] crdt::leaf_operation prepare(const crdt::object& object, const json::array& what,
                                           causality::replica_id self) {
    const std::string name = text_of(what.at(0));
    if (name == "increment" || name == "decrement" || name == "transfer") {
        return prepare_counter(object, name, what, self);
    }
    if (name == "add") return prepare_add(object, text_of(what.at(1)));
    if (name == "remove") return prepare_remove(object, text_of(what.at(1)));
    if (name == "assign") {
        return crdt::mv_register::operation(object.as<crdt::mv_register>()->assign(text_of(what.at(1))));
    }
    if (name != "enable" && name != "disable") {
        throw std::invalid_argument("no such operation: " + name);
    }
    if (const auto* const flag = object.as<crdt::ew_flag>()) return prepare_flag(*flag, name == "enable");
    return prepare_flag(*object.as<crdt::dw_flag>(), name == "enable");
}

} // namespace

model::model(std::string_view type) {
    if (type == "register_lww") {
        state_ = vector_register();
    } else if (type == "map_go") {
        state_ = keyspace();
    } else {
        state_ = crdt::object(kind_of(type));
    }
}

std::pair<std::vector<operation>, causality::hybrid_time> model::perform(const json::array& what,
                                                                         const causality::dot& id) {
    std::vector<operation> done;
    causality::hybrid_time time;
    if (const vector_register* const assigned = std::get_if<vector_register>(&state_)) {
        const crdt::register_write* const winner = assigned->winner();
        const std::uint64_t seen = winner != nullptr ? winner->time.bits : 0;
        time.bits = std::max(what.at(2).to_number<std::uint64_t>(), seen + 1);
        done.emplace_back(vector_register::operation(assigned->assign(text_of(what.at(1)))));
        apply(done.back(), {id, time});
    } else {
        perform_at({}, what, {id, time}, done);
    }
    return {std::move(done), time};
}

const crdt::object* model::find(const std::vector<crdt::map_key>& path) const {
    std::span<const crdt::map_key> rest = path;
    const crdt::object* root = std::get_if<crdt::object>(&state_);
    if (root == nullptr) {
        const keyspace& keys = std::get<keyspace>(state_);
        const auto at = keys.find(path.front());
        root = at != keys.end() ? &at->second : nullptr;
        rest = rest.subspan(1);
    }
    return root == nullptr || rest.empty() ? root : root->as<crdt::or_map>()->find(rest);
}

void model::perform_at(const std::vector<crdt::map_key>& path, const json::array& what,
                       const crdt::operation_context& context, std::vector<operation>& done) {
    const std::string name = text_of(what.at(0));
    if (name == "update") {
        std::vector<crdt::map_key> inner = path;
        inner.push_back({text_of(what.at(1)), kind_of(text_of(what.at(2)))});
        perform_at(inner, what.at(3).as_array(), context, done);
        return;
    }
    if (name == "add_all" || name == "remove_all") {
        for (const json::value& element : what.at(1).as_array()) {
            perform_at(path, {name.substr(0, name.size() - 4), element}, context, done);
        }
        return;
    }
    const crdt::object* const found = find(path);
    const crdt::object fresh = path.empty() ? crdt::object() : crdt::object(path.back().kind);
    const crdt::object& object = found != nullptr ? *found : fresh;
    std::vector<crdt::map_operation> prepared;
    if (name == "reset" && std::holds_alternative<keyspace>(state_)) {
        // Also of what is not there: writing to a key makes it.
        prepared.push_back({path, crdt::or_set::operation(object.as<crdt::or_set>()->clear())});
    } else if (name == "reset") {
        object.append_reset(path, prepared);
    } else if (object.kind() != object_kind::or_map) {
        prepared.push_back({path, prepare(object, what, context.id.replica)});
    } else {
        std::vector<crdt::map_key> inner = path;
        inner.push_back({text_of(what.at(1)), kind_of(text_of(what.at(2)))});
        if (const crdt::object* const removed = find(inner)) {
            removed->append_reset(inner, prepared);
        }
    }
    for (crdt::map_operation& op : prepared) {
        done.emplace_back(std::move(op));
        apply(done.back(), context);
    }
}

void model::apply(const operation& op, const crdt::operation_context& context) {
    if (vector_register* const assigned = std::get_if<vector_register>(&state_)) {
        assigned->apply(std::get<vector_register::operation>(op), context);
        return;
    }
    const crdt::map_operation& change = std::get<crdt::map_operation>(op);
    std::span<const crdt::map_key> path = change.path;
    crdt::object* object = std::get_if<crdt::object>(&state_);
    if (object == nullptr) {
        object = &std::get<keyspace>(state_).try_emplace(path.front(), path.front().kind).first->second;
        path = path.subspan(1);
    }
    if (!object->accepts(path, change.leaf, context.id.replica)) {
        throw std::invalid_argument("an operation is not accepted");
    }
    object->apply(path, change.leaf, context);
}

json::value model::value() const {
    if (const vector_register* const assigned = std::get_if<vector_register>(&state_)) {
        const crdt::value content = assigned->value();
        return content.is_null() ? json::value("") : json::value(*content.as_text());
    }
    if (const crdt::object* const object = std::get_if<crdt::object>(&state_)) {
        return value_of(*object);
    }
    json::object members;
    for (const auto& [key, object] : std::get<keyspace>(state_)) {
        members[name_of(key)] = value_of(object);
    }
    return members;
}

} // namespace sangam::conformance
