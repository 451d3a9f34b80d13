#pragma once

#include <sangam/causality/dot.hpp>
#include <sangam/causality/hybrid_clock.hpp>

#include <concepts>

namespace sangam::crdt {

/// What an operation knows of the transaction that it belongs to. All operations of a transaction share it.
struct operation_context {
    causality::dot id;
    causality::hybrid_time time;
};

/// A type that is replicated by its operations.
///
/// `prepare` functions (each type's own) read the state and return an operation; `apply` is the only way a
/// state changes, at the origin as everywhere else. `apply` needs causal delivery, each operation exactly
/// once. Concurrent operations may come in any order, those of one transaction come as they were prepared.
/// `empty()` is true iff the state means the same as a new one.
/// Source: Shapiro et al., "Conflict-free Replicated Data Types" (2011), section 2.2 (CmRDT).
template <class T>
concept operation_based =
    std::regular<T> && requires(T state, const T& view, const typename T::operation& operation,
                                const operation_context& context) {
        state.apply(operation, context);
        { view.empty() } -> std::same_as<bool>;
    };

} // namespace sangam::crdt
