#include <sangam/replica.hpp>

#include <sangam/crdt/errc.hpp>
#include <sangam/engine/errc.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using sangam::replica;
using sangam::value;

namespace {

/// Two replicas in memory that are connected.
struct pair_of_replicas {
    explicit pair_of_replicas(const std::string& name)
        : alice(replica::open({.name = "alice", .listen = {"memory://" + name}}).value()),
          bob(replica::open({.name = "bob", .peers = {"memory://" + name}}).value()) {}

    void settle() const {
        alice.wait_for(bob.token(), 10s).value();
        bob.wait_for(alice.token(), 10s).value();
    }
    /// Lets both write without seeing each other.
    template <class Alice, class Bob>
    void concurrently(Alice&& by_alice, Bob&& by_bob) const {
        settle();
        REQUIRE(bob.set_online(false));
        by_alice();
        by_bob();
        REQUIRE(bob.set_online(true));
        settle();
    }

    replica alice;
    replica bob;
};

template <class Call>
boost::system::error_code code_of(Call&& call) {
    try {
        call();
    } catch (const sangam::exception& e) {
        return e.code();
    }
    return {};
}

value longest(std::span<const sangam::engine::conflict> all) {
    return std::ranges::max_element(all, {}, [](const auto& c) { return c.content.content_bytes(); })
        ->content;
}

} // namespace

TEST_CASE("handles: flags and sets resolve a conflict as their names say") {
    const pair_of_replicas both("family-flags");
    both.alice.ew_flag("ew").enable();
    both.alice.dw_flag("dw").enable();
    both.alice.set("aw").add("x");
    both.alice.rw_set("rw").add("x");
    both.alice.g_set("g").add("x");
    both.concurrently(
        [&] {
            both.alice.ew_flag("ew").enable();
            both.alice.dw_flag("dw").enable();
            both.alice.set("aw").add("x");
            both.alice.rw_set("rw").add("x");
            both.alice.g_set("g").add("y");
        },
        [&] {
            both.bob.ew_flag("ew").disable();
            both.bob.dw_flag("dw").disable();
            both.bob.set("aw").remove("x");
            both.bob.rw_set("rw").remove("x");
        });
    for (const replica* r : {&both.alice, &both.bob}) {
        CHECK(r->ew_flag("ew").enabled());
        CHECK(!r->dw_flag("dw").enabled());
        CHECK(r->set("aw").contains("x"));
        CHECK(!r->rw_set("rw").contains("x"));
        CHECK(r->g_set("g").elements() == std::vector<value>{"x", "y"});
    }
    both.bob.dw_flag("dw").reset();
    both.bob.rw_set("rw").clear();
    both.bob.rw_set("rw").add("z");
    both.settle();
    CHECK(both.alice.rw_set("rw").elements() == std::vector<value>{"z"});
}

TEST_CASE("handles: a bounded counter refuses what this replica has no rights to") {
    const pair_of_replicas both("family-bounded");
    both.alice.bounded_counter("stock").increment(10);
    both.alice.bounded_counter("stock").transfer(3, both.bob.id());
    both.settle();
    CHECK(code_of([&] { both.bob.bounded_counter("stock").decrement(4); }) ==
          sangam::crdt::errc::insufficient_rights);
    both.bob.bounded_counter("stock").decrement(3);
    both.alice.bounded_counter("stock").decrement(7);
    both.settle();
    CHECK(both.alice.bounded_counter("stock").value() == 0);
    CHECK(both.bob.bounded_counter("stock").rights(both.alice.id()) == 0);
}

