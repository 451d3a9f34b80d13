#include "eventually.hpp"
#include "failing_memory.hpp"
#include "refusal.hpp"

#include <sangam/crdt/pn_counter.hpp>
#include <sangam/crdt/rga_text.hpp>
#include <sangam/engine/change_feed.hpp>
#include <sangam/engine/replica_state.hpp>
#include <sangam/replica.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

// What becomes of a replica when there is no memory: everything as it was, or closed with a reason.

using namespace std::chrono_literals;
using sangam::replica;
using sangam::crdt::object_kind;
using sangam::crdt::pn_counter;
using sangam::crdt::rga_text;
using sangam::engine::change;
using sangam::engine::change_feed;
using sangam::engine::errc;
using sangam::engine::executor;
using sangam::engine::notice;
using sangam::engine::object_address;
using sangam::engine::operation_list;
using sangam::engine::replica_state;
using sangam::test::error_of;
using sangam::test::eventually;
using sangam::test::failing_thread;
using sangam::test::fails_within;
using sangam::test::has;

namespace {

// Longer than what a string holds without memory.
const object_address notes{{"text:the notes of the meeting on Monday", object_kind::rga_text}, {}};
const object_address visits{{"counter:visits of the page of the club", object_kind::pn_counter}, {}};

const executor::preparer type = [](const sangam::crdt::object& object, sangam::replica_id self,
                                   operation_list& operations) {
    operations.add(rga_text::operation(object.as<rga_text>()->insert(0, "words and more words", self)));
};
const executor::preparer visit = [](const sangam::crdt::object& object, sangam::replica_id,
                                    operation_list& operations) {
    operations.add(object.as<pn_counter>()->increment(1));
};

/// What can be seen of a state.
struct look {
    explicit look(const replica_state& s)
        : text(s.view(notes).as<rga_text>()->str()), visits_counted(s.view(visits).as<pn_counter>()->value()),
          delivered(s.delivered()), outbox(s.outbox_messages()), told(s.changes().waiting()) {}
    std::string text;
    std::int64_t visits_counted;
    sangam::vector_clock delivered;
    std::size_t outbox;
    std::size_t told;
    friend bool operator==(const look&, const look&) = default;
};

/// The change of one transaction, with the first, second, ... allocation failing until none does. Each time
/// all is as before and it can be done again, or the state says that it is broken. Returns how often it was.
/// `earlier` transactions decide what has room to spare.
std::size_t count_breaks_after(std::uint64_t earlier, const std::function<void(replica_state&)>& change_it) {
    std::size_t breaks = 0;
    for (std::size_t n = 1;; ++n) {
        CAPTURE(n);
        CAPTURE(earlier);
        replica_state state(sangam::replica_id{1}, {});
        for (std::uint64_t i = 0; i < earlier; ++i)
            state.write(notes, std::span(&type, 1), 1000);
        const auto of_notes = state.changes().add(notes.object.name, [](const change&) {});
        const auto of_visits = state.changes().add(visits.object.name, [](const change&) {});
        const look before(state);
        bool failed = false;
        bool thrown = false;
        try {
            failed = fails_within(n, [&] { change_it(state); });
        } catch (const std::bad_alloc&) {
            thrown = true;
        }
        if (thrown && state.broken()) {
            ++breaks;
            continue;
        }
        if (thrown) {
            REQUIRE(look(state) == before);
            change_it(state);
        }
        REQUIRE(!state.broken());
        replica_state other(sangam::replica_id{2}, {});
        while (state.outbox_messages() > 0) {
            for (sangam::transport::message& m : state.take_batch())
                CHECK(other.offer(std::move(m), 1000) == sangam::delivery::offer_outcome::delivered);
        }
        REQUIRE(state.delivered()[sangam::replica_id{1}] == earlier + 1);
        REQUIRE(other.delivered() == state.delivered());
        REQUIRE(look(other).text == look(state).text);
        REQUIRE(look(other).visits_counted == look(state).visits_counted);
        if (!thrown && !failed) return breaks;
    }
}

std::size_t count_breaks(const std::function<void(replica_state&)>& change_it) {
    std::size_t breaks = 0;
    for (std::uint64_t earlier = 0; earlier < 8; ++earlier)
        breaks += count_breaks_after(earlier, change_it);
    return breaks;
}

} // namespace

