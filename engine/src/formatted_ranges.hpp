#pragma once

#include <sangam/crdt/object.hpp>
#include <sangam/engine/change.hpp>

#include <cstddef>

namespace sangam::engine {

/// Keeps the ranges that marks may have changed where they are after the patches since `patched`, and adds
/// the one of `leaf`.
void note_formatted(change& entry, std::size_t patched, const crdt::object& object,
                    const crdt::leaf_operation& leaf);

} // namespace sangam::engine
