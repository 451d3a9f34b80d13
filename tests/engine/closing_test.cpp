#include "eventually.hpp"
#include "refusal.hpp"

#include <sangam/replica.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using sangam::replica;
using sangam::engine::errc;
using sangam::test::error_of;
using sangam::test::eventually;
using sangam::test::has;

TEST_CASE("close: brings what was written to the peers, and then nothing can be written") {
    const replica alice = replica::open({.name = "alice", .listen = {"memory://close"}}).value();
    const replica bob = replica::open({.name = "bob", .peers = {"memory://close"}}).value();
    for (int i = 0; i < 20'000; ++i) {
        bob.counter("n").increment();
    }
    bob.close(30s).value();
    CHECK(alice.counter("n").value() == 20'000);
    CHECK(error_of([&] { bob.counter("n").increment(); }).code == errc::closed);
    CHECK(bob.close(1s).has_value());
}

TEST_CASE("close: says how much was not acknowledged by whom when the time is over") {
    const replica alice = replica::open({.name = "alice", .listen = {"memory://close-late"}}).value();
    const replica bob =
        replica::open({.name = "bob", .peers = {"memory://close-late", "memory://nobody"}}).value();
    bob.counter("n").increment();
    alice.wait_for(bob.token(), 10s).value();
    REQUIRE(alice.set_online(false));
    bob.counter("n").increment(2);
    bob.counter("n").increment(3);
    const auto start = std::chrono::steady_clock::now();
    const auto closed = bob.close(200ms);
    const auto took = std::chrono::steady_clock::now() - start;
    REQUIRE(!closed);
    CHECK(closed.error().code == errc::timed_out);
    CHECK(took >= 200ms);
    CHECK(took < 5s);
    CHECK(has(closed.error().where, " of 3 own messages are not acknowledged by \"alice\""));
    CHECK(has(closed.error().where, "3 of 3 own messages are not acknowledged by memory://nobody"));
    CHECK(bob.close(1h).error() == closed.error());
}

TEST_CASE("close: with the network cut it says at once that nobody has acknowledged") {
    const replica bob = replica::open({.name = "bob", .peers = {"memory://cut"}}).value();
    REQUIRE(bob.set_online(false));
    bob.counter("n").increment();
    const auto closed = bob.close(1h);
    REQUIRE(!closed);
    CHECK(has(closed.error().where, "1 of 1 own messages are not acknowledged: the network is cut"));
}

TEST_CASE("close: callbacks hear of all that has happened, and what they write goes out, too") {
    const replica alice = replica::open({.name = "alice", .listen = {"memory://close-callbacks"}}).value();
    const replica bob = replica::open({.name = "bob", .peers = {"memory://close-callbacks"}}).value();
    const auto echo = bob.on_change("n", [&](const sangam::change&) {
        std::this_thread::sleep_for(1ms);
        bob.counter("echo").increment();
    });
    for (int i = 0; i < 100; ++i) {
        bob.counter("n").increment();
    }
    bob.close(30s).value();
    CHECK(alice.counter("echo").value() == 100);
}

TEST_CASE("close: ends what waits") {
    const replica r = replica::open({.name = "r"}).value();
    const sangam::causal_token never{{{sangam::replica_id{7}, 3}}};
    auto waited = std::async(std::launch::async, [&] { return r.wait_for(never, 1h); });
    std::this_thread::sleep_for(10ms);
    r.close(1s).value();
    REQUIRE(waited.wait_for(10s) == std::future_status::ready);
    CHECK(waited.get().error().code == errc::closed);
}

TEST_CASE("status: of a closed replica says so, and has no network any more") {
    const replica alice = replica::open({.name = "alice", .listen = {"memory://close-status"}}).value();
    const replica bob = replica::open({.name = "bob", .peers = {"memory://close-status"}}).value();
    bob.counter("n").increment();
    CHECK(bob.status().closed.empty());
    bob.close(10s).value();
    const auto status = bob.status();
    CHECK(status.closed == "by the application");
    CHECK(!status.online);
    CHECK(status.peers.empty());
    CHECK(status.listening.empty());
    CHECK(status.own_messages == 1);
    CHECK(status.outbox_messages == 0);
    CHECK(status.log_bytes > 0);
}

TEST_CASE("close: a callback that runs on past the deadline is named, and nobody waits for it any more") {
    std::atomic<bool> held{true};
    std::atomic<bool> running{false};
    std::atomic<bool> refused{false};
    std::optional<replica> r = replica::open({.name = "r"}).value();
    const auto counter = r->counter("n");
    const auto kept = std::make_shared<int>(1);
    sangam::subscription slow = r->on_change("n", [&, kept, counter](const sangam::change&) {
        running = true;
        while (held)
            std::this_thread::sleep_for(1ms);
        refused = error_of([&] { counter.increment(); }).code == errc::closed;
    });
    counter.increment();
    REQUIRE(eventually([&] { return running.load(); }));
    const auto start = std::chrono::steady_clock::now();
    SUBCASE("by close") {
        const auto closed = r->close(200ms);
        REQUIRE(!closed);
        CHECK(closed.error().code == errc::timed_out);
        CHECK(has(closed.error().where, "a callback of \"n\" still runs"));
        CHECK(r->close(1h).error() == closed.error());
        r.reset();
        CHECK(std::chrono::steady_clock::now() - start >= 200ms);
    }
    SUBCASE("by the destructor") {
        r.reset();
        CHECK(std::chrono::steady_clock::now() - start >= 1s);
    }
    CHECK(std::chrono::steady_clock::now() - start < 10s);
    CHECK(!refused);
    held = false;
    CHECK(eventually([&] { return refused && kept.use_count() == 1; }));
}

TEST_CASE("close: waits for a callback that returns in time") {
    std::atomic<bool> running{false};
    const replica r = replica::open({.name = "r"}).value();
    const auto slow = r.on_change("n", [&](const sangam::change&) {
        running = true;
        std::this_thread::sleep_for(100ms);
        running = false;
    });
    r.counter("n").increment();
    REQUIRE(eventually([&] { return running.load(); }));
    r.close(30s).value();
    CHECK(!running);
}
