#pragma once

#include <sangam/crdt/bounded_counter.hpp>
#include <sangam/engine/handle.hpp>

#include <cstdint>

namespace sangam::engine {

/// A counter that goes up and down: crdt::pn_counter, or crdt::resettable_counter (always inside a map).
class counter_handle : public handle {
public:
    using handle::handle;
    /// Errors: crdt::errc::counter_overflow (of a resettable one).
    void increment(std::int64_t amount = 1) const;
    /// Precondition: amount is not the smallest 64-bit number (else counter_overflow).
    void decrement(std::int64_t amount = 1) const;
    /// Clamped to 64 bits.
    [[nodiscard]] std::int64_t value() const;
};

/// A counter that can be set back: crdt::resettable_counter.
class resettable_counter_handle : public counter_handle {
public:
    using counter_handle::counter_handle;
    /// Takes away the increments that are seen here; others survive.
    void reset() const;
};

/// A counter that only grows: crdt::g_counter.
class g_counter_handle : public handle {
public:
    using handle::handle;
    void increment(std::uint64_t amount = 1) const;
    [[nodiscard]] std::uint64_t value() const;
};

/// A counter that never falls below 0, also while the network is cut: crdt::bounded_counter. Each replica
/// may take as much as it has rights to; giving makes rights, and they can be handed on.
class bounded_counter_handle : public handle {
public:
    using handle::handle;
    /// Errors: crdt::errc::counter_overflow.
    void increment(std::uint64_t amount = 1) const;
    /// Errors: crdt::errc::insufficient_rights.
    void decrement(std::uint64_t amount = 1) const;
    /// Hands rights to another replica. Errors: crdt::errc::insufficient_rights.
    void transfer(std::uint64_t amount, causality::replica_id to) const;
    [[nodiscard]] std::uint64_t value() const;
    /// What `replica` may take, as far as is known here; its own knowledge is never behind in what it took.
    [[nodiscard]] std::uint64_t rights(causality::replica_id replica) const;
};

} // namespace sangam::engine
