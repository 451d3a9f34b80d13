#include "test_message.hpp"

#include <sangam/delivery/peer.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>

using namespace sangam::test;
using sangam::causality::vector_clock;
using sangam::delivery::clock_announcement;
using sangam::delivery::peer;
using sangam::delivery::peer_state;
using sangam::delivery::protocol_timing;

namespace {

constexpr bool outgoing = true;
constexpr bool incoming = false;
constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

/// Alice's side of a link to bob; alice has `own` messages.
struct side_of_alice {
    explicit side_of_alice(bool opened_here = outgoing) : to_bob(opened_here, timing) {}

    void hello(std::uint64_t session, const vector_clock& clock, std::uint64_t now_ms) {
        static_cast<void>(to_bob.on_frame(session, now_ms));
        to_bob.on_hello(bob, "bob", session, clock, alice, own, now_ms);
    }
    bool heartbeat(const vector_clock& clock, std::uint64_t now_ms) {
        return to_bob.on_heartbeat({++number, 0, 0, clock}, alice, own, now_ms);
    }

    protocol_timing timing;
    peer to_bob;
    std::uint64_t own = 10'000;
    std::uint64_t number = 0;
};

} // namespace

TEST_CASE("peer: every state has a name") {
    CHECK(to_string(peer_state::hello) == std::string("hello"));
    CHECK(to_string(peer_state::catching_up) == std::string("catching_up"));
    CHECK(to_string(peer_state::streaming) == std::string("streaming"));
    CHECK(to_string(peer_state::lagging) == std::string("lagging"));
    CHECK(to_string(peer_state::refused) == std::string("refused"));
}

