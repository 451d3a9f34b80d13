#include "guest.hpp"

#include <sangam/transport/limits.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

// Frames that are not whole: whether their sender is silent, and how much of them is kept.

using namespace sangam;
using namespace sangam::test;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t pace = transport::limits::pace_bytes_min;

/// The beginning of a frame of `of` bytes, `come` of which are there.
std::string beginning(std::size_t come, std::size_t of = 1'000'000) {
    constexpr std::size_t head_bytes = 9;
    return zmtp_part(std::string(of, 'x')).substr(0, head_bytes + come);
}

} // namespace

TEST_CASE(
    "zmtp gate: a first frame may take long while enough of it comes, and single bytes are not enough") {
    // A hello with a large clock over a slow line was cut off, and again after each reconnection.
    gate_and_inside tested(8, milliseconds(1'500), never, never);
    const std::string at = tested.gate.listen(parsed("tcp://127.0.0.1:*")).value();
    REQUIRE(tested.gate.start().has_value());
    guest slow(at, tested);
    guest dripping(at, tested);
    slow.say(beginning(pace, 5 * pace));
    dripping.say(beginning(1));
    for (int i = 0; i < 4; ++i) {
        std::this_thread::sleep_for(milliseconds(400));
        if (i < 1) dripping.say("x");
        slow.say(std::string(pace, 'x'));
    }
    check_put_out(dripping);
    CHECK(tested.refusals(1) == std::vector<std::string>{at + ": no whole frame came within 1500 ms"});
    std::this_thread::sleep_for(milliseconds(1'600)); // it has said a whole one now
    slow.say(zmtp_part("still here"));
}

TEST_CASE(
    "zmtp gate: who is in the middle of a frame keeps its place on a full gate while enough of it comes") {
    gate_and_inside tested(2, never, never, milliseconds(1'500));
    const std::string at = tested.gate.listen(parsed("tcp://127.0.0.1:*")).value();
    REQUIRE(tested.gate.start().has_value());
    guest slow(at, tested);
    slow.say(zmtp_part("hello") + beginning(1));
    guest dripping(at, tested);
    dripping.say(zmtp_part("hello") + beginning(1));
    for (int i = 0; i < 4; ++i) {
        slow.say(std::string(pace, 'x'));
        dripping.say("x");
        std::this_thread::sleep_for(milliseconds(400));
    }
    raw_stranger newcomer(at); // the one that came last is put out, not the one that is slow
    check_put_out(dripping);
    const raw_stranger behind = tested.inside.accept(patience_ms);
    CHECK(tested.refusals(1).size() == 1);
    slow.say(std::string(pace, 'x'));
}

TEST_CASE("zmtp gate: of too many bytes of strangers' frames that are not whole, the most are given up") {
    // Thousands of strangers each had the last byte of a greatest frame to come, and libzmq kept the others.
    constexpr std::size_t most = 100'000;
    gate_and_inside tested(8, never, never, never, milliseconds(5'000), most);
    const std::string at = tested.gate.listen(parsed("tcp://127.0.0.1:*")).value();
    REQUIRE(tested.gate.start().has_value());
    guest greatest(at, tested);
    guest other(at, tested);
    guest last(at, tested);
    const std::string answers = zmtp_router_greeting() + zmtp_part("you are refused");
    for (guest* each : {&greatest, &other, &last}) {
        each->be_answered(answers); // which makes nobody a peer
    }
    greatest.say(beginning(60'000));
    other.say(beginning(30'000, 40'000));
    last.say(beginning(10'000));
    CHECK(tested.gate.refusals().empty());
    last.say("x");
    CHECK(greatest.outside.is_closed());
    CHECK(tested.refusals(1) ==
          std::vector<std::string>{at + ": a frame of which 60000 bytes came is given up: strangers have too "
                                        "many that are not whole"});
    last.say(std::string(50'000, 'x'));  // what was given up counts no more
    other.say(std::string(10'000, 'x')); // nor does a frame that is whole
    std::vector<raw_stranger> still_open;
    for (int i = 0; i < 3; ++i) { // nor what comes no more because its connection has ended
        guest next(at, tested);
        next.say(beginning(35'000));
        CHECK(tested.gate.refusals().empty());
        {
            const raw_stranger closed = std::move(next.outside);
        }
        CHECK(next.inside.ends_in_order());
        still_open.push_back(std::move(next.inside)); // libzmq may be late to close its end
    }
    last.say("still here");
}

TEST_CASE("zmtp gate: who was greeted may be in the middle of greater frames than strangers may") {
    constexpr std::size_t most = 100'000;
    gate_and_inside tested(8, never, never, never, milliseconds(5'000), most);
    const std::string at = tested.gate.listen(parsed("tcp://127.0.0.1:*")).value();
    REQUIRE(tested.gate.start().has_value());
    guest peer(at, tested);
    peer.say(zmtp_part("hello") + beginning(90'000));
    peer.be_answered(zmtp_router_greeting() + zmtp_part("hello") + zmtp_part("heartbeat"));
    peer.say(std::string(500'000, 'x'));
    guest stranger(at, tested);
    stranger.say(beginning(most));
    peer.say(std::string(100'000, 'x'));
    CHECK(tested.gate.refusals().empty());
    CHECK(stranger.outside.send("x") == 1);
    check_put_out(stranger);
    peer.say(std::string(100'000, 'x'));
}
