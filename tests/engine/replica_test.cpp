#include "eventually.hpp"

#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>
#include <sangam/engine/limits.hpp>
#include <sangam/replica.hpp>
#include <sangam/transport/errc.hpp>
#include <sangam/transport/limits.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using sangam::replica;
using sangam::value;
using sangam::test::eventually;

namespace {

/// Two replicas of one process that are connected through memory.
struct pair_of_replicas {
    explicit pair_of_replicas(const std::string& address)
        : alice(replica::open({.name = "alice", .listen = {"memory://" + address}}).value()),
          bob(replica::open({.name = "bob", .peers = {"memory://" + address}}).value()) {}

    void settle() {
        alice.wait_for(bob.token(), 10s).value();
        bob.wait_for(alice.token(), 10s).value();
    }

    replica alice;
    replica bob;
};

template <class Function>
boost::system::error_code code_of(Function&& function) {
    try {
        function();
    } catch (const sangam::exception& e) {
        return e.code();
    }
    return {};
}

} // namespace

TEST_CASE("replica: what one writes, the other reads once it has waited for the token") {
    pair_of_replicas both("replica-token");
    both.alice.counter("visits").increment();
    both.alice.set("tags").add("c++");
    both.alice.map("user:1").put("name", "Asha");
    both.alice.text("notes").insert(0, "hello");
    both.alice.g_counter("hits").increment(3);
    both.alice.lww_register("title").assign("Sangam");

    both.bob.wait_for(both.alice.token(), 10s).value();

    CHECK(both.bob.counter("visits").value() == 1);
    CHECK(both.bob.set("tags").contains("c++"));
    CHECK(both.bob.map("user:1").get("name") == value("Asha"));
    CHECK(both.bob.text("notes").str() == "hello");
    CHECK(both.bob.g_counter("hits").value() == 3);
    CHECK(both.bob.lww_register("title").get() == value("Sangam"));
    CHECK(both.bob.status().objects == 6);
}

TEST_CASE("replica: both directions merge") {
    pair_of_replicas both("replica-both");
    for (int i = 0; i < 100; ++i) {
        both.alice.counter("n").increment();
        both.bob.counter("n").decrement(2);
        both.alice.set("s").add(i);
        both.bob.set("s").add(-i);
        both.alice.text("t").insert(0, "a");
        both.bob.text("t").insert(0, "b");
    }
    both.settle();
    CHECK(both.alice.counter("n").value() == -100);
    CHECK(both.bob.counter("n").value() == -100);
    CHECK(both.alice.set("s").size() == 199);
    CHECK(both.alice.set("s").elements() == both.bob.set("s").elements());
    CHECK(both.alice.text("t").size() == 200);
    CHECK(both.alice.text("t").str() == both.bob.text("t").str());
}

TEST_CASE("replica: without addresses it works alone") {
    replica alone = replica::open({.name = "alone"}).value();
    alone.text("t").insert(0, "नमस्ते");
    CHECK(alone.text("t").size() == 6);
    CHECK(alone.text("t").str(0, 2) == "नम");
    alone.wait_for(alone.token(), 1s).value();
    CHECK(alone.status().peers.empty());
    CHECK(alone.status().own_messages == 1);
}

TEST_CASE("replica: options that cannot be served are refused with their name") {
    const auto message_of = [](sangam::replica_options options) {
        const auto opened = replica::open(std::move(options));
        REQUIRE(!opened);
        return opened.error().message();
    };
    CHECK(message_of({.name = "x", .directory = "/tmp"}).find("directory") != std::string::npos);
    CHECK(message_of({.name = "\xff"}).find("name is not UTF-8 at byte 0") != std::string::npos);
    CHECK(message_of({.name = std::string(257, 'x')}).find("257 bytes") != std::string::npos);
    CHECK(message_of({.name = "x", .listen = {"http://example"}}).find("http://example") !=
          std::string::npos);
    CHECK(message_of({.name = "x", .listen = {"tcp://0.0.0.0:0"}}).find("neither encrypted") !=
          std::string::npos);
    CHECK(message_of({.name = "x", .listen = {"tcp://*:7001"}}).find("neither encrypted") !=
          std::string::npos);
    CHECK(message_of({.name = "x", .outbox_messages_max = 0}).find("must not be 0") != std::string::npos);
}

