#pragma once

#include "specification/rga_sequence.hpp"

#include <sangam/crdt/rga_text.hpp>

#include <string>
#include <tuple>

namespace sangam::specification {

/// A character with its marks; none while it is not visible.
struct marked_element {
    crdt::text_id id;
    char32_t scalar = 0;
    bool visible = false;
    std::vector<crdt::text_mark> marks;
    friend bool operator==(const marked_element&, const marked_element&) = default;
};
using text_elements = std::vector<marked_element>;

/// Where a mark may begin, end or be: character n stands at place 2n + 1, what is inserted directly behind it
/// at 2n + 2, at the start of the text at 0.
using text_places = std::map<crdt::text_id, std::size_t>;

/// A mark reaches from its first character to its last; where it grows, to the neighbour that was visible
/// then. `places`: where characters stand, the erased ones too.
[[nodiscard]] inline bool covers(const mark& m, const text_places& places, std::size_t place) {
    return (m.grows_before ? !m.left || places.at(*m.left) < place : places.at(m.first) <= place) &&
           (m.grows_after ? !m.right || place < places.at(*m.right) : place <= places.at(m.last));
}

/// The marks, the greatest (time, dot, index) last.
[[nodiscard]] inline history marks_of(const history& all) {
    history marks;
    std::ranges::copy_if(all, std::back_inserter(marks), [](const update& u) { return u.as<mark>(); });
    std::ranges::sort(marks, {}, [](const update& u) { return std::tuple(u.in->time, u.in->id, u.index); });
    return marks;
}

/// The elements; of each name the content of the greatest (time, dot, index) that covers a character.
[[nodiscard]] inline text_elements rga_text(const history& all) {
    text_elements elements;
    text_places places;
    for (const walked<char32_t>& w : rga_sequence<insert>(all)) {
        places.emplace(w.id, 2 * elements.size() + 1);
        elements.push_back({w.id, w.visible ? w.item : 0, w.visible, {}});
    }
    const history marks = marks_of(all);
    for (std::size_t place = 0; place < elements.size(); ++place) {
        std::map<std::string, crdt::value> last;
        for (const update& u : marks) {
            const mark& m = *u.as<mark>();
            if (elements[place].visible && covers(m, places, 2 * place + 1)) last[m.name] = m.content;
        }
        for (const auto& [name, content] : last) {
            if (!content.is_null()) elements[place].marks.push_back({name, content});
        }
    }
    return elements;
}

} // namespace sangam::specification
