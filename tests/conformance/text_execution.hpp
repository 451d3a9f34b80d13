#pragma once

#include <boost/json/object.hpp>

namespace sangam::conformance {

/// Replays one text in the order of the file, and through the causal buffers of three replicas that get its
/// transactions in random orders with repeats. Throws what does not agree.
void replay_text(const boost::json::object& execution);

} // namespace sangam::conformance
