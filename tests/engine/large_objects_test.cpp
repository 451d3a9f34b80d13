#include "eventually.hpp"

#include <sangam/crdt/errc.hpp>
#include <sangam/engine/limits.hpp>
#include <sangam/replica.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <string>

using namespace std::chrono_literals;
using sangam::replica;
using sangam::test::eventually;

namespace {

/// Two replicas in memory that are connected.
struct two_replicas {
    explicit two_replicas(const std::string& name)
        : alice(replica::open({.name = "alice", .listen = {"memory://" + name}}).value()),
          bob(replica::open({.name = "bob", .peers = {"memory://" + name}}).value()) {}

    void settle() const { bob.wait_for(alice.token(), 60s).value(); }

    replica alice;
    replica bob;
};

/// Calls `write(transaction, i)` for i below `count`, in transactions of some thousands.
template <class Write>
void fill(const replica& at, std::size_t count, Write&& write) {
    constexpr std::size_t of_one = 5'000;
    for (std::size_t from = 0; from < count; from += of_one) {
        at.transact([&](sangam::transaction& t) {
            for (std::size_t i = from; i < std::min(count, from + of_one); ++i) {
                write(t, i);
            }
        });
    }
}

std::string number(std::size_t i) {
    return "element " + std::to_string(i);
}

} // namespace

TEST_CASE("large objects: a set of 30,000 elements is cleared, here and there") {
    const two_replicas both("large-set");
    fill(both.alice, 30'000, [](auto& t, std::size_t i) { t.set("s").add(number(i)); });
    both.settle();
    CHECK(both.bob.set("s").size() == 30'000);
    both.bob.set("s").clear();
    CHECK(both.bob.set("s").size() == 0);
    both.alice.wait_for(both.bob.token(), 60s).value();
    CHECK(both.alice.set("s").size() == 0);
}

TEST_CASE("large objects: a map of 12,000 names is cleared, here and there") {
    const two_replicas both("large-map");
    fill(both.alice, 12'000, [](auto& t, std::size_t i) { t.map("m").put(number(i), "v"); });
    both.alice.map("m").clear();
    CHECK(both.alice.map("m").size() == 0);
    both.settle();
    CHECK(both.bob.map("m").size() == 0);
}

TEST_CASE(
    "large objects: a list of 110,000 values, each at the front, is cleared and erased, here and there") {
    const two_replicas both("large-list");
    const auto grow = [&] {
        fill(both.alice, 110'000, [](auto& t, std::size_t) { t.list("l").insert(0, 1); });
    };
    grow();
    both.alice.list("l").clear();
    CHECK(both.alice.list("l").size() == 0);
    grow();
    both.alice.list("l").erase(0, 110'000);
    CHECK(both.alice.list("l").size() == 0);
    both.settle();
    CHECK(both.bob.list("l").size() == 0);
}

TEST_CASE("large objects: a map of 10,000 names is removed from another, here and there") {
    const two_replicas both("large-nested");
    fill(both.alice, 10'000, [](auto& t, std::size_t i) { t.map("m").map("inner").put(number(i), "v"); });
    both.alice.map("m").remove("inner");
    CHECK(both.alice.map("m").size() == 0);
    both.settle();
    CHECK(both.bob.map("m").size() == 0);
}

TEST_CASE("large objects: a set of 30,000 elements expires, here and there") {
    const two_replicas both("large-expiry");
    fill(both.alice, 30'000, [](auto& t, std::size_t i) { t.set("s").add(number(i)); });
    both.settle();
    both.alice.expiry("s").after(1ms);
    CHECK(eventually([&] { return both.alice.set("s").size() == 0 && both.bob.set("s").size() == 0; }));
    CHECK(both.alice.status().expiries_failed == 0);
}

TEST_CASE("large objects: what is too large to expire in one transaction stays, and status and log say so") {
    std::promise<std::string> told;
    sangam::replica_options options{.name = "alone"};
    options.log = [&, once = false](const sangam::log_event& e) mutable {
        if (!once && e.text == "an object whose time had come could not be removed") {
            once = true;
            told.set_value(e.message());
        }
    };
    const replica alone = replica::open(std::move(options)).value();
    constexpr std::size_t longest = 1'000'000;
    constexpr std::size_t too_many = sangam::engine::limits::message_bytes_max / longest + 1;
    for (std::size_t i = 0; i < too_many; ++i) {
        alone.set("s").add(std::string(longest, static_cast<char>('a' + i)));
    }
    alone.expiry("s").after(1ms);
    REQUIRE(eventually([&] { return alone.status().expiries_failed > 0; }));
    const std::string message = told.get_future().get();
    CHECK(message.find("\"s\"") != std::string::npos);
    CHECK(alone.set("s").size() == too_many);
    alone.set("s").remove(std::string(longest, 'a'));
    alone.set("s").clear();
    CHECK(alone.set("s").size() == 0);
}

TEST_CASE("large objects: what no message can hold is refused by name, and nothing has changed") {
    const replica alone = replica::open({.name = "alone"}).value();
    constexpr std::size_t longest = 1'000'000;
    constexpr std::size_t too_many = sangam::engine::limits::message_bytes_max / longest + 1;
    for (std::size_t i = 0; i < too_many; ++i) {
        alone.set("s").add(std::string(longest, static_cast<char>('a' + i)));
    }
    const auto before = alone.token();
    try {
        alone.set("s").clear();
        FAIL("a clear of " << too_many << " MB is one message");
    } catch (const sangam::exception& e) {
        CHECK(e.code() == sangam::crdt::errc::too_large);
        CHECK(std::string(e.what()).find("16678912 are the most: do it in several transactions") !=
              std::string::npos);
    }
    CHECK(alone.set("s").size() == too_many);
    CHECK(alone.token().clock() == before.clock());
    alone.set("s").remove(std::string(longest, 'a'));
    alone.set("s").clear();
    CHECK(alone.set("s").size() == 0);
}
