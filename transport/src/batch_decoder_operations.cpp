#include "batch_decoder.hpp"

#include <sangam/transport/limits.hpp>

#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/utf8.hpp>

#include <bit>
#include <cmath>
#include <type_traits>

namespace sangam::transport {

using causality::replica_id;
using crdt::object_kind;
using layout::code;
using layout::value_code;

namespace {

/// No kind: the code is unknown.
std::optional<object_kind> kind_of(code c) noexcept {
    switch (c) {
    case code::g_increment:
        return object_kind::g_counter;
    case code::pn_increment:
        return object_kind::pn_counter;
    case code::increment:
    case code::reset_counter:
        return object_kind::resettable_counter;
    case code::add:
    case code::remove:
    case code::clear:
        return object_kind::or_set;
    case code::assign:
    case code::reset_register:
        return object_kind::lww_register;
    case code::insert:
    case code::insert_next:
    case code::erase:
        return object_kind::rga_text;
    }
    return std::nullopt;
}

/// Makes `leaf` hold an empty operation of this type and returns it.
template <class Type, class Operation>
Operation& make(crdt::leaf_operation& leaf) {
    auto& made = leaf.emplace<typename Type::operation>();
    if constexpr (std::is_same_v<typename Type::operation, Operation>) {
        return made;
    } else {
        return made.template emplace<Operation>();
    }
}

} // namespace

bool batch_decoder::read_operation(crdt::keyed_operation& operation) {
    std::uint64_t first = 0;
    if (!read(first, "code")) return false;
    const auto c = static_cast<code>(first & layout::code_mask);
    const auto kind = kind_of(c);
    if (!kind) {
        return fail(errc::unknown_kind, "code", "is " + std::to_string(first & layout::code_mask));
    }
    return read_object(first >> layout::code_bits, *kind, operation) && read_leaf(c, operation.leaf);
}

bool batch_decoder::read_object(std::uint64_t reference, object_kind leaf, crdt::keyed_operation& operation) {
    if (reference == layout::new_object) {
        return read_new_object(leaf, operation);
    }
    if (reference != layout::same_object) {
        const std::uint64_t index = reference - layout::listed_object;
        if (index >= objects_.size()) {
            return fail(errc::malformed, "object",
                        "is number " + std::to_string(index) + " of " + std::to_string(objects_.size()));
        }
        if (current_ == &objects_[index]) {
            return fail(errc::malformed, "object", "is the same as before but named by number");
        }
        current_ = &objects_[index];
    }
    if (current_ == nullptr) {
        return fail(errc::malformed, "object", "is said to be as before, where none is listed");
    }
    if (current_->leaf != leaf) {
        return fail(errc::malformed, "object",
                    std::string("is a ") + to_string(current_->leaf) + ", its operation one of a " +
                        to_string(leaf));
    }
    operation.object = current_->object;
    operation.path = current_->path;
    return true;
}

bool batch_decoder::read_new_object(object_kind leaf, crdt::keyed_operation& operation) {
    std::size_t depth = 0;
    std::string_view name;
    if (!read_count(depth, crdt::limits::map_depth_max, 1, "path")) return false;
    if (depth != 0 && !crdt::may_be_nested(leaf)) {
        return fail(errc::invalid_value, "path",
                    std::string("leads to a ") + to_string(leaf) + ", which maps do not hold");
    }
    if (!read_text(name, crdt::limits::name_bytes_max, "name")) return false;
    operation.object = {std::string(name), depth == 0 ? leaf : object_kind::or_map};
    operation.path.reserve(depth);
    for (std::size_t i = 0; i < depth; ++i) {
        if (!read_text(name, crdt::limits::name_bytes_max, "path")) return false;
        operation.path.push_back({std::string(name), i + 1 == depth ? leaf : object_kind::or_map});
    }
    current_ = nullptr;
    if (layout::weight_of(operation.object, operation.path) <= layout::listed_weight_max) {
        objects_.push_back({operation.object, operation.path, leaf});
        current_ = &objects_.back();
    }
    return true;
}

bool batch_decoder::read_leaf(code c, crdt::leaf_operation& leaf) {
    using namespace crdt;
    switch (c) {
    case code::g_increment:
        return read(make<g_counter, g_counter::operation>(leaf).amount, "amount");
    case code::pn_increment:
        return read_signed(make<pn_counter, pn_counter::operation>(leaf).amount, "amount");
    case code::increment:
        return read_signed(make<resettable_counter, resettable_counter::increment_op>(leaf).amount, "amount");
    case code::reset_counter:
        return read_reset(make<resettable_counter, resettable_counter::reset_op>(leaf));
    case code::add: {
        auto& op = make<or_set, or_set::add_op>(leaf);
        return read_value(op.element, "element") && read_dots(op.observed, "observed");
    }
    case code::remove: {
        auto& op = make<or_set, or_set::remove_op>(leaf);
        return read_value(op.element, "element") && read_dots(op.observed, "observed");
    }
    case code::clear:
        return read_clear(make<or_set, or_set::clear_op>(leaf));
    case code::assign: {
        auto& op = make<lww_register, lww_register::assign_op>(leaf);
        return read_value(op.content, "content") && read_dots(op.observed, "observed");
    }
    case code::reset_register:
        return read_dots(make<lww_register, lww_register::reset_op>(leaf).observed, "observed");
    case code::insert:
        return read_insert(make<rga_text, rga_text::insert_op>(leaf));
    case code::insert_next:
        return read_next_insert(make<rga_text, rga_text::insert_op>(leaf));
    case code::erase:
        return read_erase(make<rga_text, rga_text::erase_op>(leaf));
    }
    return false;
}

bool batch_decoder::read_reset(crdt::resettable_counter::reset_op& op) {
    std::size_t count = 0;
    if (!read_count(count, limits::part_bytes_max, 3, "seen")) return false;
    op.seen.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        std::size_t index = 0;
        crdt::resettable_counter::prefix seen;
        if (!read_replica(index, "seen") || !read(seen.increments, "seen.increments") ||
            !read_signed(seen.total, "seen.total")) {
            return false;
        }
        seen.origin = replica_id{replicas_[index]};
        if (seen.increments == 0 || seen.increments > limits::sequence_max) {
            return fail(errc::invalid_value, "seen.increments", "is " + std::to_string(seen.increments));
        }
        if (i != 0 && !(op.seen.back().origin < seen.origin)) {
            return fail(errc::malformed, "seen", to_string(seen.origin) + " is not in increasing order");
        }
        op.seen.push_back(seen);
    }
    return true;
}

