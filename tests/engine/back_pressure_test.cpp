#include "eventually.hpp"

#include <sangam/replica.hpp>
#include <sangam/transport/message.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <thread>
#include <utility>

using namespace std::chrono_literals;
using sangam::replica;
using sangam::test::eventually;

namespace {

/// A replica whose background thread is held in the log callback, and a thread that writes to it meanwhile.
class held_replica {
public:
    explicit held_replica(sangam::replica_options options) {
        options.listen = {"memory://held"};
        options.log = [this](const sangam::log_event& event) {
            if (event.text == "the network is cut") {
                held_.set_value();
                released_.get_future().wait_for(20s);
            }
        };
        self_.emplace(replica::open(std::move(options)).value());
        cut_ = std::jthread([this] { (void)self_->set_online(false); });
        REQUIRE(held_.get_future().wait_for(10s) == std::future_status::ready);
    }

    /// Writes `wanted` times from another thread and returns how many writes came through before it waited.
    std::size_t write_until_it_waits(std::size_t wanted) {
        writer_ = std::jthread([this, wanted] {
            for (std::size_t i = 0; i < wanted; ++i) {
                self_->counter("n").increment();
                ++written_;
            }
        });
        REQUIRE(eventually([&] { return self_->status().writers_waiting == 1; }));
        return written_;
    }

    /// Lets the background thread go on. True when every write is in the log.
    bool release(std::size_t wanted) {
        released_.set_value();
        writer_.join();
        return eventually([&] { return outbox() == 0; }) && self_->status().writers_waiting == 0 &&
               self_->counter("n").value() == static_cast<std::int64_t>(wanted);
    }

    /// Messages that are not in the log.
    [[nodiscard]] std::size_t outbox() const { return self_->status().outbox_messages; }

private:
    std::promise<void> held_;
    std::promise<void> released_;
    std::atomic<std::size_t> written_{0};
    std::optional<replica> self_;
    std::jthread cut_;
    std::jthread writer_;
};

} // namespace

TEST_CASE("back-pressure: a writer waits when as many messages as allowed are not yet in the log") {
    constexpr std::size_t most = 4;
    held_replica held({.name = "r", .outbox_messages_max = most});
    CHECK(held.write_until_it_waits(20) == most);
    CHECK(held.outbox() == most);
    CHECK(held.release(20));
}

TEST_CASE("back-pressure: a writer waits when as many bytes as allowed are not yet in the log") {
    constexpr std::size_t most = 5;
    sangam::transport::message one;
    one.operations.push_back(
        {{"n", sangam::crdt::object_kind::pn_counter}, {}, sangam::crdt::pn_counter::operation{1}});
    held_replica held({.name = "r", .outbox_bytes_max = most * sangam::transport::memory_of(one)});
    CHECK(held.write_until_it_waits(20) == most);
    CHECK(held.outbox() == most);
    CHECK(held.release(20));
}

// It was exempt, and made the outbox grow without an end.
TEST_CASE("back-pressure: a callback that writes waits for room like any other writer") {
    std::promise<void> done;
    std::atomic<std::size_t> outbox_most{0};
    const replica r = replica::open({.name = "r", .outbox_messages_max = 2}).value();
    const auto subscription = r.on_change("question", [&](const sangam::change&) {
        for (int i = 0; i < 1000; ++i) {
            r.counter("answers").increment();
            if (i % 100 == 0) {
                outbox_most = std::max<std::size_t>(outbox_most, r.status().outbox_messages);
            }
        }
        done.set_value();
    });
    r.counter("question").increment();
    REQUIRE(done.get_future().wait_for(20s) == std::future_status::ready);
    CHECK(r.counter("answers").value() == 1000);
    CHECK(outbox_most <= 2);
}
