#include "test_message.hpp"

#include <sangam/delivery/clock_exchange.hpp>
#include <sangam/delivery/peer.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>

using namespace sangam::test;
using sangam::causality::replica_id;
using sangam::causality::vector_clock;
using sangam::delivery::clock_announcement;
using sangam::delivery::clock_exchange;
using sangam::delivery::peer;
using sangam::delivery::peer_state;
using sangam::delivery::protocol_timing;

namespace {

vector_clock of_origins(std::uint64_t first, std::uint64_t last, std::uint64_t length = 1) {
    vector_clock clock;
    for (std::uint64_t origin = first; origin <= last; ++origin) {
        clock.advance_to(replica_id{origin}, length);
    }
    return clock;
}

} // namespace

TEST_CASE(
    "clock_exchange: a clock of 200,000 origins is told in pieces, each once when all is acknowledged") {
    constexpr std::size_t entries_max = 1 << 16;
    const vector_clock all = of_origins(1, 200'000);
    clock_exchange here;
    clock_exchange there;
    vector_clock heard;
    for (int i = 0; i < 4; ++i) {
        CHECK(heard != all);
        const clock_announcement part = here.announce(all, entries_max);
        CHECK(part.difference.entries().size() <= entries_max);
        CHECK(here.cut_and_unacknowledged() == (i < 3));
        const auto clock = there.receive(part);
        REQUIRE(clock.has_value());
        CHECK(*clock == here.announced());
        heard = *clock;
        CHECK(here.receive(there.announce({})).has_value());
        CHECK_FALSE(here.cut_and_unacknowledged());
    }
    CHECK(heard == all);
}

TEST_CASE("clock_exchange: exactly as many entries as the limit are not cut, one more is") {
    clock_exchange here;
    CHECK(here.announce(of_origins(1, 10), 10).difference.entries().size() == 10);
    CHECK_FALSE(here.cut_and_unacknowledged());
    CHECK(here.announce(of_origins(1, 11), 10).difference.entries().size() == 10);
    CHECK(here.cut_and_unacknowledged());
}

TEST_CASE("clock_exchange: origins that change all the time do not keep the others from being told") {
    clock_exchange here;
    clock_exchange there;
    vector_clock clock = of_origins(1, 40);
    vector_clock heard;
    for (std::uint64_t n = 2; n < 12 && !heard.contains({{40}, 1}); ++n) {
        heard = there.receive(here.announce(clock, 10)).value();
        CHECK(here.receive(there.announce({})).has_value());
        clock.merge(of_origins(1, 12, n));
    }
    CHECK(heard.contains({{40}, 1}));
}

TEST_CASE("clock_exchange: pieces that are lost, repeated or reordered are understood exactly in the end") {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random(seed);
        clock_exchange here;
        clock_exchange there;
        vector_clock clock;
        vector_clock heard;
        for (int step = 0; step < 3000 && (step < 200 || heard != clock); ++step) {
            if (step < 200) {
                clock.advance_to(replica_id{random() % 60}, 1 + random() % 50);
            }
            const clock_announcement part = here.announce(clock, 1 + random() % 9);
            const vector_clock announced = here.announced();
            if (random() % 3 != 0) {
                const auto received = there.receive(part);
                REQUIRE(received.has_value());
                REQUIRE(*received == announced);
                heard.merge(*received);
                CHECK(clock.dominates(heard));
            }
            if (random() % 3 != 0) {
                REQUIRE(here.receive(there.announce({})).has_value());
            }
        }
        CHECK(heard == clock);
    }
}

TEST_CASE("clock_exchange: what names too many origins is not acknowledged, and comes again") {
    clock_exchange here;
    clock_exchange there;
    CHECK(there.receive(here.announce(of_origins(1, 10)), 10).has_value());
    CHECK(here.receive(there.announce({})).has_value());
    const clock_announcement more = here.announce(of_origins(1, 11));
    CHECK(there.receive(more, 10) == std::nullopt);
    CHECK(there.knows_base(more));
    CHECK(there.last_received() == 1);
    CHECK(here.receive(there.announce({})).has_value());
    CHECK(there.receive(here.announce(of_origins(1, 11)), 11) == of_origins(1, 11));
}

TEST_CASE("peer: pieces of a clock follow one another soon, when the one before was acknowledged") {
    protocol_timing timing;
    timing.announced_entries_max = 4;
    peer here(true, timing);
    peer there(false, timing);
    here.on_hello(bob, "bob", 7, {}, alice, 0, 0);
    there.on_hello(alice, "alice", 8, {}, bob, 0, 0);
    const vector_clock all = of_origins(10, 30);
    std::uint64_t now = 1000;
    int pieces = 0;
    for (; there.clock() != all && pieces < 20; ++pieces) {
        REQUIRE(here.heartbeat_due(all, now));
        CHECK(there.on_heartbeat(here.announce(all, now), bob, 0, now));
        CHECK_FALSE(here.heartbeat_due(all, now + timing.heartbeat_soon_ms));
        CHECK(here.heartbeat_due(all, now + timing.heartbeat_interval_ms));
        CHECK(here.on_heartbeat(there.announce({}, now), alice, 0, now));
        now += timing.heartbeat_soon_ms;
    }
    CHECK(pieces == 6);
    CHECK(there.clock() == all);
}

TEST_CASE("peer: a liar who invents origins is remembered up to a limit, and is still heard") {
    peer to_bob(false, protocol_timing{});
    to_bob.on_hello(bob, "bob", 7, {{alice, 1}}, alice, 5, 0, 10);
    CHECK(to_bob.on_heartbeat({1, 0, 0, of_origins(10, 18)}, alice, 5, 1, 10));
    CHECK(to_bob.clock().entries().size() == 10);
    CHECK(to_bob.on_heartbeat({2, 0, 0, of_origins(100, 120, 2)}, alice, 5, 2, 10));
    CHECK(to_bob.clock().entries().size() == 10);
    peer to_another = to_bob;
    CHECK(to_another.on_heartbeat({3, 0, 0, of_origins(100, 108, 2)}, alice, 5, 2, 10));
    CHECK(to_another.clock() == of_origins(100, 108, 2));
    vector_clock more = of_origins(10, 30, 3);
    more.advance_to(alice, 5);
    CHECK(to_bob.on_heartbeat({3, 0, 0, more}, alice, 5, 3, 10));
    CHECK(to_bob.clock().entries().size() == 10);
    CHECK(to_bob.clock()[alice] == 5);
    CHECK(to_bob.clock()[replica_id{18}] == 3);
    CHECK(to_bob.state() == peer_state::streaming);
    to_bob.on_hello(bob, "bob", 7, of_origins(200, 205), alice, 5, 4, 10);
    CHECK(to_bob.clock() == of_origins(200, 205));
}
