#include "eventually.hpp"

#include <sangam/replica.hpp>

#include <doctest/doctest.h>

#include <unistd.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using sangam::replica;
using sangam::engine::log_event;
using sangam::engine::log_level;
using sangam::test::eventually;

namespace {

/// The events of one text, told by the threads of a replica.
class told_events {
public:
    explicit told_events(std::string text) : text_(std::move(text)) {}
    void operator()(const log_event& event) {
        const std::lock_guard lock(mutex_);
        if (event.text == text_) events_.push_back(event);
    }
    [[nodiscard]] std::vector<log_event> all() const {
        const std::lock_guard lock(mutex_);
        return events_;
    }

private:
    const std::string text_;
    mutable std::mutex mutex_;
    std::vector<log_event> events_;
};

} // namespace

TEST_CASE(
    "replica: a peer at whose address nobody listens is told to the log, once, and reached when it comes") {
    const std::string address = "ipc:///tmp/sangam-unreached-" + std::to_string(::getpid());
    const auto told = std::make_shared<told_events>("a link found nobody");
    replica alice =
        replica::open(
            {.name = "alice", .peers = {address}, .log = [told](const log_event& event) { (*told)(event); }})
            .value();
    REQUIRE(eventually([&] { return !told->all().empty(); }));
    std::this_thread::sleep_for(300ms); // it is tried again and again
    const std::vector<log_event> events = told->all();
    REQUIRE(events.size() == 1);
    CHECK(events[0].level == log_level::info);
    CHECK(events[0].message() ==
          "info: a link found nobody (peer: \"\", replica: \"0000000000000000\", address: \"" + address +
              "\", reason: \"" + address +
              ": nobody is connected: No such file or directory; it is tried again\")");
    const replica bob = replica::open({.name = "bob", .listen = {address}}).value();
    alice.counter("visits").increment();
    CHECK(bob.wait_for(alice.token(), 10s).has_value());
    CHECK(told->all().size() == 1);
}