TEST_CASE("handles: a conflict can be left to the last writer, to a merge function, or to the user") {
    const pair_of_replicas both("family-conflicts");
    both.concurrently([&] { both.alice.mv_register("title").assign("short"); },
                      [&] { both.bob.mv_register("title").assign("a longer one"); });
    const auto title = both.alice.mv_register("title");
    CHECK(title.values() == std::vector<value>{"a longer one", "short"});
    REQUIRE(title.conflicts().size() == 2);
    const auto winner = title.last();
    CHECK((winner == value("short") || winner == value("a longer one")));
    CHECK(both.bob.mv_register("title").last() == winner);
    CHECK(title.merged(longest) == value("a longer one"));
    std::vector<sangam::replica_id> writers;
    for (const auto& conflict : title.conflicts()) {
        writers.push_back(conflict.id.replica);
    }
    std::vector<sangam::replica_id> expected{both.alice.id(), both.bob.id()};
    std::ranges::sort(expected);
    CHECK(writers == expected);

    title.resolve(longest);
    both.settle();
    CHECK(both.bob.mv_register("title").values() == std::vector<value>{"a longer one"});
    const auto before = both.alice.status().own_messages;
    title.resolve(longest);
    CHECK(both.alice.status().own_messages == before);
    title.resolve("chosen");
    CHECK(title.values() == std::vector<value>{"chosen"});
}

TEST_CASE("handles: a field of a map shows what lost against the last writer, until somebody resolves it") {
    const pair_of_replicas both("family-fields");
    both.concurrently([&] { both.alice.map("user").put("name", "Asha"); },
                      [&] { both.bob.map("user").put("name", "Aasha"); });
    const auto name = both.bob.map("user").lww_register("name");
    REQUIRE(name.conflicts().size() == 2);
    CHECK(both.alice.map("user").get("name") == name.get());
    name.resolve("Asha");
    both.settle();
    CHECK(both.alice.map("user").lww_register("name").conflicts().size() == 1);
    CHECK(both.alice.map("user").get("name") == value("Asha"));
}

TEST_CASE("handles: a merge function sees the same conflict in the same order everywhere") {
    const pair_of_replicas both("family-merge");
    const auto in_order = [](std::span<const sangam::engine::conflict> all) {
        std::string joined; // what depends on the order shows it
        for (const auto& one : all) {
            joined += std::string(*one.content.as_text()) + ";";
        }
        return value(joined);
    };
    both.concurrently(
        [&] {
            both.alice.mv_register("x").assign("a");
            both.alice.map("m").put("x", "a");
            both.alice.map("m").mv_register("y").assign("a");
        },
        [&] {
            both.bob.mv_register("x").assign("b");
            both.bob.map("m").put("x", "b");
            both.bob.map("m").mv_register("y").assign("b");
        });
    const value merged = both.alice.mv_register("x").merged(in_order);
    CHECK((merged == value("a;b;") || merged == value("b;a;")));
    for (const replica* r : {&both.alice, &both.bob}) {
        CHECK(r->mv_register("x").merged(in_order) == merged);
        CHECK(r->map("m").lww_register("x").merged(in_order) == merged);
        CHECK(r->map("m").mv_register("y").merged(in_order) == merged);
    }
    // Both resolve at once: they write the same, so nothing is left to choose from.
    const auto resolve = [&](const replica& r) {
        r.mv_register("x").resolve(in_order);
        r.map("m").lww_register("x").resolve(in_order);
        r.map("m").mv_register("y").resolve(in_order);
    };
    both.concurrently([&] { resolve(both.alice); }, [&] { resolve(both.bob); });
    for (const replica* r : {&both.alice, &both.bob}) {
        CHECK(r->mv_register("x").values() == std::vector<value>{merged, merged});
        CHECK(r->map("m").get("x") == merged);
        CHECK(r->map("m").mv_register("y").values() == std::vector<value>{merged, merged});
    }
    // One value is no conflict, none is none.
    both.alice.map("m").lww_register("x").resolve("one");
    const auto before = both.alice.status().own_messages;
    both.alice.map("m").lww_register("x").resolve(in_order);
    CHECK(both.alice.map("m").lww_register("x").merged(in_order) == value("one"));
    CHECK(both.alice.map("m").lww_register("nothing").merged(in_order).is_null());
    CHECK(both.alice.status().own_messages == before);
}

