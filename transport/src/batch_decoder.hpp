#pragma once

#include "batch_layout.hpp"
#include "numbers.hpp"

#include <sangam/crdt/operation_fields.hpp>
#include <sangam/transport/errc.hpp>
#include <sangam/transport/limits.hpp>
#include <sangam/transport/message.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sangam::transport {

/// Reads the columns of one batch, from front to back and once.
///
/// Invariants: (D1) no count is believed before it is compared with the bytes that are left; (D2) nothing is
///   allocated for a message before it is charged to the message and the batch, part by part as memory_of
///   adds it up; (D3) after a function returned false, `failure` says why and nothing else is read.
class batch_decoder {
public:
    batch_decoder(batch& result, std::vector<std::uint64_t> replicas, std::string_view numbers,
                  std::string_view content);

    [[nodiscard]] bool decode();
    [[nodiscard]] const error& failure() const noexcept { return *failure_; }

    // --- one for each sort of field of an operation: see operation_fields.hpp

    [[nodiscard]] bool number(std::uint64_t& n, const char* field);
    [[nodiscard]] bool positive(std::uint64_t& n, const char* field);
    [[nodiscard]] bool signed_number(std::int64_t& n, const char* field);
    [[nodiscard]] bool real(double& x, const char* field);
    [[nodiscard]] bool content(crdt::value& v, const char* field);
    [[nodiscard]] bool text(std::string& s, std::size_t size_max, const char* field);
    [[nodiscard]] bool replica(causality::replica_id& id, const char* field);
    [[nodiscard]] bool dots(crdt::or_set::dots& dots, const char* field);
    [[nodiscard]] bool ranges(std::vector<crdt::text_id_range>& ranges, const char* field);
    [[nodiscard]] bool erased(std::vector<crdt::rga_text::erased_part>& parts, const char* field);
    [[nodiscard]] bool places(crdt::text_cursor& begin, crdt::text_cursor& end, const char* field);
    template <class Insert>
    [[nodiscard]] bool inserted(Insert& op) {
        const bool head =
            goes_on_ ? read_next_insert_head(op.first, op.parent) : read_insert_head(op.first, op.parent);
        return head && read_inserted(op);
    }
    template <class Items, class Each>
    [[nodiscard]] bool list(Items& items, const crdt::list_traits& traits, Each each) {
        std::size_t count = 0;
        if (!read_list_size(count, traits)) return false;
        items.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            if (!each(items.emplace_back())) return false;
            if constexpr (requires { order_of(items[i]); }) {
                if (traits.increasing && i != 0 && !(order_of(items[i - 1]) < order_of(items[i]))) {
                    return fail(errc::malformed, traits.name, "are not in increasing order");
                }
            }
        }
        return true;
    }

private:
    struct listed_object {
        crdt::object_key object;
        std::vector<crdt::map_key> path;
        crdt::object_kind leaf{};
        std::size_t weight = 0;
        std::uint64_t insert_end = 0; ///< the Lamport number behind this batch's last insert
    };

    // --- columns of messages

    [[nodiscard]] bool read_times();
    [[nodiscard]] bool read_dependencies();
    [[nodiscard]] bool read_dependencies_of(message& m, std::size_t count);
    [[nodiscard]] bool read_operations();
    [[nodiscard]] bool read_operations_of(message& m, std::size_t count);
    [[nodiscard]] bool check_ends();

    // --- one operation

    [[nodiscard]] bool read_operation(crdt::keyed_operation& operation);
    [[nodiscard]] bool read_object(std::uint64_t reference, crdt::object_kind leaf,
                                   crdt::keyed_operation& operation);
    [[nodiscard]] bool read_new_object(crdt::object_kind leaf, crdt::keyed_operation& operation);
    [[nodiscard]] bool read_leaf(layout::code code, crdt::leaf_operation& leaf);
    [[nodiscard]] bool read_list_size(std::size_t& count, const crdt::list_traits& traits);
    [[nodiscard]] bool read_range(crdt::text_id_range& range, std::uint64_t& expected, const char* field);
    [[nodiscard]] bool read_insert_head(crdt::text_id& first, std::optional<crdt::text_id>& parent);
    [[nodiscard]] bool read_next_insert_head(crdt::text_id& first, std::optional<crdt::text_id>& parent);
    [[nodiscard]] bool read_inserted(crdt::rga_text::insert_op& op);
    [[nodiscard]] bool read_inserted(crdt::rga_list::insert_op& op);
    [[nodiscard]] bool end_insert(const crdt::text_id& first, std::uint64_t length, const char* field);

    // --- parts of operations

    [[nodiscard]] bool read(std::uint64_t& number, const char* field);
    /// At most `max`, and at most as many as fit what is left when each item takes `bytes_min`.
    [[nodiscard]] bool read_count(std::size_t& count, std::size_t max, std::size_t bytes_min,
                                  const char* field);
    [[nodiscard]] bool read_replica(std::size_t& index, const char* field);
    [[nodiscard]] bool find_replica(std::uint64_t number, std::size_t& index, const char* field);
    [[nodiscard]] bool read_dot(causality::dot& d, const char* field);
    /// A length, and so many bytes of the content.
    [[nodiscard]] bool read_bytes(std::string_view& bytes, std::size_t max, const char* field);
    [[nodiscard]] bool read_text(std::string_view& text, std::size_t max, const char* field);
    [[nodiscard]] bool take(std::string_view& bytes, std::size_t count, const char* field);
    /// Adds to the cost of the message that is being read and of the batch.
    [[nodiscard]] bool charge(std::size_t bytes, const char* field) {
        std::size_t& cost = result_.messages[*message_].size_bytes;
        cost += bytes;
        memory_ += bytes;
        if (cost <= limits::message_cost_max && memory_ <= limits::batch_cost_max) return true;
        return fail_by_cost(field);
    }
    bool fail_by_cost(const char* field);

    [[nodiscard]] std::uint64_t insert_end() const noexcept {
        return current_ == nullptr ? 0 : current_->insert_end;
    }
    [[nodiscard]] bool check_lamports(std::uint64_t first, std::uint64_t length, const char* field);

    bool fail(errc code, const char* field, const std::string& what);

    batch& result_;
    std::vector<std::uint64_t> replicas_; ///< the origin, then the table
    std::vector<std::uint64_t> last_sequences_;
    std::size_t replicas_named_ = 1;
    numbers::reader numbers_;
    std::string_view content_;
    std::vector<listed_object> objects_;
    listed_object* current_ = nullptr;   ///< none when the operation before has a key that is not listed
    std::size_t memory_ = 0;             ///< what the batch costs so far
    bool goes_on_ = false;               ///< the operation is an insert that goes on
    std::optional<std::size_t> message_; ///< where the reader is, for `failure`
    std::optional<std::size_t> operation_;
    std::optional<error> failure_;
};

} // namespace sangam::transport
