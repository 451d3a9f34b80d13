#pragma once

#include <sangam/crdt/object.hpp>
#include <sangam/crdt/operation.hpp>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace sangam::conformance {

/// Of two writes at the same time the greater bytes win: the rule of the implementation that made the
/// vectors.
struct later_then_greater_bytes {
    [[nodiscard]] static bool wins(const crdt::register_write& a, const crdt::register_write& b) noexcept {
        return std::tie(a.time, a.content, a.id) > std::tie(b.time, b.content, b.id);
    }
};
using vector_register = crdt::basic_lww_register<later_then_greater_bytes>;

/// An operation of any type that the vectors have in common with the library.
using operation = std::variant<crdt::map_operation, vector_register::operation>;

/// One replica's state of the type that a file is about.
///
/// Everything but the register is an object of the library, and so is driven like a value in a map; the
/// register needs the tie rule above.
class model {
public:
    /// `type` as in the vectors: "set_aw". A type that the library does not have has no values, and its
    /// operations are empty.
    explicit model(std::string_view type);

    [[nodiscard]] bool has_values() const noexcept { return !std::holds_alternative<std::monostate>(state_); }

    /// Does what a user did, as `id`, and returns the operations that the other replicas must apply, and
    /// their time.
    [[nodiscard]] std::pair<std::vector<operation>, causality::hybrid_time>
    perform(const boost::json::array& what, const causality::dot& id);

    void apply(const operation& op, const crdt::operation_context& context);

    /// In the form of the vectors.
    [[nodiscard]] boost::json::value value() const;

private:
    void perform_at(const std::vector<crdt::map_key>& path, const boost::json::array& what,
                    const crdt::operation_context& context, std::vector<operation>& done);

    std::variant<std::monostate, crdt::object, vector_register> state_;
};

/// An expected value without the keys of maps whose types the library does not have, and whether there were
/// any.
[[nodiscard]] std::pair<boost::json::value, bool> without_unknown_types(std::string_view type,
                                                                        const boost::json::value& expected);

} // namespace sangam::conformance
