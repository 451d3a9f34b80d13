#include "../support/seeds.hpp"

#include <sangam/causality/vector_clock.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <vector>

using namespace sangam::causality;

namespace {

using sangam::test::draw;
using model = std::map<replica_id, std::uint64_t>;

struct pair_of_both {
    vector_clock clock;
    model lengths;
};

/// Few replicas and short lengths, so that clocks meet in all ways: equal, before, concurrent, disjoint.
pair_of_both random_clock(std::mt19937_64& rng) {
    pair_of_both made;
    for (std::uint64_t count = draw(rng, 6); count > 0; --count) {
        const replica_id replica{draw(rng, 5)};
        const std::uint64_t length = draw(rng, 4);
        made.clock.advance_to(replica, length);
        if (length != 0) {
            made.lengths[replica] = std::max(made.lengths[replica], length);
        }
    }
    return made;
}

vector_clock clock_of(const model& lengths) {
    vector_clock clock;
    for (const auto& [replica, length] : lengths) {
        clock.advance_to(replica, length);
    }
    return clock;
}

std::uint64_t length_in(const model& lengths, replica_id replica) {
    const auto at = lengths.find(replica);
    return at != lengths.end() ? at->second : 0;
}

bool dominates(const model& a, const model& b) {
    return std::ranges::all_of(b,
                               [&](const auto& entry) { return length_in(a, entry.first) >= entry.second; });
}

model merged(const model& a, const model& b) {
    model both = a;
    for (const auto& [replica, length] : b) {
        both[replica] = std::max(both[replica], length);
    }
    return both;
}

vector_clock merged(vector_clock a, const vector_clock& b) {
    a.merge(b);
    return a;
}

void check_representation(const pair_of_both& both) {
    std::vector<clock_entry> expected;
    for (const auto& [replica, length] : both.lengths) {
        expected.push_back({replica, length});
    }
    CHECK(std::vector(both.clock.entries().begin(), both.clock.entries().end()) == expected);
}

} // namespace

TEST_CASE("vector_clock: says of each dot what a map of lengths says") {
    sangam::test::for_each_seed(300, [](std::mt19937_64& rng) {
        const pair_of_both a = random_clock(rng);
        check_representation(a);
        std::uint64_t total = 0;
        for (std::uint64_t bits = 0; bits < 6; ++bits) {
            const replica_id replica{bits};
            CHECK(a.clock[replica] == length_in(a.lengths, replica));
            for (std::uint64_t sequence = 0; sequence < 6; ++sequence) {
                const bool expected = sequence != 0 && sequence <= length_in(a.lengths, replica);
                CHECK(a.clock.contains({replica, sequence}) == expected);
                total += expected ? 1 : 0;
            }
        }
        CHECK(a.clock.total() == total);
    });
}

TEST_CASE("vector_clock: merge and compare agree with a map of lengths") {
    sangam::test::for_each_seed(300, [](std::mt19937_64& rng) {
        const pair_of_both a = random_clock(rng);
        const pair_of_both b = random_clock(rng);
        check_representation({merged(a.clock, b.clock), merged(a.lengths, b.lengths)});
        const bool has_all = dominates(a.lengths, b.lengths);
        const bool is_in = dominates(b.lengths, a.lengths);
        CHECK(a.clock.dominates(b.clock) == has_all);
        CHECK(a.clock.compare(b.clock) == (has_all && is_in ? causal_order::equal
                                           : has_all        ? causal_order::after
                                           : is_in          ? causal_order::before
                                                            : causal_order::concurrent));
    });
}

TEST_CASE("vector_clock: merge is the least upper bound, whatever the order and however often") {
    sangam::test::for_each_seed(300, [](std::mt19937_64& rng) {
        const vector_clock a = random_clock(rng).clock;
        const vector_clock b = random_clock(rng).clock;
        const vector_clock c = random_clock(rng).clock;
        const vector_clock ab = merged(a, b);
        CHECK(ab == merged(b, a));
        CHECK(merged(ab, c) == merged(a, merged(b, c)));
        CHECK(merged(a, a) == a);
        CHECK(merged(a, {}) == a);
        CHECK(ab.dominates(a));
        CHECK(ab.dominates(b));
        CHECK(c.dominates(ab) == (c.dominates(a) && c.dominates(b)));
    });
}

TEST_CASE("vector_clock: the difference merged into its base gives the union, and nothing smaller does") {
    sangam::test::for_each_seed(300, [](std::mt19937_64& rng) {
        const pair_of_both a = random_clock(rng);
        const pair_of_both base = random_clock(rng);
        const vector_clock difference = a.clock.difference(base.clock);
        CHECK(merged(base.clock, difference) == merged(base.clock, a.clock));
        CHECK(difference.empty() == base.clock.dominates(a.clock));
        model exceeding = a.lengths;
        std::erase_if(exceeding, [&](const auto& entry) {
            return entry.second <= length_in(base.lengths, entry.first);
        });
        CHECK(difference == clock_of(exceeding));
    });
}

TEST_CASE("vector_clock: its text is read back as the same clock") {
    sangam::test::for_each_seed(300, [](std::mt19937_64& rng) {
        vector_clock clock;
        for (std::uint64_t count = draw(rng, 8); count > 0; --count) {
            clock.advance_to({rng()}, rng() >> draw(rng, 64));
        }
        CHECK(parse_vector_clock(to_string(clock)) == clock);
    });
}
