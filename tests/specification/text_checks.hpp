#pragma once

#include "specification/meaning.hpp"

#include <sangam/crdt/object.hpp>
#include <sangam/crdt/utf8.hpp>

namespace sangam::specification {

/// What a text promises besides its characters: patches that editors can follow, and cursors that stay.

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
    const auto* const op = std::get_if<crdt::rga_text::operation>(&leaf);
    const auto* const inserted = op != nullptr ? std::get_if<crdt::rga_text::insert_op>(op) : nullptr;
    if (inserted == nullptr) {
        return std::nullopt;
    }
    return crdt::text_id_range{inserted->first, crdt::utf8::count_scalars(inserted->text)};
}

/// A cursor that stays with a character is beside it, or where it was; one at the start or the end stays
/// there. Empty, or what is wrong. Nothing to check in objects that are no text.
[[nodiscard]] inline std::string check_text(const crdt::object& object, const meaning& expected) {
    const crdt::rga_text* const text = object.as<crdt::rga_text>();
    if (text == nullptr) {
        return {};
    }
    std::size_t left_of = 0; // visible characters to the left
    for (const crdt::rga_text::element& e : std::get<text_elements>(expected.content)) {
        const std::size_t behind = left_of + (e.visible ? 1 : 0);
        if (text->position_of({e.id, crdt::text_bias::right}) != left_of ||
            text->position_of({e.id, crdt::text_bias::left}) != behind) {
            return "a cursor does not stay with its character " + std::to_string(e.id.lamport) + "@" +
                   causality::to_string(e.id.replica);
        }
        left_of = behind;
    }
    if (text->position_of({std::nullopt, crdt::text_bias::left}) != 0 ||
        text->position_of({std::nullopt, crdt::text_bias::right}) != left_of || text->size() != left_of) {
        return "a cursor at the start or the end does not stay there";
    }
    for (std::size_t position = 0; position <= left_of; ++position) {
        for (const crdt::text_bias bias : {crdt::text_bias::left, crdt::text_bias::right}) {
            if (text->position_of(text->cursor_at(position, bias)) != position) {
                return "a new cursor is not where it was put, at " + std::to_string(position);
            }
        }
    }
    return text->check_invariants();
}

} // namespace sangam::specification
