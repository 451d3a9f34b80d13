#include "queued_bytes.hpp"
#include "routing_table.hpp"

#include <sangam/delivery/limits.hpp>
#include <sangam/transport/limits.hpp>

#include <doctest/doctest.h>

#include <string>

using sangam::transport::link_id;
using sangam::transport::routing_table;

TEST_CASE("routing table: a routing id keeps its link") {
    routing_table table(5, 3);
    const link_id a = table.heard("a");
    CHECK(a == 5);
    CHECK(table.heard("b") == 6);
    CHECK(table.heard("a") == a);
    REQUIRE(table.find(a) != nullptr);
    CHECK(table.find(a)->routing_id == "a");
}

TEST_CASE("routing table: a link that is forgotten is never given again") {
    routing_table table(1, 3);
    const link_id a = table.heard("a");
    table.forget(a);
    table.forget(a);
    CHECK(table.find(a) == nullptr);
    CHECK(table.heard("a") != a);
    CHECK(table.size() == 1);
}

TEST_CASE("routing table: when it is full, the link that was silent longest makes room") {
    routing_table table(1, 3);
    const link_id a = table.heard("a"), b = table.heard("b"), c = table.heard("c");
    static_cast<void>(table.heard("a"));
    CHECK(table.in_the_way_of("c") == nullptr);
    REQUIRE(table.in_the_way_of("d") != nullptr);
    CHECK(table.in_the_way_of("d")->link == b);
    table.forget(b);
    CHECK(table.in_the_way_of("d") == nullptr);
    const link_id d = table.heard("d");
    CHECK(table.size() == 3);
    CHECK(table.find(b) == nullptr);
    for (const link_id kept : {a, c, d}) {
        CHECK(table.find(kept) != nullptr);
    }
}

TEST_CASE(
    "routing table: of as many links as a ROUTER may have none is in the way, and of one more the first") {
    constexpr std::size_t most = sangam::transport::limits::incoming_links_max;
    routing_table table(1, most);
    for (std::size_t i = 0; i < most; ++i) {
        const std::string id = std::to_string(i);
        REQUIRE(table.in_the_way_of(id) == nullptr);
        static_cast<void>(table.heard(id));
    }
    CHECK(table.size() == most);
    REQUIRE(table.in_the_way_of("one more") != nullptr);
    CHECK(table.in_the_way_of("one more")->routing_id == "0");
}

TEST_CASE("queued bytes: a frame has room up to the limit, and alone however large it is") {
    using sangam::transport::has_room;
    constexpr std::size_t most = sangam::transport::limits::queued_bytes_max;
    CHECK(has_room(0, most));
    CHECK(has_room(0, sangam::transport::limits::frame_bytes_max));
    CHECK(has_room(1, most - 1));
    CHECK_FALSE(has_room(1, most));
    CHECK(has_room(most, 0));
    CHECK_FALSE(has_room(most, 1));
}

TEST_CASE("zmtp gate: a replica that says hello and sends heartbeats keeps its place") {
    namespace limits = sangam::transport::limits;
    constexpr sangam::delivery::protocol_timing timing;
    CHECK(limits::unheard_ms_min > timing.hello_interval_ms_max);
    CHECK(limits::silent_ms_min >= 10 * timing.heartbeat_interval_ms);
    CHECK(limits::first_frame_ms_max > limits::unheard_ms_min);
}
