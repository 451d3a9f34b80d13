#pragma once

#include <editor/history.hpp>

#include <sangam/causality/replica_id.hpp>
#include <sangam/causality/vector_clock.hpp>
#include <sangam/crdt/text_types.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace editor {

/// One own change of the text. A clock here names, for each replica, the sequence of its last change of the
/// text; its transactions that did something else (presence) are not counted, so clocks compare only with
/// clocks of records.
struct recorded_change {
    std::uint64_t sequence = 0;
    sangam::causality::vector_clock seen; ///< when it was made, without itself
    std::vector<sangam::crdt::text_patch> patches;
    friend bool operator==(const recorded_change&, const recorded_change&) = default;
};

/// What one editor writes with --record: its own changes and what it had seen before each. Several records
/// make a history.
struct record {
    sangam::causality::replica_id replica;
    std::string name;
    sangam::causality::vector_clock seen; ///< at the end
    std::string end_content;
    std::vector<recorded_change> changes; ///< by ascending sequence
    bool complete = true;                 ///< false: from some change on nothing was written down
    friend bool operator==(const record&, const record&) = default;
};

/// Errors: cannot_write.
[[nodiscard]] sangam::result<void> save_record(const std::string& path, const record& made);

/// Errors: those of json_file::load, bad_record.
[[nodiscard]] sangam::result<record> load_record(const std::string& path);

/// The history that the records tell, in an order in which parents come first; agents are numbered as the
/// records are given. endContent is that of a record that saw everything. Errors: bad_record when a record is
/// not complete, a change of a replica without a record was seen, no record saw everything, or two that did
/// differ.
[[nodiscard]] sangam::result<history> merge_records(std::span<const record> records);

} // namespace editor
