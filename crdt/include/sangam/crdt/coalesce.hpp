#pragma once

#include <sangam/crdt/operation.hpp>

#include <cstddef>
#include <vector>

namespace sangam::crdt {

/// Makes one operation of two that follow on each other in a transaction, where one can say the same:
/// keystrokes that go on where the one before ended are one insert (of up to 4 KiB), and erases are one
/// erase.
///
/// Meaning: applying what `operations` holds afterwards does what applying all of them did. Those from
/// `added` on, and the last one before them, are looked at. Cost: O(bytes of those, and 4 KiB for each).
/// Errors: only allocation throws, and then `operations` is as good as before.
void coalesce(std::vector<keyed_operation>& operations, std::size_t added);

} // namespace sangam::crdt
