#pragma once

#include "report.hpp"
#include "workload.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace bench {

struct settings {
    std::size_t runs = 7;
    bool long_run = false; ///< also what takes minutes
};

/// Measures one thing on a recorded history.
struct history_row {
    std::string_view bench;
    bool (*applies)(const workload& recorded);
    void (*measure)(const workload& recorded, const settings& how, report& out);
};
[[nodiscard]] std::span<const history_row> history_rows() noexcept;

/// Measures one thing on edits of its own making.
struct synthetic_row {
    std::string_view bench;
    void (*measure)(const settings& how, report& out);
};
[[nodiscard]] std::span<const synthetic_row> synthetic_rows() noexcept;

void measure_random(const settings& how, report& out);
void measure_siblings(const settings& how, report& out);
void measure_one_by_one(const settings& how, report& out);
void measure_deleted_area(const settings& how, report& out);
void measure_paste(const settings& how, report& out);

} // namespace bench
