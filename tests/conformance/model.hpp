#pragma once

#include <sangam/crdt/object.hpp>
#include <sangam/crdt/operation.hpp>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace sangam::conformance {

/// The vectors number their replicas from 0; an id is never 0 here.
[[nodiscard]] inline causality::replica_id id_of(std::int64_t replica) {
    return {static_cast<std::uint64_t>(replica) + 1};
}

/// Of two writes at the same time the greater bytes win: the rule of the implementation that made the
/// vectors.
struct later_then_greater_bytes {
    [[nodiscard]] static bool wins(const crdt::register_write& a, const crdt::register_write& b) noexcept {
        return std::tie(a.time, a.content, a.id) > std::tie(b.time, b.content, b.id);
    }
};
using vector_register = crdt::basic_lww_register<later_then_greater_bytes>;

/// An operation of any type of the vectors. The path of one on an object that is no map is empty; on a
/// keyspace it starts with the key.
using operation = std::variant<crdt::map_operation, vector_register::operation>;

/// A grow-only map is a keyspace: what is written to a key stays there.
using keyspace = std::map<crdt::object_key, crdt::object>;

/// One replica's state of the type that a file is about.
///
/// Everything else is an object of the library, and so is driven like a value in a map, or a keyspace of
/// them; the register of the last writer needs the tie rule above.
class model {
public:
    /// `type` as in the vectors: "set_aw". Throws std::invalid_argument if it is unknown.
    explicit model(std::string_view type);

    /// Does what a user did, as `id`, and returns the operations that the other replicas must apply, and
    /// their time. Throws `exception` when the type refuses it; then nothing has changed.
    [[nodiscard]] std::pair<std::vector<operation>, causality::hybrid_time>
    perform(const boost::json::array& what, const causality::dot& id);

    void apply(const operation& op, const crdt::operation_context& context);

    /// In the form of the vectors.
    [[nodiscard]] boost::json::value value() const;

private:
    /// The object at the path, or nullptr.
    [[nodiscard]] const crdt::object* find(const std::vector<crdt::map_key>& path) const;
    void perform_at(const std::vector<crdt::map_key>& path, const boost::json::array& what,
                    const crdt::operation_context& context, std::vector<operation>& done);

    std::variant<crdt::object, vector_register, keyspace> state_;
};

} // namespace sangam::conformance
