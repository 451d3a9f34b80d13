#include "text_columns_judge.hpp"

#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/utf8.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace sangam::crdt {
namespace {

using causality::error;
using causality::result;
using mark_anchor = text_columns::mark_anchor;
using mark_segment = text_columns::mark_segment;
using mark_track = text_columns::mark_track;
using mark_write = text_columns::mark_write;

static_assert(text_columns::no_number == no_serial);

/// Where anchors are in the text: each has a place that no other has.
class anchor_order {
public:
    anchor_order(const std::vector<span_tree::span>& spans, const std::vector<std::uint32_t>& by_number)
        : spans_(spans), by_number_(by_number) {
        ranks_.reserve(spans.size());
        for (const span_tree::span& span : spans) {
            ranks_.push_back(total_);
            total_ += span.length();
        }
    }
    [[nodiscard]] bool knows(const mark_anchor& a) const noexcept {
        return a.number == text_columns::no_number || a.number < total_;
    }
    /// Precondition: knows it. The end is behind all.
    [[nodiscard]] std::uint64_t place_of(const mark_anchor& a) const noexcept {
        const bool right = a.bias == text_bias::right;
        if (a.number == text_columns::no_number) return right ? 2 * std::uint64_t{total_} + 1 : 0;
        const auto first_of = [this](std::uint32_t span) { return spans_[span].first; };
        const std::uint32_t span = *(std::ranges::upper_bound(by_number_, a.number, {}, first_of) - 1);
        const std::uint64_t rank = ranks_[span] + (a.number - spans_[span].first);
        return 2 * rank + (right ? 1 : 2);
    }
    [[nodiscard]] std::uint64_t end() const noexcept { return 2 * std::uint64_t{total_} + 1; }

private:
    const std::vector<span_tree::span>& spans_;
    const std::vector<std::uint32_t>& by_number_;
    std::vector<std::uint32_t> ranks_; ///< of each span's first, erased ones counted
    std::uint32_t total_ = 0;
};

error wrong_name(std::size_t track, const std::string& what, errc code = errc::invalid_columns) {
    return {code, "marks[" + std::to_string(track) + "]: " + what};
}

error wrong_segment(std::size_t track, std::size_t segment, const std::string& what) {
    return {errc::invalid_columns,
            "marks[" + std::to_string(track) + "].segments[" + std::to_string(segment) + "]: " + what};
}

result<void> judge_name(std::size_t n, const std::vector<mark_track>& tracks) {
    const mark_track& track = tracks[n];
    if (track.name.size() > limits::name_bytes_max)
        return wrong_name(n, "a name of " + std::to_string(track.name.size()) + " bytes", errc::too_large);
    if (const auto invalid = utf8::find_invalid(track.name))
        return wrong_name(n, "byte " + std::to_string(*invalid) + " of the name", errc::invalid_utf8);
    if (n > 0 && track.name <= tracks[n - 1].name) return wrong_name(n, "a name not behind the one before");
    if (track.segments.empty()) return wrong_name(n, "no segment");
    return {};
}

/// A content is valid whatever it is.
result<void> judge_segments(std::size_t track, const std::vector<mark_segment>& segments,
                            const anchor_order& order) {
    static const mark_write nothing{};
    const mark_write* before = &nothing;
    std::uint64_t least = 0;
    for (std::size_t n = 0; n < segments.size(); ++n) {
        const auto& [from, last] = segments[n];
        if (from.bias != text_bias::left && from.bias != text_bias::right)
            return wrong_segment(track, n, "no bias");
        if (!order.knows(from))
            return wrong_segment(track, n, "beside number " + std::to_string(from.number));
        const std::uint64_t place = order.place_of(from);
        if (place == order.end()) return wrong_segment(track, n, "it begins at the end");
        if (place < least) return wrong_segment(track, n, "not behind the one before");
        if (last == *before) return wrong_segment(track, n, "the same as in front of it");
        if ((last.id.sequence == 0 || last.id.sequence > limits::lamport_max) && last != nothing)
            return wrong_segment(track, n, "sequence " + std::to_string(last.id.sequence));
        least = place + 1;
        before = &last;
    }
    return {};
}

} // namespace

/// When the spans are made.
result<void> text_columns_judge::judge_marks() const {
    if (columns_.marks.empty()) return {};
    const anchor_order order(spans_, by_number_);
    for (std::size_t n = 0; n < columns_.marks.size(); ++n) {
        if (auto judged = judge_name(n, columns_.marks); !judged) return judged;
        if (auto judged = judge_segments(n, columns_.marks[n].segments, order); !judged) return judged;
    }
    return {};
}

text_marks text_columns_judge::take_marks() const {
    std::vector<text_marks::track> tracks;
    tracks.reserve(columns_.marks.size());
    for (const mark_track& stored : columns_.marks) {
        text_marks::track& track = tracks.emplace_back(stored.name, std::vector<text_marks::segment>());
        track.segments.reserve(stored.segments.size());
        for (const mark_segment& s : stored.segments)
            track.segments.push_back(
                {{s.from.number, s.from.bias}, {s.last.time, s.last.id, s.last.content}});
    }
    return text_marks(std::move(tracks));
}

} // namespace sangam::crdt