TEST_CASE("replica: a buffer in which not every message can be held back is refused") {
    constexpr std::size_t greatest = sangam::transport::limits::message_cost_max;
    const auto opens = [](sangam::delivery::buffer_limits buffer) {
        const auto opened = replica::open({.name = "x", .buffer = buffer});
        if (!opened) {
            CHECK(opened.error().code == sangam::engine::errc::bad_option);
            CHECK(opened.error().where.find("buffer.") == 0);
        }
        return opened.has_value();
    };
    CHECK(opens({}));
    CHECK(opens({1, greatest, 1, greatest}));
    CHECK(!opens({1, greatest - 1, 1, greatest}));
    CHECK(!opens({1, greatest, 1, greatest - 1}));
    CHECK(!opens({0, greatest, 1, greatest}));
    CHECK(!opens({1, greatest, 0, greatest}));
}

TEST_CASE("replica: an address that is taken is refused, and the one before goes on") {
    replica first = replica::open({.name = "first", .listen = {"memory://taken"}}).value();
    const auto second = replica::open({.name = "second", .listen = {"memory://taken"}});
    REQUIRE(!second);
    CHECK(second.error().code == sangam::transport::errc::socket_failed);
    replica third = replica::open({.name = "third", .peers = {"memory://taken"}}).value();
    third.counter("n").increment();
    first.wait_for(third.token(), 10s).value();
    CHECK(first.counter("n").value() == 1);
}

TEST_CASE("replica: a key holds one kind") {
    replica r = replica::open({.name = "r"}).value();
    r.counter("x").increment();
    CHECK(code_of([&] { r.set("x").add(1); }) == sangam::engine::errc::wrong_type);
    CHECK(code_of([&] { (void)r.text("x").str(); }) == sangam::engine::errc::wrong_type);
    CHECK(code_of([&] { r.transact([](auto& t) { t.set("x").add(1); }); }) ==
          sangam::engine::errc::wrong_type);
    CHECK(code_of([&] {
              r.transact([](auto& t) {
                  t.set("new").add(1);
                  t.text("new").insert(0, "x");
              });
          }) == sangam::engine::errc::wrong_type);
    CHECK(r.counter("x").value() == 1);
    CHECK(r.set("new").size() == 0);
    CHECK(r.status().own_messages == 1);
}

TEST_CASE("replica: concurrent writes of two kinds under one key both survive") {
    pair_of_replicas both("replica-kinds");
    REQUIRE(both.bob.set_online(false));
    both.alice.counter("x").increment();
    both.bob.set("x").add(1);
    REQUIRE(both.bob.set_online(true));
    both.settle();
    CHECK(both.alice.set("x").contains(1));
    CHECK(both.bob.counter("x").value() == 1);
}

TEST_CASE("replica: wrong use throws, says what is wrong, and changes nothing") {
    replica r = replica::open({.name = "r"}).value();
    r.text("t").insert(0, "abc");
    CHECK(code_of([&] { r.text("t").insert(4, "x"); }) == sangam::crdt::errc::position_past_end);
    CHECK(code_of([&] { r.text("t").erase(1, 3); }) == sangam::crdt::errc::position_past_end);
    CHECK(code_of([&] { r.text("t").insert(0, "\xc0\x80"); }) == sangam::crdt::errc::invalid_utf8);
    CHECK(code_of([&] { r.set("s").add(std::numeric_limits<double>::quiet_NaN()); }) ==
          sangam::crdt::errc::not_a_number);
    CHECK(code_of([&] { r.counter(std::string(5000, 'k')).increment(); }) == sangam::crdt::errc::too_large);
    CHECK(code_of([&] { r.counter("\xff").increment(); }) == sangam::crdt::errc::invalid_utf8);
    CHECK(code_of([&] { r.text("t").insert(0, std::string((1 << 20) + 1, 'x')); }) ==
          sangam::crdt::errc::too_large);
    CHECK(code_of([&] { r.counter("c").decrement(std::numeric_limits<std::int64_t>::min()); }) ==
          sangam::crdt::errc::counter_overflow);
    CHECK(r.text("t").str() == "abc");
    CHECK(r.status().own_messages == 1);
    try {
        r.text("t").insert(4, "x");
    } catch (const sangam::exception& e) {
        CHECK(std::string(e.what()).find("position 4") != std::string::npos);
        CHECK(std::string(e.what()).find("text of 3") != std::string::npos);
    }
}

