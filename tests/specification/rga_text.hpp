#pragma once

#include "specification/rga_sequence.hpp"

#include <sangam/crdt/rga_text.hpp>

namespace sangam::specification {

using text_elements = std::vector<crdt::rga_text::element>;

[[nodiscard]] inline text_elements rga_text(const history& all) {
    text_elements elements;
    for (const walked<char32_t>& w : rga_sequence<insert>(all)) {
        elements.push_back({w.id, w.visible ? w.item : 0, w.visible});
    }
    return elements;
}

} // namespace sangam::specification
