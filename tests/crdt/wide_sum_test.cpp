#include <sangam/crdt/wide_sum.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>

using namespace sangam::crdt;

TEST_CASE("wide_sum: it carries from one half into the other, both ways") {
    constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
    constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();
    wide_sum<int128> sum;
    sum += -1;
    CHECK((sum.get() == -1));
    sum += 1;
    CHECK((sum == wide_sum<int128>()));
    for (int i = 0; i < 5; ++i) {
        sum += greatest;
    }
    CHECK((sum.get() == int128{greatest} * 5));
    for (int i = 0; i < 9; ++i) {
        sum += least;
    }
    CHECK((sum.get() == int128{greatest} * 5 + int128{least} * 9));
}

TEST_CASE("wide_sum: without sign it counts past 64 bits") {
    constexpr std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();
    wide_sum<uint128> sum;
    for (int i = 0; i < 3; ++i) {
        sum += greatest;
    }
    CHECK((sum.get() == uint128{greatest} * 3));
}

TEST_CASE("wide_sum: it needs no more than the alignment of 64 bits") {
    CHECK(alignof(wide_sum<int128>) == alignof(std::uint64_t));
    CHECK(sizeof(wide_sum<int128>) == 16);
}
