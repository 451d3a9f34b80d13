#pragma once

#include "conformance/report.hpp"

#include <boost/json/object.hpp>

namespace sangam::conformance {

/// Replays one execution with steps. Throws what does not agree.
[[nodiscard]] checked replay_steps(const boost::json::object& execution);

} // namespace sangam::conformance
