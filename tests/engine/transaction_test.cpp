#include <sangam/crdt/errc.hpp>
#include <sangam/replica.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using sangam::replica;
using sangam::transaction;

TEST_CASE("transaction: has one dot and reads its own writes") {
    replica r = replica::open({.name = "r"}).value();
    r.text("t").insert(0, "abc");
    r.transact([](transaction& t) {
        t.set("tags").add("crdt");
        t.counter("edits").increment(2);
        t.counter("edits").increment(3);
        t.text("t").insert(3, "def");
        t.text("t").erase(0, 1);
        CHECK(t.counter("edits").value() == 5);
        CHECK(t.text("t").str() == "bcdef");
        CHECK(t.set("tags").contains("crdt"));
    });
    CHECK(r.status().own_messages == 2);
    CHECK(r.counter("edits").value() == 5);
    CHECK(r.text("t").str() == "bcdef");
}

TEST_CASE("transaction: one that throws has not happened") {
    replica r = replica::open({.name = "r"}).value();
    r.text("t").insert(0, "abc");
    r.set("s").add(1);
    const auto give_up = [&] {
        r.transact([](transaction& t) {
            t.text("t").insert(0, "x");
            t.text("t").erase(1, 2);
            t.set("s").remove(1);
            t.counter("n").increment();
            throw std::runtime_error("given up");
        });
    };
    CHECK_THROWS_WITH(give_up(), "given up");
    CHECK(r.text("t").str() == "abc");
    CHECK(r.set("s").contains(1));
    CHECK(r.counter("n").value() == 0);
    CHECK(r.status().own_messages == 2);
    r.counter("n").increment();
    CHECK(r.token().clock()[r.id()] == 3);
}

TEST_CASE("transaction: a refused call inside leaves what the transaction wrote before") {
    replica r = replica::open({.name = "r"}).value();
    r.transact([](transaction& t) {
        t.text("t").insert(0, "abc");
        CHECK_THROWS_AS(t.text("t").insert(9, "x"), sangam::exception);
        t.text("t").insert(3, "d");
    });
    CHECK(r.text("t").str() == "abcd");
}

TEST_CASE("transaction: writing nothing makes no message") {
    replica r = replica::open({.name = "r"}).value();
    r.transact([](transaction& t) { CHECK(t.set("s").size() == 0); });
    r.set("s").remove("never added");
    r.set("s").clear();
    r.map("m").remove("never put");
    CHECK(r.status().own_messages == 0);
}

TEST_CASE("transaction: another replica sees all of it or nothing") {
    replica alice = replica::open({.name = "alice", .listen = {"memory://atomic"}}).value();
    replica bob = replica::open({.name = "bob", .peers = {"memory://atomic"}}).value();
    for (int i = 0; i < 300; ++i) {
        alice.transact([&](transaction& t) {
            t.counter("from").increment(-1);
            t.counter("to").increment(1);
        });
        bob.transact(
            [&](transaction& t) { CHECK(t.counter("from").value() + t.counter("to").value() == 0); });
    }
    bob.wait_for(alice.token(), 10s).value();
    CHECK(bob.counter("to").value() == 300);
}

TEST_CASE("transaction: its handles are over when it is, and the replica's are refused inside") {
    replica r = replica::open({.name = "r"}).value();
    std::optional<sangam::counter_handle> kept;
    r.transact([&](transaction& t) {
        kept = t.counter("n");
        kept->increment();
        CHECK_THROWS_AS(r.counter("n").increment(), sangam::exception);
        CHECK_THROWS_AS((void)r.token(), sangam::exception);
        CHECK_THROWS_AS(r.transact([](transaction&) {}), sangam::exception);
        const auto waited = r.wait_for({}, 1s);
        CHECK(waited.error().code == sangam::engine::errc::would_deadlock);
    });
    CHECK_THROWS_AS(kept->increment(), sangam::exception);
    CHECK(r.counter("n").value() == 1);
}

TEST_CASE("transaction: is too large past the limits of its operations and bytes") {
    replica r = replica::open({.name = "r"}).value();
    const std::string name(100, 'n');
    const auto add = [&](int count) {
        r.transact([&](transaction& t) {
            for (int i = 0; i < count; ++i) {
                t.g_counter(name).increment();
            }
        });
    };
    add(10'000);
    CHECK_THROWS_WITH_AS(add(60'000), doctest::Contains("are the most"), sangam::exception);
    CHECK_THROWS_WITH_AS(add((1 << 16) + 1), doctest::Contains("65537 operations"), sangam::exception);
    CHECK(r.g_counter(name).value() == 10'000);
}

TEST_CASE("transaction: explicit dependencies are all that another replica waits for") {
    replica question = replica::open({.name = "question"}).value();
    CHECK_THROWS_AS(question.transact({.depends_on = std::vector{sangam::dot{sangam::replica_id{9}, 1}}},
                                      [](transaction& t) { t.counter("n").increment(); }),
                    sangam::exception);
    question.transact({.depends_on = std::vector<sangam::dot>{}},
                      [](transaction& t) { t.counter("n").increment(); });
    CHECK(question.counter("n").value() == 1);
}
