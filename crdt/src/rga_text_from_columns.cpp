#include <sangam/crdt/rga_text.hpp>

#include "copy_short.hpp"
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
    explicit text_cutter(std::string_view text) noexcept : text_(text) {}

    std::string_view next(std::uint32_t characters) noexcept {
        const std::size_t from = at_;
        for (; characters > 0; --characters) {
            do {
                ++at_;
            } while (at_ < text_.size() && !begins_character(text_[at_]));
        }
        return text_.substr(from, at_ - from);
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

/// The known text in the order of numbers, and which of these take two UTF-16 units.
struct numbered_text {
    std::string known;
    std::vector<serial_t> wide;

    void append(std::string_view piece, serial_t first) {
        known.append(piece);
        serial_t serial = first;
        for (const char c : piece) {
            if (!begins_character(c)) continue;
            if (static_cast<unsigned char>(c) >= 0xF0) wide.push_back(serial);
            ++serial;
        }
    }
};

/// The same of a history where every character is one byte, so that places in the text are sums of lengths.
std::string ascii_by_number(std::string_view text, const text_columns_judge& judged) {
    const std::vector<span_tree::span>& spans = judged.spans();
    std::vector<std::uint32_t> from(spans.size());
    std::uint32_t at = 0;
    for (std::size_t n = 0; n < spans.size(); ++n) {
        from[n] = at;
        at += spans[n].shown();
    }
    std::string known(text.size() + copy_short_slack, '\0');
    char* to = known.data();
    const auto copy = [&](std::uint32_t first, std::uint32_t length) {
        to = copy_short(to, text, first, length);
    };
    auto erased = judged.erased().begin();
    const auto copy_erased_before = [&](serial_t first) {
        for (; erased != judged.erased().end() && erased->first < first; ++erased) {
            copy(at, erased->length);
            at += erased->length;
        }
    };
    for (const std::uint32_t n : judged.by_number()) {
        if (!spans[n].visible()) continue;
        copy_erased_before(spans[n].first);
        copy(from[n], spans[n].length());
    }
    copy_erased_before(no_serial);
    known.resize(text.size());
    return known;
}

numbered_text by_number(text_columns& columns, const text_columns_judge& judged, bool ascii) {
    if (ascii && columns.what == text_columns::kind::state) return {std::move(columns.text), {}};
    if (ascii) return {ascii_by_number(columns.text, judged), {}};
    const std::vector<span_tree::span>& spans = judged.spans();
    text_cutter cutter(columns.text);
    std::vector<std::string_view> pieces(spans.size());
    for (std::size_t n = 0; n < spans.size(); ++n)
        pieces[n] = cutter.next(spans[n].shown());
    numbered_text text;
    text.known.reserve(columns.text.size());
    auto erased = judged.erased().begin();
    const auto append_erased_before = [&](serial_t first) {
        for (; erased != judged.erased().end() && erased->first < first; ++erased)
            text.append(cutter.next(erased->length), erased->first);
    };
    for (const std::uint32_t n : judged.by_number()) {
        if (!spans[n].visible()) continue;
        append_erased_before(spans[n].first);
        text.append(pieces[n], spans[n].first);
    }
    append_erased_before(no_serial);
    return text;
}

} // namespace

causality::result<rga_text> rga_text::from_columns(text_columns columns,
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
    numbered_text text = by_number(columns, judged, ascii);
    state& s = made.touch();
    s.bytes = text_bytes::with_gaps(std::move(text.known), known, judged.gone());
    s.sequence = rga_sequence(judged.take_ids(), judged.spans(), judged.by_number(), std::move(text.wide),
                              judged.take_log(), judged.take_again());
    s.marks = judged.take_marks();
    if (s.sequence.log().base() > 0) s.base = base;
    return made;
}

} // namespace sangam::crdt
