#pragma once

#include "eventually.hpp"

#include <sangam/replica.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace sangam::test {

/// A replica whose background thread is held in the log callback, and a thread that writes to it meanwhile.
class held_replica {
public:
    explicit held_replica(sangam::replica_options options) {
        options.listen = {"memory://held-" + options.name};
        options.log = [this](const sangam::log_event& event) {
            if (event.text == "the network is cut") {
                held_.set_value();
                released_.get_future().wait_for(std::chrono::seconds(20));
            }
        };
        self_.emplace(replica::open(std::move(options)).value());
        cut_ = std::jthread([this] { (void)self_->set_online(false); });
        REQUIRE(held_.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready);
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

    /// Lets the background thread go on.
    void let_go() { released_.set_value(); }

    /// The same after `write_until_it_waits`. True when every write is in the log.
    bool release(std::size_t wanted) {
        let_go();
        writer_.join();
        return eventually([&] { return outbox() == 0; }) && self_->status().writers_waiting == 0 &&
               self_->counter("n").value() == static_cast<std::int64_t>(wanted);
    }

    [[nodiscard]] const replica& self() const { return *self_; }
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

} // namespace sangam::test
