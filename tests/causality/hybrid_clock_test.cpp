#include <sangam/causality/hybrid_clock.hpp>

#include <doctest/doctest.h>

#include <cstdint>

using namespace sangam::causality;

TEST_CASE("hybrid_clock: follows the wall clock while it runs forward") {
    hybrid_clock clock;
    CHECK(clock.tick(1000) == hybrid_time::at_ms(1000));
    CHECK(clock.tick(1001) == hybrid_time::at_ms(1001));
    CHECK(clock.last().ms() == 1001);
}

TEST_CASE("hybrid_clock: counts events of one millisecond") {
    hybrid_clock clock;
    (void)clock.tick(1000);
    const hybrid_time second = clock.tick(1000);
    CHECK(second.ms() == 1000);
    CHECK(second.counter() == 1);
    CHECK(clock.tick(1000).counter() == 2);
    CHECK(clock.tick(1001).counter() == 0);
}

TEST_CASE("hybrid_clock: never goes back with the wall clock") {
    hybrid_clock clock;
    const hybrid_time before = clock.tick(5000);
    const hybrid_time after = clock.tick(10);
    CHECK(after > before);
    CHECK(after.ms() == 5000);
}

TEST_CASE("hybrid_clock: an event is later than every time that was observed before it") {
    hybrid_clock clock;
    clock.observe(hybrid_time::at_ms(9000));
    CHECK(clock.tick(1000) > hybrid_time::at_ms(9000));
    clock.observe(hybrid_time::at_ms(3000));
    CHECK(clock.last().ms() == 9000);
}

TEST_CASE("hybrid_clock: a full counter carries into the milliseconds and the order stays") {
    hybrid_clock clock;
    clock.observe({(std::uint64_t{7000} << 16) | 0xffff});
    const hybrid_time next = clock.tick(7000);
    CHECK(next.ms() == 7001);
    CHECK(next.counter() == 0);
    CHECK(next > hybrid_time{(std::uint64_t{7000} << 16) | 0xffff});
}

TEST_CASE("hybrid_clock: a conversation between a fast and a slow wall clock keeps causal order") {
    hybrid_clock fast;
    hybrid_clock slow;
    hybrid_time last;
    for (std::uint64_t round = 0; round < 100; ++round) {
        const hybrid_time question = fast.tick(10'000 + round);
        slow.observe(question);
        const hybrid_time answer = slow.tick(1'000 + round);
        fast.observe(answer);
        CHECK(last < question);
        CHECK(question < answer);
        last = answer;
    }
    CHECK(last.ms() < 10'100);
}

TEST_CASE("hybrid_clock: a time far ahead is believed, and the clock goes on from there") {
    hybrid_clock clock;
    const hybrid_time ahead = hybrid_time::at_ms(1'700'003'600'000);
    clock.observe(ahead);
    CHECK(clock.tick(1'700'000'000'000) == hybrid_time{ahead.bits + 1});
}

TEST_CASE("hybrid_clock: stands still at the end of the year 9999, whatever it hears and reads") {
    hybrid_clock clock;
    clock.observe({latest_time.bits - 1});
    CHECK(clock.tick(1'700'000'000'000) == latest_time);
    CHECK(clock.tick(1'700'000'000'001) == latest_time);
    clock.observe({UINT64_MAX});
    CHECK(clock.last() == latest_time);
    CHECK(clock.tick(UINT64_MAX) == latest_time);

    hybrid_clock beyond;
    CHECK(beyond.tick(limits::time_ms_max + 1) == hybrid_time::at_ms(limits::time_ms_max));
    CHECK(latest_time.ms() == 253'402'300'799'999);
}
