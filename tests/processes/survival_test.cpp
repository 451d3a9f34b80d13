#include "survival.hpp"

#include <doctest/doctest.h>

// The same at length: script/soak.

using namespace sangam::test;

namespace {

void check(const survival& outcome) {
    CAPTURE(outcome.first_failure);
    CHECK(outcome.passed == outcome.wanted);
}

} // namespace

TEST_CASE("processes: a busy link that is cut again and again ends nobody and loses nothing") {
    check(survive_cuts(40));
}

TEST_CASE("processes: a hub that is killed while it writes flat out takes none of twenty others with it") {
    check(survive_killed_hubs(2));
}

TEST_CASE("processes: those that stand still while others write catch up, and end nobody") {
    check(survive_stops(6, 7'000));
}

TEST_CASE("processes: floods of tiny frames and resets end nobody") {
    check(survive_floods(3'000));
}

TEST_CASE("processes: heartbeats of strangers that reset their connections end nobody") {
    // ZeroMQ aborts when it answers a heartbeat that waited behind a full queue; two strangers did it.
    check(survive_pings(300));
}

TEST_CASE("processes: heartbeats of listeners that reset their connections end nobody who connects to them") {
    check(survive_pinging_listeners(80));
}

TEST_CASE("processes: more strangers than file descriptors end nobody, and friends come in behind them") {
    // ZeroMQ aborts when it has no descriptor for a connection over ipc.
    check(survive_exhaustion(2, 45));
}

TEST_CASE("processes: one whose listener sends messages of many parts and resets connects again and again") {
    check(survive_traps(5));
}
