#include <sangam/transport/codec.hpp>
#include <sangam/transport/limits.hpp>

#include "numbers.hpp"
#include "operation_codes.hpp"
#include "packed.hpp"

#include <sangam/causality/assert.hpp>
#include <sangam/crdt/operation_fields.hpp>
#include <sangam/crdt/utf8.hpp>

#include <sangam.capnp.h>

#include <boost/container_hash/hash.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <bit>
#include <cstring>

namespace sangam::transport {

namespace {

using causality::replica_id;
using layout::code;
using layout::value_code;

/// A key of the batch, seen through: the strings stay where they are.
struct object_view {
    const crdt::object_key* object = nullptr;
    const std::vector<crdt::map_key>* path = nullptr;
    crdt::object_kind leaf{};
    friend bool operator==(const object_view& a, const object_view& b) {
        return a.leaf == b.leaf && *a.object == *b.object && *a.path == *b.path;
    }
    friend std::size_t hash_value(const object_view& view) {
        std::size_t seed = static_cast<std::size_t>(view.leaf);
        boost::hash_combine(seed, view.object->name);
        for (const crdt::map_key& key : *view.path) {
            boost::hash_combine(seed, key.name);
        }
        return seed;
    }
};

struct listed_object {
    object_view key;
    std::uint64_t insert_end = 0; ///< the Lamport number behind this batch's last insert
};

class batch_encoder {
public:
    explicit batch_encoder(const batch& b) : batch_(b), last_replica_(b.origin) {
        replicas_.emplace(b.origin.bits, 0);
        last_sequences_.push_back(b.first);
        numbers_.reserve(16 + b.messages.size() * 12);
    }

    std::string encode() {
        put(batch_.messages.size());
        put_times();
        put_dependencies();
        for (const message& m : batch_.messages) {
            put(m.operations.size() + 1);
        }
        for (const message& m : batch_.messages) {
            for (const crdt::keyed_operation& operation : m.operations) {
                put_operation(operation);
            }
        }
        return pack();
    }

    // --- one for each sort of field: see operation_fields.hpp

    bool number(std::uint64_t n, const char*) { return put(n); }
    bool positive(std::uint64_t n, const char*) { return put(n); }
    bool signed_number(std::int64_t n, const char*) { return put(numbers::zigzag(n)); }
    bool real(double x, const char*) {
        auto bits = std::bit_cast<std::uint64_t>(x);
        for (int i = 0; i < 8; ++i, bits >>= 8) {
            content_.push_back(static_cast<char>(bits & 0xff));
        }
        return true;
    }
    bool content(const crdt::value& v, const char*) { return put_value(v); }
    bool text(const std::string& s, std::size_t, const char*) {
        put(s.size());
        content_ += s;
        return true;
    }
    bool replica(replica_id id, const char*) {
        put_replica(id);
        return true;
    }
    template <class Dots>
    bool dots(const Dots& dots, const char*) {
        put(dots.size());
        for (const causality::dot& d : dots) {
            put_dot(d);
        }
        return true;
    }
    template <class Items, class Each>
    bool list(const Items& items, const crdt::list_traits&, Each each) {
        put(items.size());
        return std::ranges::all_of(items, each);
    }
    bool ranges(const std::vector<crdt::text_id_range>& ranges, const char*) {
        put(ranges.size());
        std::uint64_t expected = insert_end();
        for (const crdt::text_id_range& range : ranges)
            put_range(range, expected);
        return true;
    }
    bool erased(const std::vector<crdt::rga_text::erased_part>& parts, const char*) {
        put(parts.size());
        std::uint64_t expected = insert_end();
        for (const crdt::rga_text::erased_part& part : parts) {
            put_range(part.ids, expected);
            put_dot(part.erases.first);
            put(part.erases.count);
        }
        return true;
    }
    bool places(const crdt::text_cursor& begin, const crdt::text_cursor& end, const char*) {
        std::uint64_t expected = insert_end();
        for (const crdt::text_cursor* const place : {&begin, &end}) {
            const std::uint64_t whose = place->anchor
                                            ? index_of(place->anchor->replica) + layout::replica_is_origin
                                            : layout::no_element;
            put(whose << layout::place_bits |
                (place->bias == crdt::text_bias::right ? layout::place_is_right : 0));
            if (!place->anchor) continue;
            put(numbers::difference(place->anchor->lamport, expected));
            expected = place->anchor->lamport;
        }
        return true;
    }
    template <class Insert>
    bool inserted(const Insert& op) {
        if (!continues(op)) {
            put(numbers::difference(op.first.lamport, insert_end()));
            if (op.parent) {
                put_replica(op.parent->replica);
                put(numbers::difference(op.first.lamport, op.parent->lamport));
            } else {
                put(layout::no_parent);
            }
        }
        const std::uint64_t length = put_inserted(op);
        if (current_ != nullptr) {
            current_->insert_end = op.first.lamport + length;
        }
        return true;
    }

private:
    bool put(std::uint64_t number) {
        numbers::put(numbers_, number);
        return true;
    }