TEST_CASE("handles: what is refused says why and changes nothing") {
    const replica r = replica::open({.name = "r"}).value();
    using sangam::crdt::errc;
    constexpr auto greatest = std::numeric_limits<std::int64_t>::max();
    r.resettable_counter("hits").increment(greatest);
    r.map("m").counter("hits").increment(greatest);
    r.bounded_counter("stock").increment(std::numeric_limits<std::uint64_t>::max());
    r.bounded_counter("stock").decrement(1);
    r.sorted_set("scores").increment("ann", std::numeric_limits<double>::max());
    r.stream("log").append("entry");
    sangam::map_handle deepest = r.map("m");
    for (int depth = 1; depth < 32; ++depth) {
        deepest = deepest.map("inner");
    }
    const auto before = r.status().own_messages;
    CHECK(code_of([&] { r.resettable_counter("hits").increment(1); }) == errc::counter_overflow);
    CHECK(code_of([&] { r.map("m").counter("hits").increment(1); }) == errc::counter_overflow);
    CHECK(code_of([&] { r.bounded_counter("stock").increment(2); }) == errc::counter_overflow);
    CHECK(code_of([&] { r.sorted_set("scores").increment("ann", std::numeric_limits<double>::max()); }) ==
          errc::counter_overflow);
    CHECK(code_of([&] { r.bounded_counter("none").decrement(1); }) == errc::insufficient_rights);
    CHECK(code_of([&] { r.bounded_counter("none").transfer(1, {7}); }) == errc::insufficient_rights);
    CHECK(code_of([&] { r.sorted_set("scores").assign("ann", std::nan("")); }) == errc::not_a_number);
    CHECK(code_of([&] { r.mv_register("x").assign(std::nan("")); }) == errc::not_a_number);
    CHECK(code_of([&] { deepest.map("one more").put("x", 1); }) == errc::nested_too_deeply);
    CHECK(code_of([&] { r.list("hits").push_back(1); }) == sangam::engine::errc::wrong_type);
    CHECK(code_of([&] { (void)r.ew_flag("log").enabled(); }) == sangam::engine::errc::wrong_type);
    CHECK(r.status().own_messages == before);
    CHECK(r.resettable_counter("hits").value() == greatest);
    CHECK(r.map("m").counter("hits").value() == greatest);
    CHECK(r.bounded_counter("stock").value() == std::numeric_limits<std::uint64_t>::max() - 1);
    CHECK(r.sorted_set("scores").score("ann") == std::numeric_limits<double>::max());
}

TEST_CASE("handles: a merge function that throws changes nothing") {
    const pair_of_replicas both("family-throw");
    both.concurrently([&] { both.alice.mv_register("x").assign(1); },
                      [&] { both.bob.mv_register("x").assign(2); });
    CHECK_THROWS_AS(
        both.alice.mv_register("x").resolve([](auto) -> value { throw std::runtime_error("no"); }),
        std::runtime_error);
    CHECK(both.alice.mv_register("x").values().size() == 2);
}

TEST_CASE("handles: lists and ranked sets merge") {
    const pair_of_replicas both("family-lists");
    both.alice.list("todo").push_back("a");
    both.alice.list("todo").push_back("c");
    both.alice.sorted_set("scores").assign("ann", 10);
    both.concurrently(
        [&] {
            both.alice.list("todo").insert(1, std::vector<value>{"b", 2});
            both.alice.sorted_set("scores").increment("ann", 5);
        },
        [&] {
            both.bob.list("todo").erase(0);
            both.bob.sorted_set("scores").assign("ann", 1);
            both.bob.sorted_set("scores").assign("ben", 3);
        });
    for (const replica* r : {&both.alice, &both.bob}) {
        CHECK(r->list("todo").values() == std::vector<value>{"b", 2, "c"});
        CHECK(r->sorted_set("scores").score("ann") == 6.0);
        CHECK(r->sorted_set("scores").rank("ann") == 1);
    }
    CHECK(code_of([&] { both.alice.list("todo").erase(2, 2); }) == sangam::crdt::errc::position_past_end);
    CHECK(code_of([&] { (void)both.alice.list("todo").at(3); }) == sangam::crdt::errc::position_past_end);
    CHECK(code_of([&] {
              both.alice.sorted_set("scores").assign("x", std::numeric_limits<double>::quiet_NaN());
          }) == sangam::crdt::errc::not_a_number);
    both.bob.list("todo").clear();
    both.bob.sorted_set("scores").clear();
    both.settle();
    CHECK(both.alice.list("todo").size() == 0);
    CHECK(both.alice.sorted_set("scores").size() == 0);
}

