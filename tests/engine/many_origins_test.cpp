#include "cluster.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>

using sangam::causality::replica_id;
using sangam::delivery::peer_state;
using sangam_tests::cluster;
namespace transport = sangam::transport;

namespace {

/// Empty messages of so many origins.
void deliver(cluster& c, std::size_t i, std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t origin = first; origin <= last; ++origin) {
        transport::message m;
        m.id = {replica_id{1'000'000 + origin}, 1};
        m.size_bytes = 1;
        c.state(i).offer(m, c.wall_ms());
    }
}

} // namespace

// 66,000 origins of one message each, and no newcomer was ever let in: "more than 65536 replicas".
TEST_CASE(
    "synchronizer: a group with 70,000 origins lets in who has few of them, and all of them become known") {
    constexpr std::uint64_t origins = 70'000;
    cluster c(2, 95);
    deliver(c, 0, 1, origins);
    c.run(1);
    SUBCASE("what is missing stands in the first piece of the clock and in the last") {
        deliver(c, 1, 50, origins - 50);
        c.run(1);
        c.connect(1, 0);
        CHECK(c.settle(20'000));
        CHECK(c.state(1).delivered().entries().size() == origins);
        CHECK(c.sync(1).peers().at(0).clock.entries().size() == origins);
    }
    SUBCASE("everything is missing") {
        c.connect(1, 0);
        c.run(200);
        CHECK(c.state(1).delivered().entries().size() > 50);
    }
    CHECK(c.sync(0).peers().at(0).state == peer_state::streaming);
    CHECK(c.sync(1).peers().at(0).state == peer_state::streaming);
    CHECK(c.sync(0).counters().frames_rejected + c.sync(1).counters().frames_rejected == 0);
}
