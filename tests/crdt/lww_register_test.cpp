#include "context.hpp"

#include <sangam/crdt/lww_register.hpp>

using namespace sangam::crdt;
using sangam::crdt::test::at;

namespace {

using dots = lww_register::dots;

/// The rule of registers whose ties go to the greater content.
struct later_then_greater_content {
    [[nodiscard]] static bool wins(const register_write& a, const register_write& b) noexcept {
        return a.time != b.time ? a.time > b.time : a.content > b.content;
    }
};

} // namespace

TEST_CASE("lww_register: a new one is null and has no winner") {
    const lww_register reg;
    CHECK(reg.empty());
    CHECK(reg.value().is_null());
    CHECK(reg.winner() == nullptr);
}

TEST_CASE("lww_register: the value is the last one assigned") {
    lww_register reg;
    reg.apply(reg.assign("first"), at(2, 1, 10));
    reg.apply(reg.assign("second"), at(1, 1, 20));
    CHECK(reg.value() == "second");
    CHECK_FALSE(reg.empty());
    REQUIRE(reg.winner() != nullptr);
    CHECK(reg.winner()->id == at(1, 1).id);
    CHECK(reg.winner()->time == sangam::causality::hybrid_time::at_ms(20));
}

TEST_CASE("lww_register: null can be assigned, which is not the same as empty") {
    lww_register reg;
    reg.apply(reg.assign(null_t{}), at(1, 1));
    CHECK(reg.value().is_null());
    CHECK_FALSE(reg.empty());
}

TEST_CASE("lww_register: preparing changes nothing and names the writes that it saw") {
    lww_register reg;
    reg.apply(lww_register::assign_op{"b", {}}, at(2, 1, 10));
    reg.apply(lww_register::assign_op{"a", {}}, at(1, 1, 10));
    const lww_register before = reg;
    const dots both{{{1}, 1}, {{2}, 1}};
    CHECK(reg.assign("c") == lww_register::assign_op{"c", both});
    CHECK(reg.reset() == lww_register::reset_op{both});
    CHECK(reg == before);
}

TEST_CASE("lww_register: of concurrent assigns the later one wins, whichever comes first") {
    lww_register a;
    a.apply(lww_register::assign_op{"later", {}}, at(1, 1, 20));
    a.apply(lww_register::assign_op{"earlier", {}}, at(2, 1, 10));
    lww_register b;
    b.apply(lww_register::assign_op{"earlier", {}}, at(2, 1, 10));
    b.apply(lww_register::assign_op{"later", {}}, at(1, 1, 20));
    CHECK(a.value() == "later");
    CHECK(a == b);
}

TEST_CASE("lww_register: of concurrent assigns at one time the greater replica wins") {
    lww_register reg;
    reg.apply(lww_register::assign_op{"of 1", {}}, at(1, 9, 10));
    reg.apply(lww_register::assign_op{"of 3", {}}, at(3, 1, 10));
    reg.apply(lww_register::assign_op{"of 2", {}}, at(2, 5, 10));
    CHECK(reg.value() == "of 3");
}

TEST_CASE("lww_register: an assign replaces what it saw even when its time is not greater") {
    lww_register reg;
    reg.apply(reg.assign("first"), at(1, 1, 20));
    reg.apply(reg.assign("second"), at(2, 1, 10));
    CHECK(reg.value() == "second");
}

TEST_CASE("lww_register: an assign leaves the writes that it did not see") {
    lww_register reg;
    reg.apply(reg.assign("seen"), at(1, 1, 10));
    const auto assign = reg.assign("new");
    reg.apply(lww_register::assign_op{"unseen", {}}, at(2, 1, 30));
    reg.apply(assign, at(1, 2, 20));
    CHECK(reg.value() == "unseen");
    CHECK(reg.reset().observed == dots{{{1}, 2}, {{2}, 1}});
}

TEST_CASE("lww_register: a reset empties the register") {
    lww_register reg;
    reg.apply(lww_register::assign_op{"a", {}}, at(1, 1, 10));
    reg.apply(lww_register::assign_op{"b", {}}, at(2, 1, 10));
    reg.apply(reg.reset(), at(3, 1, 20));
    CHECK(reg == lww_register());
}

