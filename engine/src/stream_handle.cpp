#include <sangam/engine/stream_handle.hpp>

#include "handle_access.hpp"

#include <utility>

namespace sangam::engine {

namespace {

/// Writes what `prepare(const crdt::stream&)` returns unless it names no entry.
template <class Prepare>
void write_some(executor& target, const object_address& address, Prepare&& prepare) {
    target.write(address, [&](const crdt::object& object, causality::replica_id, operation_list& operations) {
        auto op = prepare(*object.as<crdt::stream>());
        const bool some = [&] {
            if constexpr (requires { op.up_to; }) {
                return !op.up_to.empty();
            } else {
                return !op.entries.empty();
            }
        }();
        if (some) {
            operations.add(crdt::stream::operation(std::move(op)));
        }
    });
}

} // namespace

void stream_handle::append(std::vector<crdt::stream_field> fields) const {
    write_as<crdt::stream>(*target_, address_, [&](const auto& stream, causality::replica_id) {
        return stream.append(std::move(fields));
    });
}

void stream_handle::append(crdt::value content) const {
    std::vector<crdt::stream_field> fields;
    fields.push_back({"value", std::move(content)});
    append(std::move(fields));
}

void stream_handle::trim(const causality::vector_clock& position) const {
    write_some(*target_, address_, [&](const crdt::stream& stream) { return stream.trim(position); });
}

void stream_handle::trim_to(std::size_t keep) const {
    write_some(*target_, address_, [&](const crdt::stream& stream) { return stream.trim_to(keep); });
}

void stream_handle::clear() const {
    write_some(*target_, address_, [](const crdt::stream& stream) { return stream.reset(); });
}

std::size_t stream_handle::size() const {
    return read_as<crdt::stream>(*target_, address_, [](const auto& stream) { return stream.size(); });
}

crdt::stream::read_result stream_handle::read_after(const causality::vector_clock& position,
                                                    std::size_t count) const {
    return read_as<crdt::stream>(*target_, address_,
                                 [&](const auto& stream) { return stream.read_after(position, count); });
}

std::vector<crdt::stream::entry> stream_handle::range(const crdt::stream_id& first,
                                                      const crdt::stream_id& last, std::size_t count) const {
    return read_as<crdt::stream>(*target_, address_,
                                 [&](const auto& stream) { return stream.range(first, last, count); });
}

std::vector<crdt::stream::entry> stream_handle::read_group(std::string_view group, std::string_view consumer,
                                                           std::size_t count) const {
    std::vector<crdt::stream::entry> claimed;
    write_some(*target_, address_, [&](const crdt::stream& stream) {
        auto op = stream.claim(std::string(group), std::string(consumer), count);
        for (const crdt::stream::claimed_entry& entry : op.entries) {
            claimed.push_back(*stream.find(entry.name));
        }
        return op;
    });
    return claimed;
}

void stream_handle::take_over(std::string_view group, std::string_view consumer,
                              std::span<const crdt::stream::entry_name> entries) const {
    write_some(*target_, address_, [&](const crdt::stream& stream) {
        return stream.claim_again(std::string(group), std::string(consumer), entries);
    });
}

void stream_handle::acknowledge(std::string_view group,
                                std::span<const crdt::stream::entry_name> entries) const {
    write_some(*target_, address_,
               [&](const crdt::stream& stream) { return stream.acknowledge(std::string(group), entries); });
}

std::vector<crdt::stream::pending_entry> stream_handle::pending(std::string_view group) const {
    return read_as<crdt::stream>(*target_, address_,
                                 [&](const auto& stream) { return stream.pending(std::string(group)); });
}

} // namespace sangam::engine