TEST_CASE("replica: an edit of several patches happens all or not at all") {
    replica r = replica::open({.name = "r"}).value();
    const std::vector<sangam::text_patch> good = {{0, 0, "hello"}, {5, 0, " world"}, {0, 1, "H"}};
    r.text("t").edit(good);
    CHECK(r.text("t").str() == "Hello world");
    CHECK(r.status().own_messages == 1);
    const std::vector<sangam::text_patch> bad = {{0, 0, "x"}, {0, 14, ""}};
    CHECK(code_of([&] { r.text("t").edit(bad); }) == sangam::crdt::errc::position_past_end);
    CHECK(r.text("t").str() == "Hello world");
    r.text("t").edit({});
    CHECK(r.status().own_messages == 1);
}

TEST_CASE("replica: object_for_key takes the kind from the key's prefix") {
    replica r = replica::open({.name = "r"}).value();
    CHECK(std::holds_alternative<sangam::counter_handle>(r.object_for_key("counter:x")));
    CHECK(std::holds_alternative<sangam::set_handle>(r.object_for_key("set:x")));
    CHECK(std::holds_alternative<sangam::map_handle>(r.object_for_key("map:x")));
    CHECK(std::holds_alternative<sangam::text_handle>(r.object_for_key("text:x")));
    CHECK(std::holds_alternative<sangam::register_handle>(r.object_for_key("title")));
    std::get<sangam::counter_handle>(r.object_for_key("counter:x")).increment(2);
    CHECK(r.counter("counter:x").value() == 2);
}

TEST_CASE("replica: maps hold counters, sets, registers, texts and maps, and remove what they show") {
    pair_of_replicas both("replica-maps");
    const auto user = both.alice.map("user:1");
    user.put("name", "Asha");
    user.counter("logins").increment(3);
    user.set("tags").add("admin");
    user.text("bio").insert(0, "writes");
    user.map("address").put("city", "Pune");
    both.settle();
    CHECK(both.bob.map("user:1").size() == 5);
    CHECK(both.bob.map("user:1").counter("logins").value() == 3);
    CHECK(both.bob.map("user:1").map("address").get("city") == value("Pune"));
    both.bob.map("user:1").remove("address");
    both.bob.map("user:1").remove("logins");
    both.settle();
    CHECK(!user.contains("address"));
    CHECK(user.counter("logins").value() == 0);
    CHECK(user.map("address").size() == 0);
    user.clear();
    CHECK(user.size() == 0);
    CHECK(!user.get("name").has_value());
}

TEST_CASE("replica: a map nested too deeply is refused") {
    replica r = replica::open({.name = "r"}).value();
    sangam::map_handle map = r.map("m");
    for (int depth = 0; depth < 31; ++depth) {
        map = map.map("inner");
    }
    map.put("leaf", 1);
    CHECK(map.get("leaf") == value(1));
    CHECK(code_of([&] { map.map("one more").put("leaf", 1); }) == sangam::crdt::errc::nested_too_deeply);
}

TEST_CASE("on_change: a text's patches rebuild the text at both ends") {
    pair_of_replicas both("replica-patches");
    std::mutex mutex;
    std::u32string alice_copy;
    std::u32string bob_copy;
    std::size_t local_changes = 0;
    const auto follow = [&](std::u32string& copy) {
        return [&](const sangam::change& c) {
            const std::lock_guard lock(mutex);
            local_changes += c.local ? 1 : 0;
            for (const sangam::text_patch& p : c.patches) {
                std::u32string inserted(p.inserted.begin(), p.inserted.end()); // ASCII only
                copy.replace(p.position, p.erased, inserted);
            }
        };
    };
    const auto a = both.alice.on_change("t", follow(alice_copy));
    const auto b = both.bob.on_change("t", follow(bob_copy));
    for (int i = 0; i < 50; ++i) {
        both.alice.text("t").insert(both.alice.text("t").size() / 2, "abc");
        both.bob.text("t").insert(0, "xy");
        if (i % 3 == 0) {
            both.alice.text("t").erase(0, 2);
        }
    }
    both.settle();
    const std::string text = both.alice.text("t").str();
    const std::u32string expected(text.begin(), text.end());
    const auto caught_up = [&] {
        const std::lock_guard lock(mutex);
        return alice_copy == expected && bob_copy == expected;
    };
    for (int i = 0; i < 1000 && !caught_up(); ++i) {
        std::this_thread::sleep_for(5ms);
    }
    CHECK(caught_up());
    CHECK(local_changes == 117);
}

