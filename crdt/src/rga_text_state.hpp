#pragma once

#include "rga_sequence.hpp"
#include "text_bytes.hpp"

#include <sangam/causality/vector_clock.hpp>
#include <sangam/crdt/rga_text.hpp>

#include <cstdint>
#include <string_view>

namespace sangam::crdt {

struct rga_text::state {
    rga_sequence sequence;
    text_bytes bytes; ///< by serial
    /// What had been delivered to the text that this one was loaded from, if it came without its log. Then
    /// the log's steps in front of its first transaction are all of it; else there are none.
    causality::vector_clock base;

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
};

} // namespace sangam::crdt
