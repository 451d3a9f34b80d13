#include "batch_decoder.hpp"
#include "message_cost.hpp"
#include "operation_codes.hpp"

#include <sangam/transport/limits.hpp>

#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/utf8.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>
#include <type_traits>

namespace sangam::transport {

using causality::replica_id;
using crdt::object_kind;
using layout::code;
using layout::value_code;

namespace {

/// No kind: the code is unknown.
std::optional<object_kind> kind_of(code c) noexcept {
    const auto find = [full = layout::written_in_full(c)]<class... Entries>(layout::code_table<Entries...>) {
        std::optional<object_kind> found;
        ((Entries::number == full ? (void)(found = layout::kind_of_type<typename Entries::type>) : void()),
         ...);
        return found;
    };
    return find(layout::codes());
}

/// Makes `leaf` hold an empty operation of this type and returns it.
template <class Entry>
typename Entry::operation& make(crdt::leaf_operation& leaf) {
    using whole = typename Entry::type::operation;
    auto& made = leaf.emplace<whole>();
    if constexpr (std::is_same_v<whole, typename Entry::operation>) {
        return made;
    } else {
        return made.template emplace<typename Entry::operation>();
    }
}

} // namespace

bool batch_decoder::read_operation(crdt::keyed_operation& operation) {
    std::uint64_t first = 0;
    if (!read(first, "code")) return false;
    std::uint64_t number = first & layout::code_mask;
    if (number == static_cast<std::uint64_t>(code::further)) {
        if (!read(number, "code")) return false;
        if (number <= static_cast<std::uint64_t>(code::further)) {
            return fail(errc::malformed, "code", "is " + std::to_string(number) + " but not written short");
        }
    }
    const auto c = static_cast<code>(std::min(number, layout::code_max));
    const auto kind = kind_of(c);
    if (!kind) {
        return fail(errc::unknown_kind, "code", "is " + std::to_string(number));
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
    if (!charge(current_->weight, "object")) return false;
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
    if (!charge(name.size() + depth * cost::key, "name")) return false;
    operation.object = {std::string(name), depth == 0 ? leaf : object_kind::or_map};
    operation.path.reserve(depth);
    for (std::size_t i = 0; i < depth; ++i) {
        if (!read_text(name, crdt::limits::name_bytes_max, "path")) return false;
        if (!charge(name.size(), "path")) return false;
        operation.path.push_back({std::string(name), i + 1 == depth ? leaf : object_kind::or_map});
    }
    current_ = nullptr;
    if (const std::size_t weight = layout::weight_of(operation.object, operation.path);
        weight <= layout::listed_weight_max) {
        objects_.push_back({operation.object, operation.path, leaf, weight});
        current_ = &objects_.back();
    }
    return true;
}

bool batch_decoder::read_leaf(code c, crdt::leaf_operation& leaf) {
    goes_on_ = layout::goes_on(c);
    const auto read_coded =
        [&, full = layout::written_in_full(c)]<class... Entries>(layout::code_table<Entries...>) {
            return ((Entries::number == full && fields(*this, make<Entries>(leaf))) || ...);
        };
    return read_coded(layout::codes());
}

bool batch_decoder::number(std::uint64_t& n, const char* field) {
    return read(n, field);
}

bool batch_decoder::positive(std::uint64_t& n, const char* field) {
    if (!read(n, field)) return false;
    if (n == 0 || n > limits::sequence_max) {
        return fail(errc::invalid_value, field, "is " + std::to_string(n));
    }
    return true;
}

bool batch_decoder::signed_number(std::int64_t& n, const char* field) {
    std::uint64_t folded = 0;
    if (!read(folded, field)) return false;
    n = numbers::unzigzag(folded);
    return true;
}

bool batch_decoder::real(double& x, const char* field) {
    std::string_view bytes;
    if (!take(bytes, 8, field)) return false;
    std::uint64_t bits = 0;
    for (std::size_t i = 8; i-- > 0;) {
        bits = bits << 8 | static_cast<std::uint8_t>(bytes[i]);
    }
    x = std::bit_cast<double>(bits);
    return std::isnan(x) ? fail(errc::invalid_value, field, "is not a number") : true;
}

bool batch_decoder::text(std::string& s, std::size_t size_max, const char* field) {
    std::string_view bytes;
    if (!read_text(bytes, size_max, field) || !charge(bytes.size(), field)) return false;
    s = bytes;
    return true;
}

bool batch_decoder::replica(replica_id& id, const char* field) {
    std::size_t index = 0;
    if (!read_replica(index, field)) return false;
    id = replica_id{replicas_[index]};
    return true;
}

bool batch_decoder::dots(crdt::or_set::dots& dots, const char* field) {
    std::size_t count = 0;
    if (!read_count(count, limits::batch_cost_max, 2, field)) return false;
    if (!charge(count * cost::dot, field)) return false;
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

bool batch_decoder::read_list_size(std::size_t& count, const crdt::list_traits& traits) {
    return read_count(count, std::min<std::size_t>(traits.items_max, limits::batch_cost_max),
                      traits.numbers_min, traits.name) &&
           charge(count * traits.memory, traits.name);
}

bool batch_decoder::content(crdt::value& v, const char* field) {
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
        if (!signed_number(integer, field)) return false;
        v = crdt::value(integer);
        return true;
    case value_code::real: {
        double x = 0;
        if (!real(x, field)) return false;
        v = crdt::value(x);
        return true;
    }
    case value_code::text:
        if (!read_text(bytes, crdt::limits::value_bytes_max, field)) return false;
        if (!charge(bytes.size(), field)) return false;
        v = crdt::value(bytes);
        return true;
    case value_code::bytes:
        if (!read_bytes(bytes, crdt::limits::value_bytes_max, field)) return false;
        if (!charge(bytes.size(), field)) return false;
        v = crdt::value(std::as_bytes(std::span(bytes)));
        return true;
    }
    return fail(errc::unknown_kind, field, "has the kind " + std::to_string(kind));
}

bool batch_decoder::check_lamports(std::uint64_t first, std::uint64_t length, const char* field) {
    if (first == 0 || first > crdt::limits::lamport_max || length == 0 ||
        length - 1 > crdt::limits::lamport_max - first) {
        return fail(errc::invalid_value, field,
                    "has " + std::to_string(length) + " Lamport numbers from " + std::to_string(first));
    }
    return true;
}

/// The ids and the parent of an insert that is written in full.
bool batch_decoder::read_insert_head(crdt::text_id& first, std::optional<crdt::text_id>& parent) {
    std::uint64_t ahead = 0;
    std::uint64_t whose = 0;
    if (!read(ahead, "insert.first")) return false;
    first = {numbers::advance(insert_end(), ahead), result_.origin};
    if (!check_lamports(first.lamport, 1, "insert.first")) return false;
    if (!read(whose, "insert.parent")) return false;
    if (whose != layout::no_parent) {
        std::size_t index = 0;
        std::uint64_t back = 0;
        if (!find_replica(whose, index, "insert.parent") || !read(back, "insert.parent")) return false;
        parent = crdt::text_id{numbers::retreat(first.lamport, back), replica_id{replicas_[index]}};
        if (!check_lamports(parent->lamport, 1, "insert.parent")) return false;
    }
    const std::uint64_t end = insert_end();
    if (end != 0 && first.lamport == end && parent == crdt::text_id{end - 1, result_.origin}) {
        return fail(errc::malformed, "insert", "continues the insert before it but is written in full");
    }
    return true;
}

bool batch_decoder::read_next_insert_head(crdt::text_id& first, std::optional<crdt::text_id>& parent) {
    const std::uint64_t end = insert_end();
    if (end == 0) {
        return fail(errc::malformed, "insert", "continues an insert that is not in this batch");
    }
    first = {end, result_.origin};
    parent = crdt::text_id{end - 1, result_.origin};
    return true;
}

bool batch_decoder::end_insert(const crdt::text_id& first, std::uint64_t length, const char* field) {
    if (length == 0) {
        return fail(errc::invalid_value, field, "is empty");
    }
    if (!check_lamports(first.lamport, length, "insert.first")) return false;
    if (current_ != nullptr) {
        current_->insert_end = first.lamport + length;
    }
    return true;
}

bool batch_decoder::read_inserted(crdt::rga_text::insert_op& op) {
    std::string_view text;
    if (!read_text(text, crdt::limits::text_insert_bytes_max, "insert.text")) return false;
    if (!charge(text.size(), "insert.text")) return false;
    op.text = text;
    return end_insert(op.first, crdt::utf8::count_scalars(text), "insert.text");
}

bool batch_decoder::read_inserted(crdt::rga_list::insert_op& op) {
    return list(op.values, crdt::parts::values,
                [this](crdt::value& v) { return content(v, "insert.values"); }) &&
           end_insert(op.first, op.values.size(), "insert.values");
}

bool batch_decoder::read_range(crdt::text_id_range& range, std::uint64_t& expected, const char* field) {
    std::size_t index = 0;
    std::uint64_t ahead = 0;
    if (!read_replica(index, field) || !read(ahead, field) || !read(range.length, field)) return false;
    range.first = {numbers::advance(expected, ahead), replica_id{replicas_[index]}};
    if (!check_lamports(range.first.lamport, range.length, field)) return false;
    expected = range.first.lamport + range.length;
    return true;
}

bool batch_decoder::ranges(std::vector<crdt::text_id_range>& ranges, const char* field) {
    std::size_t count = 0;
    if (!read_count(count, limits::batch_cost_max, 3, field)) return false;
    if (!charge(count * cost::range, field)) return false;
    ranges.reserve(count);
    std::uint64_t expected = insert_end();
    for (std::size_t i = 0; i < count; ++i) {
        crdt::text_id_range range;
        if (!read_range(range, expected, field)) return false;
        ranges.push_back(range);
    }
    return true;
}

bool batch_decoder::erased(std::vector<crdt::rga_text::erased_part>& parts, const char* field) {
    std::size_t count = 0;
    if (!read_count(count, limits::batch_cost_max, 6, field)) return false;
    if (!charge(count * 2 * cost::range, field)) return false;
    parts.reserve(count);
    std::uint64_t expected = insert_end();
    for (std::size_t i = 0; i < count; ++i) {
        crdt::rga_text::erased_part part;
        crdt::dot_range& erases = part.erases;
        if (!read_range(part.ids, expected, field) || !read_dot(erases.first, field) ||
            !positive(erases.count, field)) {
            return false;
        }
        if (erases.count - 1 > limits::sequence_max - erases.first.sequence) {
            return fail(errc::invalid_value, field,
                        "has " + std::to_string(erases.count) + " transactions from " +
                            to_string(erases.first) + " on");
        }
        parts.push_back(part);
    }
    return true;
}

bool batch_decoder::places(crdt::text_cursor& begin, crdt::text_cursor& end, const char* field) {
    std::uint64_t expected = insert_end();
    for (crdt::text_cursor* const place : {&begin, &end}) {
        std::uint64_t number = 0;
        if (!read(number, field)) return false;
        const bool is_right = (number & layout::place_is_right) != 0;
        place->bias = is_right ? crdt::text_bias::right : crdt::text_bias::left;
        const std::uint64_t whose = number >> layout::place_bits;
        if (whose == layout::no_element) continue;
        std::size_t index = 0;
        std::uint64_t ahead = 0;
        if (!find_replica(whose, index, field) || !read(ahead, field)) return false;
        place->anchor = crdt::text_id{numbers::advance(expected, ahead), replica_id{replicas_[index]}};
        if (!check_lamports(place->anchor->lamport, 1, field)) return false;
        expected = place->anchor->lamport;
    }
    return true;
}

} // namespace sangam::transport
