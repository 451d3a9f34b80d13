#pragma once

#include <sangam/engine/counter_handles.hpp>
#include <sangam/engine/register_handles.hpp>
#include <sangam/engine/sequence_handles.hpp>
#include <sangam/engine/set_handles.hpp>
#include <sangam/engine/stream_handle.hpp>

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace sangam::engine {

/// A map whose values are objects of every kind that can be taken back, maps included: crdt::or_map.
/// Errors: crdt::errc::nested_too_deeply, too_large (names).
class map_handle : public handle {
public:
    using handle::handle;
    /// Assigns to the register `name`.
    void put(std::string_view name, crdt::value content) const;
    /// The register `name`; nothing when it is not assigned.
    [[nodiscard]] std::optional<crdt::value> get(std::string_view name) const;
    /// Undoes what is seen of every value called `name`, whatever its kind.
    void remove(std::string_view name) const;
    void clear() const;
    [[nodiscard]] bool contains(std::string_view name) const;
    [[nodiscard]] std::vector<crdt::map_key> keys() const;
    [[nodiscard]] std::size_t size() const;

    [[nodiscard]] resettable_counter_handle counter(std::string_view name) const;
    [[nodiscard]] set_handle set(std::string_view name) const;
    [[nodiscard]] set_handle rw_set(std::string_view name) const;
    [[nodiscard]] sorted_set_handle sorted_set(std::string_view name) const;
    [[nodiscard]] register_handle lww_register(std::string_view name) const;
    [[nodiscard]] mv_register_handle mv_register(std::string_view name) const;
    [[nodiscard]] flag_handle ew_flag(std::string_view name) const;
    [[nodiscard]] flag_handle dw_flag(std::string_view name) const;
    [[nodiscard]] text_handle text(std::string_view name) const;
    [[nodiscard]] list_handle list(std::string_view name) const;
    [[nodiscard]] stream_handle stream(std::string_view name) const;
    [[nodiscard]] map_handle map(std::string_view name) const;
    /// When the values called `name` end.
    [[nodiscard]] expiry_handle expiry(std::string_view name) const;

private:
    template <class Handle>
    [[nodiscard]] Handle nested(std::string_view name, crdt::object_kind kind) const;
};

} // namespace sangam::engine