bool batch_decoder::read_clear(crdt::or_set::clear_op& op) {
    std::size_t count = 0;
    if (!read_count(count, limits::part_bytes_max, 2, "elements")) return false;
    // Two bytes can be an element of a hundred: elements count against the memory before they are made, one
    // by one.
    constexpr std::size_t elements_max = limits::batch_memory_max / 96;
    cleared_elements_ += count;
    if (cleared_elements_ > elements_max) {
        return fail(errc::too_large, "elements",
                    "are " + std::to_string(cleared_elements_) + ", the limit is " +
                        std::to_string(elements_max));
    }
    for (std::size_t i = 0; i < count; ++i) {
        crdt::or_set::remove_op& element = op.elements.emplace_back();
        if (!read_value(element.element, "element") || !read_dots(element.observed, "observed")) return false;
        if (i != 0 && !(op.elements[i - 1].element < element.element)) {
            return fail(errc::malformed, "elements", "are not in increasing order");
        }
    }
    return true;
}

template <class Dots>
bool batch_decoder::read_dots(Dots& dots, const char* field) {
    std::size_t count = 0;
    if (!read_count(count, limits::part_bytes_max, 2, field)) return false;
    dots.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        causality::dot d;
        if (!read_dot(d, field)) return false;
        if (i != 0 && !(dots.back() < d)) {
            return fail(errc::malformed, field, to_string(d) + " is not in increasing order");
        }
        dots.push_back(d);
    }
    return true;
}

bool batch_decoder::read_value(crdt::value& v, const char* field) {
    std::uint64_t kind = 0;
    if (!read(kind, field)) return false;
    std::string_view bytes;
    std::int64_t integer = 0;
    switch (static_cast<value_code>(kind <= 0xff ? kind : 0)) {
    case value_code::null:
        v = crdt::value();
        return true;
    case value_code::no:
        v = crdt::value(false);
        return true;
    case value_code::yes:
        v = crdt::value(true);
        return true;
    case value_code::integer:
        if (!read_signed(integer, field)) return false;
        v = crdt::value(integer);
        return true;
    case value_code::real:
        return read_real(v, field);
    case value_code::text:
        if (!read_text(bytes, crdt::limits::value_bytes_max, field)) return false;
        v = crdt::value(bytes);
        return true;
    case value_code::bytes: {
        if (!read_bytes(bytes, crdt::limits::value_bytes_max, field)) return false;
        const auto* data = reinterpret_cast<const std::byte*>(bytes.data());
        v = crdt::value(crdt::bytes(data, data + bytes.size()));
        return true;
    }
    }
    return fail(errc::unknown_kind, field, "has the kind " + std::to_string(kind));
}

