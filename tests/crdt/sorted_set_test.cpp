#include "context.hpp"

#include <sangam/crdt/sorted_set.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace sangam::crdt;
using sangam::causality::replica_id;
using sangam::crdt::test::at;
using sangam::crdt::test::error_of;
using ranking = std::vector<sorted_set::scored>;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double greatest = std::numeric_limits<double>::max();

} // namespace

TEST_CASE("sorted_set: members stand by score, then by value") {
    sorted_set s;
    s.apply(s.assign("c", 1), at(1, 1));
    s.apply(s.assign("a", 2), at(1, 2));
    s.apply(s.assign("b", 1), at(1, 3));
    CHECK(s.entries(0, 9) == ranking{{"b", 1}, {"c", 1}, {"a", 2}});
    CHECK(s.entries(1, 1) == ranking{{"c", 1}});
    CHECK(s.entries(3, 1).empty());
    CHECK(s.entries(9, 1).empty());
    CHECK(s.entries_by_score(1, 1.5) == ranking{{"b", 1}, {"c", 1}});
    CHECK(s.entries_by_score(1.5, infinity) == ranking{{"a", 2}});
    CHECK(s.rank("a") == 2);
    CHECK_FALSE(s.rank("d"));
    s.apply(s.assign("b", 3), at(1, 4));
    CHECK(s.rank("b") == 2);
    CHECK(s.size() == 3);
}

TEST_CASE("sorted_set: an increment that an assign did not see comes on top of it") {
    sorted_set a;
    a.apply(a.assign("m", 10), at(1, 1, 1));
    sorted_set b = a;
    const auto raised = a.increment("m", 5, alice);
    const auto assigned = b.assign("m", 1);
    a.apply(raised, at(1, 2, 2));
    CHECK(a.score("m") == 15.0);
    a.apply(assigned, at(2, 1, 2));
    b.apply(assigned, at(2, 1, 2));
    b.apply(raised, at(1, 2, 2));
    CHECK(a == b);
    CHECK(a.score("m") == 6.0);
    a.apply(a.assign("m", 0), at(1, 3, 3));
    CHECK(a.score("m") == 0.0);
}

TEST_CASE("sorted_set: what a remove did not see survives with its own effect only") {
    sorted_set a;
    a.apply(a.increment("m", 3, alice), at(1, 1));
    sorted_set b = a;
    const auto removed = b.remove("m");
    a.apply(a.increment("m", 4, alice), at(1, 2));
    a.apply(removed, at(2, 1));
    CHECK(a.score("m") == 4.0);
    b.apply(removed, at(2, 1));
    CHECK(b.empty());
    CHECK_FALSE(b.contains("m"));
    b.apply(sorted_set::increment_op{"m", 4}, at(1, 2));
    CHECK(a == b);
}

TEST_CASE("sorted_set: what is left after a remove is as if it had been added alone") {
    const std::pair<double, double> taken_and_left[] = {{0.1, 0.2}, {1e17, 1}, {1e15, 0.1}, {-3e8, 1e-8}};
    for (const auto& [taken, left] : taken_and_left) {
        sorted_set a;
        a.apply(a.increment("m", taken, alice), at(1, 1));
        const auto removed = a.remove("m");
        sorted_set b = a;
        a.apply(a.increment("m", left, alice), at(1, 2)); // at the same time as the remove
        a.apply(removed, at(2, 1));
        CHECK(a.score("m") == left);
        b.apply(removed, at(2, 1));
        b.apply(b.increment("m", left, alice), at(1, 2)); // after it
        CHECK(b.score("m") == left);
        CHECK(a == b);
    }
}

TEST_CASE("sorted_set: a remove takes the whole of a sum, also what its double lacks") {
    sorted_set a;
    a.apply(a.increment("m", 0.1, alice), at(1, 1));
    a.apply(a.increment("m", 0.2, alice), at(1, 2)); // the sum as a double is 0.30000000000000004
    a.apply(a.remove("m"), at(2, 1));
    a.apply(a.increment("m", 0.2, alice), at(1, 3));
    CHECK(a.score("m") == 0.2);
}

