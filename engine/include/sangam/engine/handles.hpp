#pragma once

#include <sangam/engine/counter_handles.hpp>
#include <sangam/engine/map_handle.hpp>
#include <sangam/engine/register_handles.hpp>
#include <sangam/engine/sequence_handles.hpp>
#include <sangam/engine/set_handles.hpp>
#include <sangam/engine/stream_handle.hpp>
#include <sangam/engine/text_undo_stack.hpp>

#include <memory>
#include <string_view>
#include <variant>

namespace sangam::engine {

using object_handle =
    std::variant<counter_handle, g_counter_handle, set_handle, map_handle, register_handle, text_handle>;

/// The kind by the key's prefix, as in Redis Active-Active schemas: "counter:", "set:", "map:", "text:", else
/// a register.
[[nodiscard]] crdt::object_kind kind_for_key(std::string_view key) noexcept;

/// Where handles come from: a replica or an open transaction. Getting a handle reads nothing.
class handle_source {
public:
    [[nodiscard]] counter_handle counter(std::string_view key) const;
    [[nodiscard]] resettable_counter_handle resettable_counter(std::string_view key) const;
    [[nodiscard]] g_counter_handle g_counter(std::string_view key) const;
    [[nodiscard]] bounded_counter_handle bounded_counter(std::string_view key) const;
    [[nodiscard]] set_handle set(std::string_view key) const;
    [[nodiscard]] set_handle rw_set(std::string_view key) const;
    [[nodiscard]] g_set_handle g_set(std::string_view key) const;
    [[nodiscard]] sorted_set_handle sorted_set(std::string_view key) const;
    [[nodiscard]] map_handle map(std::string_view key) const;
    [[nodiscard]] register_handle lww_register(std::string_view key) const;
    [[nodiscard]] mv_register_handle mv_register(std::string_view key) const;
    [[nodiscard]] flag_handle ew_flag(std::string_view key) const;
    [[nodiscard]] flag_handle dw_flag(std::string_view key) const;
    [[nodiscard]] text_handle text(std::string_view key) const;
    [[nodiscard]] list_handle list(std::string_view key) const;
    [[nodiscard]] stream_handle stream(std::string_view key) const;
    /// When the object `key` ends.
    [[nodiscard]] expiry_handle expiry(std::string_view key) const;
    /// A handle of the kind that the key's prefix names: kind_for_key.
    [[nodiscard]] object_handle object_for_key(std::string_view key) const;

protected:
    explicit handle_source(std::shared_ptr<executor> target) : target_(std::move(target)) {}

private:
    template <class Handle>
    [[nodiscard]] Handle make(std::string_view key, crdt::object_kind kind) const;

    std::shared_ptr<executor> target_;
};

} // namespace sangam::engine
