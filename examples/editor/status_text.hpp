#pragma once

#include <sangam/engine/status.hpp>

#include <string>

namespace editor {

/// For the status line: "online with bob and carol (40 behind), 2 held back".
[[nodiscard]] std::string describe(const sangam::engine::replica_status& status);

} // namespace editor