bool batch_decoder::read_real(crdt::value& v, const char* field) {
    std::string_view bytes;
    if (!take(bytes, 8, field)) return false;
    std::uint64_t bits = 0;
    for (std::size_t i = 8; i-- > 0;) {
        bits = bits << 8 | static_cast<std::uint8_t>(bytes[i]);
    }
    const auto real = std::bit_cast<double>(bits);
    if (std::isnan(real)) {
        return fail(errc::invalid_value, field, "is not a number");
    }
    v = crdt::value(real);
    return true;
}

bool batch_decoder::check_lamports(std::uint64_t first, std::uint64_t length, const char* field) {
    if (first == 0 || first > crdt::limits::lamport_max || length == 0 ||
        length - 1 > crdt::limits::lamport_max - first) {
        return fail(errc::invalid_value, field,
                    "has " + std::to_string(length) + " Lamport numbers from " + std::to_string(first));
    }
    return true;
}

bool batch_decoder::read_insert(crdt::rga_text::insert_op& op) {
    std::uint64_t ahead = 0;
    std::uint64_t parent = 0;
    if (!read(ahead, "insert.first")) return false;
    op.first = {numbers::advance(insert_end(), ahead), result_.origin};
    if (!check_lamports(op.first.lamport, 1, "insert.first")) return false;
    if (!read(parent, "insert.parent")) return false;
    if (parent != layout::no_parent) {
        std::size_t index = 0;
        std::uint64_t back = 0;
        if (!find_replica(parent, index, "insert.parent") || !read(back, "insert.parent")) return false;
        op.parent = crdt::text_id{numbers::retreat(op.first.lamport, back), replica_id{replicas_[index]}};
        if (!check_lamports(op.parent->lamport, 1, "insert.parent")) return false;
    }
    const std::uint64_t end = insert_end();
    if (end != 0 && op.first.lamport == end && op.parent == crdt::text_id{end - 1, result_.origin}) {
        return fail(errc::malformed, "insert", "continues the insert before it but is written in full");
    }
    return read_inserted_text(op);
}

bool batch_decoder::read_next_insert(crdt::rga_text::insert_op& op) {
    const std::uint64_t end = insert_end();
    if (end == 0) {
        return fail(errc::malformed, "insert", "continues an insert that is not in this batch");
    }
    op.first = {end, result_.origin};
    op.parent = crdt::text_id{end - 1, result_.origin};
    return read_inserted_text(op);
}

bool batch_decoder::read_inserted_text(crdt::rga_text::insert_op& op) {
    std::string_view text;
    if (!read_text(text, crdt::limits::text_insert_bytes_max, "insert.text")) return false;
    if (text.empty()) {
        return fail(errc::invalid_value, "insert.text", "is empty");
    }
    const std::size_t scalars = crdt::utf8::count_scalars(text);
    if (!check_lamports(op.first.lamport, scalars, "insert.first")) return false;
    op.text = text;
    if (current_ != nullptr) {
        current_->insert_end = op.first.lamport + scalars;
    }
    return true;
}

bool batch_decoder::read_erase(crdt::rga_text::erase_op& op) {
    std::size_t count = 0;
    if (!read_count(count, limits::part_bytes_max, 3, "erase.ranges")) return false;
    op.ranges.reserve(count);
    std::uint64_t expected = insert_end();
    for (std::size_t i = 0; i < count; ++i) {
        std::size_t index = 0;
        std::uint64_t ahead = 0;
        crdt::text_id_range range;
        if (!read_replica(index, "erase.range") || !read(ahead, "erase.range") ||
            !read(range.length, "erase.range")) {
            return false;
        }
        range.first = {numbers::advance(expected, ahead), replica_id{replicas_[index]}};
        if (!check_lamports(range.first.lamport, range.length, "erase.range")) return false;
        expected = range.first.lamport + range.length;
        op.ranges.push_back(range);
    }
    return true;
}

} // namespace sangam::transport
