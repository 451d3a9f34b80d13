#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

/// One measured thing.
struct figure {
    std::string bench;
    std::string of; ///< the trace, or which variant of a synthetic row
    std::vector<std::pair<std::string_view, double>> values;
    bool right = true;      ///< every run ended in the text that it must end in
    std::string checked_by; ///< how that is known

    figure& with(std::string_view name, double value) {
        values.emplace_back(name, value);
        return *this;
    }
    /// nullptr if there is no such value.
    [[nodiscard]] const double* find(std::string_view name) const noexcept;
};

/// Names of values that targets and plots refer to.
inline constexpr std::string_view edits = "edits";
inline constexpr std::string_view size = "n";
inline constexpr std::string_view ns_per_edit = "ns_per_edit";
inline constexpr std::string_view gap_ns_per_edit = "gap_ns_per_edit";
inline constexpr std::string_view ratio_to_gap_buffer = "ratio_to_gap_buffer";
inline constexpr std::string_view ratio_to_local = "ratio_to_local";
inline constexpr std::string_view ratio_to_one_by_one = "ratio_to_one_by_one";
inline constexpr std::string_view growth =
    "growth"; ///< cost of a step, as a multiple of that at the smallest n
inline constexpr std::string_view bytes_per_edit = "bytes_per_edit";
inline constexpr std::string_view file_bytes = "bytes";

} // namespace bench
