#pragma once

#include <sangam/crdt/rga_text.hpp>

#include "rga_sequence.hpp"
#include "text_bytes.hpp"

#include <cstdint>
#include <string_view>

namespace sangam::crdt {

struct rga_text::state {
    rga_sequence sequence;
    text_bytes bytes; ///< by serial

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
