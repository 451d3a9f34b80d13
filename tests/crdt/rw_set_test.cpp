#include "context.hpp"

#include <sangam/crdt/rw_set.hpp>

#include <vector>

using namespace sangam::crdt;
using sangam::crdt::test::at;

TEST_CASE("rw_set: a remove beats a concurrent add, and an add that saw it brings the element back") {
    rw_set a;
    a.apply(a.add("x"), at(1, 1));
    rw_set b = a;
    const auto again = a.add("x");
    const auto gone = b.remove("x");
    for (rw_set* s : {&a, &b}) {
        s->apply(s == &a ? rw_set::operation(again) : rw_set::operation(gone), s == &a ? at(1, 2) : at(2, 1));
    }
    CHECK(a.contains("x"));
    a.apply(gone, at(2, 1));
    b.apply(again, at(1, 2));
    CHECK(a == b);
    CHECK_FALSE(a.contains("x"));
    CHECK(a.size() == 0);
    a.apply(a.add("x"), at(1, 3));
    CHECK(a.elements() == std::vector<value>{"x"});
}

TEST_CASE("rw_set: a remove of what is not there wins over adds that it did not see") {
    rw_set a;
    const auto added = a.add("x");
    a.apply(a.remove("x"), at(2, 1));
    CHECK(a.empty());
    CHECK_FALSE(a.nothing_to_reset());
    a.apply(added, at(1, 1));
    CHECK(a.empty());
    CHECK(a.size() == 0);
}

TEST_CASE("rw_set: a reset takes away the removes that it saw, and only those") {
    rw_set a;
    const auto added = a.add("x");
    a.apply(a.remove("x"), at(2, 1));
    const auto reset = a.reset();
    REQUIRE(reset.elements.size() == 1);
    rw_set later = a;
    later.apply(later.remove("y"), at(3, 1));
    later.apply(reset, at(2, 2));
    later.apply(added, at(1, 1));
    CHECK(later.elements() == std::vector<value>{"x"});
    CHECK_FALSE(later.nothing_to_reset());
    a.apply(reset, at(2, 2));
    CHECK(a == rw_set());
}

TEST_CASE("rw_set: one transaction may add, remove and add again") {
    rw_set a;
    const auto one = at(1, 1);
    a.apply(a.add("x"), one);
    a.apply(a.remove("x"), one);
    CHECK(a.empty());
    a.apply(a.add("x"), one);
    CHECK(a.contains("x"));
    a.apply(a.reset(), at(2, 1));
    CHECK(a == rw_set());
}
