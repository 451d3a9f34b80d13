#pragma once

#include <boost/json/object.hpp>

namespace sangam::conformance {

/// Replays one execution with steps. Throws what does not agree.
void replay_steps(const boost::json::object& execution);

} // namespace sangam::conformance
