#pragma once

#include "specification/meaning.hpp"

#include <sangam/crdt/object.hpp>
#include <sangam/crdt/utf8.hpp>

namespace sangam::specification {

/// What types promise besides what they mean: patches that editors can follow, cursors that stay, ranks.

[[nodiscard]] inline std::u32string shown_text(const crdt::object& object,
                                               std::span<const crdt::map_key> path) {
    const crdt::or_map* const map = object.as<crdt::or_map>();
    const crdt::object* const found = map != nullptr && !path.empty() ? map->find(path) : &object;
    const crdt::rga_text* const text = found != nullptr ? found->as<crdt::rga_text>() : nullptr;
    return text != nullptr ? crdt::utf8::to_scalars(text->str()) : std::u32string();
}

[[nodiscard]] inline std::u32string patched(std::u32string text, std::span<const crdt::text_patch> patches) {
    for (const crdt::text_patch& patch : patches) {
        if (patch.position + patch.erased > text.size()) {
            return U"a patch past the end";
        }
        text.replace(patch.position, patch.erased, crdt::utf8::to_scalars(patch.inserted));
    }
    return text;
}

[[nodiscard]] inline std::optional<crdt::text_id_range> inserted_range(const crdt::leaf_operation& leaf) {
    if (const auto* const text = std::get_if<crdt::rga_text::operation>(&leaf)) {
        if (const auto* const inserted = std::get_if<crdt::rga_text::insert_op>(text)) {
            return crdt::text_id_range{inserted->first, crdt::utf8::count_scalars(inserted->text)};
        }
    } else if (const auto* const list = std::get_if<crdt::rga_list::operation>(&leaf)) {
        if (const auto* const inserted = std::get_if<crdt::rga_list::insert_op>(list)) {
            return crdt::text_id_range{inserted->first, inserted->values.size()};
        }
    }
    return std::nullopt;
}

/// A cursor that stays with an element is beside it, or where it was; one at the start or the end stays
/// there. Empty, or what is wrong.
template <class Sequence, class Elements>
[[nodiscard]] std::string check_cursors(const Sequence& sequence, const Elements& expected) {
    std::size_t left_of = 0; // visible elements to the left
    for (const auto& e : expected) {
        const std::size_t behind = left_of + (e.visible ? 1 : 0);
        if (sequence.position_of({e.id, crdt::text_bias::right}) != left_of ||
            sequence.position_of({e.id, crdt::text_bias::left}) != behind) {
            return "a cursor does not stay with its element " + std::to_string(e.id.lamport) + "@" +
                   causality::to_string(e.id.replica);
        }
        left_of = behind;
    }
    if (sequence.position_of({std::nullopt, crdt::text_bias::left}) != 0 ||
        sequence.position_of({std::nullopt, crdt::text_bias::right}) != left_of ||
        sequence.size() != left_of) {
        return "a cursor at the start or the end does not stay there";
    }
    for (std::size_t position = 0; position <= left_of; ++position) {
        for (const crdt::text_bias bias : {crdt::text_bias::left, crdt::text_bias::right}) {
            if (sequence.position_of(sequence.cursor_at(position, bias)) != position) {
                return "a new cursor is not where it was put, at " + std::to_string(position);
            }
        }
    }
    return sequence.check_invariants();
}

/// Characters with the same marks stand in one run, whatever part of the text is asked for.
[[nodiscard]] inline std::vector<crdt::formatted_run>
runs_of(const std::vector<std::vector<crdt::text_mark>>& marks, std::size_t position, std::size_t count) {
    std::vector<crdt::formatted_run> runs;
    for (std::size_t at = position; at < position + count; ++at) {
        if (runs.empty() || runs.back().marks != marks[at]) runs.push_back({at, 0, marks[at]});
        ++runs.back().length;
    }
    return runs;
}

[[nodiscard]] inline std::string check_formatted(const crdt::rga_text& text, const text_elements& expected) {
    std::vector<std::vector<crdt::text_mark>> marks;
    for (const marked_element& e : expected) {
        if (e.visible) marks.push_back(e.marks);
    }
    for (std::size_t position = 0; position < marks.size(); ++position) {
        const std::size_t count = 1 + (position * 7 + marks.size()) % (marks.size() - position);
        if (text.marks_at(position) != marks[position] ||
            text.formatted(position, count) != runs_of(marks, position, count)) {
            return "the marks of " + std::to_string(count) + " characters from " + std::to_string(position) +
                   " on are wrong";
        }
    }
    return text.formatted() == runs_of(marks, 0, marks.size()) ? "" : "the runs of all characters are wrong";
}

/// What a sequence promises besides its elements. Nothing to check in other objects.
[[nodiscard]] inline std::string check_sequence(const crdt::object& object, const meaning& expected) {
    if (const crdt::rga_text* const text = object.as<crdt::rga_text>()) {
        const text_elements& elements = std::get<text_elements>(expected.content);
        return check_cursors(*text, elements) + check_formatted(*text, elements);
    }
    if (const crdt::rga_list* const list = object.as<crdt::rga_list>()) {
        return check_cursors(*list, std::get<list_elements>(expected.content));
    }
    return {};
}

/// What a ranking promises besides its entries. Nothing to check in other objects.
[[nodiscard]] inline std::string check_ranks(const crdt::object& object, const meaning& expected) {
    const crdt::sorted_set* const set = object.as<crdt::sorted_set>();
    if (set == nullptr) {
        return {};
    }
    const ranking& ranked = std::get<ranking>(expected.content);
    for (std::size_t rank = 0; rank < ranked.size(); ++rank) {
        const auto& [member, score] = ranked[rank];
        if (set->rank(member) != rank || set->score(member) != score ||
            set->entries(rank, 1) != ranking{ranked[rank]}) {
            return crdt::to_string(member) + " is not found at its rank " + std::to_string(rank);
        }
    }
    return set->size() == ranked.size() ? "" : "the size is " + std::to_string(set->size());
}

/// What a user sees of a sequence, text or list, at `path`.
struct shown_sequence {
    std::u32string text;
    std::vector<crdt::value> values;
    friend bool operator==(const shown_sequence&, const shown_sequence&) = default;
};

[[nodiscard]] inline shown_sequence shown(const crdt::object& object, std::span<const crdt::map_key> path) {
    const crdt::or_map* const map = object.as<crdt::or_map>();
    const crdt::object* const found = map != nullptr && !path.empty() ? map->find(path) : &object;
    const crdt::rga_list* const list = found != nullptr ? found->as<crdt::rga_list>() : nullptr;
    return {shown_text(object, path), list != nullptr ? list->values() : std::vector<crdt::value>()};
}

} // namespace sangam::specification