TEST_CASE("lww_register: a reset that saw only the winner brings the unseen loser back") {
    lww_register reg;
    reg.apply(reg.assign("winner"), at(1, 1, 20));
    const auto reset = reg.reset();
    reg.apply(lww_register::assign_op{"loser", {}}, at(2, 1, 10));
    CHECK(reg.value() == "winner");
    reg.apply(reset, at(1, 2, 30));
    CHECK(reg.value() == "loser");
    CHECK(reg.reset().observed == dots{{{2}, 1}});
}

TEST_CASE("lww_register: a reset counts whichever comes first, it or the write that it did not see") {
    lww_register seen;
    seen.apply(seen.assign("seen"), at(1, 1, 10));
    const auto reset = seen.reset();
    const auto assign = seen.assign("unseen");
    lww_register a = seen;
    a.apply(reset, at(1, 2, 30));
    a.apply(assign, at(2, 1, 20));
    lww_register b = seen;
    b.apply(assign, at(2, 1, 20));
    b.apply(reset, at(1, 2, 30));
    CHECK(a.value() == "unseen");
    CHECK(a == b);
}

TEST_CASE("lww_register: a reset with a dot of the register's own transaction takes away only what it saw") {
    lww_register reg;
    reg.apply(reg.assign("a"), at(1, 1, 10));
    reg.apply(lww_register::reset_op{}, at(1, 1, 10));
    CHECK(reg.value() == "a");
}

TEST_CASE("lww_register: of two assigns in one transaction the second counts") {
    lww_register reg;
    const auto one_transaction = at(1, 1, 10);
    reg.apply(reg.assign("z"), one_transaction);
    reg.apply(reg.assign("a"), one_transaction);
    CHECK(reg.value() == "a");
    CHECK(reg.reset().observed == dots{{{1}, 1}});
}

TEST_CASE("lww_register: assign, reset and assign in one transaction leave the last") {
    lww_register reg;
    const auto one_transaction = at(1, 1, 10);
    reg.apply(reg.assign("z"), one_transaction);
    reg.apply(reg.reset(), one_transaction);
    CHECK(reg.empty());
    reg.apply(reg.assign("a"), one_transaction);
    CHECK(reg.value() == "a");
}

TEST_CASE("lww_register: an assign that repeats its own dot leaves one write, the second") {
    lww_register reg;
    reg.apply(lww_register::assign_op{"z", {}}, at(1, 1, 10));
    reg.apply(lww_register::assign_op{"a", {}}, at(1, 1, 10));
    CHECK(reg.value() == "a");
    CHECK(reg.reset().observed == dots{{{1}, 1}});
}

TEST_CASE("lww_register: observed dots may come in any order") {
    lww_register reg;
    for (const std::uint64_t replica : {1U, 2U, 3U}) {
        reg.apply(lww_register::assign_op{value(replica == 2 ? "kept" : "gone"), {}}, at(replica, 1, 10));
    }
    reg.apply(lww_register::reset_op{{{{3}, 1}, {{9}, 9}, {{1}, 1}}}, at(4, 1, 20));
    CHECK(reg.value() == "kept");
    CHECK(reg.reset().observed == dots{{{2}, 1}});
}

TEST_CASE("lww_register: an assign replaces only what it names, even of its own replica") {
    lww_register reg;
    reg.apply(lww_register::assign_op{"later", {}}, at(1, 1, 20));
    reg.apply(lww_register::assign_op{"earlier", {}}, at(1, 2, 10));
    CHECK(reg.value() == "later");
    CHECK(reg.reset().observed == dots{{{1}, 1}, {{1}, 2}});
}

TEST_CASE("basic_lww_register: the tie rule is a parameter") {
    basic_lww_register<later_then_greater_content> reg;
    reg.apply(decltype(reg)::assign_op{"z", {}}, at(1, 1, 10));
    reg.apply(decltype(reg)::assign_op{"a", {}}, at(2, 1, 10));
    CHECK(reg.value() == "z");
    reg.apply(decltype(reg)::assign_op{"b", {}}, at(3, 1, 11));
    CHECK(reg.value() == "b");
}
