#include "eventually.hpp"

#include <sangam/engine/limits.hpp>
#include <sangam/replica.hpp>
#include <sangam/transport/message.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <utility>

using namespace std::chrono_literals;
using sangam::replica;
using sangam::test::eventually;

namespace {

/// A replica whose background thread is held in a callback, and a thread that writes to it meanwhile.
class held_replica {
public:
    explicit held_replica(sangam::replica_options options)
        : self_(replica::open(std::move(options)).value()) {
        hold_ = self_.on_change("n", [&](const sangam::change& c) {
            if (c.transaction.sequence == 1) {
                held_.set_value();
                released_.get_future().wait_for(20s);
            }
            ++heard_;
        });
        self_.counter("n").increment();
        REQUIRE(held_.get_future().wait_for(10s) == std::future_status::ready);
    }

    /// Writes `wanted` times from another thread and returns how many writes came through before it had to
    /// wait, which is when `expected` of them have.
    std::size_t write_until_it_waits(std::size_t wanted, std::size_t expected) {
        writer_ = std::jthread([this, wanted] {
            for (std::size_t i = 0; i < wanted; ++i) {
                self_.counter("n").increment();
                ++written_;
            }
        });
        REQUIRE(eventually([&] { return written_ >= expected; }));
        // It takes a while, because the background thread does not answer: a writer that does not wait goes
        // on.
        (void)outbox();
        return written_;
    }

    /// Lets the background thread go on. True when every write arrives and is told.
    bool release(std::size_t wanted) {
        released_.set_value();
        writer_.join();
        return eventually([&] { return heard_ == wanted + 1 && outbox() == 0; }) &&
               self_.counter("n").value() == static_cast<std::int64_t>(wanted + 1);
    }

    /// Messages that are not in the log.
    [[nodiscard]] std::size_t outbox() const { return self_.status().outbox_messages; }

private:
    std::promise<void> held_;
    std::promise<void> released_;
    std::atomic<std::size_t> heard_{0};
    std::atomic<std::size_t> written_{0};
    replica self_;
    sangam::subscription hold_;
    std::jthread writer_;
};

} // namespace

TEST_CASE("back-pressure: a writer waits when as many messages as allowed are not yet in the log") {
    constexpr std::size_t most = 4;
    held_replica held({.name = "r", .outbox_messages_max = most});
    const std::size_t room = most - held.outbox();
    CHECK(held.write_until_it_waits(20, room) == room);
    CHECK(held.outbox() == most);
    CHECK(held.release(20));
}

TEST_CASE("back-pressure: a writer waits when as many bytes as allowed are not yet in the log") {
    constexpr std::size_t most = 5;
    sangam::transport::message one;
    one.operations.push_back(
        {{"n", sangam::crdt::object_kind::pn_counter}, {}, sangam::crdt::pn_counter::operation{1}});
    held_replica held({.name = "r", .outbox_bytes_max = most * sangam::transport::memory_of(one)});
    const std::size_t room = most - held.outbox();
    CHECK(held.write_until_it_waits(20, room) == room);
    CHECK(held.outbox() == most);
    CHECK(held.release(20));
}

TEST_CASE("back-pressure: a writer waits when as many changes as allowed wait for callbacks") {
    constexpr std::size_t most = sangam::engine::limits::changes_waiting_max;
    held_replica held({.name = "r", .outbox_messages_max = 2 * most});
    CHECK(held.write_until_it_waits(most + 10, most) == most);
    CHECK(held.release(most + 10));
}

TEST_CASE("back-pressure: a callback that writes does not wait for the room that only its thread makes") {
    std::promise<void> done;
    const replica r = replica::open({.name = "r", .outbox_messages_max = 1}).value();
    const auto subscription = r.on_change("question", [&](const sangam::change&) {
        for (int i = 0; i < 10; ++i) {
            r.counter("answers").increment();
        }
        done.set_value();
    });
    r.counter("question").increment();
    CHECK(done.get_future().wait_for(10s) == std::future_status::ready);
    CHECK(r.counter("answers").value() == 10);
}
