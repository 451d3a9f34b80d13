#include "context.hpp"

#include <sangam/crdt/dw_flag.hpp>
#include <sangam/crdt/ew_flag.hpp>
#include <sangam/crdt/expiry.hpp>
#include <sangam/crdt/g_set.hpp>
#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/mv_register.hpp>
#include <sangam/crdt/rga_list.hpp>

#include <vector>

using namespace sangam::crdt;
using sangam::causality::replica_id;
using sangam::crdt::test::at;
using sangam::crdt::test::error_of;
using values = std::vector<value>;

constexpr replica_id alice{1};

TEST_CASE("g_set: what was added stays, once") {
    g_set s;
    CHECK(s.empty());
    s.apply(s.add("b"), at(1, 1));
    s.apply(s.add("a"), at(2, 1));
    s.apply(s.add("b"), at(2, 2));
    CHECK(s.elements() == values{"a", "b"});
    CHECK(s.contains("a"));
    CHECK_FALSE(s.contains("c"));
    CHECK(s.size() == 2);
}

TEST_CASE("ew_flag: an enable replaces the enables that it saw, so that a flag stays small") {
    ew_flag flag;
    const auto concurrent = flag.enable();
    flag.apply(flag.enable(), at(1, 1));
    flag.apply(flag.enable(), at(2, 1));
    CHECK(flag.disable().observed == ew_flag::dots{{{2}, 1}});
    flag.apply(concurrent, at(3, 1));
    CHECK(flag.disable().observed == ew_flag::dots{{{2}, 1}, {{3}, 1}});
}

TEST_CASE("flags: an enable wins over a concurrent disable in one and loses in the other") {
    ew_flag ew;
    dw_flag dw;
    const auto ew_off = ew.disable();
    const auto dw_off = dw.disable();
    ew.apply(ew.enable(), at(1, 1));
    dw.apply(dw.enable(), at(1, 1));
    ew.apply(ew_off, at(2, 1));
    dw.apply(dw_off, at(2, 1));
    CHECK(ew.enabled());
    CHECK_FALSE(dw.enabled());
    CHECK_FALSE(dw.nothing_to_reset());
    ew.apply(ew.reset(), at(1, 2));
    dw.apply(dw.reset(), at(1, 2));
    CHECK(ew == ew_flag());
    CHECK(dw == dw_flag());
}

TEST_CASE("dw_flag: an enable that saw the disable turns it on again") {
    dw_flag flag;
    flag.apply(flag.disable(), at(1, 1));
    CHECK_FALSE(flag.enabled());
    flag.apply(flag.enable(), at(2, 1));
    CHECK(flag.enabled());
    CHECK_FALSE(flag.empty());
}

TEST_CASE("mv_register: concurrent values stay, equal ones too, until an assign saw them") {
    mv_register a;
    mv_register b;
    const auto one = a.assign("x");
    const auto two = b.assign("x");
    const auto three = b.assign("a");
    a.apply(one, at(1, 1, 5));
    a.apply(two, at(2, 1, 4));
    a.apply(three, at(3, 1, 4));
    CHECK(a.values() == values{"a", "x", "x"});
    REQUIRE(a.writes().size() == 3);
    CHECK(a.writes()[0].id == at(1, 1).id);
    a.apply(a.assign("chosen"), at(2, 2, 6));
    CHECK(a.values() == values{"chosen"});
    a.apply(a.reset(), at(2, 3, 7));
    CHECK(a == mv_register());
    CHECK(a.values().empty());
}

TEST_CASE("expiry: the longest of concurrent times wins, and a later one replaces what it saw") {
    expiry e;
    CHECK_FALSE(e.deadline());
    CHECK_FALSE(e.owner());
    const auto shorter = e.set(100);
    const auto longer = e.set(200);
    e.apply(longer, at(1, 1));
    e.apply(shorter, at(2, 1));
    CHECK(e.deadline() == 200);
    CHECK(e.owner() == at(1, 1).id);
    const auto late = e.set(50);
    const auto kept = e.persist();
    e.apply(late, at(2, 2));
    CHECK(e.deadline() == 50);
    CHECK(e.owner() == at(2, 2).id);
    e.apply(kept, at(3, 1));
    CHECK(e.deadline() == expiry::never);
    e.apply(e.reset(), at(1, 2));
    CHECK(e == expiry());
}

TEST_CASE("rga_list: values go where they are put, and stay there when others are erased") {
    rga_list list;
    list.apply(list.insert(0, {"a", 1, 2.5}, alice), at(1, 1));
    CHECK(list.values() == values{"a", 1, 2.5});
    list.apply(list.erase(1, 1), at(1, 2));
    const auto cursor = list.cursor_at(1, text_bias::right);
    list.apply(list.insert(0, {"first"}, alice), at(1, 3));
    CHECK(list.values() == values{"first", "a", 2.5});
    CHECK(list.position_of(cursor) == 2);
    CHECK(list.values(1, 1) == values{"a"});
    CHECK(list.at(2) == value(2.5));
    CHECK(list.size() == 3);
    CHECK(list.size_with_tombstones() == 4);
    CHECK(list.elements()[2].content.is_null());
    CHECK(error_of([&] { (void)list.at(3); }).code == errc::position_past_end);
    CHECK(error_of([&] { (void)list.insert(4, {1}, alice); }).code == errc::position_past_end);
    CHECK(error_of([&] { (void)list.erase(2, 2); }).code == errc::position_past_end);
    CHECK(error_of([&] { (void)list.insert(0, values(limits::list_insert_values_max + 1), alice); }).code ==
          errc::too_large);
    list.apply(list.reset(), at(1, 4));
    CHECK(list.empty());
    CHECK_FALSE(list == rga_list());
}

TEST_CASE("rga_list: refuses ids that exist, belong to others or go behind what is not there") {
    rga_list list;
    list.apply(list.insert(0, {"a"}, alice), at(1, 1));
    const rga_list::insert_op again{{1, alice}, {}, {"b"}};
    const rga_list::insert_op of_others{{2, replica_id{2}}, {}, {"b"}};
    const rga_list::insert_op behind_nothing{{9, alice}, text_id{8, alice}, {"b"}};
    const rga_list::insert_op nothing{{2, alice}, {}, {}};
    for (const auto& op : {again, of_others, behind_nothing, nothing}) {
        CHECK_FALSE(list.accepts(op, alice));
    }
    CHECK_FALSE(list.accepts(rga_list::erase_op{{{{2, alice}, 1}}}, alice));
    CHECK(list.accepts(rga_list::insert_op{{2, alice}, text_id{1, alice}, {"b"}}, alice));
}