TEST_CASE("handles: a reader of a stream skips nothing that merges in late, and a group shares the work") {
    const pair_of_replicas both("family-streams");
    both.concurrently([&] { both.alice.stream("log").append("early, but far away"); },
                      [&] {
                          std::this_thread::sleep_for(5ms);
                          both.bob.stream("log").append("late");
                          CHECK(both.bob.stream("log").read_after({}).entries.size() == 1);
                      });
    sangam::vector_clock position;
    position.advance_to(both.bob.id(), 1);
    const auto rest = both.bob.stream("log").read_after(position);
    REQUIRE(rest.entries.size() == 1);
    CHECK(rest.entries[0].fields[0].content == value("early, but far away"));
    CHECK(both.bob.stream("log").read_after(rest.position).entries.empty());

    const auto mine = both.alice.stream("log").read_group("workers", "ann", 1);
    REQUIRE(mine.size() == 1);
    both.settle();
    const auto yours = both.bob.stream("log").read_group("workers", "ben", 10);
    REQUIRE(yours.size() == 1);
    CHECK(yours[0].id != mine[0].id);
    both.settle();
    const std::vector done{mine[0].name()};
    both.alice.stream("log").acknowledge("workers", done);
    CHECK(both.alice.stream("log").pending("workers").size() == 1);
    CHECK(code_of([&] { both.alice.stream("log").take_over("workers", "ann", done); }) ==
          sangam::crdt::errc::unknown_entry);
    const std::vector open{yours[0].name()};
    both.alice.stream("log").take_over("workers", "ann", open);
    CHECK(both.alice.stream("log").pending("workers").at(0).consumer == "ann");
    both.alice.stream("log").trim_to(1);
    both.settle();
    CHECK(both.bob.stream("log").size() == 1);
}

TEST_CASE("handles: maps hold every kind that can be taken back, and remove what they show") {
    const pair_of_replicas both("family-maps");
    const auto map = both.alice.map("m");
    map.rw_set("x").add(1);
    map.sorted_set("x").assign("a", 1);
    map.mv_register("x").assign(1);
    map.ew_flag("x").enable();
    map.dw_flag("x").enable();
    map.list("x").push_back(1);
    map.stream("x").append(1);
    map.counter("x").increment();
    both.settle();
    CHECK(both.bob.map("m").size() == 8);
    both.bob.map("m").remove("x");
    both.settle();
    CHECK(map.size() == 0);
    CHECK(map.counter("x").value() == 0);
    map.counter("x").increment(2);
    map.counter("x").reset();
    CHECK(!map.contains("x"));
}

TEST_CASE(
    "expiry: one replica ends the object for all when the time has come, and what is concurrent survives") {
    const pair_of_replicas both("family-expiry");
    both.alice.set("session").add("old");
    both.alice.expiry("session").after(50ms);
    both.alice.map("user").put("token", 1);
    both.alice.map("user").put("name", "Asha");
    both.alice.map("user").expiry("token").after(50ms);
    both.settle();
    CHECK(both.bob.expiry("session").deadline() == both.alice.expiry("session").deadline());
    for (int i = 0; i < 1000 && both.bob.set("session").size() + both.bob.map("user").size() > 1; ++i) {
        std::this_thread::sleep_for(5ms);
    }
    CHECK(both.bob.set("session").size() == 0);
    CHECK(both.bob.map("user").keys().size() == 1);
    CHECK(both.bob.map("user").get("name") == value("Asha"));
    CHECK(!both.bob.expiry("session").deadline());
    CHECK(both.bob.status().own_messages == 0);
}

TEST_CASE("expiry: the longest of concurrent times wins, persist over all, and a later one replaces them") {
    const pair_of_replicas both("family-longest");
    both.alice.set("s").add(1);
    both.concurrently([&] { both.alice.expiry("s").after(1h); }, [&] { both.bob.expiry("s").after(2h); });
    CHECK(*both.alice.expiry("s").deadline() > std::chrono::system_clock::now() + 90min);
    both.concurrently([&] { both.alice.expiry("s").persist(); }, [&] { both.bob.expiry("s").after(3h); });
    CHECK(both.bob.expiry("s").persistent());
    CHECK(!both.bob.expiry("s").deadline());
    both.bob.expiry("s").after(0ms);
    for (int i = 0; i < 1000 && both.alice.set("s").size() > 0; ++i) {
        std::this_thread::sleep_for(5ms);
    }
    CHECK(both.alice.set("s").size() == 0);
}

