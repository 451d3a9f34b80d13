#pragma once

#include "measure.hpp"
#include "workload.hpp"

#include <sangam/crdt/rga_text.hpp>

#include <string>
#include <vector>

namespace bench {

/// The edits in a plain gap buffer.
[[nodiscard]] timed replay_in_gap_buffer(const workload& recorded);
/// Their result. Precondition: all text is ASCII.
[[nodiscard]] std::string text_of_gap_buffer(const edit_list& edits);

/// The edits by one author, as they are typed.
[[nodiscard]] timed replay_locally(const workload& recorded);
/// The same, without a clock.
[[nodiscard]] sangam::crdt::rga_text typed_text(const edit_list& edits);

/// Operations at a replica that did not make them; with patches: telling an editor what to show.
[[nodiscard]] timed replay_remotely(const std::vector<prepared_operation>& operations,
                                    const workload& recorded);
[[nodiscard]] timed replay_remotely_with_patches(const workload& recorded);

} // namespace bench
