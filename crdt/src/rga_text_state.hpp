#pragma once

#include "rga_sequence.hpp"
#include "text_bytes.hpp"
#include "text_marks.hpp"

#include <sangam/causality/vector_clock.hpp>
#include <sangam/crdt/rga_text.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sangam::crdt {

struct rga_text::state {
    rga_sequence sequence;
    text_bytes bytes; ///< by serial
    text_marks marks;
    /// What had been delivered to the text that this one was loaded from, if it came without its log. Then
    /// the log's steps in front of its first transaction are all of it; else there are none.
    causality::vector_clock base;

    /// What an insert in front of the character at `position` is put behind.
    [[nodiscard]] std::optional<text_id> parent_at(std::size_t position) const {
        if (marks.empty()) return sequence.parent_at(position);
        const serial_t behind = marks.place_in_gap(sequence, sequence.place_before(position));
        if (behind == no_serial) return std::nullopt;
        return sequence.ids().id_of(behind);
    }

    /// Adds the content, then lets `insert` add the places; all or nothing.
    template <class Insert>
    auto add(std::string_view text, std::uint32_t characters, Insert&& insert) {
        bytes.append(text, characters);
        try {
            return insert();
        } catch (...) {
            bytes.take_back(characters);
            throw;
        }
    }
    span_tree::place add(const insert_op& op, const operation_context& context);
    /// Precondition: sequence.continues_typing; the character is ASCII.
    void type(char c) noexcept {
        bytes.append_ascii(c);
        sequence.type_one();
    }
    [[nodiscard]] bool apply_keystroke(const operation& op, const operation_context& context,
                                       std::vector<text_patch>* patches);
};

} // namespace sangam::crdt
