#include "formatted_ranges.hpp"

#include <sangam/crdt/utf8.hpp>

#include <algorithm>
#include <span>
#include <variant>

namespace sangam::engine {

namespace {

/// Where a range is after a patch: what is inserted inside or at its ends belongs to it.
crdt::text_range moved(const crdt::text_range& range, const crdt::text_patch& patch) {
    const std::size_t inserted = crdt::utf8::count_scalars(patch.inserted);
    const auto moved_place = [&](std::size_t place, bool is_end) {
        const std::size_t left =
            place > patch.position + patch.erased ? place - patch.erased : std::min(place, patch.position);
        return place > patch.position || (place == patch.position && is_end) ? left + inserted : left;
    };
    const std::size_t from = moved_place(range.position, false);
    return {from, moved_place(range.position + range.length, true) - from};
}

} // namespace

void note_formatted(change& entry, std::size_t patched, const crdt::object& object,
                    const crdt::leaf_operation& leaf) {
    for (crdt::text_range& range : entry.formatted) {
        for (const crdt::text_patch& patch : std::span(entry.patches).subspan(patched)) {
            range = moved(range, patch);
        }
    }
    const auto* const text = std::get_if<crdt::rga_text::operation>(&leaf);
    if (const auto* const mark = text ? std::get_if<crdt::rga_text::mark_op>(text) : nullptr) {
        entry.formatted.push_back(object.as<crdt::rga_text>()->covered(*mark));
    }
    std::erase_if(entry.formatted, [](const crdt::text_range& range) { return range.length == 0; });
}

} // namespace sangam::engine
