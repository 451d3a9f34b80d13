#pragma once

#include "workload.hpp"

#include <editor/history.hpp>

namespace bench {

/// Fills all but the name. Errors: bad_position. `path` names the file in errors.
[[nodiscard]] sangam::result<void> prepare_sequential(workload& made, const editor::history& recorded,
                                                      const std::string& path);
[[nodiscard]] sangam::result<void> prepare_concurrent(workload& made, const editor::history& recorded,
                                                      const std::string& path);

/// The operations of one patch, applied to the text of its author.
[[nodiscard]] sangam::result<void> prepare_patch(std::vector<prepared_operation>& operations,
                                                 sangam::crdt::rga_text& author,
                                                 const sangam::crdt::text_patch& patch,
                                                 const sangam::crdt::operation_context& context,
                                                 const std::string& place);

} // namespace bench
