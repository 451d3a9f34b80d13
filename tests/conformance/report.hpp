#pragma once

#include <cstddef>
#include <istream>
#include <string>
#include <vector>

namespace sangam::conformance {

/// What came of one file of executions.
struct report {
    std::string file;
    std::size_t passed = 0;
    std::size_t failed = 0;
    std::size_t deliveries = 0;        ///< executions in which every delivery was right
    std::size_t values = 0;            ///< executions in which every value was right
    std::size_t values_left_out = 0;   ///< executions of a type that the library does not have
    std::size_t values_in_part = 0;    ///< executions of a map of which some keys have such a type
    std::vector<std::string> failures; ///< "file:line: what"
};

/// What went right in one execution that did not throw.
enum class checked { deliveries_only, values_in_part, values };

/// Replays every line of `lines`. A line that cannot be read counts as failed, and so does a file without
/// lines.
[[nodiscard]] report replay(std::istream& lines, const std::string& file);

/// The same for the file at `path`.
[[nodiscard]] report replay_file(const std::string& path);

/// "set_aw.jsonl: 133 deliveries, 133 values".
[[nodiscard]] std::string summary(const report& r);

/// Which values were left out and why; "" when none were.
[[nodiscard]] std::string left_out(const std::vector<report>& reports);

} // namespace sangam::conformance
