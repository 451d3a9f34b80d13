#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
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

/// Runs `body(rng)` for the seeds 1 to `count`, or only for the seed that SANGAM_TEST_SEED names. A failure
/// prints its seed and how to run it alone.
template <class Body>
void for_each_seed(std::uint64_t count, Body&& body) {
    const char* const only = std::getenv("SANGAM_TEST_SEED");
    const std::uint64_t first = only != nullptr ? std::stoull(only) : 1;
    const std::uint64_t last = only != nullptr ? first : count;
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        INFO("replay: SANGAM_TEST_SEED=" << seed << " PROGRAM --test-case='" << filter_of_this_case() << "'");
        std::mt19937_64 rng(seed);
        body(rng);
    }
}

/// A number from 0 to `below` - 1. Not std::uniform_int_distribution, whose numbers differ between standard
/// libraries.
inline std::uint64_t draw(std::mt19937_64& rng, std::uint64_t below) {
    return rng() % below;
}

} // namespace sangam::test
