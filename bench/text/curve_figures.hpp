#pragma once

#include "measure.hpp"
#include "report.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// One figure a point: the cost of a step, and as a multiple of that at the smallest n.
void add_curve(report& out, std::size_t runs, std::string_view bench, const std::string& of,
               std::string_view checked_by, const std::vector<point>& points);

} // namespace bench
