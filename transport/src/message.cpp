#include <sangam/transport/message.hpp>

#include "message_cost.hpp"

#include <sangam/crdt/operation_fields.hpp>

#include <algorithm>
#include <variant>

namespace sangam::transport {

namespace {

/// Adds up what an operation holds besides itself.
class memory_meter {
public:
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

    bool number(std::uint64_t, const char*) noexcept { return true; }
    bool positive(std::uint64_t, const char*) noexcept { return true; }
    bool signed_number(std::int64_t, const char*) noexcept { return true; }
    bool real(double, const char*) noexcept { return true; }
    bool replica(causality::replica_id, const char*) noexcept { return true; }
    bool content(const crdt::value& v, const char*) noexcept { return add(v.content_bytes()); }
    bool text(const std::string& s, std::size_t, const char*) noexcept { return add(s.size()); }
    template <class Dots>
    bool dots(const Dots& dots, const char*) noexcept {
        return add(dots.size() * cost::dot);
    }
    bool ranges(const std::vector<crdt::text_id_range>& ranges, const char*) noexcept {
        return add(ranges.size() * cost::range);
    }
    bool erased(const std::vector<crdt::rga_text::erased_part>& parts, const char*) noexcept {
        return add(parts.size() * 2 * cost::range);
    }
    bool places(const crdt::text_cursor&, const crdt::text_cursor&, const char*) noexcept { return true; }
    bool inserted(const crdt::rga_text::insert_op& op) noexcept { return add(op.text.size()); }
    bool inserted(const crdt::rga_list::insert_op& op) noexcept {
        return list(op.values, crdt::parts::values, [this](const crdt::value& v) { return content(v, ""); });
    }
    template <class Items, class Each>
    bool list(const Items& items, const crdt::list_traits& traits, Each each) noexcept {
        add(items.size() * traits.memory);
        return std::ranges::all_of(items, each);
    }

private:
    bool add(std::size_t bytes) noexcept {
        bytes_ += bytes;
        return true;
    }

    std::size_t bytes_ = 0;
};

[[nodiscard]] std::size_t leaf_memory(const crdt::leaf_operation& leaf) noexcept {
    memory_meter meter;
    std::visit([&](const auto& op) { fields(meter, op); }, leaf);
    return meter.bytes();
}

} // namespace

std::size_t memory_of(const message& m) noexcept {
    std::size_t bytes = cost::message + m.dependencies.size() * cost::dot;
    for (const crdt::keyed_operation& operation : m.operations) {
        bytes += cost::operation + operation.object.name.size() + leaf_memory(operation.leaf);
        for (const crdt::map_key& key : operation.path) {
            bytes += cost::key + key.name.size();
        }
    }
    return bytes;
}

} // namespace sangam::transport
