#include "../support/peak_allocation.hpp"
#include "gate_and_inside.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <thread>

using namespace sangam;
using namespace sangam::test;
using std::chrono::milliseconds;

namespace {

constexpr const char* gate_thread = "sangam-gate";

std::string large_frame() {
    return zmtp_part(std::string(4'000'000, 'x'));
}

/// A connection comes in, says more than the other side reads at once, and one goes out.
void be_busy(gate_and_inside& tested, const std::string& at, std::size_t& through) {
    raw_stranger outside(at);
    const std::string said = zmtp_greeting() + large_frame();
    std::thread talking([&] { static_cast<void>(outside.send(said)); });
    try {
        raw_stranger inside = tested.inside.accept(2'000);
        std::this_thread::sleep_for(milliseconds(5));
        if (!receive_greeting(inside).empty() && inside.receive(large_frame().size()) == large_frame()) {
            ++through;
        }
    } catch (const std::exception&) { // it was put out before
    }
    talking.join();
}

} // namespace

TEST_CASE(
    "zmtp gate: whichever allocation fails, one connection ends at most, it is told, and others come in") {
    // An exception that left the gate's thread ended the process.
    gate_and_inside tested;
    const std::string at = tested.gate.listen(parsed("tcp://127.0.0.1:*")).value();
    REQUIRE(tested.gate.start().has_value());
    std::size_t through = 0;
    be_busy(tested, at, through);
    REQUIRE(through == 1);
    std::size_t rounds = 0;
    for (bool failed = true; failed; ++rounds) {
        CAPTURE(rounds);
        REQUIRE(rounds < 1'000);
        std::size_t before = through;
        {
            const failing_thread failing(gate_thread, rounds + 1);
            be_busy(tested, at, through);
            failed = failing_thread::failures() > 0;
        }
        const auto told = tested.gate.refusals();
        CHECK(through - before + told.size() >= 1);
        before = through;
        be_busy(tested, at, through);
        CHECK(through == before + 1);
    }
    CHECK(rounds > 3);
}

TEST_CASE("zmtp gate: who comes while there is no memory at all waits, is told of, and comes in later") {
    gate_and_inside tested;
    const std::string at = tested.gate.listen(parsed("tcp://127.0.0.1:*")).value();
    raw_listener outside;
    REQUIRE(tested.gate.start().has_value());
    std::optional<failing_thread> failing;
    failing.emplace(gate_thread);
    raw_stranger newcomer(at);
    tested.gate.dial(1, parsed(outside.address()), tested.name);
    const auto told = tested.refusals(1);
    CHECK(told.back().find("more connections were ended") != std::string::npos);
    CHECK_THROWS(static_cast<void>(tested.inside.accept(100)));
    failing.reset();
    raw_stranger first = tested.inside.accept(patience_ms);
    raw_stranger second = tested.inside.accept(patience_ms);
    const raw_stranger there = outside.accept(patience_ms);
    const std::string said = zmtp_greeting();
    CHECK(newcomer.send(said) == said.size());
}
