#include "context.hpp"

#include <sangam/crdt/g_counter.hpp>
#include <sangam/crdt/pn_counter.hpp>
#include <sangam/crdt/resettable_counter.hpp>

#include <cstdint>
#include <limits>
#include <vector>

using namespace sangam::crdt;
using sangam::crdt::test::at;
using sangam::crdt::test::error_of;

namespace {

constexpr auto least = std::numeric_limits<std::int64_t>::min();
constexpr auto greatest = std::numeric_limits<std::int64_t>::max();
constexpr sangam::causality::replica_id alice{1};
constexpr sangam::causality::replica_id bob{2};

using prefixes = std::vector<resettable_counter::prefix>;

} // namespace

TEST_CASE("g_counter: the value is the sum of all increments") {
    g_counter counter;
    CHECK(counter.value() == 0);
    CHECK(counter.empty());
    counter.apply(counter.increment(), at(1, 1));
    counter.apply(counter.increment(41), at(2, 1));
    CHECK(counter.value() == 42);
    CHECK_FALSE(counter.empty());
}

TEST_CASE("g_counter: preparing an increment changes nothing") {
    const g_counter counter;
    CHECK(counter.increment(5) == g_counter::operation{5});
    CHECK(counter == g_counter());
}

TEST_CASE("g_counter: a sum that 64 bits cannot hold is clamped when read and kept exactly") {
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    g_counter counter;
    counter.apply({most}, at(1, 1));
    CHECK(counter.value() == most);
    g_counter more = counter;
    more.apply({1}, at(1, 2));
    CHECK(more.value() == most);
    CHECK(more != counter);
}

TEST_CASE("pn_counter: the value is the sum of all increments, negative ones included") {
    pn_counter counter;
    CHECK(counter.empty());
    counter.apply(counter.increment(), at(1, 1));
    counter.apply(counter.increment(-8), at(2, 1));
    CHECK(counter.value() == -7);
    CHECK_FALSE(counter.empty());
}

TEST_CASE("pn_counter: increments that cancel out leave what a new counter is") {
    pn_counter counter;
    counter.apply({5}, at(1, 1));
    counter.apply({-5}, at(2, 1));
    CHECK(counter.empty());
    CHECK(counter == pn_counter());
}

TEST_CASE("pn_counter: a sum beyond 64 bits is clamped when read, and comes back exactly") {
    pn_counter counter;
    counter.apply({greatest}, at(1, 1));
    CHECK(counter.value() == greatest);
    counter.apply({greatest}, at(2, 1));
    CHECK(counter.value() == greatest);
    counter.apply({least}, at(1, 2));
    CHECK(counter.value() == greatest - 1);
    counter.apply({least}, at(2, 2));
    CHECK(counter.value() == -2);
    counter.apply({least}, at(3, 1));
    CHECK(counter.value() == least);
    counter.apply({greatest}, at(3, 2));
    CHECK(counter.value() == -3);
}

TEST_CASE("resettable_counter: without a reset it is the sum of all increments") {
    resettable_counter counter;
    CHECK(counter.value() == 0);
    CHECK(counter.empty());
    counter.apply(counter.increment(5, alice), at(1, 1));
    counter.apply(counter.increment(-2, bob), at(2, 1));
    counter.apply(counter.increment(4, alice), at(1, 2));
    CHECK(counter.value() == 7);
    CHECK_FALSE(counter.empty());
}

TEST_CASE("resettable_counter: preparing changes nothing") {
    resettable_counter counter;
    counter.apply({resettable_counter::increment_op{5}}, at(1, 1));
    const resettable_counter before = counter;
    CHECK(counter.increment(3, alice) == resettable_counter::increment_op{3});
    CHECK(counter.reset().seen == prefixes{{alice, 1, 5}});
    CHECK(counter == before);
}

TEST_CASE("resettable_counter: a reset takes away what it saw of every replica") {
    resettable_counter counter;
    counter.apply(counter.increment(5, alice), at(1, 1));
    counter.apply(counter.increment(7, bob), at(2, 1));
    const auto reset = counter.reset();
    CHECK(reset.seen == prefixes{{alice, 1, 5}, {bob, 1, 7}});
    counter.apply(reset, at(1, 2));
    CHECK(counter.value() == 0);
    CHECK(counter.empty());
}

TEST_CASE("resettable_counter: an increment that a reset did not see survives, whichever comes first") {
    resettable_counter seen;
    seen.apply(seen.increment(5, alice), at(1, 1));
    const auto reset = seen.reset();

    resettable_counter increment_first = seen;
    increment_first.apply({resettable_counter::increment_op{3}}, at(1, 2));
    increment_first.apply(reset, at(2, 1));

    resettable_counter reset_first = seen;
    reset_first.apply(reset, at(2, 1));
    reset_first.apply({resettable_counter::increment_op{3}}, at(1, 2));

    CHECK(increment_first.value() == 3);
    CHECK_FALSE(increment_first.empty());
    CHECK(increment_first == reset_first);
}

TEST_CASE("resettable_counter: of two resets the one that saw more counts, whichever comes first") {
    resettable_counter counter;
    counter.apply(counter.increment(5, alice), at(1, 1));
    const auto shorter = counter.reset();
    counter.apply(counter.increment(-9, alice), at(1, 2));
    const auto longer = counter.reset();
    counter.apply(counter.increment(100, alice), at(1, 3));

    resettable_counter other = counter;
    counter.apply(shorter, at(2, 1));
    CHECK(counter.value() == 91);
    counter.apply(longer, at(3, 1));
    other.apply(longer, at(3, 1));
    other.apply(shorter, at(2, 1));
    CHECK(counter.value() == 100);
    CHECK(counter == other);
}