    void put_range(const crdt::text_id_range& range, std::uint64_t& expected) {
        put_replica(range.first.replica);
        put(numbers::difference(range.first.lamport, expected));
        put(range.length);
        expected = range.first.lamport + range.length;
    }

    template <class Insert>
    [[nodiscard]] bool continues(const Insert& op) const {
        const std::uint64_t end = insert_end();
        return end != 0 && op.first.lamport == end && op.parent == crdt::text_id{end - 1, batch_.origin};
    }

    /// Returns how many ids the content takes.
    std::uint64_t put_inserted(const crdt::rga_text::insert_op& op) {
        text(op.text, 0, "");
        return crdt::utf8::count_scalars(op.text);
    }
    std::uint64_t put_inserted(const crdt::rga_list::insert_op& op) {
        list(op.values, crdt::parts::values, [this](const crdt::value& v) { return put_value(v); });
        return op.values.size();
    }

    void put_times() {
        std::uint64_t ms = 0;
        for (const message& m : batch_.messages) {
            const std::uint64_t ahead = (m.time.ms() - ms) & layout::time_ms_mask;
            const std::uint16_t counter = m.time.counter();
            put(ahead << 1 | (counter != 0 ? 1 : 0));
            if (counter != 0) {
                put(counter);
            }
            ms = m.time.ms();
        }
    }

    void put_dependencies() {
        for (const message& m : batch_.messages) {
            put(m.dependencies.size());
        }
        for (const message& m : batch_.messages) {
            for (const causality::dot& dependency : m.dependencies) {
                put_dot(dependency);
            }
        }
    }

    std::size_t put_replica(replica_id replica) {
        const std::size_t index = index_of(replica);
        put(index + layout::replica_is_origin);
        return index;
    }

    /// Lists the replica if it was not yet named.
    std::size_t index_of(replica_id replica) {
        if (replica != last_replica_) {
            const auto [at, is_new] = replicas_.try_emplace(replica.bits, replicas_.size());
            if (is_new) {
                last_sequences_.push_back(0);
                table_.push_back(replica.bits);
            }
            last_replica_ = replica;
            last_index_ = at->second;
        }
        return last_index_;
    }

    void put_dot(const causality::dot& d) {
        std::uint64_t& last = last_sequences_[put_replica(d.replica)];
        put(numbers::difference(d.sequence, last));
        last = d.sequence;
    }

    bool put(value_code kind) { return put(static_cast<std::uint64_t>(kind)); }

    bool put_value(const crdt::value& v) {
        if (const auto* truth = v.as_bool()) {
            put(*truth ? value_code::yes : value_code::no);
        } else if (const auto* integer = v.as_integer()) {
            put(value_code::integer);
            put(numbers::zigzag(*integer));
        } else if (const auto* real = v.as_real()) {
            put(value_code::real);
            this->real(*real, "");
        } else if (const auto text = v.as_text()) {
            put(value_code::text);
            put(text->size());
            content_ += *text;
        } else if (const auto raw = v.as_bytes()) {
            put(value_code::bytes);
            put(raw->size());
            content_.append(reinterpret_cast<const char*>(raw->data()), raw->size());
        } else {
            put(value_code::null);
        }
        return true;
    }

    [[nodiscard]] std::uint64_t insert_end() const noexcept {
        return current_ == nullptr ? 0 : current_->insert_end;
    }

