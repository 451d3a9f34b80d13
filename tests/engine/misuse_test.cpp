#include "eventually.hpp"
#include "refusal.hpp"

#include <sangam/replica.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>

using namespace std::chrono_literals;
using sangam::replica;
using sangam::engine::errc;
using sangam::test::error_of;
using sangam::test::eventually;

namespace {

/// Calls every member of `r`; each must say `code`.
void check_each_member(const replica& r, errc code) {
    CHECK(error_of([&] { r.counter("n").increment(); }).code == code);
    CHECK(error_of([&] { (void)r.counter("n").value(); }).code == code);
    CHECK(error_of([&] { r.transact([](sangam::transaction&) {}); }).code == code);
    CHECK(error_of([&] { (void)r.token(); }).code == code);
    CHECK(error_of([&] { (void)r.status(); }).code == code);
    CHECK(error_of([&] { (void)r.on_change("n", [](const sangam::change&) {}); }).code == code);
    CHECK(error_of([&] {
              (void)r.on_change("n", [](const sangam::change&) {}, [](sangam::transaction&) {});
          }).code == code);
    CHECK(error_of([&] { r.deliver_all(); }).code == code);
    CHECK(error_of([&] { r.deliver_up_to({}, 1s).value(); }).code == code);
    CHECK(error_of([&] { r.wait_for({}, 1s).value(); }).code == code);
    CHECK(error_of([&] { r.set_online(true).value(); }).code == code);
    CHECK(error_of([&] { r.close(1s).value(); }).code == code);
}

bool names_both(const sangam::error& e) {
    return e.where.find("\"a\"") != std::string::npos && e.where.find("\"b\"") != std::string::npos;
}

} // namespace

// Two threads that did so in opposite directions waited for each other for ever.
TEST_CASE("replica: inside a transaction every other replica is refused, in both directions at once") {
    const replica a = replica::open({.name = "a"}).value();
    const replica b = replica::open({.name = "b"}).value();
    const auto write_both = [](const replica& first, const replica& second) {
        for (int i = 0; i < 200; ++i) {
            const sangam::error refused = error_of([&] {
                first.transact([&](sangam::transaction& t) {
                    t.counter("n").increment();
                    second.counter("n").increment();
                });
            });
            CHECK(refused.code == errc::would_deadlock);
            CHECK(names_both(refused));
        }
    };
    {
        const std::jthread there([&] { write_both(a, b); });
        write_both(b, a);
    }
    a.transact([&](sangam::transaction&) { check_each_member(b, errc::would_deadlock); });
    a.transact([&](sangam::transaction&) { check_each_member(a, errc::would_deadlock); });
    CHECK(a.counter("n").value() + b.counter("n").value() == 0);
    b.counter("n").increment();
    CHECK(b.counter("n").value() == 1);
}

// It locked the same lock again.
TEST_CASE("replica: a merge function runs inside a transaction, too") {
    const replica a = replica::open({.name = "a", .listen = {"memory://merge-function"}}).value();
    const replica b = replica::open({.name = "b", .peers = {"memory://merge-function"}}).value();
    REQUIRE(b.set_online(false));
    const auto of_a = a.mv_register("r");
    const auto of_b = b.mv_register("r");
    of_a.assign(1); // b has not heard of it: the two values are concurrent
    of_b.assign(2);
    REQUIRE(b.set_online(true));
    REQUIRE(eventually([&] { return of_a.values().size() == 2; }));
    for (const replica* used : {&a, &b}) {
        int asked = 0;
        const sangam::error refused = error_of([&] {
            of_a.resolve([&](auto) {
                ++asked;
                return sangam::value(used->counter("n").value());
            });
        });
        CHECK(asked == 1);
        CHECK(refused.code == errc::would_deadlock);
        CHECK(refused.where.find(used == &a ? "\"a\"" : "\"b\"") != std::string::npos);
    }
    CHECK(of_a.values().size() == 2);
    of_a.resolve([](auto) { return sangam::value(3); });
    CHECK(of_a.values().size() == 1);
}