TEST_CASE("resettable_counter: increment, reset and increment in one transaction count only the last") {
    resettable_counter counter;
    const auto one_transaction = at(1, 1);
    counter.apply(counter.increment(5, alice), one_transaction);
    counter.apply(counter.reset(), one_transaction);
    counter.apply(counter.increment(3, alice), one_transaction);
    CHECK(counter.value() == 3);
    CHECK_FALSE(counter.empty());
}

TEST_CASE("resettable_counter: a reset names only replicas with something left to reset") {
    resettable_counter counter;
    CHECK(counter.reset().seen.empty());
    counter.apply(counter.increment(5, alice), at(1, 1));
    counter.apply(counter.reset(), at(1, 2));
    CHECK(counter.reset().seen.empty());
    counter.apply(counter.increment(2, bob), at(2, 1));
    CHECK(counter.reset().seen == prefixes{{bob, 1, 2}});
    counter.apply(counter.increment(1, alice), at(1, 3));
    CHECK(counter.reset().seen == prefixes{{alice, 2, 6}, {bob, 1, 2}});
}

TEST_CASE("resettable_counter: increments that sum to nothing are there until they are reset") {
    resettable_counter counter;
    counter.apply(counter.increment(5, alice), at(1, 1));
    counter.apply(counter.increment(-5, bob), at(2, 1));
    CHECK(counter.value() == 0);
    CHECK_FALSE(counter.empty());
    counter.apply(counter.reset(), at(1, 2));
    CHECK(counter.empty());
}

TEST_CASE("resettable_counter: an increment past 64 bits of one replica's total is refused") {
    resettable_counter counter;
    counter.apply(counter.increment(greatest, alice), at(1, 1));
    const auto error = error_of([&] { static_cast<void>(counter.increment(1, alice)); });
    CHECK(error.code == errc::counter_overflow);
    CHECK(error.where == "increment by 1 where this replica's increments sum to 9223372036854775807");

    CHECK_FALSE(error_of([&] { static_cast<void>(counter.increment(1, bob)); }).code);
    counter.apply(counter.increment(least, alice), at(1, 2));
    CHECK(error_of([&] { static_cast<void>(counter.increment(least, alice)); }).code ==
          errc::counter_overflow);
    CHECK_FALSE(error_of([&] { static_cast<void>(counter.increment(least + 1, alice)); }).code);
}

TEST_CASE("resettable_counter: totals count what was reset, so a reset gives no room back") {
    resettable_counter counter;
    counter.apply(counter.increment(greatest, alice), at(1, 1));
    counter.apply(counter.reset(), at(1, 2));
    CHECK(counter.value() == 0);
    CHECK(error_of([&] { static_cast<void>(counter.increment(1, alice)); }).code == errc::counter_overflow);
}

TEST_CASE("resettable_counter: the sum over replicas is clamped when read and kept exactly") {
    resettable_counter counter;
    counter.apply(counter.increment(greatest, alice), at(1, 1));
    counter.apply(counter.increment(greatest, bob), at(2, 1));
    CHECK(counter.value() == greatest);
    counter.apply(counter.increment(least, {3}), at(3, 1));
    CHECK(counter.value() == greatest - 1);
}

TEST_CASE("resettable_counter: a total that wraps by wrong operations wraps alike everywhere") {
    resettable_counter counter;
    counter.apply({resettable_counter::increment_op{greatest}}, at(1, 1));
    counter.apply({resettable_counter::increment_op{1}}, at(1, 2));
    CHECK(counter.value() == least);
}

TEST_CASE("resettable_counter: wrong resets that disagree about a prefix converge") {
    const resettable_counter::reset_op one{{{alice, 2, 10}}};
    const resettable_counter::reset_op other{{{alice, 2, -10}}};
    resettable_counter a;
    a.apply(one, at(2, 1));
    a.apply(other, at(3, 1));
    resettable_counter b;
    b.apply(other, at(3, 1));
    b.apply(one, at(2, 1));
    CHECK(a == b);
    CHECK(a.empty());
}

TEST_CASE("resettable_counter: a reset of nothing leaves nothing behind") {
    resettable_counter counter;
    counter.apply(resettable_counter::reset_op{}, at(1, 1));
    counter.apply(resettable_counter::reset_op{{{alice, 0, 4}}}, at(1, 2));
    CHECK(counter == resettable_counter());
    counter.apply(counter.increment(1, alice), at(1, 3));
    counter.apply(counter.increment(2, bob), at(2, 1));
    counter.apply(resettable_counter::reset_op{{{alice, 0, 4}, {bob, 1, 2}}}, at(1, 4));
    CHECK(counter.value() == 1);
}

TEST_CASE(
    "resettable_counter: accepts a reset of what is here, of what its author made, and of nothing else") {
    using reset_op = resettable_counter::reset_op;
    resettable_counter counter;
    counter.apply(counter.increment(5, alice), at(1, 1));
    CHECK(counter.accepts(counter.increment(5, bob), bob));
    CHECK(counter.accepts(reset_op{{{alice, 1, 5}}}, bob));
    CHECK_FALSE(counter.accepts(reset_op{{{alice, 2, 5}}}, bob));
    CHECK_FALSE(counter.accepts(reset_op{{{alice, 1, 5}, {{3}, 1, 1}}}, bob));
    CHECK(counter.accepts(reset_op{{{alice, 2, 5}}}, alice)); // after an increment of the same transaction
}
