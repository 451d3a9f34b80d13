#include "eventually.hpp"
#include "held_replica.hpp"

#include <sangam/replica.hpp>
#include <sangam/transport/message.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <thread>
#include <utility>

using namespace std::chrono_literals;
using sangam::replica;
using sangam::test::eventually;
using sangam::test::held_replica;

TEST_CASE("back-pressure: a writer waits when as many messages as allowed are not yet in the log") {
    constexpr std::size_t most = 4;
    held_replica held({.name = "r", .outbox_messages_max = most});
    CHECK(held.write_until_it_waits(20) == most);
    CHECK(held.outbox() == most);
    CHECK(held.release(20));
}

TEST_CASE("back-pressure: a writer waits when as many bytes as allowed are not yet in the log") {
    constexpr std::size_t most = 5;
    sangam::transport::message one;
    one.operations.push_back(
        {{"n", sangam::crdt::object_kind::pn_counter}, {}, sangam::crdt::pn_counter::operation{1}});
    held_replica held({.name = "r", .outbox_bytes_max = most * sangam::transport::memory_of(one)});
    CHECK(held.write_until_it_waits(20) == most);
    CHECK(held.outbox() == most);
    CHECK(held.release(20));
}

// It was exempt, and made the outbox grow without an end.
TEST_CASE("back-pressure: a callback that writes waits for room like any other writer") {
    constexpr std::size_t most = 4;
    held_replica held({.name = "r", .outbox_messages_max = most});
    const auto subscription = held.self().on_change("question", [&](const sangam::change&) {
        for (int i = 0; i < 20; ++i) {
            held.self().counter("answers").increment();
        }
    });
    held.self().counter("question").increment();
    REQUIRE(eventually([&] { return held.self().status().writers_waiting == 1; }));
    CHECK(held.outbox() == most);
    CHECK(held.self().counter("answers").value() == most - 1);
    held.let_go();
    CHECK(eventually([&] { return held.self().counter("answers").value() == 20; }));
    CHECK(eventually([&] { return held.outbox() == 0; }));
}