TEST_CASE(
    "peer: hellos are repeated with pauses that double up to a limit, until the other side's hello comes") {
    side_of_alice l;
    CHECK(l.to_bob.hello_due(0));
    CHECK(l.to_bob.next_due_ms({}, 0) == 0);
    std::uint64_t now = 0;
    for (const std::uint64_t pause : {100U, 200U, 400U, 800U, 1600U, 2000U, 2000U}) {
        l.to_bob.hello_sent(now);
        CHECK_FALSE(l.to_bob.hello_due(now + pause - 1));
        CHECK(l.to_bob.next_due_ms({}, now) == now + pause);
        now += pause;
        CHECK(l.to_bob.hello_due(now));
    }
    CHECK_FALSE(l.to_bob.heartbeat_due({{alice, 1}}, now));
    l.hello(7, {}, now);
    CHECK_FALSE(l.to_bob.hello_due(now + 100'000));
}

TEST_CASE("peer: an incoming link never greets unasked") {
    side_of_alice l(incoming);
    CHECK_FALSE(l.to_bob.outgoing());
    CHECK_FALSE(l.to_bob.hello_due(1'000'000));
    CHECK(l.to_bob.next_due_ms({}, 5) == never);
}

TEST_CASE("peer: a greeted replica that misses nothing is streamed to at once") {
    side_of_alice l;
    l.hello(7, {{alice, 10'000}, {bob, 3}}, 50);
    CHECK(l.to_bob.state() == peer_state::streaming);
    CHECK(l.to_bob.greeted());
    CHECK(l.to_bob.replica() == bob);
    CHECK(l.to_bob.name() == "bob");
    CHECK(l.to_bob.clock() == vector_clock{{alice, 10'000}, {bob, 3}});
    CHECK_FALSE(l.to_bob.resume_due());
}

TEST_CASE("peer: a greeted replica that misses little is sent the rest unasked and then streamed to") {
    side_of_alice l;
    l.hello(7, {{alice, 10'000 - 4096}}, 0);
    CHECK(l.to_bob.state() == peer_state::catching_up);
    CHECK(l.to_bob.resume_due());
    l.to_bob.on_range_served(9'999, l.own);
    CHECK(l.to_bob.state() == peer_state::catching_up);
    CHECK_FALSE(l.to_bob.resume_due());
    l.to_bob.on_range_served(10'000, l.own);
    CHECK(l.to_bob.state() == peer_state::streaming);
}

TEST_CASE("peer: a greeted replica that misses much is not sent anything unasked") {
    side_of_alice l;
    l.hello(7, {{alice, 10'000 - 4097}}, 0);
    CHECK(l.to_bob.state() == peer_state::catching_up);
    CHECK_FALSE(l.to_bob.resume_due());
    CHECK(l.heartbeat({{alice, 10'000 - 4097}}, 1));
    CHECK_FALSE(l.to_bob.resume_due());
    CHECK(l.heartbeat({{alice, 10'000 - 4096}}, 2));
    CHECK(l.to_bob.resume_due());
    l.own = 20'000;
    CHECK(l.heartbeat({{alice, 10'000}}, 3));
    CHECK_FALSE(l.to_bob.resume_due());
    CHECK(l.heartbeat({{alice, 20'000}}, 4));
    CHECK(l.to_bob.state() == peer_state::streaming);
}

TEST_CASE("peer: a refused send makes a streamed-to replica lag until it asks for a range") {
    side_of_alice l;
    l.hello(7, {{alice, 10'000}}, 0);
    l.to_bob.on_send_refused();
    CHECK(l.to_bob.state() == peer_state::lagging);
    CHECK(l.to_bob.greeted());
    l.own = 30'000;
    CHECK(l.heartbeat({{alice, 10'000}}, 2));
    CHECK(l.to_bob.state() == peer_state::lagging);
    l.to_bob.on_range_served(18'000, l.own);
    CHECK(l.to_bob.state() == peer_state::catching_up);
    l.to_bob.on_send_refused();
    CHECK(l.to_bob.state() == peer_state::catching_up);
    l.to_bob.on_range_served(30'000, l.own);
    CHECK(l.to_bob.state() == peer_state::streaming);
}

TEST_CASE("peer: a lagging replica whose heartbeat shows that it misses nothing or little is served again") {
    side_of_alice l;
    l.hello(7, {{alice, 10'000}}, 0);
    l.to_bob.on_send_refused();
    CHECK(l.heartbeat({{alice, 10'000}}, 2));
    CHECK(l.to_bob.state() == peer_state::streaming);
    l.own = 10'100;
    l.to_bob.on_send_refused();
    CHECK(l.heartbeat({{alice, 10'050}}, 4));
    CHECK(l.to_bob.state() == peer_state::catching_up);
    CHECK(l.to_bob.resume_due());
    l.to_bob.on_send_refused();
    CHECK_FALSE(l.to_bob.resume_due());
    CHECK(l.to_bob.state() == peer_state::catching_up);
    CHECK(l.heartbeat({{alice, 10'050}}, 6));
    CHECK(l.to_bob.resume_due());
}

TEST_CASE("peer: what is lost while streaming is fetched by the receiver and changes no state here") {
    side_of_alice l;
    l.hello(7, {{alice, 10'000}}, 0);
    l.own = 10'100;
    CHECK(l.heartbeat({{alice, 10'050}}, 1));
    CHECK(l.to_bob.state() == peer_state::streaming);
    CHECK_FALSE(l.to_bob.resume_due());
    l.to_bob.on_range_served(10'060, l.own);
    CHECK(l.to_bob.state() == peer_state::streaming);
}

TEST_CASE("peer: a heartbeat is due soon when there is something to tell, else at the idle interval") {
    side_of_alice l;
    const vector_clock first{{alice, 1}};
    const vector_clock second{{alice, 2}};
    CHECK_FALSE(l.to_bob.heartbeat_due(first, 0));
    l.hello(7, {}, 1000);
    CHECK(l.to_bob.heartbeat_due(first, 1000));
    CHECK(l.to_bob.announce(first, 1000).difference == first);
    CHECK_FALSE(l.to_bob.heartbeat_due(first, 1499));
    CHECK(l.to_bob.next_due_ms(first, 1000) == 1500);
    CHECK(l.to_bob.heartbeat_due(first, 1500));
    CHECK_FALSE(l.to_bob.heartbeat_due(second, 1019));
    CHECK(l.to_bob.heartbeat_due(second, 1020));
    CHECK(l.to_bob.next_due_ms(second, 1000) == 1020);
    CHECK(l.to_bob.next_due_ms(second, 1030) == 1030);
}

TEST_CASE(
    "peer: a heartbeat that told something is acknowledged soon, and the acknowledgement ends the exchange") {
    side_of_alice here;
    side_of_alice there(incoming);
    here.hello(7, {}, 0);
    there.hello(8, {}, 0);
    const vector_clock clock{{alice, 1}};
    const clock_announcement told = here.to_bob.announce(clock, 0);
    static_cast<void>(there.to_bob.announce({}, 0));
    CHECK_FALSE(there.to_bob.heartbeat_due({}, 20));
    CHECK(there.to_bob.on_heartbeat(told, alice, 0, 1));
    CHECK(there.to_bob.clock() == clock);
    CHECK(there.to_bob.heartbeat_due({}, 20));
    const clock_announcement acknowledged = there.to_bob.announce({}, 20);
    CHECK(acknowledged.acknowledged == 1);
    CHECK(here.to_bob.on_heartbeat(acknowledged, alice, 0, 21));
    CHECK_FALSE(here.to_bob.heartbeat_due(clock, 100));
    CHECK_FALSE(there.to_bob.heartbeat_due({}, 100));
    const clock_announcement idle = here.to_bob.announce(clock, 500);
    CHECK(idle.base == 1);
    CHECK(idle.difference.empty());
    CHECK(there.to_bob.on_heartbeat(idle, alice, 0, 501));
    CHECK_FALSE(there.to_bob.heartbeat_due({}, 519));
}

TEST_CASE("peer: a repeated or overtaken heartbeat is ignored") {
    side_of_alice l;
    l.hello(7, {}, 0);
    CHECK(l.to_bob.on_heartbeat({2, 0, 0, {{bob, 2}}}, alice, l.own, 1));
    CHECK(l.to_bob.on_heartbeat({1, 0, 0, {{bob, 1}}}, alice, l.own, 2));
    CHECK(l.to_bob.on_heartbeat({2, 1, 0, {{bob, 2}}}, alice, l.own, 3));
    CHECK(l.to_bob.greeted());
    CHECK(l.to_bob.clock() == vector_clock{{bob, 2}});
}

TEST_CASE("peer: a heartbeat with an unknown base leads back to hello") {
    side_of_alice l;
    l.hello(7, {{alice, 10'000}}, 0);
    CHECK_FALSE(l.to_bob.on_heartbeat({5, 4, 0, {}}, alice, l.own, 1));
    CHECK(l.to_bob.state() == peer_state::hello);
    CHECK(l.to_bob.hello_due(1));
    CHECK_FALSE(l.to_bob.on_heartbeat({6, 0, 0, {{bob, 1}}}, alice, l.own, 2));
    CHECK(l.to_bob.clock() == vector_clock{{alice, 10'000}});
    l.hello(7, {{alice, 10'000}}, 3);
    CHECK(l.to_bob.state() == peer_state::streaming);
    CHECK(l.to_bob.on_heartbeat({1, 0, 0, {{bob, 1}}}, alice, l.own, 4));
}

TEST_CASE("peer: a replica that is greeted anew is told soon what it was told before") {
    side_of_alice l;
    l.hello(7, {}, 0);
    static_cast<void>(l.to_bob.announce({{alice, 1}}, 0));
    CHECK_FALSE(l.to_bob.heartbeat_due({{alice, 1}}, 20));
    CHECK_FALSE(l.to_bob.on_heartbeat({5, 4, 0, {}}, alice, l.own, 20));
    l.hello(7, {}, 20);
    CHECK(l.to_bob.heartbeat_due({{alice, 1}}, 20));
}

TEST_CASE("peer: a link that fails again and again is greeted with growing pauses") {
    side_of_alice l;
    std::uint64_t now = 0;
    for (const std::uint64_t pause : {100U, 200U, 400U}) {
        CHECK(l.to_bob.hello_due(now));
        l.to_bob.hello_sent(now);
        l.hello(7, {}, now);
        CHECK_FALSE(l.to_bob.on_heartbeat({5, 4, 0, {}}, alice, l.own, now));
        CHECK_FALSE(l.to_bob.hello_due(now + pause - 1));
        now += pause;
    }
    l.to_bob.hello_sent(now);
    l.hello(7, {}, now);
    CHECK(l.heartbeat({}, now));
    CHECK_FALSE(l.to_bob.on_heartbeat({5, 4, 0, {}}, alice, l.own, now));
    CHECK_FALSE(l.to_bob.hello_due(now + 99));
    CHECK(l.to_bob.hello_due(now + 100));
}

TEST_CASE("peer: a replica that is silent for too long is greeted anew, in the same session too") {
    side_of_alice l;
    l.hello(7, {{alice, 10'000}}, 1000);
    static_cast<void>(l.to_bob.announce({{alice, 1}}, 5990));
    CHECK(l.to_bob.next_due_ms({{alice, 1}}, 5990) == 6000);
    l.to_bob.on_silence_check(5999);
    CHECK(l.to_bob.state() == peer_state::streaming);
    CHECK(l.to_bob.on_frame(7, 5999));
    l.to_bob.on_silence_check(6000);
    CHECK(l.to_bob.state() == peer_state::streaming);
    l.to_bob.on_silence_check(10'999);
    CHECK(l.to_bob.state() == peer_state::hello);
    CHECK(l.to_bob.hello_due(10'999));
    CHECK_FALSE(l.to_bob.on_frame(7, 11'000));
    l.own = 10'100;
    l.hello(7, {{alice, 10'050}}, 11'001);
    CHECK(l.to_bob.state() == peer_state::catching_up);
    CHECK(l.to_bob.resume_due());
}

TEST_CASE("peer: both sides understand each other's heartbeats after one of them was silent") {
    side_of_alice here;
    side_of_alice there(incoming);
    here.hello(7, {}, 0);
    there.hello(8, {}, 0);
    for (std::uint64_t n = 1; n <= 5; ++n) {
        CHECK(there.to_bob.on_heartbeat(here.to_bob.announce({{alice, n}}, n), alice, 0, n));
        CHECK(here.to_bob.on_heartbeat(there.to_bob.announce({{bob, n}}, n), alice, 0, n));
    }
    CHECK(there.to_bob.announce({{bob, 5}}, 5).base != 0);

    SUBCASE("only the opener noticed") {}
    SUBCASE("the accepting side is a new link of the same process") {
        there = side_of_alice(incoming);
    }
    here.to_bob.on_silence_check(6000);
    there.hello(8, {{alice, 5}}, 6000);
    here.hello(7, {{bob, 5}}, 6000);
    for (std::uint64_t n = 6; n <= 8; ++n) {
        CHECK(there.to_bob.on_heartbeat(here.to_bob.announce({{alice, n}}, 6000 + n), alice, 0, 6000 + n));
        CHECK(here.to_bob.on_heartbeat(there.to_bob.announce({{bob, n}}, 6000 + n), alice, 0, 6000 + n));
        CHECK(there.to_bob.clock()[alice] == n);
        CHECK(here.to_bob.clock()[bob] == n);
    }
    CHECK(here.to_bob.announce({{alice, 8}}, 6100).base != 0);
    CHECK(there.to_bob.announce({{bob, 8}}, 6100).base != 0);
}

TEST_CASE("peer: a repeated hello does not disturb the conversation") {
    side_of_alice here;
    side_of_alice there(incoming);
    here.hello(7, {{alice, 10'000}}, 0);
    there.hello(8, {{alice, 10'000}}, 0);
    CHECK(there.to_bob.on_heartbeat(here.to_bob.announce({{alice, 1}}, 1), alice, 0, 1));
    CHECK(here.to_bob.on_heartbeat(there.to_bob.announce({}, 1), alice, 0, 1));
    here.hello(7, {{alice, 9'000}}, 2);
    CHECK(here.to_bob.state() == peer_state::streaming);
    CHECK(here.to_bob.clock()[alice] == 10'000);
    CHECK(there.to_bob.on_heartbeat(here.to_bob.announce({{alice, 2}}, 3), alice, 0, 3));
    CHECK(here.to_bob.on_heartbeat(there.to_bob.announce({}, 3), alice, 0, 3));
    CHECK(there.to_bob.clock()[alice] == 10'000);
}

TEST_CASE("peer: a frame of a new session leads back to hello, and its hello starts anew") {
    side_of_alice l;
    l.hello(7, {{alice, 10'000}, {bob, 9}}, 0);
    static_cast<void>(l.to_bob.announce({{alice, 1}}, 1));
    CHECK(l.to_bob.on_heartbeat({1, 0, 1, {{bob, 10}}}, alice, l.own, 1));
    CHECK(l.to_bob.announce({{alice, 1}}, 1).base == 1);
    CHECK_FALSE(l.to_bob.on_frame(8, 2));
    CHECK(l.to_bob.state() == peer_state::hello);
    CHECK(l.to_bob.hello_due(2));
    l.hello(8, {{bob, 4}}, 3);
    CHECK(l.to_bob.state() == peer_state::catching_up);
    CHECK(l.to_bob.clock() == vector_clock{{bob, 4}});
    CHECK(l.to_bob.on_heartbeat({1, 0, 0, {{bob, 5}}}, alice, l.own, 4));
    const clock_announcement first = l.to_bob.announce({{alice, 1}}, 4);
    CHECK(first.number == 3);
    CHECK(first.base == 0);
}

TEST_CASE("peer: a session that was left is not returned to while the new one is heard") {
    side_of_alice l;
    l.hello(7, {{alice, 10'000}}, 0);
    l.hello(8, {{alice, 10'000}, {bob, 1}}, 1000);
    CHECK_FALSE(l.to_bob.on_frame(7, 2000));
    l.to_bob.on_hello(carol, "carol", 7, {{carol, 1}}, alice, l.own, 2000);
    CHECK(l.to_bob.state() == peer_state::streaming);
    CHECK(l.to_bob.replica() == bob);
    CHECK(l.to_bob.clock() == vector_clock{{alice, 10'000}, {bob, 1}});
    side_of_alice later = l;
    later.to_bob.on_silence_check(1000 + l.timing.silence_ms_max);
    CHECK(later.to_bob.state() == peer_state::hello);
    CHECK(l.to_bob.on_frame(8, 2001));
}

TEST_CASE("peer: an old hello that came late does not shut out the living session for ever") {
    side_of_alice l;
    l.hello(8, {{alice, 10'000}}, 0);
    l.hello(7, {}, 10);
    CHECK_FALSE(l.to_bob.on_frame(8, 20));
    l.to_bob.on_silence_check(5010);
    CHECK_FALSE(l.to_bob.on_frame(8, 5020));
    l.hello(8, {{alice, 10'000}}, 5020);
    CHECK(l.to_bob.state() == peer_state::streaming);
    CHECK(l.to_bob.on_frame(8, 5030));
}

TEST_CASE("peer: only so many left sessions are remembered") {
    side_of_alice l;
    for (std::uint64_t session = 1; session <= 18; ++session) {
        l.hello(session, {{alice, 10'000}}, 0);
    }
    l.hello(2, {{alice, 10'000}}, 0);
    CHECK_FALSE(l.to_bob.on_frame(2, 0));
    CHECK(l.to_bob.on_frame(18, 0));
    l.hello(1, {{alice, 10'000}}, 0);
    CHECK(l.to_bob.on_frame(1, 0));
}

TEST_CASE("peer: a refused session gets nothing, and only a new session leaves it") {
    side_of_alice l;
    CHECK_FALSE(l.to_bob.on_frame(7, 0));
    l.to_bob.on_refused("another group");
    CHECK(l.to_bob.state() == peer_state::refused);
    CHECK(l.to_bob.refusal() == "another group");
    CHECK_FALSE(l.to_bob.greeted());
    CHECK_FALSE(l.to_bob.hello_due(100'000));
    CHECK_FALSE(l.to_bob.heartbeat_due({{alice, 1}}, 100'000));
    CHECK(l.to_bob.next_due_ms({}, 3) == never);
    l.hello(7, {}, 10);
    l.to_bob.on_silence_check(100'000);
    CHECK(l.to_bob.state() == peer_state::refused);
    CHECK_FALSE(l.to_bob.on_frame(8, 100'000));
    CHECK(l.to_bob.state() == peer_state::hello);
    CHECK(l.to_bob.hello_due(100'000));
    l.hello(7, {}, 100'001);
    CHECK(l.to_bob.state() == peer_state::hello);
    l.hello(8, {{alice, 10'000}}, 100'002);
    CHECK(l.to_bob.state() == peer_state::streaming);
    CHECK(l.to_bob.refusal().empty());
}

TEST_CASE("peer: a refused session is left by another session's hello, even without a frame before") {
    side_of_alice l;
    l.hello(7, {{alice, 10'000}}, 0);
    l.to_bob.on_refused("wrong identity");
    CHECK_FALSE(l.to_bob.greeted());
    l.to_bob.on_hello(bob, "bob", 8, {{alice, 10'000}}, alice, l.own, 1);
    CHECK(l.to_bob.state() == peer_state::streaming);
    CHECK_FALSE(l.to_bob.on_frame(7, 2));
    CHECK(l.to_bob.state() == peer_state::streaming);
}
