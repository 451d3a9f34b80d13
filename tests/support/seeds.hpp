#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

namespace sangam::test {

/// The name of the running case as a filter of the command line, where a comma would separate two filters.
inline std::string filter_of_this_case() {
    std::string name = doctest::getContextOptions()->currentTest->m_name;
    std::ranges::replace(name, ',', '?');
    return name;
}

/// How to run the running seed alone; empty when none runs. For the test main: when a case crashes, doctest
/// loses what INFO holds, and a handler of signals may not allocate.
inline std::array<char, 512> replay_line{};

/// Puts a text there for its own lifetime.
class replay_hint {
public:
    explicit replay_hint(const std::string& text) {
        std::snprintf(replay_line.data(), replay_line.size(), "%s\n", text.c_str());
    }
    ~replay_hint() { replay_line.front() = '\0'; }
    replay_hint(const replay_hint&) = delete;
    replay_hint& operator=(const replay_hint&) = delete;
};

/// Runs `body(seed)` for the seeds from `first` to `last`, or only for the one that SANGAM_TEST_SEED names. A
/// failure prints its seed and how to run it alone.
template <class Body>
void for_seeds(std::uint64_t first, std::uint64_t last, Body&& body) {
    if (const char* const only = std::getenv("SANGAM_TEST_SEED")) first = last = std::stoull(only);
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        const std::string replay = "replay: SANGAM_TEST_SEED=" + std::to_string(seed) +
                                   " PROGRAM --test-case='" + filter_of_this_case() + "'";
        const replay_hint hint(replay);
        INFO(replay);
        body(seed);
    }
}

/// The same for the seeds 1 to `count`, with `body(rng)`.
template <class Body>
void for_each_seed(std::uint64_t count, Body&& body) {
    for_seeds(1, count, [&](std::uint64_t seed) {
        std::mt19937_64 rng(seed);
        body(rng);
    });
}

/// A number from 0 to `below` - 1. Not std::uniform_int_distribution, whose numbers differ between standard
/// libraries.
inline std::uint64_t draw(std::mt19937_64& rng, std::uint64_t below) {
    return rng() % below;
}

} // namespace sangam::test
