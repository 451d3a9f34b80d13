#include "workload.hpp"

#include "byte_positions.hpp"
#include "prepare.hpp"

#include <editor/errc.hpp>
#include <editor/history.hpp>

#include <filesystem>

namespace bench {
namespace {

/// "traces/some-paper.json.gz": "some-paper".
std::string name_of(const std::string& path) {
    std::string name = std::filesystem::path(path).filename().string();
    for (const std::string_view ending : {".gz", ".json"}) {
        if (name.size() > ending.size() && name.ends_with(ending)) name.resize(name.size() - ending.size());
    }
    return name;
}

/// Text that is there from the start becomes a first transaction that every other has seen.
void type_start_content(editor::history& recorded) {
    if (recorded.start_content.empty()) return;
    for (editor::recorded_transaction& made : recorded.transactions) {
        for (std::size_t& parent : made.parents) {
            ++parent;
        }
        if (made.parents.empty()) made.parents = {0};
    }
    editor::recorded_transaction first;
    first.patches.push_back({0, 0, std::move(recorded.start_content)});
    recorded.transactions.insert(recorded.transactions.begin(), std::move(first));
    recorded.start_content.clear();
}

} // namespace

sangam::result<workload> load_workload(const std::string& path) {
    auto recorded = editor::load_history(path);
    if (!recorded) return recorded.error();
    type_start_content(*recorded);
    workload made;
    made.name = name_of(path);
    made.concurrent = recorded->kind == editor::history::format::concurrent;
    const auto done = made.concurrent ? prepare_concurrent(made, *recorded, path)
                                      : prepare_sequential(made, *recorded, path);
    if (!done) return done.error();
    if (made.edits.size() == 0) return sangam::error{editor::errc::bad_history, path + ": nothing is edited"};
    if (!is_ascii(made.edits.text())) made.byte_edits = with_byte_positions(made.edits);
    return made;
}

std::vector<prepared_operation> bundle_of(const sangam::crdt::rga_text& text) {
    std::vector<prepared_operation> bundle;
    sangam::crdt::operation_context context{{sangam::causality::replica_id{1}, 0}, {}};
    for (auto& operation : text.operations_since({})) {
        if (const auto* inserted = std::get_if<sangam::crdt::rga_text::insert_op>(&operation)) {
            context.id.replica = inserted->first.replica;
        }
        ++context.id.sequence;
        bundle.push_back({std::move(operation), context});
    }
    return bundle;
}

} // namespace bench
