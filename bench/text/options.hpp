#pragma once

#include "rows.hpp"

#include <sangam/causality/error.hpp>

#include <string>
#include <vector>

namespace bench {

struct options {
    settings how;
    bool help = false;
    bool json = false;
    std::vector<std::string> only; ///< rows; empty: all
    std::vector<std::string> files;

    [[nodiscard]] bool wants(std::string_view bench) const;
};

/// Errors: editor::errc::bad_usage.
[[nodiscard]] sangam::result<options> parse_options(int argc, const char* const* argv);
[[nodiscard]] std::string usage();

} // namespace bench
