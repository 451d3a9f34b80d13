#pragma once

#include "rows.hpp"

namespace bench {

/// A text to bytes, and bytes to a text that can be read: each kind of file, with every compression. The
/// ratio is to the whole replay in a gap buffer.
void measure_save(const workload& recorded, const settings& how, report& out);
void measure_load(const workload& recorded, const settings& how, report& out);

} // namespace bench