TEST_CASE("on_change: no callback after the subscription is gone, and other keys are not told") {
    replica r = replica::open({.name = "r"}).value();
    std::atomic<int> told{0};
    {
        const auto subscription = r.on_change("x", [&](const sangam::change&) { ++told; });
        r.counter("y").increment();
        r.counter("x").increment();
        for (int i = 0; i < 1000 && told == 0; ++i) {
            std::this_thread::sleep_for(1ms);
        }
        CHECK(told == 1);
    }
    r.counter("x").increment();
    (void)r.status();
    (void)r.status();
    CHECK(told == 1);
}

TEST_CASE("on_change: a callback may write and wait") {
    pair_of_replicas both("replica-callback");
    std::atomic<bool> waited{false};
    const auto subscription = both.bob.on_change("question", [&](const sangam::change&) {
        both.bob.text("answer").insert(0, "42");
        waited = both.bob.wait_for(both.bob.token(), 1s).has_value();
    });
    both.alice.text("question").insert(0, "?");
    for (int i = 0; i < 1000 && both.alice.text("answer").size() == 0; ++i) {
        std::this_thread::sleep_for(5ms);
    }
    CHECK(both.alice.text("answer").str() == "42");
    CHECK(waited);
}

TEST_CASE("wait_for: says what is missing when the time is over") {
    replica r = replica::open({.name = "r"}).value();
    const sangam::causal_token future{{{sangam::replica_id{7}, 3}}};
    const auto waited = r.wait_for(future, 10ms);
    REQUIRE(!waited);
    CHECK(waited.error().code == sangam::engine::errc::timed_out);
    CHECK(waited.error().where.find("0000000000000007:3") != std::string::npos);
}

TEST_CASE("deliver_up_to: shows exactly the state at a clock") {
    replica alice = replica::open({.name = "alice", .listen = {"memory://gate"}}).value();
    replica bob =
        replica::open({.name = "bob", .peers = {"memory://gate"}, .deliver_up_to = sangam::vector_clock()})
            .value();
    for (int i = 0; i < 10; ++i) {
        alice.text("t").insert(static_cast<std::size_t>(i), std::string(1, static_cast<char>('0' + i)));
    }
    const auto clock_at = [&](std::uint64_t n) { return sangam::vector_clock{{alice.id(), n}}; };
    bob.deliver_up_to(clock_at(3), 10s).value();
    CHECK(bob.text("t").str() == "012");
    bob.deliver_up_to(clock_at(7), 10s).value();
    CHECK(bob.text("t").str() == "0123456");
    const auto future = bob.deliver_up_to(clock_at(11), 10ms);
    REQUIRE(!future);
    CHECK(future.error().code == sangam::engine::errc::timed_out);
    bob.deliver_all();
    bob.wait_for(alice.token(), 10s).value();
    CHECK(bob.text("t").str() == "0123456789");
}

TEST_CASE("set_online: edits made apart merge, and status says who is there") {
    pair_of_replicas both("replica-online");
    both.settle();
    both.alice.text("t").insert(0, "base");
    both.settle();
    REQUIRE(both.bob.set_online(false));
    CHECK(!both.bob.status().online);
    CHECK(both.bob.status().peers.empty());
    both.alice.text("t").insert(0, "a");
    both.bob.text("t").insert(4, "b");
    CHECK(!both.bob.wait_for(both.alice.token(), 50ms));
    REQUIRE(both.bob.set_online(true));
    REQUIRE(both.bob.set_online(true));
    both.settle();
    CHECK(both.alice.text("t").str() == "abaseb");
    CHECK(both.bob.text("t").str() == "abaseb");
}

TEST_CASE("replica: another group is refused, and both sides say so") {
    replica alice = replica::open({.name = "alice", .group = "one", .listen = {"memory://groups"}}).value();
    replica bob = replica::open({.name = "bob", .group = "two", .peers = {"memory://groups"}}).value();
    bob.counter("n").increment();
    sangam::replica_status status;
    for (int i = 0; i < 1000; ++i) {
        status = bob.status();
        if (!status.peers.empty() && status.peers[0].state == sangam::delivery::peer_state::refused) {
            break;
        }
        std::this_thread::sleep_for(5ms);
    }
    REQUIRE(status.peers.size() == 1);
    CHECK(status.peers[0].state == sangam::delivery::peer_state::refused);
    CHECK(status.peers[0].refusal.find("group") != std::string::npos);
    CHECK(alice.status().network.last_rejection.find("group") != std::string::npos);
    CHECK(alice.counter("n").value() == 0);
}