TEST_CASE("sorted_set: the increments of several replicas add up to the nearest number there is") {
    sorted_set a;
    a.apply(a.assign("m", 1e16), at(1, 1));
    for (std::uint64_t replica = 1; replica <= 3; ++replica)
        a.apply(a.increment("m", replica == 2 ? -1e16 : 0.3, {replica}), at(replica, 2));
    CHECK(a.score("m") == 0.6);
}

TEST_CASE("sorted_set: a member that was only assigned leaves nothing behind") {
    sorted_set a;
    a.apply(a.assign("m", 3), at(1, 1));
    a.apply(a.remove("m"), at(2, 1));
    CHECK(a == sorted_set());
    a.apply(a.remove("never there"), at(2, 2));
    CHECK(a == sorted_set());
    a.apply(a.assign("m", 3), at(1, 2));
    a.apply(a.clear(), at(2, 3));
    CHECK(a == sorted_set());
}

TEST_CASE("sorted_set: scores are numbers, and sums stay finite") {
    sorted_set s;
    CHECK(error_of([&] { (void)s.assign("m", std::nan("")); }).code == errc::not_a_number);
    CHECK(error_of([&] { (void)s.increment("m", std::nan(""), alice); }).code == errc::not_a_number);
    CHECK(error_of([&] { (void)s.increment("m", infinity, alice); }).code == errc::not_a_number);
    s.apply(s.increment("m", greatest, alice), at(1, 1));
    CHECK(error_of([&] { (void)s.increment("m", greatest, alice); }).code == errc::counter_overflow);
    s.apply(s.increment("m", greatest, bob), at(2, 1));
    CHECK(s.score("m") == greatest);
    s.apply(s.assign("i", infinity), at(1, 2));
    s.apply(sorted_set::increment_op{"i", -infinity}, at(3, 1)); // by a replica that is not correct
    CHECK(s.score("i") == infinity);
    s.apply(s.assign("z", -0.0), at(1, 3));
    CHECK_FALSE(std::signbit(*s.score("z")));
}

TEST_CASE("sorted_set: a copy has a ranking of its own") {
    sorted_set a;
    a.apply(a.assign("m", 3), at(1, 1));
    sorted_set b = a;
    b.apply(b.assign("m", 5), at(2, 1));
    b.apply(b.assign("n", 4), at(2, 2));
    CHECK(a.entries(0, 9) == ranking{{"m", 3}});
    CHECK(b.entries(0, 9) == ranking{{"n", 4}, {"m", 5}});
    a = b;
    CHECK(a == b);
    CHECK(a.rank("m") == 1);
}

TEST_CASE("sorted_set: accepts increments as seen that are here, that its author made, and no others") {
    sorted_set set;
    set.apply(set.increment("ann", 2, alice), at(1, 1));
    CHECK(set.accepts(set.increment("ann", 1, bob), bob));
    CHECK(set.accepts(set.assign("ann", 1), bob));
    CHECK(set.accepts(set.remove("ann"), bob));
    CHECK(set.accepts(set.clear(), bob));
    const std::vector<sorted_set::prefix> to_come{{alice, 2, {4, 0}}};
    CHECK_FALSE(set.accepts(sorted_set::assign_op{"ann", 1, {}, to_come}, bob));
    CHECK_FALSE(set.accepts(sorted_set::remove_op{"ann", {}, to_come}, bob));
    CHECK_FALSE(set.accepts(sorted_set::remove_op{"ben", {}, {{alice, 1, {2, 0}}}}, bob));
    CHECK_FALSE(set.accepts(sorted_set::clear_op{{sorted_set::remove_op{"ann", {}, to_come}}}, bob));
    CHECK(set.accepts(sorted_set::remove_op{"ann", {}, to_come}, alice));
}
