#pragma once

#include "specification/bounded_counter.hpp"
#include "specification/expiry.hpp"
#include "specification/flags.hpp"
#include "specification/g_counter.hpp"
#include "specification/g_set.hpp"
#include "specification/lww_register.hpp"
#include "specification/mv_register.hpp"
#include "specification/or_set.hpp"
#include "specification/pn_counter.hpp"
#include "specification/resettable_counter.hpp"
#include "specification/rga_list.hpp"
#include "specification/rga_text.hpp"
#include "specification/rw_set.hpp"
#include "specification/sorted_set.hpp"
#include "specification/stream.hpp"

#include <sangam/crdt/object.hpp>

namespace sangam::specification {

struct member;

/// What an object of any kind means, in one form for what is specified and what is observed.
struct meaning {
    using elements = std::vector<crdt::value>;
    using members = std::vector<member>;

    /// What each replica may take, and the sum.
    using rights = std::pair<std::uint64_t, std::vector<std::pair<causality::replica_id, std::uint64_t>>>;
    using ending = std::pair<std::optional<std::uint64_t>, std::optional<causality::dot>>;

    bool empty = true;
    std::variant<std::uint64_t, std::int64_t, bool, elements, crdt::value, text_elements, list_elements,
                 rights, ranking, stream_meaning, ending, members>
        content;
};

/// A key of a map whose value is not empty.
struct member {
    crdt::map_key key;
    meaning value;
};

bool operator==(const meaning& a, const meaning& b);

inline bool operator==(const member& a, const member& b) {
    return a.key == b.key && a.value == b.value;
}

inline bool operator==(const meaning& a, const meaning& b) {
    return a.empty == b.empty && a.content == b.content;
}

/// What an object of that kind means after `all`.
[[nodiscard]] meaning specified(crdt::object_kind kind, const history& all);

} // namespace sangam::specification
