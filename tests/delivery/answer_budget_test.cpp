#include <sangam/delivery/answer_budget.hpp>

#include <doctest/doctest.h>

#include <cstdint>

using sangam::delivery::answer_budget;
using sangam::delivery::protocol_timing;

namespace {

protocol_timing small() {
    protocol_timing timing;
    timing.answer_copies_free = 2;
    timing.answer_burst_bytes = 100;
    timing.answer_bytes_per_second = 1000;
    return timing;
}

} // namespace

TEST_CASE("answer_budget: the log costs nothing twice, then the bucket is emptied, then it flows") {
    answer_budget budget(small());
    budget.spend(2000, 1000);
    CHECK(budget.allows(1000, 0));
    budget.spend(99, 1000);
    CHECK(budget.allows(1000, 0));
    budget.spend(51, 1000);
    CHECK_FALSE(budget.allows(1000, 0));
    CHECK_FALSE(budget.allows(1000, 50));
    CHECK(budget.allows(1000, 51));
}

TEST_CASE("answer_budget: a log that grows gives more") {
    answer_budget budget(small());
    budget.spend(2100, 1000);
    CHECK_FALSE(budget.allows(1000, 0));
    CHECK(budget.allows(1001, 0));
}

TEST_CASE("answer_budget: the bucket holds no more than a burst, however long nobody asks") {
    answer_budget budget(small());
    budget.spend(2100, 1000);
    CHECK(budget.allows(1000, 3'600'000));
    budget.spend(100, 1000);
    CHECK_FALSE(budget.allows(1000, 3'600'000));
}

TEST_CASE("answer_budget: many looks at the time lose nothing of what flows") {
    protocol_timing timing = small();
    timing.answer_bytes_per_second = 1;
    answer_budget budget(timing);
    budget.spend(2100, 1000);
    for (std::uint64_t now = 0; now < 1000; ++now) {
        CHECK_FALSE(budget.allows(1000, now));
    }
    CHECK(budget.allows(1000, 1000));
}
