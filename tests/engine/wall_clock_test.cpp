#include "cluster.hpp"

#include <sangam/causality/limits.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

using sangam::causality::replica_id;
using sangam::crdt::lww_register;
using sangam::crdt::object_kind;
using sangam::engine::executor;
using sangam::engine::object_address;
using sangam::engine::operation_list;
using sangam_tests::cluster;

namespace {

constexpr std::int64_t hour_ms = 3'600'000;
const object_address title{{"title", object_kind::lww_register}, {}};

void assign(cluster& c, std::size_t i, const std::string& text) {
    const executor::preparer step = [&](const auto& object, replica_id, operation_list& operations) {
        operations.add(lww_register::operation(object.template as<lww_register>()->assign(text)));
    };
    c.state(i).write(title, std::span(&step, 1), c.wall_ms_of(i));
}

sangam::crdt::value shown(cluster& c, std::size_t i) {
    return c.state(i).view(title).as<lww_register>()->value();
}

/// Three replicas in a row write one after the other, each after it has seen what the one before wrote.
void converse(cluster& c) {
    sangam::crdt::value last = shown(c, 0);
    for (int round = 0; round < 3; ++round) {
        for (const std::size_t writer : {0U, 1U, 2U, 1U}) {
            CHECK(shown(c, writer) == last);
            const std::string text = "round " + std::to_string(round) + " by " + std::to_string(writer);
            assign(c, writer, text);
            last = text;
            c.run(100);
            for (std::size_t i = 0; i < c.size(); ++i) {
                CHECK(shown(c, i) == last);
                CHECK(c.state(i).buffer().counters().held_back == 0);
            }
        }
    }
}

} // namespace

// A clock that was set back an hour, or a replica an hour ahead or behind: nothing of it, nor of everybody
// behind it, was heard for an hour, and status said no more than "held back: 1".
TEST_CASE("synchronizer: a wall clock that is an hour off delays nothing, and what is causally later wins") {
    cluster c(3, 70);
    c.connect(0, 1);
    c.connect(1, 2);
    c.run(200);
    SUBCASE("the middle one is ahead") {
        c.set_wall_clock(1, hour_ms);
    }
    SUBCASE("the middle one is behind") {
        c.set_wall_clock(1, -hour_ms);
    }
    SUBCASE("the first one is ahead") {
        c.set_wall_clock(0, hour_ms);
    }
    SUBCASE("the last one is set back while they write") {
        converse(c);
        assign(c, 0, "");
        c.run(100);
        c.set_wall_clock(2, -hour_ms);
    }
    converse(c);
}

TEST_CASE("synchronizer: the skew of clocks is known on both sides, with its sign") {
    cluster c(2, 71);
    c.connect(0, 1);
    c.run(200);
    CHECK(c.state(0).skew_ms() == std::nullopt);
    c.set_wall_clock(1, -hour_ms);
    assign(c, 0, "from the future");
    c.run(100);
    REQUIRE(c.state(1).skew_ms().has_value());
    CHECK(*c.state(1).skew_ms() > hour_ms - 1000);
    CHECK(*c.state(1).skew_ms() <= hour_ms);

    cluster late(2, 72);
    late.connect(0, 1);
    late.run(200);
    late.set_wall_clock(1, -hour_ms);
    assign(late, 1, "from the past");
    late.run(100);
    REQUIRE(late.state(0).skew_ms().has_value());
    CHECK(*late.state(0).skew_ms() < -hour_ms + 1);
    CHECK(*late.state(0).skew_ms() > -hour_ms - 1000);
}

TEST_CASE("synchronizer: a message of the year 9999 keeps nobody from writing") {
    cluster c(2, 73);
    c.connect(0, 1);
    c.run(200);
    c.set_wall_clock(0, static_cast<std::int64_t>(sangam::causality::limits::time_ms_max));
    assign(c, 0, "at the end of time");
    c.run(100);
    for (int i = 0; i < 5; ++i) {
        const std::string text = "still here " + std::to_string(i);
        assign(c, 1, text);
        c.run(100);
        CHECK(shown(c, 0) == sangam::crdt::value(text));
        assign(c, 0, text + " too");
        c.run(100);
        CHECK(shown(c, 1) == sangam::crdt::value(text + " too"));
    }
    CHECK(*c.state(1).skew_ms() > 200'000'000'000'000);
}
