#pragma once

#include <cstddef>
#include <istream>
#include <string>
#include <vector>

namespace sangam::conformance {

/// What came of one file of executions.
struct report {
    std::string file;
    std::size_t passed = 0; ///< executions in which every delivery and every value was right
    std::size_t failed = 0;
    std::vector<std::string> failures; ///< "file:line: what"
};

/// Replays every line of `lines`. A line that cannot be read counts as failed, and so does a file without
/// lines.
[[nodiscard]] report replay(std::istream& lines, const std::string& file);

/// The same for the file at `path`.
[[nodiscard]] report replay_file(const std::string& path);

/// "set_aw.jsonl: 133 passed, 0 failed".
[[nodiscard]] std::string summary(const report& r);

} // namespace sangam::conformance
