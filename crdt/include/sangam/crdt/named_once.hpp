#pragma once

#include <sangam/crdt/operation.hpp>

#include <optional>
#include <span>
#include <vector>

namespace sangam::crdt {

/// What the operations of one transaction do, with nothing said twice: of each text and list no two erases
/// name the same character, and one restore, which stands where the last one stood, says what all of a text
/// said. None if the operations are like that already.
///
/// Why: to name a character costs time and a place in the log for each run of ids, however short the name
/// is, and an erase is the pair of a character and a transaction, which to say again changes nothing. So
/// what a transaction costs at most is what its texts hold and how long it is, not the product of both.
/// Meaning: accepted and applied one after another, both have the same effect; but a restore may then also
/// name characters that later operations insert, which takes nothing back. The erases of one operation are
/// not looked at: who applies it does so. Cost: O(n log n) for n ranges and operations, only where two
/// erases or two restores are of the same sequence.
[[nodiscard]] std::optional<std::vector<keyed_operation>>
named_once(std::span<const keyed_operation> operations);

} // namespace sangam::crdt
