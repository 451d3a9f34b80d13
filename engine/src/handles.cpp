#include <sangam/causality/assert.hpp>
#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/utf8.hpp>
#include <sangam/engine/handles.hpp>
#include <sangam/engine/replica_state.hpp>
#include <sangam/transport/limits.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace sangam::engine {

namespace {

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

bool in_map(const object_address& address) {
    return !address.path.empty();
}

} // namespace

void counter_handle::increment(std::int64_t amount) const {
    if (in_map(address_)) {
        write_as<crdt::resettable_counter>(
            *target_, address_,
            [&](const auto& counter, causality::replica_id self) { return counter.increment(amount, self); });
    } else {
        write_as<crdt::pn_counter>(*target_, address_, [&](const auto& counter, causality::replica_id) {
            return counter.increment(amount);
        });
    }
}

void counter_handle::decrement(std::int64_t amount) const {
    if (amount == std::numeric_limits<std::int64_t>::min()) {
        throw exception({crdt::errc::counter_overflow, "decrement by " + std::to_string(amount)});
    }
    increment(-amount);
}

std::int64_t counter_handle::value() const {
    const auto value_of = [](const auto& counter) { return counter.value(); };
    return in_map(address_) ? read_as<crdt::resettable_counter>(*target_, address_, value_of)
                            : read_as<crdt::pn_counter>(*target_, address_, value_of);
}

void g_counter_handle::increment(std::uint64_t amount) const {
    write_as<crdt::g_counter>(*target_, address_, [&](const auto& counter, causality::replica_id) {
        return counter.increment(amount);
    });
}

std::uint64_t g_counter_handle::value() const {
    return read_as<crdt::g_counter>(*target_, address_, [](const auto& counter) { return counter.value(); });
}

void set_handle::add(crdt::value element) const {
    write_as<crdt::or_set>(*target_, address_, [&](const auto& set, causality::replica_id) {
        return set.add(std::move(element));
    });
}

void set_handle::remove(crdt::value element) const {
    target_->write(address_,
                   [&](const crdt::object& object, causality::replica_id, operation_list& operations) {
                       crdt::or_set::remove_op op = object.as<crdt::or_set>()->remove(std::move(element));
                       if (!op.observed.empty()) {
                           operations.add(crdt::or_set::operation(std::move(op)));
                       }
                   });
}

void set_handle::clear() const {
    target_->write(address_,
                   [&](const crdt::object& object, causality::replica_id, operation_list& operations) {
                       if (!object.empty()) {
                           operations.add(crdt::or_set::operation(object.as<crdt::or_set>()->clear()));
                       }
                   });
}

bool set_handle::contains(const crdt::value& element) const {
    return read_as<crdt::or_set>(*target_, address_, [&](const auto& set) { return set.contains(element); });
}

std::size_t set_handle::size() const {
    return read_as<crdt::or_set>(*target_, address_, [](const auto& set) { return set.size(); });
}

std::vector<crdt::value> set_handle::elements() const {
    return read_as<crdt::or_set>(*target_, address_, [](const auto& set) { return set.elements(); });
}

void register_handle::assign(crdt::value content) const {
    write_as<crdt::lww_register>(*target_, address_, [&](const auto& reg, causality::replica_id) {
        return reg.assign(std::move(content));
    });
}

crdt::value register_handle::get() const {
    return read_as<crdt::lww_register>(*target_, address_, [](const auto& reg) { return reg.value(); });
}

bool register_handle::assigned() const {
    return read_as<crdt::lww_register>(*target_, address_, [](const auto& reg) { return !reg.empty(); });
}

void text_handle::insert(std::size_t position, std::string_view text) const {
    const crdt::text_patch patch{position, 0, std::string(text)};
    edit(std::span(&patch, 1));
}

void text_handle::erase(std::size_t position, std::size_t count) const {
    const crdt::text_patch patch{position, count, {}};
    edit(std::span(&patch, 1));
}