TEST_CASE("handles: after the replica is gone they say closed") {
    std::optional<replica> r = replica::open({.name = "r"}).value();
    const auto counter = r->counter("n");
    counter.increment();
    r.reset();
    CHECK(code_of([&] { counter.increment(); }) == sangam::engine::errc::closed);
    CHECK(code_of([&] { (void)counter.value(); }) == sangam::engine::errc::closed);
}

// The system gives the id of a thread that has ended to a later one, which then wrote into a replica that was
// gone, in silence, as if it were a callback of it.
TEST_CASE("handles: after the replica is gone no thread is taken for its background thread") {
    std::optional<replica> r = replica::open({.name = "r"}).value();
    const auto counter = r->counter("n");
    r.reset();
    for (int i = 0; i < 100; ++i) {
        boost::system::error_code code;
        std::thread([&] { code = code_of([&] { counter.increment(); }); }).join();
        CHECK(code == sangam::engine::errc::closed);
    }
}

TEST_CASE("replica: closing hands everything that was written to the peer") {
    replica alice = replica::open({.name = "alice", .listen = {"memory://closing"}}).value();
    sangam::causal_token token;
    {
        replica bob = replica::open({.name = "bob", .peers = {"memory://closing"}}).value();
        bob.wait_for(alice.token(), 1s).value();
        bob.counter("first").increment();
        alice.wait_for(bob.token(), 10s).value();
        for (int i = 0; i < 10'000; ++i) {
            bob.counter("n").increment();
        }
        token = bob.token();
    }
    alice.wait_for(token, 10s).value();
    CHECK(alice.counter("n").value() == 10'000);
}

// A peer that was not greeted yet counted as one that has everything, so that a short program lost its write.
TEST_CASE("replica: closing right after opening hands what was written to the peer") {
    const replica alice = replica::open({.name = "alice", .listen = {"memory://closing-at-once"}}).value();
    sangam::causal_token token;
    {
        const replica bob = replica::open({.name = "bob", .peers = {"memory://closing-at-once"}}).value();
        bob.counter("n").increment();
        token = bob.token();
    }
    alice.wait_for(token, 10s).value();
    CHECK(alice.counter("n").value() == 1);
}

namespace {

/// Where each writer's digits stand in a text: each writer types its own letter, then a digit of its count.
/// True if the letters of `writer` and what it counted are a prefix of what it has typed.
bool is_prefix(const std::string& text, char writer, std::size_t& typed) {
    std::size_t count = 0;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        if (text[i] != writer) continue;
        if (text[i + 1] != static_cast<char>('0' + count % 10)) return false;
        ++count;
    }
    typed = count;
    return true;
}

/// Reads `r` again and again: whatever it finds is a state after some prefix of each writer's transactions.
class prefix_reader {
public:
    explicit prefix_reader(const replica& r) : r_(r) {}

    /// What is wrong; empty if nothing is.
    std::string look() {
        std::string text;
        std::int64_t a = 0;
        std::int64_t b = 0;
        std::array<std::int64_t, 4> counts{};
        r_.transact([&](sangam::transaction& t) {
            a = t.counter("a").value();
            b = t.counter("b").value();
            for (std::size_t w = 0; w < counts.size(); ++w) {
                counts[w] = t.counter("of" + std::to_string(w)).value();
            }
            text = t.text("t").str();
        });
        if (a != b) return "half of a transaction";
        for (std::size_t w = 0; w < counts.size(); ++w) {
            if (counts[w] < last_[w]) return "a count went back";
            last_[w] = counts[w];
            std::size_t typed = 0;
            if (!is_prefix(text, static_cast<char>('A' + w), typed)) return "letters out of order: " + text;
            // A transaction counts before it types.
            if (typed != static_cast<std::size_t>(counts[w])) return "a count without its letter";
        }
        if (a != counts[0] + counts[1] + counts[2] + counts[3]) return "not the sum of its writers";
        return {};
    }

private:
    const replica& r_;
    std::array<std::int64_t, 4> last_{};
};

} // namespace

