#include <sangam/causality/vector_clock.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <string_view>
#include <vector>

using namespace sangam::causality;

namespace {

constexpr replica_id a{1};
constexpr replica_id b{2};
constexpr replica_id c{3};

} // namespace

TEST_CASE("vector_clock: contains the first dots of each replica and no others") {
    const vector_clock clock{{a, 3}, {b, 1}};
    CHECK(clock.contains({a, 1}));
    CHECK(clock.contains({a, 3}));
    CHECK_FALSE(clock.contains({a, 4}));
    CHECK(clock.contains({b, 1}));
    CHECK_FALSE(clock.contains({c, 1}));
    CHECK(clock.total() == 4);
}

TEST_CASE("vector_clock: sequence 0 names nothing, so no clock contains it") {
    CHECK_FALSE(vector_clock{{a, 3}}.contains({a, 0}));
    CHECK_FALSE(vector_clock{}.contains({a, 0}));
}

TEST_CASE("vector_clock: an entry of length 0 is the same as no entry") {
    CHECK(vector_clock{{a, 0}, {b, 2}} == vector_clock{{b, 2}});
    CHECK(vector_clock{{a, 0}}.empty());
}

TEST_CASE("vector_clock: entries are sorted by replica, whatever order they come in") {
    const vector_clock clock{{c, 1}, {a, 2}, {b, 3}, {a, 1}};
    CHECK(std::vector(clock.entries().begin(), clock.entries().end()) ==
          std::vector<clock_entry>{{a, 2}, {b, 3}, {c, 1}});
}

TEST_CASE("vector_clock: advance_to never goes back") {
    vector_clock clock;
    clock.advance_to(a, 5);
    clock.advance_to(a, 3);
    CHECK(clock[a] == 5);
    clock.advance_to(a, 6);
    CHECK(clock[a] == 6);
    CHECK(clock[b] == 0);
}

TEST_CASE("vector_clock: merge is the union of what both have seen") {
    vector_clock clock{{a, 3}, {b, 1}};
    clock.merge({{b, 4}, {c, 2}});
    CHECK(clock == vector_clock{{a, 3}, {b, 4}, {c, 2}});
}

TEST_CASE("vector_clock: compare tells before, after, equal and concurrent") {
    const vector_clock earlier{{a, 1}};
    const vector_clock later{{a, 1}, {b, 1}};
    const vector_clock elsewhere{{a, 2}};
    CHECK(earlier.compare(later) == causal_order::before);
    CHECK(later.compare(earlier) == causal_order::after);
    CHECK(later.compare(later) == causal_order::equal);
    CHECK(later.compare(elsewhere) == causal_order::concurrent);
    CHECK(vector_clock{}.compare(earlier) == causal_order::before);
    CHECK(vector_clock{}.compare({}) == causal_order::equal);
}

TEST_CASE("vector_clock: a clock dominates itself and the empty clock") {
    const vector_clock clock{{a, 1}, {c, 1}};
    CHECK(clock.dominates(clock));
    CHECK(clock.dominates({}));
    CHECK_FALSE(vector_clock{}.dominates(clock));
    CHECK_FALSE(clock.dominates({{b, 1}}));
}

TEST_CASE("vector_clock: difference names only what the base lacks") {
    const vector_clock clock{{a, 3}, {b, 4}, {c, 2}};
    CHECK(clock.difference({{a, 3}, {b, 1}}) == vector_clock{{b, 4}, {c, 2}});
    CHECK(clock.difference({{a, 9}, {b, 9}, {c, 9}}).empty());
    CHECK(clock.difference({}) == clock);
}

TEST_CASE("vector_clock: is written as its entries in the order of the ids") {
    CHECK(to_string(vector_clock{{{0xfedcba9876543210}, 2}, {{0x0123456789abcdef}, 7}}) ==
          "0123456789abcdef:7,fedcba9876543210:2");
    CHECK(to_string(vector_clock{}).empty());
    CHECK(parse_vector_clock("") == vector_clock{});
    CHECK(parse_vector_clock("0123456789abcdef:18446744073709551615") ==
          vector_clock{{{0x0123456789abcdef}, std::numeric_limits<std::uint64_t>::max()}});
}

TEST_CASE("vector_clock: any other text is no clock") {
    for (const std::string_view text :
         {",", ":", "1:1", "0123456789abcdef", "0123456789abcdef:", "0123456789abcdef:0",
          "0123456789abcdef:-1", "0123456789abcdef:1,", ",0123456789abcdef:1",
          "0123456789abcdef:1,,fedcba9876543210:1", "0123456789abcdef:1 ", "0123456789abcdef: 1",
          "0123456789abcdef 1", "0123456789abcdef:1x", "0123456789abcdef:18446744073709551616",
          "0123456789abcdef:1,0123456789abcdef:2"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_vector_clock(text).has_value());
    }
}

TEST_CASE("causal_order: every value has its word") {
    CHECK(std::string_view(to_string(causal_order::before)) == "before");
    CHECK(std::string_view(to_string(causal_order::after)) == "after");
    CHECK(std::string_view(to_string(causal_order::equal)) == "equal");
    CHECK(std::string_view(to_string(causal_order::concurrent)) == "concurrent");
}
