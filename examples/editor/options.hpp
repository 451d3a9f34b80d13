#pragma once

#include <sangam/causality/error.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace editor {

/// The command line.
struct options {
    enum class mode {
        help,          ///< print `usage`
        interactive,   ///< edit on the terminal
        replay,        ///< play one writer of a history
        watch,         ///< take part without writing
        count_writers, ///< print how many writers a history has
        merge_records, ///< make a history of what several editors recorded
    };

    mode what = mode::interactive;
    std::string name;
    std::string group = "editor";
    std::vector<std::string> listen;
    std::vector<std::string> connect;
    std::string load;
    std::string save;
    std::string record;
    std::string log;

    std::string history;
    std::optional<std::size_t> author; ///< counted from 1, as in writer-1
    std::chrono::milliseconds pace{0};
    bool progress = false;
    bool expect_exact = false;
    std::optional<std::chrono::milliseconds> until_quiet; ///< how long it has to be quiet
    std::chrono::milliseconds timeout{300'000};           ///< without any progress

    std::vector<std::string> records;
    std::string output;
};

[[nodiscard]] std::string usage();

/// `arguments` without the program's name. Errors: bad_usage.
[[nodiscard]] sangam::result<options> parse_options(const std::vector<std::string>& arguments);

} // namespace editor
