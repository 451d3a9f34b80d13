#include "replays.hpp"

#include "gap_buffer.hpp"

namespace bench {
namespace {

using sangam::crdt::operation_context;
using sangam::crdt::rga_text;

/// Precondition: positions are bytes.
gap_buffer edited(const edit_list& edits) {
    gap_buffer text;
    for (const edit& e : edits.edits()) {
        if (e.erased > 0) text.erase(e.position, e.erased);
        if (e.length > 0) text.insert(e.position, edits.inserted_by(e));
    }
    return text;
}

void apply_all(rga_text& text, const std::vector<prepared_operation>& operations) {
    for (const prepared_operation& operation : operations) {
        text.apply(operation.what, operation.context);
    }
}

} // namespace

timed replay_in_gap_buffer(const workload& recorded) {
    const edit_list& edits = recorded.byte_edits ? *recorded.byte_edits : recorded.edits;
    gap_buffer text;
    const double ns = time_of([&] { text = edited(edits); });
    return {ns, text.str() == recorded.final_text};
}

std::string text_of_gap_buffer(const edit_list& edits) {
    return edited(edits).str();
}

rga_text typed_text(const edit_list& edits) {
    rga_text text;
    operation_context context{{sangam::causality::replica_id{1}, 0}, {}};
    for (const edit& e : edits.edits()) {
        ++context.id.sequence;
        context.time = sangam::causality::hybrid_time::at_ms(context.id.sequence);
        if (e.erased > 0) text.local_erase(e.position, e.erased, context);
        if (e.length > 0) text.local_insert(e.position, edits.inserted_by(e), context);
    }
    return text;
}

timed replay_locally(const workload& recorded) {
    rga_text text;
    const double ns = time_of([&] { text = typed_text(recorded.edits); });
    return {ns, text.str() == recorded.final_text};
}

timed replay_remotely(const std::vector<prepared_operation>& operations, const workload& recorded) {
    rga_text text;
    const double ns = time_of([&] { apply_all(text, operations); });
    return {ns, text.str() == recorded.final_text};
}

timed replay_remotely_with_patches(const workload& recorded) {
    rga_text text;
    std::vector<sangam::crdt::text_patch> patches;
    const double ns = time_of([&] {
        for (const prepared_operation& operation : recorded.operations) {
            text.apply(operation.what, operation.context, &patches);
            patches.clear();
        }
    });
    return {ns, text.str() == recorded.final_text};
}

} // namespace bench
