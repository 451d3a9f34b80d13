#include "test_message.hpp"

#include <sangam/delivery/outbox.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace sangam::test;
using sangam::causality::dot;
using sangam::delivery::batch_limits;
using sangam::delivery::outbox;

namespace {

std::vector<dot> dots_of(const std::vector<test_message>& batch) {
    std::vector<dot> dots;
    for (const test_message& m : batch) {
        dots.push_back(m.id);
    }
    return dots;
}

} // namespace

TEST_CASE("outbox: messages come out in the order in which they went in, as one batch") {
    outbox<test_message> box;
    CHECK(box.empty());
    CHECK(box.take_batch().empty());
    box.push(message({alice, 1}));
    box.push(message({alice, 2}));
    CHECK(box.size() == 2);
    CHECK(box.bytes() == 200);
    CHECK(dots_of(box.take_batch()) == std::vector<dot>{{alice, 1}, {alice, 2}});
    CHECK(box.empty());
    CHECK(box.bytes() == 0);
}

TEST_CASE("outbox: a batch has no more messages than its limit") {
    outbox<test_message> box(batch_limits{.messages_max = 2});
    for (std::uint64_t n = 1; n <= 3; ++n) {
        box.push(message({alice, n}));
    }
    CHECK(dots_of(box.take_batch()) == std::vector<dot>{{alice, 1}, {alice, 2}});
    CHECK(box.size() == 1);
    CHECK(box.bytes() == 100);
    CHECK(dots_of(box.take_batch()) == std::vector<dot>{{alice, 3}});
}

TEST_CASE("outbox: a batch has no more bytes than its limit, unless it is one message alone") {
    outbox<test_message> box(batch_limits{.bytes_max = 200});
    box.push(message({alice, 1}, {}, 0, 150));
    box.push(message({alice, 2}, {}, 0, 50));
    box.push(message({alice, 3}, {}, 0, 1));
    box.push(message({alice, 4}, {}, 0, 500));
    box.push(message({alice, 5}, {}, 0, 1));
    CHECK(dots_of(box.take_batch()) == std::vector<dot>{{alice, 1}, {alice, 2}});
    CHECK(dots_of(box.take_batch()) == std::vector<dot>{{alice, 3}});
    CHECK(dots_of(box.take_batch()) == std::vector<dot>{{alice, 4}});
    CHECK(dots_of(box.take_batch()) == std::vector<dot>{{alice, 5}});
}

TEST_CASE("outbox: a limit of no messages still lets one through") {
    outbox<test_message> box(batch_limits{.messages_max = 0});
    box.push(message({alice, 1}));
    box.push(message({alice, 2}));
    CHECK(box.take_batch().size() == 1);
}

TEST_CASE("outbox: a batch ends where the origin changes or a dot is left out") {
    outbox<test_message> box;
    box.push(message({alice, 1}));
    box.push(message({bob, 2}));
    box.push(message({bob, 3}));
    box.push(message({bob, 5}));
    CHECK(dots_of(box.take_batch()) == std::vector<dot>{{alice, 1}});
    CHECK(dots_of(box.take_batch()) == std::vector<dot>{{bob, 2}, {bob, 3}});
    CHECK(dots_of(box.take_batch()) == std::vector<dot>{{bob, 5}});
}