TEST_CASE("expiry: what only grows cannot end") {
    replica r = replica::open({.name = "r"}).value();
    r.g_counter("views").increment();
    CHECK(code_of([&] { r.expiry("views").after(1s); }) == sangam::engine::errc::wrong_type);
    r.resettable_counter("hits").increment(3);
    r.expiry("hits").after(0ms);
    for (int i = 0; i < 1000 && r.resettable_counter("hits").value() != 0; ++i) {
        std::this_thread::sleep_for(5ms);
    }
    CHECK(r.resettable_counter("hits").value() == 0);
    r.transact([](auto& t) {
        t.set("both").add(1);
        t.expiry("both").after(1h);
    });
    CHECK(r.set("both").size() == 1);
    CHECK(r.expiry("both").deadline());
}

TEST_CASE("text: two who mark at once see the same, and what others type is marked as the marks grow") {
    const pair_of_replicas both("family-marks");
    const auto alice = both.alice.text("notes");
    const auto bob = both.bob.text("notes");
    alice.insert(0, "The fox jumped.");
    both.concurrently(
        [&] {
            alice.mark(0, 7, "bold", true, sangam::mark_growth::after);
            alice.mark(4, 3, "link", "x.org");
        },
        [&] {
            bob.mark(4, 10, "bold", true, sangam::mark_growth::after);
            bob.insert(7, "es");
            bob.mark(0, 0, "nothing", true);
        });
    CHECK(alice.str() == "The foxes jumped.");
    using marks = std::vector<sangam::text_mark>;
    const marks bold{{"bold", true}};
    const marks bold_link{{"bold", true}, {"link", "x.org"}};
    const std::vector<sangam::formatted_run> expected{
        {0, 4, bold}, {4, 3, bold_link}, {7, 9, bold}, {16, 1, {}}};
    CHECK(alice.formatted() == expected);
    CHECK(bob.formatted() == expected);
    CHECK(bob.formatted(5, 3) == std::vector<sangam::formatted_run>{{5, 2, bold_link}, {7, 1, bold}});
    bob.unmark(0, 17, "bold", sangam::mark_growth::after);
    both.settle();
    CHECK(alice.marks_at(0).empty());
    CHECK(alice.marks_at(4) == marks{{"link", "x.org"}});
    CHECK(code_of([&] { alice.mark(17, 1, "bold", true); }) == sangam::crdt::errc::position_past_end);
}

// The text of a key that was removed and used again was bold. Only a mark that grows at both ends covers
// every place of the gap that the old text leaves (docs/types.md).
TEST_CASE("map: a text that is written anew under a removed key has no marks of the old one") {
    using growth = sangam::crdt::mark_growth;
    const replica r = replica::open({.name = "r"}).value();
    const auto doc = r.map("doc");
    for (const growth bold : {growth::none, growth::before, growth::after, growth::both}) {
        for (const growth link : {growth::none, growth::before, growth::after, growth::both}) {
            const std::string key =
                std::to_string(static_cast<int>(bold)) + std::to_string(static_cast<int>(link));
            doc.text(key).insert(0, "hello");
            doc.text(key).mark(0, 5, "bold", true, bold);
            doc.text(key).mark(1, 3, "link", "x.org", link);
            doc.remove(key);
            CHECK(doc.text(key).str().empty());
            doc.text(key).insert(0, "new");
            CAPTURE(key);
            for (std::size_t position = 0; position < 3; ++position) {
                std::vector<std::string> names;
                for (const auto& mark : doc.text(key).marks_at(position)) {
                    names.push_back(mark.name);
                }
                std::vector<std::string> expected;
                if (bold == growth::both) {
                    expected.emplace_back("bold");
                }
                CHECK(names == expected);
            }
        }
    }
}
