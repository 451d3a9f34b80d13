#include "eventually.hpp"
#include "held_replica.hpp"

#include <sangam/engine/limits.hpp>
#include <sangam/replica.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using sangam::replica;
using sangam::test::eventually;
using sangam::test::held_replica;

namespace {

constexpr std::size_t most_waiting = sangam::engine::limits::changes_waiting_max;

/// Open from now on; whoever waits goes on.
class gate {
public:
    void open() { opened_.set_value(); }
    void wait() const { CHECK(future_.wait_for(20s) == std::future_status::ready); }

private:
    std::promise<void> opened_;
    std::shared_future<void> future_ = opened_.get_future().share();
};

/// A copy of a text (ASCII only) that follows patches, and begins anew when it has missed some.
struct copy_of_text {
    void read(sangam::transaction& t) {
        const std::lock_guard lock(mutex);
        text = t.text("t").str();
    }
    void follow(const sangam::change& c) {
        if (c.missed) {
            ++missed;
            c.begin_anew([this](sangam::transaction& t) { read(t); });
            return;
        }
        const std::lock_guard lock(mutex);
        for (const sangam::text_patch& p : c.patches) {
            if (p.position + p.erased > text.size()) {
                text += " (a patch that does not fit)";
                return;
            }
            text.replace(p.position, p.erased, p.inserted);
        }
    }
    [[nodiscard]] std::string now() const {
        const std::lock_guard lock(mutex);
        return text;
    }

    mutable std::mutex mutex;
    std::string text;
    std::atomic<int> missed{0};
};

} // namespace

// A callback that took long stopped every writer, and everything that came from the network.
TEST_CASE("callbacks: one that does not return stops neither writers nor the network") {
    gate held;
    const replica a = replica::open({.name = "a", .listen = {"memory://callbacks-blocked"}}).value();
    const replica b = replica::open({.name = "b", .peers = {"memory://callbacks-blocked"}}).value();
    std::atomic<bool> hears{false};
    const auto slow = a.on_change("n", [&](const sangam::change&) {
        hears = true;
        held.wait();
    });
    a.counter("n").increment();
    REQUIRE(eventually([&] { return hears.load(); }));
    for (std::size_t i = 0; i < most_waiting + 10; ++i) {
        a.counter("n").increment();
    }
    b.wait_for(a.token(), 10s).value();
    b.counter("n").increment();
    a.wait_for(b.token(), 10s).value();
    CHECK(a.counter("n").value() == static_cast<std::int64_t>(most_waiting + 12));
    const auto status = a.status();
    CHECK(status.writers_waiting == 0);
    CHECK(status.changes_waiting <= most_waiting);
    CHECK(status.changes_missed >= most_waiting);
    held.open();
}

TEST_CASE("callbacks: one that is too slow hears that it has missed changes, and then of what follows") {
    gate held;
    const replica r = replica::open({.name = "r"}).value();
    std::atomic<int> missed{0};
    std::atomic<int> heard{0};
    const auto slow = r.on_change("n", [&](const sangam::change& c) {
        CHECK(c.object.name == "n");
        CHECK(static_cast<bool>(c.begin_anew) == c.missed);
        missed += c.missed ? 1 : 0;
        if (++heard == 1) {
            held.wait();
        }
    });
    r.counter("n").increment();
    REQUIRE(eventually([&] { return heard == 1; }));
    for (std::size_t i = 0; i < most_waiting + 1; ++i) {
        r.counter("n").increment();
    }
    CHECK(missed == 0);
    held.open();
    REQUIRE(eventually([&] { return missed == 1; }));
    const int before = heard;
    r.counter("n").increment();
    CHECK(eventually([&] { return heard == before + 1; }));
    CHECK(missed == 1);
}

TEST_CASE("callbacks: a copy that begins anew when it has missed changes stays exactly equal") {
    const replica r = replica::open({.name = "r"}).value();
    copy_of_text copy;
    std::atomic<int> heard{0};
    const auto following = r.on_change(
        "t",
        [&](const sangam::change& c) {
            copy.follow(c);
            if (++heard == 100) { // the writers fill the queue meanwhile
                CHECK(eventually([&] { return r.status().changes_missed > 0; }));
            }
        },
        [&](sangam::transaction& t) { copy.read(t); });
    {
        std::vector<std::jthread> writers;
        for (int w = 0; w < 2; ++w) {
            writers.emplace_back([&r, &copy, w] {
                const auto text = r.text("t");
                for (int i = 0; i < 300'000 && copy.missed == 0; ++i) {
                    text.insert(0, std::string(1, static_cast<char>((w == 0 ? 'a' : 'A') + i % 26)));
                    if (i % 2 == 1) text.erase(0, 1);
                }
                for (int i = 0; i < 100; ++i) { // what follows is heard by patches again
                    text.insert(0, "end");
                }
            });
        }
    }
    CHECK(copy.missed >= 1);
    CHECK(eventually([&] { return copy.now() == r.text("t").str(); }));
}

