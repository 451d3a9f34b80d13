#include "text_blocks.hpp"

#include <sangam/causality/assert.hpp>
#include <sangam/crdt/utf8.hpp>

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace sangam::crdt {
namespace {

/// How many elements at the front of `elements` have ids that follow on each other.
std::size_t consecutive(std::span<const rga_text::element> elements) noexcept {
    std::size_t length = 1;
    while (length < elements.size() && elements[length].id.replica == elements[0].id.replica &&
           elements[length].id.lamport == elements[0].id.lamport + length) {
        ++length;
    }
    return length;
}

} // namespace

const text_blocks::element& text_blocks::at(const place& p) const noexcept {
    return block_at(p.rank)[p.offset];
}

text_blocks::place text_blocks::next(const place& p) const noexcept {
    return p.offset + 1 < block_at(p.rank).size() ? place{p.rank, p.offset + 1} : place{p.rank + 1, 0};
}

text_blocks::place text_blocks::find(const text_id& id) const noexcept {
    const auto homes = index_.homes_from(id);
    SANGAM_INVARIANT(!homes.empty());
    const std::size_t rank = ranks_[homes.front()];
    const block& elements = block_at(rank);
    const auto found = std::ranges::find(elements, id, &element::id);
    SANGAM_INVARIANT(found != elements.end());
    return {rank, static_cast<std::size_t>(found - elements.begin())};
}

text_blocks::place text_blocks::find_visible(std::size_t position) const noexcept {
    std::size_t rank = 0;
    while (rank < order_.size() && order_[rank].visible <= position)
        position -= order_[rank++].visible;
    if (rank == order_.size()) return end();
    std::size_t offset = 0;
    for (const element& e : block_at(rank)) {
        if (e.visible && position-- == 0) break;
        ++offset;
    }
    return {rank, offset};
}

text_blocks::place text_blocks::find_unit(std::size_t units) const noexcept {
    std::size_t rank = 0;
    while (rank < order_.size() && order_[rank].units <= units)
        units -= order_[rank++].units;
    if (rank == order_.size()) return end();
    std::size_t offset = 0;
    for (const element& e : block_at(rank)) {
        const std::size_t width = e.visible ? utf8::utf16_units(e.scalar) : 0;
        if (units < width) break;
        units -= width;
        ++offset;
    }
    return {rank, offset};
}

text_blocks::counts text_blocks::before(const place& p) const noexcept {
    counts sum;
    for (const entry& e : std::span(order_).first(p.rank)) {
        sum.visible += e.visible;
        sum.units += e.units;
    }
    if (p.offset > 0) {
        const entry within = count(0, std::span(block_at(p.rank)).first(p.offset));
        sum.visible += within.visible;
        sum.units += within.units;
    }
    return sum;
}

void text_blocks::insert(place p, const text_id& first, std::u32string_view scalars) {
    if (order_.empty()) {
        add_home({});
        order_.push_back({});
    }
    if (p.offset == 0 && p.rank > 0) p = {p.rank - 1, block_at(p.rank - 1).size()};

    entry& tally = order_[p.rank];
    block& elements = blocks_[tally.home];
    index_.add({first, scalars.size()}, tally.home);
    const auto gap = elements.begin() + static_cast<std::ptrdiff_t>(p.offset);
    auto added = elements.insert(gap, scalars.size(), element{});
    std::size_t units = 0;
    for (std::size_t i = 0; i < scalars.size(); ++i) {
        *added++ = {{first.lamport + i, first.replica}, scalars[i], true};
        units += utf8::utf16_units(scalars[i]);
    }
    tally.visible += static_cast<std::uint32_t>(scalars.size());
    tally.units += static_cast<std::uint32_t>(units);
    totals_.visible += scalars.size();
    totals_.units += units;
    if (elements.size() > block_max) split(p.rank);
}

text_blocks::hidden_run text_blocks::hide(const place& p, std::uint64_t length_max) noexcept {
    entry& tally = order_[p.rank];
    const auto rest = std::span(blocks_[tally.home]).subspan(p.offset);
    hidden_run done;
    done.passed = consecutive(rest.first(std::min<std::uint64_t>(rest.size(), length_max)));
    for (element& e : rest.first(done.passed)) {
        if (!e.visible) continue;
        e.visible = false;
        ++done.hidden;
        done.units += utf8::utf16_units(e.scalar);
    }
    tally.visible -= static_cast<std::uint32_t>(done.hidden);
    tally.units -= static_cast<std::uint32_t>(done.units);
    totals_.visible -= done.hidden;
    totals_.units -= done.units;
    return done;
}

text_blocks::entry text_blocks::count(std::uint32_t home, std::span<const element> elements) noexcept {
    entry tally{home, 0, 0};
    for (const element& e : elements) {
        if (!e.visible) continue;
        ++tally.visible;
        tally.units += static_cast<std::uint32_t>(utf8::utf16_units(e.scalar));
    }
    return tally;
}

text_index::home_t text_blocks::add_home(block elements) {
    SANGAM_INVARIANT(blocks_.size() < std::numeric_limits<text_index::home_t>::max());
    const auto home = static_cast<text_index::home_t>(blocks_.size());
    for (std::span<const element> rest = elements; !rest.empty();) {
        const std::size_t length = consecutive(rest);
        index_.move({rest.front().id, length}, home);
        rest = rest.subspan(length);
    }
    blocks_.push_back(std::move(elements));
    ranks_.push_back(0);
    return home;
}

void text_blocks::split(std::size_t rank) {
    const text_index::home_t first_home = order_[rank].home;
    const block whole = std::exchange(blocks_[first_home], {});
    // Pieces of equal size, each at least half full: a block that is one over its limit is cut in two.
    const std::size_t pieces = whole.size() / (block_max / 2);
    const auto piece_at = [&](std::size_t piece) {
        const auto start = static_cast<std::ptrdiff_t>(piece * whole.size() / pieces);
        const auto behind = static_cast<std::ptrdiff_t>((piece + 1) * whole.size() / pieces);
        return block(whole.begin() + start, whole.begin() + behind);
    };

    order_.insert(order_.begin() + static_cast<std::ptrdiff_t>(rank), pieces - 1, entry{});
    blocks_[first_home] = piece_at(0);
    order_[rank] = count(first_home, blocks_[first_home]);
    for (std::size_t piece = 1; piece < pieces; ++piece) {
        const text_index::home_t home = add_home(piece_at(piece));
        order_[rank + piece] = count(home, blocks_[home]);
    }
    for (std::size_t r = rank; r < order_.size(); ++r)
        ranks_[order_[r].home] = static_cast<std::uint32_t>(r);
}

std::string text_blocks::check_invariants() const {
    if (std::string broken = index_.check_invariants(); !broken.empty()) return broken;
    if (order_.size() != blocks_.size() || ranks_.size() != blocks_.size())
        return "B3: blocks without a rank";
    counts sum;
    std::size_t elements = 0;
    for (std::size_t rank = 0; rank < order_.size(); ++rank) {
        const std::string where = "block " + std::to_string(rank) + ": ";
        const entry& tally = order_[rank];
        if (tally.home >= blocks_.size() || ranks_[tally.home] != rank)
            return where + "B3: ranks and order differ";
        const block& here = block_at(rank);
        if (here.empty() || here.size() > block_max)
            return where + "B1: " + std::to_string(here.size()) + " elements";
        if (count(tally.home, here) != tally) return where + "B2: counts differ from the elements";
        for (const element& e : here) {
            const auto homes = index_.homes_from(e.id);
            if (homes.empty() || homes.front() != tally.home) {
                return where + "B4: the index does not lead to " + std::to_string(e.id.lamport) + " of " +
                       causality::to_string(e.id.replica);
            }
        }
        elements += here.size();
        sum.visible += tally.visible;
        sum.units += tally.units;
    }
    if (elements != index_.size())
        return "B4: the index knows ids that no block has, or a block has one twice";
    if (sum != totals_) return "B2: the totals differ from the blocks";
    return {};
}

} // namespace sangam::crdt
