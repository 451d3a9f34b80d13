#include <sangam/delivery/send_window.hpp>

#include <doctest/doctest.h>

#include <cstdint>

using sangam::delivery::send_window;

TEST_CASE("send_window: is full at its limit and not one byte before, until what was sent is acknowledged") {
    send_window window(1600, 1600);
    window.sent(1, 100);
    window.sent(2, 1499);
    CHECK(window.in_flight() == 1599);
    CHECK_FALSE(window.full());
    window.sent(3, 1);
    CHECK(window.full());
    window.acknowledged(1);
    CHECK(window.in_flight() == 1500);
    window.acknowledged(0);
    CHECK(window.in_flight() == 1500);
    window.acknowledged(3);
    CHECK(window.in_flight() == 0);
    CHECK_FALSE(window.full());
}

TEST_CASE("send_window: an acknowledgement is known to a sixteenth of the limit") {
    send_window window(16'000, 16'000);
    for (std::uint64_t n = 1; n <= 800; ++n) {
        window.sent(n, 10);
    }
    for (std::uint64_t n = 1; n <= 800; ++n) {
        window.acknowledged(n);
        CHECK(window.in_flight() >= (800 - n) * 10);
        CHECK(window.in_flight() <= (800 - n) * 10 + 1000);
    }
    CHECK(window.in_flight() == 0);
}

TEST_CASE("send_window: what was sent before a greeting stays in flight, and may be sent again") {
    send_window window(1000, 1000);
    window.sent(5, 600);
    CHECK(window.sent_to() == 5);
    window.greeted();
    CHECK(window.sent_to() == 0);
    CHECK(window.in_flight() == 600);
    window.sent(3, 400);
    CHECK(window.sent_to() == 3);
    CHECK(window.full());
    window.acknowledged(5);
    CHECK(window.in_flight() == 0);
}

TEST_CASE("send_window: who acknowledges is trusted with as much again, between two limits") {
    send_window window(1000, 3000);
    CHECK(window.bytes_allowed() == 1000);
    window.sent(1, 900);
    window.acknowledged(1);
    CHECK(window.bytes_allowed() == 1000);
    window.sent(2, 1000);
    CHECK(window.full());
    window.acknowledged(2);
    CHECK(window.bytes_allowed() == 1900);
    window.sent(3, 1800);
    CHECK(!window.full());
    window.sent(4, 100);
    CHECK(window.full());
    window.acknowledged(4);
    CHECK(window.bytes_allowed() == 3000);
    window.greeted();
    CHECK(window.bytes_allowed() == 3000);
}
