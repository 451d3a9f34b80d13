#include <sangam/crdt/rga_text.hpp>

#include "rga_text_state.hpp"
#include "text_columns_judge.hpp"

#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/utf8.hpp>

#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace sangam::crdt {
namespace {

using causality::error;

bool begins_character(char byte) noexcept {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

/// Cuts well-formed text into pieces of so many characters.
class text_cutter {
public:
    text_cutter(std::string_view text, bool ascii) noexcept : text_(text), ascii_(ascii) {}

    std::string_view next(std::uint32_t characters) noexcept {
        const std::size_t from = at_;
        if (ascii_) {
            at_ += characters;
        } else {
            for (; characters > 0; --characters) {
                do {
                    ++at_;
                } while (at_ < text_.size() && !begins_character(text_[at_]));
            }
        }
        return text_.substr(from, at_ - from);
    }

private:
    std::string_view text_;
    bool ascii_;
    std::size_t at_ = 0;
};

/// The known text in the order of numbers, and which of these take two UTF-16 units.
struct numbered_text {
    std::string known;
    std::vector<serial_t> wide;

    void append(std::string_view piece, serial_t first, bool ascii) {
        known.append(piece);
        if (ascii) return;
        serial_t serial = first;
        for (const char c : piece) {
            if (!begins_character(c)) continue;
            if (static_cast<unsigned char>(c) >= 0xF0) wide.push_back(serial);
            ++serial;
        }
    }
};

numbered_text by_number(std::string_view columns_text, const text_columns_judge& judged, bool ascii) {
    const std::vector<span_tree::span>& spans = judged.spans();
    text_cutter cutter(columns_text, ascii);
    std::vector<std::uint32_t> from(spans.size() + 1); // where in the bytes each span's are
    for (std::size_t n = 0; n < spans.size(); ++n)
        from[n + 1] = from[n] + static_cast<std::uint32_t>(cutter.next(spans[n].shown()).size());
    numbered_text text;
    text.known.reserve(columns_text.size());
    auto erased = judged.erased().begin();
    for (const std::uint32_t n : judged.by_number()) {
        const serial_t first = spans[n].first;
        for (; erased != judged.erased().end() && erased->first < first; ++erased)
            text.append(cutter.next(erased->length), erased->first, ascii);
        if (spans[n].visible())
            text.append(columns_text.substr(from[n], from[n + 1] - from[n]), first, ascii);
    }
    for (; erased != judged.erased().end(); ++erased)
        text.append(cutter.next(erased->length), erased->first, ascii);
    return text;
}

} // namespace

causality::result<rga_text> rga_text::from_columns(const text_columns& columns,
                                                   const causality::vector_clock& base) {
    text_columns_judge judged(columns);
    if (const auto right = judged.judge(); !right) return right.error();
    if (columns.text.size() > std::numeric_limits<std::uint32_t>::max())
        return error{errc::too_large, "text: " + std::to_string(columns.text.size()) + " bytes"};
    const bool ascii = utf8::count_ascii(columns.text) == columns.text.size();
    if (const auto invalid = ascii ? std::nullopt : utf8::find_invalid(columns.text))
        return error{errc::invalid_utf8, "text: byte " + std::to_string(*invalid)};
    const std::size_t characters = ascii ? columns.text.size() : utf8::count_scalars(columns.text);
    const std::uint32_t known = judged.visible_count() + judged.erased_count();
    if (characters != known)
        return error{errc::invalid_columns,
                     "text: " + std::to_string(characters) + " characters for " + std::to_string(known)};

    rga_text made;
    // A text that was never written in may have marks.
    if (judged.spans().empty() && columns.marks.empty()) return made;
    numbered_text text = by_number(columns.text, judged, ascii);
    state& s = made.touch();
    s.bytes = text_bytes::with_gaps(std::move(text.known), known, judged.gone());
    s.sequence = rga_sequence(judged.take_ids(), judged.spans(), judged.by_number(), std::move(text.wide),
                              judged.take_log());
    s.marks = judged.take_marks();
    if (s.sequence.log().base() > 0) s.base = base;
    return made;
}

} // namespace sangam::crdt