// The effect was there and the message was not: a dot that nobody else ever got.
TEST_CASE("replica_state: a write that gets no memory has changed nothing, or the state says that it broke") {
    const std::size_t breaks =
        count_breaks([](replica_state& s) { s.write(visits, std::span(&visit, 1), 1000); }) +
        count_breaks([](replica_state& s) { s.write(notes, std::span(&type, 1), 1000); });
    CHECK(breaks > 0); // else `broken` would not be needed
}

TEST_CASE(
    "replica_state: a transaction that gets no memory has changed nothing, or the state says that it broke") {
    const std::size_t breaks = count_breaks([](replica_state& s) {
        auto d = s.begin(1000);
        s.write(d, notes, std::span(&type, 1));
        s.write(d, visits, std::span(&visit, 1));
        s.write(d, notes, std::span(&type, 1));
        s.commit(std::move(d), {});
    });
    CHECK(breaks > 0);
}

TEST_CASE("change_feed: whoever's change gets no memory has missed it, and the others hear as ever") {
    for (std::size_t n = 1;; ++n) {
        CAPTURE(n);
        change_feed feed({.changes_max = 10, .bytes_max = 1 << 20});
        for (int i = 0; i < 3; ++i)
            (void)feed.add(notes.object.name, [](const change&) {});
        std::size_t pushed = 0;
        const auto push = [&] {
            change c;
            c.object = notes.object;
            ++pushed;
            c.transaction = {sangam::replica_id{1}, pushed};
            feed.push(std::move(c));
        };
        push();
        bool failed = false;
        {
            std::vector<change> made(3);
            for (change& c : made) {
                c.object = notes.object;
                c.transaction = {sangam::replica_id{1}, ++pushed};
            }
            failed = fails_within(n, [&] {
                for (change& c : made)
                    feed.push(std::move(c));
            });
        }
        push(); // the thirteenth of ten: somebody misses
        std::map<std::uint64_t, std::vector<std::string>> told;
        for (const notice& heard : feed.take(1000, 1 << 20)) {
            REQUIRE(heard.what->object == notes.object);
            told[heard.to->number].push_back(
                heard.what->missed ? "missed" : std::to_string(heard.what->transaction.sequence));
        }
        REQUIRE(told.size() == 3);
        for (const auto& [listener, heard] : told) {
            const bool all = heard == std::vector<std::string>{"1", "2", "3", "4", "5"};
            const bool missed = heard == std::vector<std::string>{"missed"};
            CHECK((all || missed));
        }
        CHECK(feed.empty());
        CHECK(feed.waiting() == 0);
        CHECK(feed.waiting_bytes() == 0);
        push();
        CHECK(feed.take(1000, 1 << 20).size() == 3);
        if (!failed) break;
    }
}

// What such destructors put off was put into a list that grew, below noexcept: the process ended.
TEST_CASE("replica: what is destroyed inside a transaction needs no memory") {
    const replica r = replica::open({.name = "r"}).value();
    std::optional<replica> other = replica::open({.name = "other"}).value();
    std::vector<sangam::subscription> dropped;
    for (int i = 0; i < 3; ++i)
        dropped.push_back(r.on_change("n", [](const sangam::change&) {}));
    const auto guard = std::make_shared<int>(1);
    dropped.push_back(r.on_change("n", [guard](const sangam::change&) {}));
    r.transact([&](sangam::transaction& t) {
        t.counter("n").increment();
        sangam::test::fail_allocation(1);
        dropped.clear();
        other.reset();
        CHECK(sangam::test::allocation_is_to_fail());
        sangam::test::fail_allocation(0);
        CHECK(guard.use_count() > 1); // put off
    });
    CHECK(guard.use_count() == 1);
    CHECK(r.counter("n").value() == 1);
}

TEST_CASE("replica: a subscription that gets no memory calls nobody back") {
    std::size_t failures = 0;
    for (std::size_t n = 1;; ++n) {
        CAPTURE(n);
        const replica r = replica::open({.name = "r"}).value();
        const auto first = r.on_change("n", [](const sangam::change&) {}); // its thread runs
        const auto guard = std::make_shared<int>(1);
        bool made = false;
        try {
            std::optional<sangam::subscription> second;
            std::string key = "n";
            sangam::engine::change_callback callback = [guard](const sangam::change&) {};
            const bool failed =
                fails_within(n, [&] { second = r.on_change(std::move(key), std::move(callback)); });
            made = !failed;
        } catch (const std::bad_alloc&) {
            ++failures;
        }
        CHECK(eventually([&] { return guard.use_count() == 1; }));
        if (made) break;
    }
    CHECK(failures > 5);
}