TEST_CASE("replica: inside a log callback every member of every replica is refused") {
    std::optional<replica> own;
    const replica other = replica::open({.name = "other"}).value();
    std::optional<sangam::subscription> listening;
    std::atomic<int> told{0};
    std::atomic<bool> armed{false};
    own = replica::open({.name = "own",
                         .listen = {"memory://log-callback"},
                         .log =
                             [&](const sangam::log_event&) {
                                 if (!armed.exchange(false)) return;
                                 check_each_member(*own, errc::would_deadlock);
                                 check_each_member(other, errc::would_deadlock);
                                 CHECK(own->name() == "own");
                                 CHECK(own->id() != other.id());
                                 listening.reset();
                                 ++told;
                             }})
              .value();
    listening = own->on_change("n", [](const sangam::change&) {});
    armed = true;
    REQUIRE(own->set_online(false));
    CHECK(told == 1);
    CHECK(own->counter("n").value() + other.counter("n").value() == 0);
    own->counter("n").increment();
    CHECK(own->status().changes_waiting == 0);
}

TEST_CASE("replica: it and others may be destroyed inside its log callback") {
    std::optional<replica> own;
    std::optional<replica> other = replica::open({.name = "other", .listen = {"memory://other"}}).value();
    std::promise<void> destroyed;
    std::atomic<bool> armed{false};
    own = replica::open({.name = "own",
                         .listen = {"memory://log-suicide"},
                         .log =
                             [&](const sangam::log_event&) {
                                 if (!armed.exchange(false)) return;
                                 other.reset();
                                 own.reset();
                                 destroyed.set_value();
                             }})
              .value();
    const auto counter = own->counter("n");
    armed = true;
    const replica greets = replica::open({.name = "greets", .peers = {"memory://log-suicide"}}).value();
    REQUIRE(destroyed.get_future().wait_for(10s) == std::future_status::ready);
    CHECK(eventually([&] { return error_of([&] { counter.increment(); }).code == errc::closed; }));
    // All of it ends: the addresses are free again.
    for (const std::string address : {"memory://other", "memory://log-suicide"}) {
        CHECK(eventually([&] { return replica::open({.name = "next", .listen = {address}}).has_value(); }));
    }
}

TEST_CASE("replica: closing inside a callback is refused") {
    const replica a = replica::open({.name = "a"}).value();
    const replica b = replica::open({.name = "b"}).value();
    std::atomic<int> refused{0};
    const auto closing = a.on_change("n", [&](const sangam::change&) {
        for (const replica* r : {&a, &b}) {
            const auto closed = r->close(1s);
            refused += !closed && closed.error().code == errc::would_deadlock ? 1 : 0;
        }
    });
    a.counter("n").increment();
    CHECK(eventually([&] { return refused == 2; }));
    b.counter("n").increment();
}

TEST_CASE("replica: one that was moved from says so from every member") {
    replica r = replica::open({.name = "r"}).value();
    const auto counter = r.counter("n");
    const replica moved = std::move(r);
    check_each_member(r, errc::closed);
    CHECK(error_of([&] { (void)r.text("t").str(); }).where.find("moved-from") != std::string::npos);
    CHECK(error_of([&] { (void)r.object_for_key("t"); }).code == errc::closed);
    CHECK(error_of([&] { (void)r.id(); }).code == errc::closed);
    CHECK(error_of([&] { (void)r.name(); }).code == errc::closed);
    counter.increment();
    CHECK(moved.counter("n").value() == 1);
    r = replica::open({.name = "another"}).value();
    CHECK(r.name() == "another");
}

TEST_CASE("handles: one that was moved from still names its object") {
    const replica r = replica::open({.name = "r"}).value();
    auto text = r.text("t");
    auto undo = text.undo_stack();
    auto recorded = undo.text();
    const auto other_text = std::move(text);
    const auto other_undo = std::move(undo);
    const auto other_recorded = std::move(recorded);
    text.insert(0, "a");
    recorded.insert(1, "b");
    CHECK(undo.can_undo());
    undo.undo();
    CHECK(other_text.str() == "a");
}
