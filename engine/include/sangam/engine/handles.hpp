#pragma once

#include <sangam/crdt/text_types.hpp>
#include <sangam/crdt/value.hpp>
#include <sangam/engine/executor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Handles name an object of a replica or of an open transaction. They are cheap to copy, hold no state of
/// the object, and may be used from any thread (those of a transaction: only inside it). An object exists as
/// soon as something was written to it.
///
/// Errors of every call: `exception` with engine::errc::wrong_type (the key holds another kind), closed (the
/// replica or transaction is over), and those that the call names. Nothing has changed then.
namespace sangam::engine {

/// What all handles share.
class handle {
public:
    /// For the engine; applications get handles from a replica, a transaction or a map.
    handle(std::shared_ptr<executor> target, object_address address)
        : target_(std::move(target)), address_(std::move(address)) {}

    [[nodiscard]] const object_address& address() const noexcept { return address_; }

protected:
    std::shared_ptr<executor> target_;
    object_address address_;
};

/// A counter that goes up and down: crdt::pn_counter, or crdt::resettable_counter inside a map.
class counter_handle : public handle {
public:
    using handle::handle;
    /// Errors: crdt::errc::counter_overflow (inside maps).
    void increment(std::int64_t amount = 1) const;
    /// Precondition: amount is not the smallest 64-bit number (else counter_overflow).
    void decrement(std::int64_t amount = 1) const;
    /// Clamped to 64 bits.
    [[nodiscard]] std::int64_t value() const;
};

/// A counter that only grows: crdt::g_counter.
class g_counter_handle : public handle {
public:
    using handle::handle;
    void increment(std::uint64_t amount = 1) const;
    [[nodiscard]] std::uint64_t value() const;
};

/// A set in which a concurrent add beats a remove: crdt::or_set.
class set_handle : public handle {
public:
    using handle::handle;
    void add(crdt::value element) const;
    /// Does nothing (and sends nothing) when the element is not there.
    void remove(crdt::value element) const;
    void clear() const;
    [[nodiscard]] bool contains(const crdt::value& element) const;
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::vector<crdt::value> elements() const;
};

/// A register in which the last writer wins: crdt::lww_register.
class register_handle : public handle {
public:
    using handle::handle;
    void assign(crdt::value content) const;
    /// Null when nothing is assigned.
    [[nodiscard]] crdt::value get() const;
    [[nodiscard]] bool assigned() const;
};

/// Text that many people edit: crdt::rga_text. Positions and counts are Unicode scalar values.
/// Errors: crdt::errc::position_past_end, invalid_utf8, too_large, inside_surrogates.
class text_handle : public handle {
public:
    using handle::handle;
    void insert(std::size_t position, std::string_view text) const;
    void erase(std::size_t position, std::size_t count) const;
    /// Several edits as one transaction; they apply one after another. All are checked first: either all
    /// happen or none.
    void edit(std::span<const crdt::text_patch> patches) const;
    void clear() const;
    [[nodiscard]] std::string str() const;
    [[nodiscard]] std::string str(std::size_t position, std::size_t count) const;
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::size_t utf16_size() const;
    [[nodiscard]] std::size_t to_utf16(std::size_t position) const;
    [[nodiscard]] std::size_t from_utf16(std::size_t units) const;
    [[nodiscard]] crdt::text_cursor cursor_at(std::size_t position,
                                              crdt::text_bias bias = crdt::text_bias::left) const;
    /// Nothing when the cursor stays with a character that has not arrived here.
    [[nodiscard]] std::optional<std::size_t> position_of(const crdt::text_cursor& cursor) const;
};

/// A map whose values are registers, counters, sets, texts and maps: crdt::or_map.
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

    [[nodiscard]] counter_handle counter(std::string_view name) const;
    [[nodiscard]] set_handle set(std::string_view name) const;
    [[nodiscard]] register_handle lww_register(std::string_view name) const;
    [[nodiscard]] text_handle text(std::string_view name) const;
    [[nodiscard]] map_handle map(std::string_view name) const;

private:
    template <class Handle>
    [[nodiscard]] Handle nested(std::string_view name, crdt::object_kind kind) const;
};

using object_handle =
    std::variant<counter_handle, g_counter_handle, set_handle, map_handle, register_handle, text_handle>;

/// The kind by the key's prefix, as in Redis Active-Active schemas: "counter:", "set:", "map:", "text:", else
/// a register.
[[nodiscard]] crdt::object_kind kind_for_key(std::string_view key) noexcept;

} // namespace sangam::engine