TEST_CASE("replica: many threads write and read at once, and whatever is read is a state of some prefix") {
    constexpr int rounds = 150;
    pair_of_replicas both("replica-threads");
    std::atomic<int> writing{4};
    std::mutex mutex;
    std::string wrong;
    std::atomic<std::size_t> looks{0};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&, t] {
                const replica& r = t % 2 == 0 ? both.alice : both.bob;
                for (int i = 0; i < rounds; ++i) {
                    if (i == rounds / 2) { // a busy machine may not have begun to read yet
                        CHECK(eventually([&] { return looks > 0; }));
                    }
                    r.set("s").add(t * 1000 + i);
                    r.transact([&](sangam::transaction& transaction) {
                        transaction.counter("a").increment();
                        transaction.counter("of" + std::to_string(t)).increment();
                        const auto text = transaction.text("t");
                        text.insert(text.size(), std::string(1, static_cast<char>('A' + t)) +
                                                     static_cast<char>('0' + i % 10));
                        transaction.counter("b").increment();
                    });
                }
                --writing;
            });
        }
        for (const replica* r : {&both.alice, &both.bob, &both.alice, &both.bob}) {
            threads.emplace_back([&, r] {
                prefix_reader reader(*r);
                while (writing > 0) {
                    const std::string found = reader.look();
                    ++looks;
                    if (!found.empty()) {
                        const std::lock_guard lock(mutex);
                        wrong = found;
                    }
                }
            });
        }
    }
    CHECK(wrong == "");
    CHECK(looks > 0);
    both.settle();
    for (const replica* r : {&both.alice, &both.bob}) {
        CHECK(prefix_reader(*r).look() == "");
        CHECK(r->set("s").size() == 4 * rounds);
        CHECK(r->counter("a").value() == 4 * rounds);
        CHECK(r->text("t").size() == 8 * rounds);
    }
}

TEST_CASE("replica: closing while a callback reads is no error") {
    std::atomic<std::size_t> told{0};
    sangam::subscription subscription;
    {
        replica r = replica::open({.name = "r"}).value();
        const auto text = r.text("t");
        subscription = r.on_change("t", [&told, text](const sangam::change&) {
            std::this_thread::sleep_for(2ms);
            told += text.size() > 0 ? 1U : 0U;
        });
        for (int i = 0; i < 100; ++i) {
            text.insert(0, "x");
        }
    }
    CHECK(told == 100);
}

TEST_CASE("replica: a large text is erased and replaced in one edit, by one patch or by several") {
    replica r = replica::open({.name = "r"}).value();
    r.text("t").insert(0, std::string(600'000, 'x'));
    const std::vector<sangam::text_patch> replace = {{0, 600'000, "new"}};
    r.text("t").edit(replace);
    CHECK(r.text("t").str() == "new");
    r.text("t").insert(0, std::string(600'000, 'x'));
    const std::vector<sangam::text_patch> in_two = {{0, 1, "y"}, {1, 599'000, ""}, {2, 1, "z"}};
    r.text("t").edit(in_two);
    CHECK(r.text("t").size() == 1'003);
    CHECK(r.text("t").str().starts_with("yxzx"));
}

TEST_CASE("replica: an edit that no message can hold is refused, and nothing has changed") {
    replica r = replica::open({.name = "r"}).value();
    const std::size_t longest = sangam::crdt::limits::text_insert_bytes_max;
    const std::vector<sangam::text_patch> too_much = {{0, 0, std::string(longest / 2, 'x')},
                                                      {0, 0, std::string(longest / 2 + 1, 'x')}};
    CHECK(code_of([&] { r.text("t").edit(too_much); }) == sangam::crdt::errc::too_large);
    // Each character is a range of its own.
    constexpr std::size_t half = sangam::engine::limits::message_bytes_max / 64 + 1;
    const auto text = r.text("t");
    text.insert(0, std::string(half, 'a'));
    for (std::size_t end = half; end > 0; end -= std::min<std::size_t>(end, 10'000)) {
        r.transact([&](sangam::transaction& t) {
            const std::size_t begin = end - std::min<std::size_t>(end, 10'000);
            for (std::size_t i = end; i > begin; --i) {
                t.text("t").insert(i, "b");
            }
        });
    }
    const std::size_t size = text.size();
    CHECK(code_of([&] { text.erase(0, size); }) == sangam::crdt::errc::too_large);
    CHECK(text.size() == size);
    text.erase(0, size / 2);
    text.erase(0, text.size());
    CHECK(text.size() == 0);
}
