#include "rga_text_state.hpp"

#include <sangam/causality/assert.hpp>
#include <sangam/crdt/rga_text.hpp>

#include <algorithm>

namespace sangam::crdt {
namespace {

/// Appends a range, or lengthens the last one at either end: erasing backwards gives decreasing ids.
void append(std::vector<text_id_range>& ranges, const text_id& first, std::uint64_t length) {
    if (!ranges.empty() && ranges.back().first.replica == first.replica) {
        text_id_range& last = ranges.back();
        if (last.first.lamport + last.length == first.lamport) {
            last.length += length;
            return;
        }
        if (first.lamport + length == last.first.lamport) {
            last = {first, last.length + length};
            return;
        }
    }
    ranges.push_back({first, length});
}

void append_ids(std::vector<text_id_range>& ranges, const text_ids& ids, serial_t first, serial_t end) {
    while (first < end) {
        const std::size_t run = ids.run_of(first);
        const serial_t part_end = std::min(end, ids.end_of(run));
        append(ranges, ids.id_in(ids.runs()[run], first), part_end - first);
        first = part_end;
    }
}

struct serials {
    serial_t first;
    serial_t end;
};

/// Increasing, and none touches the next.
std::vector<serials> serials_of(const text_ids& ids, std::span<const text_id_range> ranges) {
    std::vector<serials> all;
    for (const text_id_range& range : ranges) {
        text_id id = range.first;
        for (std::uint64_t left = range.length; left > 0;) {
            const text_ids::found known = ids.find(id);
            SANGAM_ASSERT(known.length > 0);
            const auto part = static_cast<std::uint32_t>(std::min<std::uint64_t>(known.length, left));
            all.push_back({known.first, known.first + part});
            id.lamport += part;
            left -= part;
        }
    }
    std::ranges::sort(all, {}, &serials::first);
    std::size_t kept = 0;
    for (const serials& next : all) {
        if (kept > 0 && next.first <= all[kept - 1].end) {
            all[kept - 1].end = std::max(all[kept - 1].end, next.end);
        } else {
            all[kept++] = next;
        }
    }
    all.resize(kept);
    return all;
}

} // namespace

rga_text::change rga_text::change_since(const log_position& since) const {
    const rga_sequence& sequence = get().sequence;
    change done;
    if (sequence.log().transaction_runs().empty()) return done; // nothing was ever done to it
    const causality::dot next = sequence.log().next();
    done.transaction = {next.replica, next.sequence - 1};
    append_ids(done.inserted, sequence.ids(), static_cast<serial_t>(since.inserted), sequence.serials());
    for (const edit_log::erased_run& run : sequence.log().erased_since(since.erased))
        append_ids(done.erased, sequence.ids(), run.first, run.first + run.length());
    return done;
}

std::vector<rga_text::fragment> rga_text::fragments(std::span<const text_id_range> ranges) const {
    std::vector<fragment> found;
    const state& s = get();
    const text_ids& ids = s.sequence.ids();
    const std::vector<serials> wanted = serials_of(ids, ranges);
    if (wanted.empty()) return found;
    const span_tree& tree = s.sequence.tree();
    span_tree::place p;
    bool up_to_here = false; // the last fragment ends where the walk is
    do {
        const span_tree::span span = tree.span_at(p);
        auto next = std::ranges::upper_bound(wanted, span.first, {}, &serials::end);
        for (serial_t serial = span.first; serial < span.end();) {
            const serial_t from =
                next == wanted.end() ? span.end() : std::clamp(next->first, serial, span.end());
            if (from > serial) up_to_here = false;
            serial = from;
            if (serial == span.end()) break;
            const std::size_t run = ids.run_of(serial);
            const serial_t end = std::min({next->end, span.end(), ids.end_of(run)});
            found.push_back({{ids.id_in(ids.runs()[run], serial), end - serial},
                             span.visible(),
                             up_to_here,
                             s.bytes.view(serial, end - serial)});
            up_to_here = true;
            serial = end;
            if (serial == next->end) ++next;
        }
    } while (tree.advance(p));
    return found;
}

text_id rga_text::next_id(std::uint64_t count, causality::replica_id self) const {
    return get().sequence.next_id(count, self, "rga_text::next_id");
}

} // namespace sangam::crdt
