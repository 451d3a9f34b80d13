#pragma once

#include "specification/rga_sequence.hpp"

#include <sangam/crdt/rga_list.hpp>

namespace sangam::specification {

using list_elements = std::vector<crdt::rga_list::element>;

/// An erased value is not shown any more, its place is.
[[nodiscard]] inline list_elements rga_list(const history& all) {
    list_elements elements;
    for (const walked<crdt::value>& w : rga_sequence<insert_values>(all)) {
        elements.push_back({w.id, w.visible ? w.item : crdt::value(), w.visible});
    }
    return elements;
}

} // namespace sangam::specification