TEST_CASE("change_feed: a listener that gets no memory has left nothing behind") {
    std::size_t failures = 0;
    for (std::size_t n = 1;; ++n) {
        change_feed feed({.changes_max = 10, .bytes_max = 1 << 20});
        std::shared_ptr<sangam::engine::listener> added;
        try {
            if (!fails_within(n, [&] { added = feed.add(notes.object.name, [](const change&) {}); })) break;
        } catch (const std::bad_alloc&) {
            ++failures;
        }
        change c;
        c.object = notes.object;
        feed.push(std::move(c));
        CHECK(feed.waiting() == 0);
        added = feed.add(notes.object.name, [](const change&) {});
        feed.remove(added->number);
        CHECK(feed.remove_all().empty());
    }
    CHECK(failures > 3);
}

TEST_CASE("replica: a write that gets no memory leaves all as it was, or the replica closes and says why") {
    int closed = 0;
    for (std::size_t n = 1;; ++n) {
        CAPTURE(n);
        const replica r = replica::open({.name = "r"}).value();
        const auto text = r.text("t");
        text.insert(0, "before");
        bool failed = false;
        bool thrown = false;
        sangam::error refused;
        try {
            refused = error_of([&] { failed = fails_within(n, [&] { text.insert(0, "after"); }); });
        } catch (const std::bad_alloc&) {
            thrown = true;
        }
        const sangam::replica_status status = r.status();
        if (!status.closed.empty()) {
            ++closed;
            CHECK(has(status.closed, "a write ended: std::bad_alloc"));
            CHECK(refused.code == errc::closed);
            CHECK(error_of([&] { text.insert(0, "more"); }).code == errc::closed);
            CHECK(error_of([&] { (void)text.str(); }).code == errc::closed);
            CHECK(error_of([&] { (void)r.token(); }).code == errc::closed);
            CHECK(r.close(1s).error().code == errc::closed);
            continue;
        }
        REQUIRE(!refused.code);
        REQUIRE(text.str() == (thrown ? "before" : "afterbefore"));
        REQUIRE(status.own_messages == (thrown ? 1U : 2U));
        text.insert(0, "more");
        if (!failed && !thrown) break;
    }
    CHECK(closed > 0);
}

// It ended the program.
TEST_CASE("replica: when a thread of it gets no memory, it closes and says why") {
    for (const std::string thread : {"sangam", "sangam-change"}) {
        CAPTURE(thread);
        std::mutex mutex;
        std::vector<sangam::log_event> events;
        const replica r = replica::open({.name = "r",
                                         .listen = {"memory://no-memory"},
                                         .log =
                                             [&](const sangam::log_event& e) {
                                                 const std::lock_guard lock(mutex);
                                                 events.push_back(e);
                                             }})
                              .value();
        const auto listening = r.on_change("n", [](const sangam::change&) {});
        r.counter("n").increment();
        r.wait_for(r.token(), 1s).value();
        const sangam::causal_token never{{{sangam::replica_id{7}, 3}}};
        auto waited = std::async(std::launch::async, [&] { return r.wait_for(never, 1h); });
        {
            const failing_thread no_memory(thread.c_str());
            REQUIRE(eventually([&] { return !!error_of([&] { r.counter("n").increment(); }).code; }));
            REQUIRE(eventually([&] { return !r.status().online; }));
        }
        const sangam::error closed = error_of([&] { r.counter("n").increment(); });
        CHECK(closed.code == errc::closed);
        CHECK(has(closed.where, "std::bad_alloc"));
        CHECK(has(r.status().closed, "std::bad_alloc"));
        CHECK(error_of([&] { (void)r.token(); }).code == errc::closed);
        CHECK(error_of([&] { (void)r.counter("n").value(); }).code == errc::closed);
        REQUIRE(waited.wait_for(10s) == std::future_status::ready);
        CHECK(waited.get().error().code == errc::closed);
        CHECK(r.close(1s).error().code == errc::closed);
    }
}
