#include "context.hpp"

#include <sangam/crdt/or_set.hpp>

#include <vector>

using namespace sangam::crdt;
using sangam::crdt::test::at;

namespace {

using dots = or_set::dots;

const dots no_dots;

} // namespace

TEST_CASE("or_set: an added element is a member until it is removed") {
    or_set set;
    CHECK(set.empty());
    CHECK_FALSE(set.contains("a"));
    set.apply(set.add("a"), at(1, 1));
    CHECK(set.contains("a"));
    CHECK_FALSE(set.contains("b"));
    CHECK_FALSE(set.empty());
    CHECK(set.size() == 1);
    set.apply(set.remove("a"), at(2, 1));
    CHECK_FALSE(set.contains("a"));
    CHECK(set == or_set());
}

TEST_CASE("or_set: elements come in the order of values") {
    or_set set;
    set.apply(set.add("b"), at(1, 1));
    set.apply(set.add(7), at(1, 2));
    set.apply(set.add("a"), at(2, 1));
    CHECK(set.elements() == std::vector<value>{7, "a", "b"});
    CHECK(set.size() == 3);
}

TEST_CASE("or_set: preparing changes nothing and names the dots that it saw") {
    or_set set;
    set.apply(set.add("a"), at(2, 1));
    set.apply(or_set::add_op{"a", {}}, at(1, 4));
    set.apply(set.add("b"), at(1, 5));
    const or_set before = set;
    const dots of_a{{{1}, 4}, {{2}, 1}};
    const dots of_b{{{1}, 5}};
    CHECK(set.add("a") == or_set::add_op{"a", of_a});
    CHECK(set.remove("a") == or_set::remove_op{"a", of_a});
    CHECK(set.clear() == or_set::clear_op{{{"a", of_a}, {"b", of_b}}});
    CHECK(set.add("c") == or_set::add_op{"c", no_dots});
    CHECK(set == before);
}

TEST_CASE("or_set: a remove of an unseen element leaves nothing behind") {
    or_set set;
    const auto remove = set.remove("a");
    CHECK(remove.observed.empty());
    set.apply(remove, at(1, 1));
    CHECK(set == or_set());
    set.apply(set.add("a"), at(2, 1));
    set.apply(remove, at(1, 1));
    CHECK(set.contains("a"));
}

TEST_CASE("or_set: a concurrent add beats a remove, whichever comes first") {
    or_set seen;
    seen.apply(seen.add("a"), at(1, 1));
    const auto remove = seen.remove("a");
    const auto add = seen.add("a");

    or_set remove_first = seen;
    remove_first.apply(remove, at(1, 2));
    remove_first.apply(add, at(2, 1));
    or_set add_first = seen;
    add_first.apply(add, at(2, 1));
    add_first.apply(remove, at(1, 2));

    CHECK(remove_first.contains("a"));
    CHECK(remove_first == add_first);
}

TEST_CASE("or_set: a remove takes away only the adds that it saw") {
    or_set here;
    here.apply(here.add("a"), at(2, 1));
    const auto remove = here.remove("a");
    here.apply(or_set::add_op{"a", {}}, at(1, 1));
    here.apply(or_set::add_op{"a", {}}, at(3, 1));
    here.apply(remove, at(2, 2));
    CHECK(here.remove("a").observed == dots{{{1}, 1}, {{3}, 1}});
}

TEST_CASE("or_set: two removes of the same add are one, and touch no other element") {
    or_set set;
    set.apply(set.add("a"), at(1, 1));
    set.apply(set.add("b"), at(1, 1));
    const auto one = set.remove("a");
    const auto other = set.remove("a");
    set.apply(one, at(2, 1));
    set.apply(other, at(3, 1));
    CHECK(set.elements() == std::vector<value>{"b"});
}

TEST_CASE("or_set: an add replaces the dots that it saw") {
    or_set set;
    set.apply(set.add("a"), at(1, 1));
    set.apply(or_set::add_op{"a", {}}, at(2, 1));
    set.apply(set.add("a"), at(1, 2));
    CHECK(set.remove("a").observed == dots{{{1}, 2}});
}

TEST_CASE("or_set: a remove that saw only what an add replaced cannot take that add away") {
    or_set set;
    set.apply(set.add("a"), at(1, 1));
    const auto remove = set.remove("a");
    set.apply(set.add("a"), at(1, 2));
    set.apply(remove, at(2, 1));
    CHECK(set.contains("a"));
}

TEST_CASE("or_set: concurrent adds come to the same state in either order") {
    or_set a;
    a.apply(or_set::add_op{"x", {}}, at(1, 1));
    a.apply(or_set::add_op{"x", {}}, at(2, 1));
    or_set b;
    b.apply(or_set::add_op{"x", {}}, at(2, 1));
    b.apply(or_set::add_op{"x", {}}, at(1, 1));
    CHECK(a == b);
    CHECK(a.size() == 1);
}

TEST_CASE("or_set: operations of one transaction apply in order although they share one dot") {
    or_set set;
    const auto one_transaction = at(1, 1);
    set.apply(set.add("a"), one_transaction);
    set.apply(set.remove("a"), one_transaction);
    CHECK(set.empty());
    set.apply(set.add("a"), one_transaction);
    CHECK(set.contains("a"));
    set.apply(set.add("a"), one_transaction);
    CHECK(set.remove("a").observed == dots{{{1}, 1}});
}

TEST_CASE("or_set: an add that repeats its own dot leaves it once") {
    or_set set;
    set.apply(or_set::add_op{"a", {}}, at(1, 1));
    set.apply(or_set::add_op{"a", {}}, at(1, 1));
    CHECK(set.remove("a").observed == dots{{{1}, 1}});
}

TEST_CASE("or_set: a clear takes away all that it saw, and a concurrent add survives") {
    or_set seen;
    seen.apply(seen.add("a"), at(1, 1));
    seen.apply(seen.add("b"), at(1, 2));
    const auto clear = seen.clear();
    or_set set = seen;
    set.apply(seen.add("b"), at(2, 1));
    set.apply(seen.add("c"), at(2, 2));
    set.apply(clear, at(1, 3));
    CHECK(set.elements() == std::vector<value>{"b", "c"});
    seen.apply(clear, at(1, 3));
    CHECK(seen == or_set());
    CHECK(or_set().clear().elements.empty());
}

TEST_CASE("or_set: observed dots may come in any order") {
    or_set set;
    for (const std::uint64_t replica : {1U, 2U, 3U}) {
        set.apply(or_set::add_op{"a", {}}, at(replica, 1));
    }
    or_set other = set;
    set.apply(or_set::remove_op{"a", {{{1}, 1}, {{3}, 1}}}, at(4, 1));
    other.apply(or_set::remove_op{"a", {{{3}, 1}, {{1}, 1}, {{9}, 9}}}, at(4, 1));
    CHECK(set == other);
    CHECK(set.remove("a").observed == dots{{{2}, 1}});
}
