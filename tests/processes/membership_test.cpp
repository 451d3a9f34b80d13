#include "remote_replica.hpp"

#include <doctest/doctest.h>

#include <string>

using sangam::test::any_peer;
using sangam::test::remote_replica;

TEST_CASE(
    "processes: one that is killed and starts anew gets everything again, also what it had written itself") {
    remote_replica survivor;
    survivor.open("survivor", "tcp://127.0.0.1:*");
    std::string killed_id;
    {
        remote_replica killed;
        killed.open("phoenix", "-", {survivor.address()});
        killed_id = killed.id();
        killed.ask("increment visits 2 10000");
        killed.ask("insert notes 0 written before the end");
        survivor.ask("increment visits 1 10000");
        survivor.catch_up_with(killed);
        killed.in().kill();
    }
    survivor.ask("insert notes 0 still: ");
    remote_replica again;
    again.open("phoenix", "-", {survivor.address()});
    CHECK(again.id() != killed_id);
    again.catch_up_with(survivor);
    CHECK(again.counter("visits") == 30'000);
    CHECK(again.ask("text notes") == "still: written before the end");
    again.ask("increment visits 1 1");
    survivor.catch_up_with(again);
    CHECK(survivor.counter("visits") == 30'001);
}

TEST_CASE("processes: a listener that is killed and starts anew is found again at its address") {
    remote_replica other;
    std::string address;
    {
        remote_replica killed;
        killed.open("listener", "tcp://127.0.0.1:*");
        address = killed.address();
        other.open("other", "-", {address});
        killed.ask("increment visits 1 5000");
        other.catch_up_with(killed);
        killed.in().kill();
    }
    other.ask("increment visits 1 500");
    remote_replica again;
    again.open("listener", address);
    again.catch_up_with(other);
    CHECK(again.counter("visits") == 5500);
    again.ask("increment visits 1 50");
    other.catch_up_with(again);
    CHECK(other.counter("visits") == 5550);
}

TEST_CASE("processes: one that joins late gets everything") {
    remote_replica first;
    remote_replica second;
    first.open("first", "tcp://127.0.0.1:*");
    second.open("second", "-", {first.address()});
    first.start("increment visits 1 20000");
    second.start("increment visits 1 20000");
    first.finish();
    second.finish();
    first.ask("add tags early");
    first.catch_up_with(second);
    remote_replica late;
    late.open("late", "-", {first.address()});
    late.catch_up_with(first);
    CHECK(late.counter("visits") == 40'000);
    CHECK(late.ask("set tags") == "early");
    CHECK(late.number("held") == 0);
}

TEST_CASE("processes: one that is connected only to the second gets the messages of the first through it") {
    remote_replica third;
    remote_replica second;
    second.open("second", "tcp://127.0.0.1:*");
    {
        remote_replica first;
        first.open("first", "-", {second.address()});
        third.open("third", "-", {second.address()});
        first.ask("increment visits 1 10000");
        third.catch_up_with(first);
        CHECK(third.counter("visits") == 10'000);
        first.ask("insert notes 0 from the first");
        second.catch_up_with(first);
        first.in().kill();
    }
    third.catch_up_with(second);
    CHECK(third.ask("text notes") == "from the first");
    remote_replica fourth;
    fourth.open("fourth", "-", {second.address()});
    fourth.catch_up_with(third);
    CHECK(fourth.counter("visits") == 10'000);
    CHECK(fourth.ask("text notes") == "from the first");
}

TEST_CASE("processes: one of another group is refused, and both say so") {
    remote_replica here;
    remote_replica stranger;
    remote_replica friendly;
    here.open("here", "tcp://127.0.0.1:*");
    stranger.option("group", "elsewhere");
    stranger.open("stranger", "-", {here.address()});
    stranger.ask("increment visits 1 1000");
    here.until_peer_is("refused");
    stranger.until_peer_is("refused");
    CHECK(any_peer(here.status(), "refusal", "group"));
    CHECK(any_peer(stranger.status(), "refusal", "group"));
    friendly.open("friendly", "-", {here.address()});
    friendly.ask("increment visits 1 7");
    here.catch_up_with(friendly);
    CHECK(here.counter("visits") == 7);
    CHECK(stranger.counter("visits") == 1000);
}

TEST_CASE("processes: a second listener at one address gets an error that names the address") {
    remote_replica first;
    remote_replica second;
    first.open("first", "tcp://127.0.0.1:*");
    second.in().send("open second " + first.address());
    const std::string answer = second.in().receive(sangam::test::patience);
    CHECK(answer.starts_with("error transport: "));
    CHECK(answer.find(first.address()) != std::string::npos);
    CHECK(answer.find("in use") != std::string::npos);
    second.open("second", "tcp://127.0.0.1:*", {first.address()});
    first.ask("increment visits 1 5");
    second.catch_up_with(first);
    CHECK(second.counter("visits") == 5);
}
