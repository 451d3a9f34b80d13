#pragma once

#include "specification/cluster.hpp"
#include "support/seeds.hpp"

#include <doctest/doctest.h>

namespace sangam::specification {

/// The law of every type: at every replica, after every step, the value is what the specification says of the
/// history delivered there, and equal histories are equal states.
inline void check_histories(const workload& work, std::uint64_t histories) {
    test::for_each_seed(histories, [&](std::mt19937_64& rng) {
        const std::string problem = run_history(work, rng);
        REQUIRE_MESSAGE(problem.empty(), problem);
    });
}

} // namespace sangam::specification
