#include "../../transport/src/routing_table.hpp"

#include <doctest/doctest.h>

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
