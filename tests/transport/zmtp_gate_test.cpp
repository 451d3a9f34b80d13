#include "zmtp_gate.hpp"

#include "gate_and_inside.hpp"
#include "stream_sockets.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

// The gate between plain sockets, without libzmq: the thread sanitizer sees all of it.

using namespace sangam;
using namespace sangam::test;
using std::chrono::milliseconds;
using transport::zmtp_gate;

namespace {

std::string sound_bytes() {
    return zmtp_part("one") + zmtp_part(std::string(300'000, 'x')) + zmtp_part("");
}

} // namespace

TEST_CASE("zmtp gate: bytes pass both ways, and a reset outside is an end inside") {
    gate_and_inside tested;
    const std::string at = tested.gate.listen(parsed("tcp://127.0.0.1:*")).value();
    REQUIRE(tested.gate.start().has_value());
    raw_stranger outside(at);
    const std::string said = zmtp_greeting() + sound_bytes();
    std::thread talking([&] { CHECK(outside.send(said) == said.size()); });
    raw_stranger inside = tested.inside.accept(patience_ms);
    CHECK(receive_greeting(inside) == "p1");
    CHECK(inside.receive(sound_bytes().size()) == sound_bytes());
    talking.join();
    const std::string answer = zmtp_router_greeting() + sound_bytes();
    std::thread answering([&] { CHECK(inside.send(answer) == answer.size()); });
    CHECK(outside.receive(answer.size()) == answer);
    answering.join();
    outside.reset();
    CHECK(inside.ends_in_order());
    CHECK(tested.gate.refusals().empty());
}

TEST_CASE("zmtp gate: inside is connected to only while the outside is, again and again") {
    gate_and_inside tested;
    std::optional<raw_listener> outside;
    outside.emplace(fresh_name("outside"));
    const std::string at = outside->address();
    outside.reset();
    tested.gate.dial(1, parsed(at), tested.name);
    REQUIRE(tested.gate.start().has_value());
    CHECK_THROWS(static_cast<void>(tested.inside.accept(200)));
    outside.emplace(at.substr(std::string("ipc://@").size()));
    for (int i = 0; i < 3; ++i) {
        raw_stranger there = outside->accept(patience_ms);
        raw_stranger here = tested.inside.accept(patience_ms);
        const std::string said = zmtp_greeting() + sound_bytes();
        std::thread talking([&] { CHECK(here.send(said) == said.size()); });
        CHECK(there.receive(said.size()) == said);
        talking.join();
        const std::string answer = zmtp_router_greeting() + zmtp_part("answer");
        CHECK(there.send(answer) == answer.size());
        CHECK(here.receive(answer.size()) == answer);
        if (i == 2) {
            outside.reset();
        }
        there.reset();
        CHECK(here.ends_in_order());
    }
    CHECK_THROWS(static_cast<void>(tested.inside.accept(200)));
}

TEST_CASE("zmtp gate: what a listener must not say is told with its address, and does not pass") {
    gate_and_inside tested;
    raw_listener outside;
    tested.gate.dial(1, parsed(outside.address()), tested.name);
    REQUIRE(tested.gate.start().has_value());
    for (const std::string& lie : {zmtp_ping(), zmtp_part("part", true)}) {
        raw_stranger there = outside.accept(patience_ms);
        raw_stranger here = tested.inside.accept(patience_ms);
        const std::string greeting = zmtp_router_greeting();
        CHECK(there.send(greeting) == greeting.size());
        CHECK(here.receive(greeting.size()) == greeting);
        CHECK(there.send(lie) == lie.size());
        const auto told = tested.refusals(1);
        REQUIRE(told.size() == 1);
        CHECK(told[0].starts_with(outside.address() + ": "));
        CHECK(there.is_closed());
        CHECK(here.ends_in_order());
    }
}

TEST_CASE("zmtp gate: a link that is dialed anew gives its connection up and connects to its new inside") {
    gate_and_inside tested;
    raw_listener outside;
    REQUIRE(tested.gate.start().has_value());
    tested.gate.dial(1, parsed(outside.address()), tested.name);
    raw_stranger there = outside.accept(patience_ms);
    raw_stranger here = tested.inside.accept(patience_ms);
    const std::string name = fresh_name("new");
    raw_listener inside_anew(name);
    tested.gate.dial(1, parsed(outside.address()), name);
    CHECK(there.is_closed());
    CHECK(here.ends_in_order());
    raw_stranger there_anew = outside.accept(patience_ms);
    raw_stranger here_anew = inside_anew.accept(patience_ms);
    const std::string said = zmtp_greeting() + zmtp_part("anew");
    CHECK(here_anew.send(said) == said.size());
    CHECK(there_anew.receive(said.size()) == said);
}

TEST_CASE("zmtp gate: the pauses grow while a listener greets nobody, and one link waits for no other") {
    gate_and_inside tested;
    raw_listener silent;
    raw_listener sound;
    tested.gate.dial(1, parsed(silent.address()), tested.name);
    REQUIRE(tested.gate.start().has_value());
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 6; ++i) { // pauses of 10, 20, 40, 80 and 160 ms at least lie between them
        raw_stranger there = silent.accept(patience_ms);
        raw_stranger here = tested.inside.accept(patience_ms);
        there.reset();
        CHECK(here.ends_in_order());
    }
    CHECK(std::chrono::steady_clock::now() - begun >= milliseconds(310));
    const std::string name = fresh_name("sound");
    raw_listener inside_of_sound(name);
    tested.gate.dial(2, parsed(sound.address()), name);
    const raw_stranger there = sound.accept(patience_ms);
    const raw_stranger here = inside_of_sound.accept(patience_ms);
}

TEST_CASE("zmtp gate: one connection more than its limit is closed at once") {
    gate_and_inside tested(2);
    const std::string at = tested.gate.listen(parsed("tcp://127.0.0.1:*")).value();
    REQUIRE(tested.gate.start().has_value());
    raw_listener outside;
    tested.gate.dial(1, parsed(outside.address()), tested.name); // counts for nothing
    const raw_stranger dialed = outside.accept(patience_ms);
    const raw_stranger dialed_inside = tested.inside.accept(patience_ms);
    raw_stranger first(at);
    const raw_stranger first_inside = tested.inside.accept(patience_ms);
    raw_stranger second(at);
    const raw_stranger second_inside = tested.inside.accept(patience_ms);
    raw_stranger third(at);
    CHECK(third.is_closed());
    const std::string said = zmtp_greeting();
    CHECK(second.send(said) == said.size());
    const auto told = tested.refusals(1);
    REQUIRE(told.size() == 1);
    CHECK(told[0] == at + ": there are 2 connections already, and none was silent for long");
}

TEST_CASE("zmtp gate: what is on its way outwards still goes when the gate closes") {
    raw_listener outside;
    std::optional<gate_and_inside> tested;
    tested.emplace();
    tested->gate.dial(1, parsed(outside.address()), tested->name);
    REQUIRE(tested->gate.start().has_value());
    raw_stranger there = outside.accept(patience_ms);
    const std::string said = zmtp_greeting() + zmtp_part(std::string(1'000'000, 'x'));
    {
        raw_stranger here = tested->inside.accept(patience_ms);
        std::thread reading([&] { CHECK(there.receive(said.size()) == said); });
        CHECK(here.send(said) == said.size());
        {
            const raw_stranger closed = std::move(here);
        }
        tested.reset();
        reading.join();
    }
    CHECK(there.is_closed());
}

TEST_CASE("stream sockets: a connection that met itself is known for it") {
    const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    transport::socket_address at = transport::address_for_system(parsed("tcp://127.0.0.1:0"));
    REQUIRE(::bind(made, at.generic(), at.size) == 0);
    REQUIRE(::getsockname(made, at.generic(), &at.size) == 0);
    REQUIRE(::connect(made, at.generic(), at.size) == 0);
    CHECK(transport::is_its_own_peer(made));
    ::close(made);
    raw_listener listener;
    const int sound = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    at = transport::address_for_system(parsed(listener.address()));
    REQUIRE(::connect(sound, at.generic(), at.size) == 0);
    CHECK_FALSE(transport::is_its_own_peer(sound));
    ::close(sound);
}