// A copy that read what it was then told of had it twice, but only if somebody wrote in between.
TEST_CASE("callbacks: what was written between a missed change and its begin_anew is not heard of again") {
    gate held;
    const replica r = replica::open({.name = "r"}).value();
    copy_of_text copy;
    std::atomic<int> heard{0};
    const auto following = r.on_change("t", [&](const sangam::change& c) {
        if (++heard == 1) {
            held.wait();
        }
        if (c.missed) {
            for (int i = 0; i < 3; ++i) {
                r.text("t").insert(0, "between");
            }
        }
        copy.follow(c);
    });
    for (std::size_t i = 0; i < most_waiting + 1000; ++i) {
        r.text("t").insert(0, "x");
    }
    held.open();
    REQUIRE(eventually([&] { return copy.missed == 1; }));
    r.text("t").insert(0, "after");
    CHECK(eventually([&] { return copy.now() == r.text("t").str(); }));
    CHECK(copy.now().substr(0, 13) == "afterbetweenb");
}

TEST_CASE("callbacks: what begins anew is heard of when it writes, and belongs to its callback") {
    gate held;
    const replica r = replica::open({.name = "r"}).value();
    copy_of_text copy;
    std::atomic<int> heard{0};
    std::function<void(const std::function<void(sangam::transaction&)>&)> kept;
    const auto following = r.on_change("t", [&](const sangam::change& c) {
        if (++heard == 1) {
            held.wait();
        }
        if (c.missed) {
            kept = c.begin_anew;
            c.begin_anew([&](sangam::transaction& t) {
                copy.read(t);
                t.text("t").insert(0, "written");
            });
            ++copy.missed;
            return;
        }
        copy.follow(c);
    });
    for (std::size_t i = 0; i < most_waiting + 1000; ++i) {
        r.text("t").insert(0, "x");
    }
    held.open();
    REQUIRE(eventually([&] { return copy.missed == 1; }));
    CHECK(eventually([&] { return copy.now() == r.text("t").str(); }));
    CHECK(copy.now().substr(0, 8) == "writtenx");
    CHECK_THROWS_AS(kept([](sangam::transaction&) {}), sangam::exception);
}

// An exception from a callback ended the process.
TEST_CASE("callbacks: an exception is told to log and status, and the subscription goes on") {
    std::mutex mutex;
    std::vector<sangam::log_event> events;
    const replica r = replica::open({.name = "r",
                                     .log =
                                         [&](const sangam::log_event& e) {
                                             const std::lock_guard lock(mutex);
                                             events.push_back(e);
                                         }})
                          .value();
    std::atomic<int> heard{0};
    const auto failing = r.on_change("n", [&](const sangam::change&) {
        if (++heard == 1) throw std::runtime_error("no room on the screen");
        if (heard == 2) throw 2; // not even an exception
    });
    for (int i = 0; i < 3; ++i) {
        r.counter("n").increment();
    }
    REQUIRE(eventually([&] { return heard == 3; }));
    const auto status = r.status();
    CHECK(status.callbacks_failed == 2);
    CHECK(status.last_callback_failure == "\"n\": an exception of unknown type");
    const std::lock_guard lock(mutex);
    const auto told = std::ranges::count_if(events, [](const sangam::log_event& e) {
        return e.text == "a callback of on_change ended with an exception";
    });
    CHECK(told == 2);
}

// Callbacks of a that wrote to b waited for room that only b's thread made, which waited for a's.
TEST_CASE("callbacks: those of two replicas may write to each other, and wait for each other's room") {
    constexpr std::size_t most = 2;
    held_replica a({.name = "a", .outbox_messages_max = most});
    held_replica b({.name = "b", .outbox_messages_max = most});
    gate both_asked;
    const auto answer = [&](const replica& to) {
        return [&both_asked, &to](const sangam::change&) {
            both_asked.wait();
            for (int i = 0; i < 20; ++i) {
                to.counter("answers").increment();
            }
        };
    };
    const auto of_a = a.self().on_change("question", answer(b.self()));
    const auto of_b = b.self().on_change("question", answer(a.self()));
    a.self().counter("question").increment();
    b.self().counter("question").increment();
    both_asked.open();
    for (const held_replica* r : {&a, &b}) {
        REQUIRE(eventually([&] { return r->self().status().writers_waiting == 1; }));
        CHECK(r->outbox() == most);
    }
    a.let_go();
    b.let_go();
    for (const held_replica* r : {&a, &b}) {
        CHECK(eventually([&] { return r->self().counter("answers").value() == 20; }));
        CHECK(eventually([&] { return r->outbox() == 0; }));
    }
}

TEST_CASE("callbacks: a subscription may be dropped inside its own callback") {
    const replica r = replica::open({.name = "r"}).value();
    std::optional<sangam::subscription> own;
    std::atomic<int> told{0};
    gate kept;
    const auto guard = std::make_shared<int>(1);
    own = r.on_change("n", [&, guard](const sangam::change&) {
        kept.wait();
        own.reset();
        ++told;
    });
    r.counter("n").increment();
    r.counter("n").increment();
    kept.open();
    REQUIRE(eventually([&] { return told == 1 && guard.use_count() == 1; }));
    r.counter("n").increment();
    CHECK(r.status().changes_waiting == 0);
    CHECK(told == 1);
}

