#include <sangam/crdt/by_replica.hpp>

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <utility>

using sangam::causality::replica_id;
using sangam::crdt::by_replica;

namespace {

std::map<replica_id, int> content(const by_replica<int>& shares) {
    std::map<replica_id, int> all;
    shares.for_each([&](replica_id id, int share) {
        CHECK((all.empty() || all.rbegin()->first < id));
        all.emplace(id, share);
    });
    return all;
}

} // namespace

TEST_CASE("by_replica: equal content is equal, whatever came and went before") {
    by_replica<int> a;
    a.of({1}) = 10;
    by_replica<int> b;
    b.of({2}) = 20;
    CHECK(a != b);
    b.of({1}) = 10;
    CHECK(a != b);
    b.erase({2});
    CHECK(a == b);
    b.erase({2});
    CHECK(a == b);
    b.erase({1});
    CHECK(b == by_replica<int>());
}

TEST_CASE("by_replica: it does what a map does") {
    std::mt19937_64 rng(1);
    by_replica<int> shares;
    std::map<replica_id, int> expected;
    for (int step = 0; step < 10'000; ++step) {
        const replica_id id{rng() % 4};
        switch (rng() % 4) {
        case 0:
            shares.of(id) = step;
            expected[id] = step;
            break;
        case 1:
        case 2:
            shares.erase(id);
            expected.erase(id);
            break;
        default: {
            by_replica<int> copy = shares;
            REQUIRE(copy == shares);
            shares.erase(id);
            shares = std::move(copy);
            break;
        }
        }
        const auto at = expected.find(id);
        const int* const found = shares.find(id);
        REQUIRE((found != nullptr) == (at != expected.end()));
        if (found != nullptr) {
            REQUIRE(*found == at->second);
        }
        REQUIRE(content(shares) == expected);
    }
}