namespace {

constexpr std::size_t range_bytes = 32; ///< what transport::memory_of counts for a range of erased characters

/// Throws if the operations of the patches may take more memory than a message may, or the text has no ids
/// left for what they insert. What the first patch erases is known exactly; what later ones erase is taken to
/// be scattered.
void check_room(std::span<const crdt::text_patch> patches, const object_address& address,
                const crdt::rga_text& text, causality::replica_id self) {
    transport::message one;
    one.operations.push_back({address.object, address.path, crdt::rga_text::operation()});
    const std::size_t one_operation = transport::memory_of(one);
    std::size_t memory = one_operation;
    std::size_t scalars = 0;
    for (const crdt::text_patch& patch : patches) {
        const std::size_t operations = (patch.erased > 0 ? 1U : 0U) + (patch.inserted.empty() ? 0U : 1U);
        memory += operations * one_operation + patch.inserted.size() + patch.erased * range_bytes;
        scalars += crdt::utf8::count_scalars(patch.inserted);
    }
    if (scalars > 0) {
        static_cast<void>(text.insert(0, std::string(scalars, ' '), self));
    }
    if (memory > message_bytes_max && patches.front().erased > 0) {
        const std::size_t ranges = text.erase(patches.front().position, patches.front().erased).ranges.size();
        memory -= (patches.front().erased - ranges) * range_bytes;
    }
    if (memory > message_bytes_max) {
        throw exception({crdt::errc::too_large, "an edit that may take " + std::to_string(memory) +
                                                    " bytes; " + std::to_string(message_bytes_max) +
                                                    " are the most"});
    }
}

/// Throws what is wrong with the first patch that is wrong.
void check_patches(std::span<const crdt::text_patch> patches, std::size_t size) {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < patches.size(); ++i) {
        const crdt::text_patch& patch = patches[i];
        const auto where = [&] { return "patch " + std::to_string(i) + ": "; };
        if (patch.position > size || patch.erased > size - patch.position) {
            throw exception(
                {crdt::errc::position_past_end, where() + "position " + std::to_string(patch.position) +
                                                    " and " + std::to_string(patch.erased) +
                                                    " to erase, in a text of " + std::to_string(size)});
        }
        if (const auto offset = crdt::utf8::find_invalid(patch.inserted)) {
            throw exception({crdt::errc::invalid_utf8, where() + "byte " + std::to_string(*offset)});
        }
        bytes += patch.inserted.size();
        size = size - patch.erased + crdt::utf8::count_scalars(patch.inserted);
    }
    if (bytes > crdt::limits::text_insert_bytes_max ||
        patches.size() > transport::limits::message_operations_max / 2) {
        throw exception({crdt::errc::too_large,
                         "an edit of " + std::to_string(patches.size()) + " patches and " +
                             std::to_string(bytes) + " bytes; " +
                             std::to_string(transport::limits::message_operations_max / 2) + " and " +
                             std::to_string(crdt::limits::text_insert_bytes_max) + " are the most"});
    }
}

} // namespace

void text_handle::edit(std::span<const crdt::text_patch> patches) const {
    std::vector<executor::preparer> steps;
    steps.reserve(2 * patches.size() + 1);
    steps.emplace_back([&](const crdt::object& object, causality::replica_id self, operation_list&) {
        const crdt::rga_text& text = *object.as<crdt::rga_text>();
        check_patches(patches, text.size());
        check_room(patches, address_, text, self);
    });
    for (const crdt::text_patch& patch : patches) {
        if (patch.erased > 0) {
            steps.emplace_back(
                [&patch](const crdt::object& object, causality::replica_id, operation_list& operations) {
                    operations.add(crdt::rga_text::operation(
                        object.as<crdt::rga_text>()->erase(patch.position, patch.erased)));
                });
        }
        if (!patch.inserted.empty()) {
            steps.emplace_back(
                [&patch](const crdt::object& object, causality::replica_id self, operation_list& operations) {
                    operations.add(crdt::rga_text::operation(
                        object.as<crdt::rga_text>()->insert(patch.position, patch.inserted, self)));
                });
        }
    }
    target_->write(address_, steps);
}

void text_handle::clear() const {
    target_->write(address_,
                   [&](const crdt::object& object, causality::replica_id, operation_list& operations) {
                       if (!object.empty()) {
                           operations.add(crdt::rga_text::operation(object.as<crdt::rga_text>()->reset()));
                       }
                   });
}

std::string text_handle::str() const {
    return read_as<crdt::rga_text>(*target_, address_, [](const auto& text) { return text.str(); });
}

std::string text_handle::str(std::size_t position, std::size_t count) const {
    return read_as<crdt::rga_text>(*target_, address_,
                                   [&](const auto& text) { return text.str(position, count); });
}

std::size_t text_handle::size() const {
    return read_as<crdt::rga_text>(*target_, address_, [](const auto& text) { return text.size(); });
}

std::size_t text_handle::utf16_size() const {
    return read_as<crdt::rga_text>(*target_, address_, [](const auto& text) { return text.utf16_size(); });
}

std::size_t text_handle::to_utf16(std::size_t position) const {
    return read_as<crdt::rga_text>(*target_, address_,
                                   [&](const auto& text) { return text.to_utf16(position); });
}

std::size_t text_handle::from_utf16(std::size_t units) const {
    return read_as<crdt::rga_text>(*target_, address_,
                                   [&](const auto& text) { return text.from_utf16(units); });
}

crdt::text_cursor text_handle::cursor_at(std::size_t position, crdt::text_bias bias) const {
    return read_as<crdt::rga_text>(*target_, address_,
                                   [&](const auto& text) { return text.cursor_at(position, bias); });
}

std::optional<std::size_t> text_handle::position_of(const crdt::text_cursor& cursor) const {
    return read_as<crdt::rga_text>(*target_, address_,
                                   [&](const auto& text) { return text.position_of(cursor); });
}

template <class Handle>
Handle map_handle::nested(std::string_view name, crdt::object_kind kind) const {
    object_address address = address_;
    address.path.push_back({std::string(name), kind});
    return Handle(target_, std::move(address));
}

counter_handle map_handle::counter(std::string_view name) const {
    return nested<counter_handle>(name, crdt::object_kind::resettable_counter);
}

set_handle map_handle::set(std::string_view name) const {
    return nested<set_handle>(name, crdt::object_kind::or_set);
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

crdt::object_kind kind_for_key(std::string_view key) noexcept {
    if (key.starts_with("counter:")) return crdt::object_kind::pn_counter;
    if (key.starts_with("set:")) return crdt::object_kind::or_set;
    if (key.starts_with("map:")) return crdt::object_kind::or_map;
    if (key.starts_with("text:")) return crdt::object_kind::rga_text;
    return crdt::object_kind::lww_register;
}

} // namespace sangam::engine
