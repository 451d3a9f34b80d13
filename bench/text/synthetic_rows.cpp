#include "rows.hpp"

namespace bench {
namespace {

constexpr synthetic_row all_rows[] = {
    {"text_random", measure_random},         {"text_siblings", measure_siblings},
    {"text_one_by_one", measure_one_by_one}, {"text_deleted_area", measure_deleted_area},
    {"text_paste", measure_paste},
};

} // namespace

std::span<const synthetic_row> synthetic_rows() noexcept {
    return all_rows;
}

} // namespace bench
