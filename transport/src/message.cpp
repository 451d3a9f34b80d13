#include <sangam/transport/message.hpp>

#include <variant>

namespace sangam::transport {

namespace {

/// Fixed numbers instead of sizeof, because limits on their sums decide what is valid, everywhere alike. None
/// is less than what the part takes on the wire.
namespace cost {
constexpr std::size_t message = 128;
constexpr std::size_t operation = 208;
constexpr std::size_t key = 48;
constexpr std::size_t dot = 24;
constexpr std::size_t prefix = 32;
constexpr std::size_t range = 32;
constexpr std::size_t element = 96;
} // namespace cost

/// What an operation holds besides itself.
struct leaf_memory {
    std::size_t operator()(const crdt::g_counter::operation&) const noexcept { return 0; }
    std::size_t operator()(const crdt::pn_counter::operation&) const noexcept { return 0; }
    std::size_t operator()(const crdt::resettable_counter::increment_op&) const noexcept { return 0; }
    std::size_t operator()(const crdt::resettable_counter::reset_op& op) const noexcept {
        return op.seen.size() * cost::prefix;
    }
    std::size_t operator()(const crdt::or_set::add_op& op) const noexcept {
        return op.element.content_bytes() + op.observed.size() * cost::dot;
    }
    std::size_t operator()(const crdt::or_set::remove_op& op) const noexcept {
        return op.element.content_bytes() + op.observed.size() * cost::dot;
    }
    std::size_t operator()(const crdt::or_set::clear_op& op) const noexcept {
        std::size_t bytes = 0;
        for (const crdt::or_set::remove_op& element : op.elements) {
            bytes += cost::element + (*this)(element);
        }
        return bytes;
    }
    std::size_t operator()(const crdt::lww_register::assign_op& op) const noexcept {
        return op.content.content_bytes() + op.observed.size() * cost::dot;
    }
    std::size_t operator()(const crdt::lww_register::reset_op& op) const noexcept {
        return op.observed.size() * cost::dot;
    }
    std::size_t operator()(const crdt::rga_text::insert_op& op) const noexcept { return op.text.size(); }
    std::size_t operator()(const crdt::rga_text::erase_op& op) const noexcept {
        return op.ranges.size() * cost::range;
    }
    template <class... Operations>
    std::size_t operator()(const std::variant<Operations...>& operation) const noexcept {
        return std::visit(*this, operation);
    }
};

} // namespace

std::size_t memory_of(const message& m) noexcept {
    std::size_t bytes = cost::message + m.dependencies.size() * cost::dot;
    for (const crdt::keyed_operation& operation : m.operations) {
        bytes += cost::operation + operation.object.name.size() + leaf_memory{}(operation.leaf);
        for (const crdt::map_key& key : operation.path) {
            bytes += cost::key + key.name.size();
        }
    }
    return bytes;
}

} // namespace sangam::transport