    /// Makes `key` the current object and returns how to refer to it.
    std::uint64_t refer_to(const object_view& key) {
        if (current_ != nullptr && current_->key == key) {
            return layout::same_object;
        }
        current_ = nullptr;
        if (layout::weight_of(*key.object, *key.path) > layout::listed_weight_max) {
            return layout::new_object;
        }
        const auto [at, is_new] = indexes_.try_emplace(key, objects_.size());
        if (is_new) {
            objects_.push_back({key});
        }
        current_ = &objects_[at->second];
        return is_new ? layout::new_object : layout::listed_object + at->second;
    }

    void put_code(std::uint64_t reference, code how) {
        const bool is_short = how < code::further;
        put(reference << layout::code_bits | static_cast<std::uint64_t>(is_short ? how : code::further));
        if (!is_short) {
            put(static_cast<std::uint64_t>(how));
        }
    }

    void put_operation(const crdt::keyed_operation& operation) {
        const object_view key{&operation.object, &operation.path, crdt::kind_of(operation.leaf)};
        SANGAM_ASSERT((key.path->empty() ? key.object->kind : key.path->back().kind) == key.leaf);
        const std::uint64_t reference = refer_to(key);
        const auto put_typed = [&]<class Operation>(const Operation& op) {
            code how = layout::code_of<Operation>();
            if constexpr (requires { op.parent; }) {
                how = continues(op) ? layout::that_goes_on(how) : how;
            }
            put_code(reference, how);
            if (reference == layout::new_object) {
                put(operation.path.size());
                text(operation.object.name, 0, "");
                for (const crdt::map_key& step : operation.path) {
                    text(step.name, 0, "");
                }
            }
            fields(*this, op);
        };
        std::visit(
            [&]<class Operation>(const Operation& op) {
                if constexpr (requires { op.index(); }) {
                    std::visit(put_typed, op);
                } else {
                    put_typed(op);
                }
            },
            operation.leaf);
    }

    [[nodiscard]] std::string pack() const {
        const auto words = [](std::size_t bytes) { return static_cast<unsigned>((bytes + 7) / 8); };
        constexpr unsigned root_words = 1 + 3 + 3;
        capnp::MallocMessageBuilder builder(root_words + static_cast<unsigned>(table_.size()) +
                                                words(numbers_.size()) + words(content_.size()),
                                            capnp::AllocationStrategy::FIXED_SIZE);
        auto root = builder.initRoot<schema::Batch>();
        root.setVersion(protocol_version);
        root.setOrigin(batch_.origin.bits);
        root.setFirst(batch_.first);
        if (!table_.empty()) {
            auto table = root.initReplicas(static_cast<unsigned>(table_.size()));
            for (unsigned i = 0; i < table.size(); ++i) {
                table.set(i, table_[i]);
            }
        }
        const auto copy = [](const std::string& from, capnp::Data::Builder to) {
            std::memcpy(to.begin(), from.data(), from.size());
        };
        copy(numbers_, root.initNumbers(static_cast<unsigned>(numbers_.size())));
        if (!content_.empty()) {
            copy(content_, root.initContent(static_cast<unsigned>(content_.size())));
        }
        return packed::pack(builder);
    }

    const batch& batch_;
    std::string numbers_;
    std::string content_;
    boost::unordered_flat_map<std::uint64_t, std::size_t> replicas_;
    std::vector<std::uint64_t> table_;
    std::vector<std::uint64_t>
        last_sequences_; ///< by index: what the next dot of a replica is written against
    replica_id last_replica_;
    std::size_t last_index_ = 0;
    std::vector<listed_object> objects_;
    boost::unordered_flat_map<object_view, std::size_t, boost::hash<object_view>> indexes_;
    listed_object* current_ = nullptr; ///< none when the operation before has a key that is not listed
};

} // namespace

std::string encode_batch(const batch& b) {
    SANGAM_ASSERT(!b.messages.empty());
    std::string bytes = batch_encoder(b).encode();
    SANGAM_INVARIANT(bytes.size() <= limits::body_bytes_max);
    return bytes;
}

} // namespace sangam::transport
