#pragma once

#include "edit_list.hpp"

#include <sangam/causality/error.hpp>
#include <sangam/crdt/operation_context.hpp>
#include <sangam/crdt/rga_text.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace bench {

struct prepared_operation {
    sangam::crdt::rga_text::operation what;
    sangam::crdt::operation_context context;
};

/// A recorded history with all that its rows need, made before any clock runs.
struct workload {
    std::string name; ///< of the file, without folders and .json.gz
    bool concurrent = false;
    std::size_t recorded_edits = 0; ///< patches of the file: what times are divided by

    /// What one author would do. Of a concurrent history: what one replica showed, operation by operation.
    edit_list edits;
    std::optional<edit_list> byte_edits; ///< the same for the gap buffer, unless all text is ASCII

    /// By the replicas of their authors, in the order of the file.
    std::vector<prepared_operation> operations;
    /// The same as few operations as can be, as one replica passes them on to a new one.
    std::vector<prepared_operation> bundle;

    std::string final_text; ///< what every replay must end in
    std::string checked_by; ///< how that is known; for people
    bool right = true;      ///< false: the text type ended in something else while this was made
};

/// Errors: those of editor::load_history; bad_position when a patch does not fit its text.
[[nodiscard]] sangam::result<workload> load_workload(const std::string& path);

/// What `text` passes on to a replica that has seen nothing.
[[nodiscard]] std::vector<prepared_operation> bundle_of(const sangam::crdt::rga_text& text);

} // namespace bench
