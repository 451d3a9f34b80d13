#pragma once

#include <cstddef>
#include <functional>

namespace editor::test {

/// How much of the program's memory `body` reads or writes, in whole pages: what it looks at costs time, and
/// this does not depend on the clock or on what else the machine does. The processor marks each page that is
/// used. Other threads count as well. Errors: an exception if the system does not tell.
[[nodiscard]] std::size_t kib_touched_by(const std::function<void()>& body);

} // namespace editor::test
