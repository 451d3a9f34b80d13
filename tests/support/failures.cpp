#include "seeds.hpp"

#include <sangam/causality/assert.hpp>

#include <doctest/doctest.h>

#include <csignal>

#include <sys/resource.h>

/// These cases must fail, each at its second seed. What they print is compared by ctest.

namespace {

/// A crash that is expected leaves no core file.
void leave_no_core() {
    constexpr rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
}

} // namespace

TEST_CASE("failure: of an invariant, which aborts") {
    leave_no_core();
    sangam::test::for_seeds(1, 3, [](std::uint64_t seed) { SANGAM_INVARIANT(seed != 2); });
}

TEST_CASE("failure: of a bad access") {
    leave_no_core();
    sangam::test::for_seeds(1, 3, [](std::uint64_t seed) {
        if (seed == 2) std::raise(SIGSEGV);
    });
}

TEST_CASE("failure: of a check") {
    sangam::test::for_seeds(1, 3, [](std::uint64_t seed) { CHECK(seed != 2); });
}
