#pragma once

#include <cstddef>

/// What the parts of a message add to its cost: see memory_of. Fixed numbers instead of sizeof, because
/// limits on their sums decide what is valid, everywhere alike.
///
/// Invariants: (C1) no part takes more bytes in `numbers`, `content` and `replicas` of a batch than it costs,
///   whatever else is in the batch; (C2) no part takes more memory than it costs, but for the rounding of the
///   allocator. docs/wire-format.md adds up the first, tests measure both.
namespace sangam::transport::cost {

inline constexpr std::size_t message = 128; ///< and what a batch takes besides its messages
inline constexpr std::size_t operation = 208;
inline constexpr std::size_t key = 48; ///< of a path
inline constexpr std::size_t dot = 24;
inline constexpr std::size_t range = 32; ///< of erased characters

} // namespace sangam::transport::cost
