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

} // namespace

rga_text::change rga_text::change_since(const log_position& since) const {
    const rga_sequence& sequence = get().sequence;
    change done;
    if (sequence.log().transaction_runs().empty()) return done; // nothing was ever done to it
    const causality::dot next = sequence.log().next();
    done.transaction = {next.replica, next.sequence - 1};
    append_ids(done.inserted, sequence.ids(), static_cast<serial_t>(since.inserted), sequence.serials());
    for (const edit_log::named_run& run : sequence.log().named_since(since.named)) {
        if (!run.restores()) append_ids(done.erased, sequence.ids(), run.first, run.first + run.length());
    }
    return done;
}

text_id rga_text::next_id(std::uint64_t count, causality::replica_id self) const {
    return get().sequence.next_id(count, self, "rga_text::next_id");
}

} // namespace sangam::crdt
