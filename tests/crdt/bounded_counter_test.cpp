#include "context.hpp"

#include <sangam/crdt/bounded_counter.hpp>

#include <limits>

using namespace sangam::crdt;
using sangam::causality::replica_id;
using sangam::crdt::test::at;
using sangam::crdt::test::error_of;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

} // namespace

TEST_CASE("bounded_counter: a replica takes what it has rights to, and no more") {
    bounded_counter c;
    c.apply(c.increment(5, alice), at(1, 1));
    CHECK(c.value() == 5);
    CHECK(c.rights(alice) == 5);
    c.apply(c.decrement(2, alice), at(1, 2));
    CHECK(c.value() == 3);
    const auto refused = error_of([&] { (void)c.decrement(4, alice); });
    CHECK(refused.code == errc::insufficient_rights);
    CHECK(refused.where == "bounded_counter::decrement of 4 by 0000000000000001, which has rights to 3 of 3");
    CHECK(error_of([&] { (void)c.decrement(1, bob); }).code == errc::insufficient_rights);
    CHECK(c.value() == 3);
}

TEST_CASE("bounded_counter: rights can be handed on, as far as one has them") {
    bounded_counter c;
    c.apply(c.increment(5, alice), at(1, 1));
    c.apply(c.transfer(2, bob, alice), at(1, 2));
    CHECK(c.rights(alice) == 3);
    CHECK(c.rights(bob) == 2);
    CHECK(c.value() == 5);
    CHECK(error_of([&] { (void)c.transfer(4, bob, alice); }).code == errc::insufficient_rights);
    c.apply(c.transfer(3, alice, alice), at(1, 3));
    CHECK(c.rights(alice) == 3);
    c.apply(c.decrement(2, bob), at(2, 1));
    CHECK(c.all_rights() == std::vector<std::pair<replica_id, std::uint64_t>>{{alice, 3}});
}

TEST_CASE("bounded_counter: what is used up leaves nothing behind") {
    bounded_counter c;
    c.apply(c.increment(5, alice), at(1, 1));
    c.apply(c.transfer(5, bob, alice), at(1, 2));
    c.apply(c.decrement(5, bob), at(2, 1));
    CHECK(c.empty());
    CHECK(c == bounded_counter());
}

TEST_CASE("bounded_counter: the value stays within 64 bits") {
    constexpr std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();
    bounded_counter c;
    c.apply(c.increment(greatest, alice), at(1, 1));
    CHECK(error_of([&] { (void)c.increment(1, bob); }).code == errc::counter_overflow);
    CHECK(c.value() == greatest);
    c.apply(bounded_counter::increment_op{5}, at(2, 1)); // made concurrently
    CHECK(c.value() == greatest);
    c.apply(bounded_counter::decrement_op{greatest}, at(2, 2)); // by a replica that is not correct
    CHECK(c.value() == 5);
    CHECK(c.rights(bob) == 0);
}
