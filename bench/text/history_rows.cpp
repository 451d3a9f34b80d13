#include "rows.hpp"
#include "snapshots.hpp"

#include "heap_use.hpp"
#include "measure.hpp"
#include "replays.hpp"

#include <algorithm>

namespace bench {
namespace {

bool any(const workload&) {
    return true;
}
bool sequential(const workload& recorded) {
    return !recorded.concurrent;
}
bool concurrent(const workload& recorded) {
    return recorded.concurrent;
}

figure about(const workload& recorded, std::string_view bench, const std::vector<timed>& measured) {
    figure made{std::string(bench), recorded.name, {}, recorded.right, recorded.checked_by};
    made.right = made.right && std::ranges::all_of(measured, &timed::right);
    return made.with(edits, static_cast<double>(recorded.recorded_edits));
}

/// The gap buffer first.
figure beside_gap_buffer(const workload& recorded, std::string_view bench,
                         const std::vector<timed>& measured) {
    const auto count = static_cast<double>(recorded.recorded_edits);
    return about(recorded, bench, measured)
        .with(ns_per_edit, measured[1].ns / count)
        .with(gap_ns_per_edit, measured[0].ns / count)
        .with(ratio_to_gap_buffer, measured[1].ns / measured[0].ns);
}

void measure_beside_gap_buffer(const workload& recorded, std::string_view bench, const contender& ours,
                               const settings& how, report& out) {
    const contender gap = [&] { return replay_in_gap_buffer(recorded); };
    out.add(beside_gap_buffer(recorded, bench, medians(how.runs, {gap, ours})));
}

void measure_local(const workload& recorded, const settings& how, report& out) {
    const contender ours = [&] { return replay_locally(recorded); };
    measure_beside_gap_buffer(recorded, "text_local", ours, how, out);
}

void measure_one_at_a_time(const workload& recorded, const settings& how, report& out) {
    const contender ours = [&] { return replay_remotely(recorded.operations, recorded); };
    measure_beside_gap_buffer(recorded, recorded.concurrent ? "text_live" : "text_remote", ours, how, out);
}

void measure_with_patches(const workload& recorded, const settings& how, report& out) {
    const contender ours = [&] { return replay_remotely_with_patches(recorded); };
    measure_beside_gap_buffer(recorded, recorded.concurrent ? "text_live_patches" : "text_remote_patches",
                              ours, how, out);
}

void measure_batch(const workload& recorded, const settings& how, report& out) {
    const auto measured = medians(how.runs, {[&] { return replay_in_gap_buffer(recorded); },
                                             [&] { return replay_remotely(recorded.bundle, recorded); },
                                             [&] { return replay_locally(recorded); },
                                             [&] { return replay_remotely(recorded.operations, recorded); }});
    out.add(beside_gap_buffer(recorded, "text_batch", measured)
                .with(ratio_to_local, measured[1].ns / measured[2].ns)
                .with(ratio_to_one_by_one, measured[1].ns / measured[3].ns)
                .with("operations", static_cast<double>(recorded.bundle.size())));
}

/// A sequential history is typed, a concurrent one comes from others.
void measure_heap(const workload& recorded, const settings&, report& out) {
    using sangam::crdt::rga_text;
    const heap_use used = heap_used_by([&](const std::function<void()>& look) {
        rga_text text;
        if (recorded.concurrent) {
            for (const prepared_operation& operation : recorded.operations) {
                text.apply(operation.what, operation.context);
            }
        } else {
            text = typed_text(recorded.edits);
        }
        look();
    });
    const auto usable = static_cast<double>(sizeof(rga_text) + used.usable);
    out.add(about(recorded, "text_heap", {})
                .with(bytes_per_edit, usable / static_cast<double>(recorded.recorded_edits))
                .with("bytes_usable", usable)
                .with("bytes_requested", static_cast<double>(sizeof(rga_text) + used.requested))
                .with("bytes_of_malloc", static_cast<double>(used.from_malloc))
                .with("blocks", static_cast<double>(used.blocks)));
}

constexpr history_row all_rows[] = {
    {"text_local", any, measure_local},
    {"text_remote", sequential, measure_one_at_a_time},
    {"text_remote_patches", sequential, measure_with_patches},
    {"text_live", concurrent, measure_one_at_a_time},
    {"text_live_patches", concurrent, measure_with_patches},
    {"text_batch", any, measure_batch},
    {"text_heap", any, measure_heap},
    {"text_save", any, measure_save},
    {"text_load", any, measure_load},
};

} // namespace

std::span<const history_row> history_rows() noexcept {
    return all_rows;
}

} // namespace bench
