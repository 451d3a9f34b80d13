#include "prepare.hpp"

#include <editor/errc.hpp>

#include <utility>

namespace bench {

using sangam::crdt::operation_context;
using sangam::crdt::rga_text;

sangam::result<void> prepare_patch(std::vector<prepared_operation>& operations, rga_text& author,
                                   const sangam::crdt::text_patch& patch, const operation_context& context,
                                   const std::string& place) {
    if (patch.position > author.size() || patch.erased > author.size() - patch.position) {
        return sangam::error{editor::errc::bad_position,
                             place + ": position " + std::to_string(patch.position) + ", " +
                                 std::to_string(patch.erased) + " erased, but the text has " +
                                 std::to_string(author.size()) + " characters"};
    }
    if (patch.erased > 0) {
        operations.push_back({author.erase(patch.position, patch.erased), context});
        author.apply(operations.back().what, context);
    }
    if (!patch.inserted.empty()) {
        operations.push_back({author.insert(patch.position, patch.inserted, context.id.replica), context});
        author.apply(operations.back().what, context);
    }
    return {};
}

sangam::result<void> prepare_sequential(workload& made, const editor::history& recorded,
                                        const std::string& path) {
    rga_text author;
    operation_context context{{sangam::causality::replica_id{1}, 0}, {}};
    for (std::size_t t = 0; t < recorded.transactions.size(); ++t) {
        for (const auto& patch : recorded.transactions[t].patches) {
            ++made.recorded_edits;
            if (patch.erased == 0 && patch.inserted.empty()) continue;
            ++context.id.sequence;
            context.time = sangam::causality::hybrid_time::at_ms(context.id.sequence);
            const auto done = prepare_patch(made.operations, author, patch, context,
                                            path + ": transaction " + std::to_string(t));
            if (!done) return done.error();
            made.edits.add(patch.position, patch.erased, patch.inserted);
        }
    }
    made.final_text = author.str();
    made.checked_by = "replays agree";
    if (recorded.end_content) {
        made.right = made.final_text == *recorded.end_content;
        made.final_text = *recorded.end_content;
        made.checked_by = "endContent";
    }
    made.bundle = bundle_of(author);
    return {};
}

} // namespace bench
