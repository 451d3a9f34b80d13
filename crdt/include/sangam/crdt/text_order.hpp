#pragma once

#include <sangam/causality/error.hpp>
#include <sangam/crdt/text_columns.hpp>

#include <cstdint>
#include <vector>

namespace sangam::crdt {

/// Consecutive numbers that stand one behind the other in a text.
struct text_piece {
    std::uint32_t first = 0;
    std::uint32_t length = 0;
    std::uint32_t insert = 0; ///< of a history: the place in text_columns::inserts of the run that it is of
    friend bool operator==(const text_piece&, const text_piece&) = default;
};

/// The order of a text: that of the numbers of a state; of a history what the walk of the tree of parents
/// comes by, children by descending id. Only replicas, ids and inserts are judged and read. Errors:
/// errc::invalid_columns, too_large; `where` names the entry. Cost: n inserts, O(n) but for what many
/// replicas put behind one character, O(n log n).
[[nodiscard]] causality::result<std::vector<text_piece>> text_order(const text_columns& columns);

} // namespace sangam::crdt
