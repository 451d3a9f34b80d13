#include "conformance/model.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <tuple>

namespace sangam::conformance {

namespace {

namespace json = boost::json;
using crdt::object_kind;

/// The kind of an object that means the same as a type of the vectors. A grow-only set is an add-wins set
/// that nobody removes from.
[[nodiscard]] std::optional<object_kind> kind_of(std::string_view type) {
    if (type == "counter_pn") return object_kind::pn_counter;
    if (type == "counter_fat") return object_kind::resettable_counter;
    if (type == "set_aw" || type == "set_go") return object_kind::or_set;
    if (type == "map_rr") return object_kind::or_map;
    return std::nullopt;
}

[[nodiscard]] std::string_view vector_type_of(object_kind kind) {
    switch (kind) {
    case object_kind::resettable_counter:
        return "counter_fat";
    case object_kind::or_set:
        return "set_aw";
    case object_kind::or_map:
        return "map_rr";
    default:
        throw std::invalid_argument("no such type in the maps of the vectors");
    }
}

[[nodiscard]] std::string text_of(const json::value& v) {
    return std::string(v.as_string());
}

[[nodiscard]] json::value value_of(const crdt::object& object) {
    if (const auto* const counter = object.as<crdt::pn_counter>()) {
        return counter->value();
    }
    if (const auto* const counter = object.as<crdt::resettable_counter>()) {
        return counter->value();
    }
    if (const auto* const set = object.as<crdt::or_set>()) {
        json::array elements;
        for (const crdt::value& element : set->elements()) {
            elements.emplace_back(*element.as_text());
        }
        return elements;
    }
    json::object members;
    const crdt::or_map& map = *object.as<crdt::or_map>();
    for (const crdt::map_key& key : map.keys()) {
        members[key.name + ":" + std::string(vector_type_of(key.kind))] = value_of(*map.find(key));
    }
    return members;
}

/// What `name` with `argument` makes on a state that holds no others.
[[nodiscard]] crdt::leaf_operation prepare(const crdt::object& object, std::string_view name,
                                           const json::value& argument, causality::replica_id self) {
    const auto signed_amount = [&] {
        return name == "decrement" ? -argument.as_int64() : argument.as_int64();
    };
    if (const auto* const counter = object.as<crdt::pn_counter>(); counter != nullptr && name != "reset") {
        return counter->increment(signed_amount());
    }
    if (const auto* const counter = object.as<crdt::resettable_counter>()) {
        return name == "reset"
                   ? crdt::resettable_counter::operation(counter->reset())
                   : crdt::resettable_counter::operation(counter->increment(signed_amount(), self));
    }
    if (const auto* const set = object.as<crdt::or_set>()) {
        if (name == "reset") return crdt::or_set::operation(set->clear());
        if (name == "add") return crdt::or_set::operation(set->add(text_of(argument)));
        if (name == "remove") return crdt::or_set::operation(set->remove(text_of(argument)));
    }
    throw std::invalid_argument("no such operation: " + std::string(name));
}

} // namespace

model::model(std::string_view type) {
    if (type == "register_lww") {
        state_ = vector_register();
    } else if (const std::optional<object_kind> kind = kind_of(type)) {
        state_ = crdt::object(*kind);
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
    } else if (has_values()) {
        perform_at({}, what, {id, time}, done);
    }
    return {std::move(done), time};
}

void model::perform_at(const std::vector<crdt::map_key>& path, const json::array& what,
                       const crdt::operation_context& context, std::vector<operation>& done) {
    const std::string name = text_of(what.at(0));
    const crdt::object& root = std::get<crdt::object>(state_);
    const crdt::or_map* const outer = root.as<crdt::or_map>();
    const crdt::object* found = path.empty() ? &root : outer->find(path);
    const crdt::object fresh = path.empty() ? crdt::object() : crdt::object(path.back().kind);
    const crdt::object& object = found != nullptr ? *found : fresh;

    std::vector<crdt::map_operation> prepared;
    if (name == "add_all" || name == "remove_all") {
        for (const json::value& element : what.at(1).as_array()) {
            perform_at(path, {name.substr(0, name.size() - 4), element}, context, done);
        }
    } else if (const crdt::or_map* const map = object.as<crdt::or_map>(); map == nullptr) {
        const json::value argument = what.size() > 1 ? what.at(1) : json::value();
        prepared.push_back({path, prepare(object, name, argument, context.id.replica)});
    } else if (name == "reset") {
        object.append_reset(path, prepared);
    } else if (const std::optional<object_kind> kind = kind_of(text_of(what.at(2)))) {
        std::vector<crdt::map_key> inner = path;
        inner.push_back({text_of(what.at(1)), *kind});
        if (name == "update") {
            perform_at(inner, what.at(3).as_array(), context, done);
        } else if (const crdt::object* const removed = map->find(inner.back()); removed != nullptr) {
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
    crdt::object& object = std::get<crdt::object>(state_);
    const crdt::map_operation& change = std::get<crdt::map_operation>(op);
    if (!object.accepts(change.path, change.leaf, context.id.replica)) {
        throw std::invalid_argument("an operation is not accepted");
    }
    object.apply(change.path, change.leaf, context);
}

json::value model::value() const {
    if (const vector_register* const assigned = std::get_if<vector_register>(&state_)) {
        const crdt::value content = assigned->value();
        return content.is_null() ? json::value("") : json::value(*content.as_text());
    }
    return value_of(std::get<crdt::object>(state_));
}

std::pair<json::value, bool> without_unknown_types(std::string_view type, const json::value& expected) {
    if (type != "map_rr") {
        return {expected, false};
    }
    json::object known;
    bool without = false;
    for (const auto& [key, value] : expected.as_object()) {
        const std::string_view inner = std::string_view(key).substr(key.find(':') + 1);
        const auto [kept, reduced] = without_unknown_types(inner, value);
        const bool nothing_left = reduced && kept.as_object().empty();
        without = without || reduced || !kind_of(inner);
        if (kind_of(inner) && !nothing_left) {
            known[key] = kept;
        }
    }
    return {known, without};
}

} // namespace sangam::conformance