TEST_CASE("callbacks: a subscription may be dropped inside the callback of another") {
    const replica a = replica::open({.name = "a"}).value();
    const replica b = replica::open({.name = "b"}).value();
    gate both;
    std::atomic<int> running{0};
    std::optional<sangam::subscription> of_a;
    std::optional<sangam::subscription> of_b;
    const auto drop = [&](std::optional<sangam::subscription>& other) {
        return [&](const sangam::change&) {
            ++running;
            both.wait(); // each is dropped while it runs
            other.reset();
            ++running;
        };
    };
    of_a = a.on_change("n", drop(of_b));
    of_b = b.on_change("n", drop(of_a));
    a.counter("n").increment();
    b.counter("n").increment();
    REQUIRE(eventually([&] { return running == 2; }));
    both.open();
    REQUIRE(eventually([&] { return running == 4; }));
    a.counter("n").increment();
    b.counter("n").increment();
    CHECK(a.status().changes_waiting + b.status().changes_waiting == 0);
    CHECK(running == 4);
}

// It stopped the program.
TEST_CASE("callbacks: a subscription that is dropped inside a transaction hears nothing any more") {
    const replica a = replica::open({.name = "a"}).value();
    const replica b = replica::open({.name = "b"}).value();
    std::atomic<int> told{0};
    std::atomic<bool> over{false};
    std::optional<sangam::subscription> of_a = a.on_change("n", [&](const sangam::change&) {
        a.counter("heard").increment(); // waits for the transaction below
        CHECK(!over);
        ++told;
    });
    std::optional<sangam::subscription> of_b = b.on_change("n", [&](const sangam::change&) { ++told; });
    a.transact([&](sangam::transaction& t) {
        t.counter("n").increment();
        of_a.reset();
        of_b.reset();
    });
    over = true;
    a.counter("n").increment();
    b.counter("n").increment();
    CHECK(a.status().changes_waiting + b.status().changes_waiting == 0);
    CHECK(told == 0);
}

// Now and then the thread of callbacks still let go of it when the subscription was gone.
TEST_CASE("callbacks: dropping a subscription waits for its callback, and lets go of what it holds") {
    const replica r = replica::open({.name = "r"}).value();
    for (int i = 0; i < 200; ++i) {
        std::atomic<bool> begun{false};
        std::atomic<bool> ended{false};
        const auto held = std::make_shared<int>(1);
        std::optional<sangam::subscription> slow =
            r.on_change("n", [&begun, &ended, held](const sangam::change&) {
                begun = true;
                std::this_thread::sleep_for(2ms);
                ended = true;
            });
        r.counter("n").increment();
        REQUIRE(eventually([&] { return begun.load(); }));
        slow.reset();
        REQUIRE(ended);
        REQUIRE(held.use_count() == 1);
    }
}

// It stopped the program.
TEST_CASE("callbacks: a replica may be destroyed inside its own callback, and all is released") {
    const auto held = std::make_shared<int>(1);
    std::promise<void> destroyed;
    auto r = std::make_unique<replica>(replica::open({.name = "r", .listen = {"memory://suicide"}}).value());
    const auto handle = r->counter("n");
    sangam::subscription outlives = r->on_change("n", [&, held](const sangam::change&) {
        r.reset();
        handle.increment(); // it is closed when its last callback has returned
        destroyed.set_value();
    });
    handle.increment();
    REQUIRE(destroyed.get_future().wait_for(10s) == std::future_status::ready);
    CHECK(eventually([&] { return held.use_count() == 1; }));
    CHECK_THROWS_AS(handle.increment(), sangam::exception);
    CHECK(
        eventually([&] { return replica::open({.name = "r", .listen = {"memory://suicide"}}).has_value(); }));
    outlives = {};
}

TEST_CASE("callbacks: a replica may be destroyed inside a transaction, which is committed first") {
    std::optional<replica> a = replica::open({.name = "a"}).value();
    std::optional<replica> b = replica::open({.name = "b"}).value();
    const auto of_a = a->counter("n");
    std::int64_t committed = 0;
    const auto heard = a->on_change("n", [&](const sangam::change&) { committed = of_a.value(); });
    a->transact([&](sangam::transaction& t) {
        t.counter("n").increment();
        a.reset();
        b.reset();
    });
    CHECK(committed == 1);
    CHECK_THROWS_AS(of_a.increment(), sangam::exception);
}

TEST_CASE("callbacks: a subscription may outlive its replica and every handle") {
    sangam::subscription left;
    const auto held = std::make_shared<int>(1);
    {
        const replica r = replica::open({.name = "r"}).value();
        const auto handle = r.counter("n");
        left = r.on_change("n", [held, handle](const sangam::change&) {});
        CHECK(held.use_count() == 2);
    }
    CHECK(held.use_count() == 1);
}
