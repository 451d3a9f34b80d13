#include "rga_sequence.hpp"

#include <sangam/causality/assert.hpp>
#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>

#include <algorithm>
#include <iterator>

namespace sangam::crdt {
namespace {

bool follows(const text_id& id, const text_id_range& range) noexcept {
    return id.replica == range.first.replica && id.lamport == range.first.lamport + range.length;
}

/// How many ids from `id` on one of the increasing ranges holds without a gap.
std::uint64_t count_from(std::span<const text_id_range> ranges, const text_id& id) noexcept {
    const auto behind = std::ranges::upper_bound(ranges, id, {}, &text_id_range::first);
    if (behind == ranges.begin()) return 0;
    const text_id_range& range = *std::prev(behind);
    const std::uint64_t skipped = id.lamport - range.first.lamport;
    return range.first.replica == id.replica && skipped < range.length ? range.length - skipped : 0;
}

bool fits(const text_id& first, std::uint64_t length) noexcept {
    return length > 0 && first.lamport <= limits::lamport_max &&
           length - 1 <= limits::lamport_max - first.lamport;
}

/// True iff every id of the range is in the index or pending.
bool knows(const text_index& index, std::span<const text_id_range> pending, const text_id_range& range) {
    for (std::uint64_t done = 0; done < range.length;) {
        const text_id id{range.first.lamport + done, range.first.replica};
        const std::uint64_t known =
            std::max<std::uint64_t>(index.homes_from(id).size(), count_from(pending, id));
        if (known == 0) return false;
        done += known;
    }
    return true;
}

} // namespace

void rga_sequence::check_position(std::size_t position, const char* who) const {
    if (position > size()) {
        throw_misuse(errc::position_past_end, std::string(who) + ": position " + std::to_string(position) +
                                                  ", size " + std::to_string(size()));
    }
}

void rga_sequence::check_range(std::size_t position, std::size_t count, const char* who) const {
    if (position > size() || count > size() - position) {
        throw_misuse(errc::position_past_end, std::string(who) + ": position " + std::to_string(position) +
                                                  ", count " + std::to_string(count) + ", size " +
                                                  std::to_string(size()));
    }
}

text_id rga_sequence::next_id(std::uint64_t length, causality::replica_id self, const char* who) const {
    const text_id first{blocks_.index().greatest_lamport() + 1, self};
    if (!fits(first, length)) {
        throw_misuse(errc::too_large, std::string(who) + ": Lamport number " + std::to_string(first.lamport) +
                                          " and on, limit " + std::to_string(limits::lamport_max));
    }
    return first;
}

std::optional<text_id> rga_sequence::parent_at(std::size_t position) const {
    if (position == 0) return std::nullopt;
    return blocks_.at(blocks_.find_visible(position - 1)).id;
}

std::vector<text_id_range> rga_sequence::ids_at(std::size_t position, std::size_t count) const {
    std::vector<text_id_range> ranges;
    for (auto p = blocks_.find_visible(position); count > 0; p = blocks_.next(p)) {
        const text_blocks::element& e = blocks_.at(p);
        if (!e.visible) continue;
        if (!ranges.empty() && follows(e.id, ranges.back())) {
            ++ranges.back().length;
        } else {
            ranges.push_back({e.id, 1});
        }
        --count;
    }
    return ranges;
}

bool rga_sequence::accepts_insert(const text_id& first, std::uint64_t length,
                                  const std::optional<text_id>& parent, causality::replica_id origin,
                                  std::span<const text_id_range> pending) const {
    std::uint64_t greatest = blocks_.index().greatest_lamport(origin);
    if (!pending.empty())
        greatest = std::max(greatest, pending.back().first.lamport + (pending.back().length - 1));
    if (first.replica != origin || first.lamport <= greatest || !fits(first, length)) return false;
    return !parent || (parent->lamport < first.lamport && knows(blocks_.index(), pending, {*parent, 1}));
}

bool rga_sequence::accepts_erase(std::span<const text_id_range> ranges,
                                 std::span<const text_id_range> pending) const {
    return std::ranges::all_of(ranges, [&](const text_id_range& range) {
        return fits(range.first, range.length) && knows(blocks_.index(), pending, range);
    });
}

std::size_t rga_sequence::insert(const text_id& first, const std::optional<text_id>& parent,
                                 std::u32string_view contents) {
    auto place = parent ? blocks_.next(blocks_.find(*parent)) : blocks_.begin();
    while (place != blocks_.end() && blocks_.at(place).id > first)
        place = blocks_.next(place);
    const std::size_t in_front = blocks_.before(place).visible;
    // What is right of the first element has a smaller id, and the others have greater ids still: none of
    // them skips.
    blocks_.insert(place, first, contents);
    return in_front;
}

rga_sequence::hidden rga_sequence::erase_some(text_id_range& range) noexcept {
    const auto place = blocks_.find(range.first);
    const auto run = blocks_.hide(place, range.length);
    range.first.lamport += run.passed;
    range.length -= run.passed;
    return {place, run.passed, run.hidden};
}

text_cursor rga_sequence::cursor_at(std::size_t position, text_bias bias, const char* who) const {
    check_position(position, who);
    if (position == (bias == text_bias::left ? 0 : size())) return {std::nullopt, bias};
    return {blocks_.at(blocks_.find_visible(bias == text_bias::left ? position - 1 : position)).id, bias};
}

std::optional<std::size_t> rga_sequence::position_of(const text_cursor& cursor) const {
    if (!cursor.anchor) return cursor.bias == text_bias::left ? 0 : size();
    if (!blocks_.index().contains(*cursor.anchor)) return std::nullopt;
    const auto place = blocks_.find(*cursor.anchor);
    const bool behind = cursor.bias == text_bias::left && blocks_.at(place).visible;
    return blocks_.before(place).visible + (behind ? 1 : 0);
}

} // namespace sangam::crdt
