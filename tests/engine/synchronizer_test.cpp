#include "cluster.hpp"

#include "support/seeds.hpp"

#include <sangam/engine/limits.hpp>
#include <sangam/transport/codec.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

using sangam::causality::replica_id;
using sangam::crdt::object_kind;
using sangam::delivery::peer_state;
using sangam::engine::executor;
using sangam::engine::object_address;
using sangam::engine::operation_list;
using sangam_tests::cluster;
namespace transport = sangam::transport;
namespace limits = sangam::engine::limits;

namespace {

const object_address counter{{"n", object_kind::pn_counter}, {}};
const object_address notes{{"notes", object_kind::rga_text}, {}};

void increment(cluster& c, std::size_t i) {
    const executor::preparer step = [](const auto&, replica_id, operation_list& operations) {
        operations.add(sangam::crdt::pn_counter::operation{1});
    };
    c.state(i).write(counter, std::span(&step, 1), c.wall_ms());
}

void type(cluster& c, std::size_t i, std::size_t position, const std::string& text) {
    const executor::preparer step = [&](const auto& object, replica_id self, operation_list& operations) {
        operations.add(sangam::crdt::rga_text::operation(
            object.template as<sangam::crdt::rga_text>()->insert(position, text, self)));
    };
    c.state(i).write(notes, std::span(&step, 1), c.wall_ms());
}

std::int64_t value(cluster& c, std::size_t i) {
    return c.state(i).view(counter).as<sangam::crdt::pn_counter>()->value();
}

std::string text(cluster& c, std::size_t i) {
    return c.state(i).view(notes).as<sangam::crdt::rga_text>()->str();
}

} // namespace

TEST_CASE("synchronizer: two replicas greet and stream") {
    cluster c(2, 1);
    c.connect(0, 1);
    increment(c, 0);
    c.run(20);
    CHECK(value(c, 1) == 1);
    CHECK(c.sync(0).peers().at(0).state == peer_state::streaming);
    CHECK(c.sync(1).peers().at(0).state == peer_state::streaming);
    CHECK(c.sync(0).peers().at(0).name == "replica 1");
    increment(c, 1);
    c.run(5);
    CHECK(value(c, 0) == 2);
    CHECK(c.sync(0).counters().range_requests_sent + c.sync(1).counters().range_requests_sent <= 1);
}

TEST_CASE("synchronizer: it is settled when no peer can be given anything more") {
    cluster c(2, 18);
    c.connect(0, 1);
    CHECK(c.sync(0).settled()); // nothing was written
    c.cut(0, 1, true);
    increment(c, 0);
    c.run(100);
    CHECK(!c.sync(0).settled()); // the peer may still be greeted
    CHECK(c.sync(1).settled());
    c.cut(0, 1, false);
    REQUIRE(c.settle());
    c.run(100);
    CHECK(c.sync(0).settled()); // the peer has said that it has everything
    c.cut(0, 1, true);
    increment(c, 0);
    c.run(100);
    CHECK(!c.sync(0).settled());
    c.inject(0, 0, sangam::transport::encode_head({"default", 1001, sangam::transport::refusal{"go away"}}),
             "");
    CHECK(c.sync(0).settled());
}

TEST_CASE("synchronizer: a late joiner fetches everything in ranges") {
    cluster c(2, 2);
    for (int i = 0; i < 20'000; ++i) {
        increment(c, 0);
    }
    c.run(50);
    c.connect(0, 1);
    CHECK(c.settle());
    CHECK(value(c, 1) == 20'000);
    CHECK(c.sync(1).counters().range_requests_sent >= 3);
    CHECK(c.sync(0).peers().at(0).state == peer_state::streaming);
}

TEST_CASE("synchronizer: a replica in the middle passes on what others made") {
    cluster c(3, 3);
    c.connect(0, 1);
    c.connect(1, 2);
    increment(c, 0);
    increment(c, 2);
    CHECK(c.settle());
    CHECK(value(c, 0) == 2);
    CHECK(value(c, 2) == 2);
}

TEST_CASE("synchronizer: a full queue makes a peer lag, and it catches up") {
    cluster c(2, 4);
    c.connect(0, 1);
    c.run(20);
    c.set_queue(2);
    for (int i = 0; i < 50; ++i) {
        for (int k = 0; k < 100; ++k) {
            increment(c, 0);
        }
        c.sync(0).step({c.wall_ms(), c.now_ms()});
    }
    CHECK(c.sync(0).peers().at(0).state == peer_state::lagging);
    CHECK(c.sync(0).counters().sends_refused > 0);
    CHECK(c.settle());
    CHECK(value(c, 1) == 5000);
    CHECK(c.sync(0).peers().at(0).state == peer_state::streaming);
}

TEST_CASE("synchronizer: a cut network heals, and both sides' edits merge") {
    cluster c(2, 5);
    c.connect(0, 1);
    type(c, 0, 0, "base");
    CHECK(c.settle());
    c.cut(0, 1, true);
    type(c, 0, 0, "a");
    type(c, 1, 4, "b");
    c.run(8000);
    CHECK(c.sync(0).peers().empty() == false);
    CHECK(text(c, 1) == "baseb");
    c.cut(0, 1, false);
    CHECK(c.settle());
    CHECK(text(c, 0) == "abaseb");
    CHECK(text(c, 1) == "abaseb");
}

TEST_CASE("synchronizer: two links between two replicas carry each message once") {
    cluster c(2, 6);
    c.connect(0, 1);
    c.connect(1, 0);
    c.run(50);
    const std::size_t before = c.body_sizes_sent.size();
    increment(c, 0);
    c.run(5);
    CHECK(value(c, 1) == 1);
    CHECK(c.body_sizes_sent.size() == before + 1);
}

TEST_CASE("synchronizer: what is announced, streamed or served is in the log first") {
    sangam::engine::replica_options options;
    options.batch.messages_max = 1; // so that one step cannot log all that is written between two
    cluster c(3, 22, options);
    c.set_faults({5, 5, 20});
    std::size_t announced = 0;
    std::size_t streamed = 0;
    std::size_t served = 0;
    c.on_send = [&](std::size_t from, std::string_view head_bytes, std::string_view body) {
        const transport::head head = transport::decode_head(head_bytes, options.group).value();
        sangam::storage::memory_log& log = c.log(from);
        if (const auto* hello = std::get_if<transport::hello>(&head.content)) {
            REQUIRE(log.clock().dominates(hello->clock));
        } else if (const auto* heartbeat = std::get_if<transport::heartbeat>(&head.content)) {
            REQUIRE(log.clock().dominates(heartbeat->announcement.difference));
            ++announced;
        }
        if (body.empty()) {
            return;
        }
        const transport::batch batch = transport::decode_batch(body).value();
        const auto* const record = log.find(batch.origin, batch.first).value();
        REQUIRE(record != nullptr);
        REQUIRE(record->bytes == body);
        ++(std::holds_alternative<transport::stream>(head.content) ? streamed : served);
    };
    c.connect(0, 1);
    for (int i = 0; i < 60; ++i) {
        if (i == 20) {
            c.connect(2, 0);
            c.connect(2, 1);
        }
        for (int k = 0; k < 100; ++k) {
            increment(c, static_cast<std::size_t>(i) % 3);
        }
        if (i % 10 == 0) {
            c.reconnect(0, 1);
        }
        c.run(3);
    }
    CHECK(c.settle());
    CHECK(value(c, 2) == 6000);
    CHECK(announced > 0);
    CHECK(streamed > 0);
    CHECK(served > 0);
}

TEST_CASE("synchronizer: random edits over faulty networks converge, with nothing held back") {
    for (std::uint64_t seed = 1; seed <= 25; ++seed) {
        INFO("seed ", seed);
        std::mt19937_64 random(seed);
        const std::size_t replicas = 2 + random() % 4;
        cluster c(replicas, seed);
        c.set_faults({static_cast<unsigned>(random() % 20), static_cast<unsigned>(random() % 20),
                      static_cast<unsigned>(random() % 50)});
        c.set_queue(4 + random() % 60);
        for (std::size_t i = 1; i < replicas; ++i) {
            c.connect(i, random() % i);
        }
        std::int64_t increments = 0;
        for (int step = 0; step < 300; ++step) {
            const std::size_t i = random() % replicas;
            if (random() % 2 == 0) {
                increment(c, i);
                ++increments;
            } else {
                type(c, i, random() % (text(c, i).size() + 1),
                     std::string(1 + random() % 3, static_cast<char>('a' + i)));
            }
            if (random() % 40 == 0) {
                c.cut(random() % replicas, random() % replicas, random() % 2 == 0);
            }
            c.run(random() % 10);
        }
        for (std::size_t a = 0; a < replicas; ++a) {
            for (std::size_t b = 0; b < a; ++b) {
                c.cut(a, b, false);
            }
        }
        REQUIRE(c.settle());
        for (std::size_t i = 0; i < replicas; ++i) {
            CHECK(value(c, i) == increments);
            CHECK(text(c, i) == text(c, 0));
        }
    }
}

TEST_CASE("synchronizer: what a stranger sends that cannot be read changes nothing and is counted") {
    cluster c(2, 7);
    c.connect(0, 1);
    increment(c, 0);
    REQUIRE(c.settle());
    c.inject(1, 100, "", "");
    c.inject(1, 100, "nonsense", "nonsense");
    CHECK(c.sync(1).counters().frames_rejected == 2);
    REQUIRE(c.sync(1).peers().size() == 2);
    CHECK(c.sync(1).peers().at(0).state == peer_state::streaming);
    CHECK(c.sync(1).peers().at(1).state == peer_state::hello);
    CHECK(value(c, 1) == 1);
}

TEST_CASE(
    "synchronizer: a peer that sends what cannot be read is told so, is refused, and is greeted again") {
    using sangam::transport::encode_head;
    const std::vector<std::pair<std::string, std::function<void(cluster&, std::size_t, replica_id)>>> frames{
        {"head", [](cluster& c, std::size_t to, replica_id) { c.inject(to, 0, "nonsense", ""); }},
        {"batch",
         [](cluster& c, std::size_t to, replica_id from) {
             c.inject(to, 0, encode_head({"default", 999 + from.bits, sangam::transport::stream{}}),
                      "nonsense");
         }},
        {"batch",
         [](cluster& c, std::size_t to, replica_id from) {
             const sangam::transport::range_answer part{{from, 1, 1}, true};
             c.inject(to, 0, encode_head({"default", 999 + from.bits, part}), "nonsense");
         }},
    };
    for (const auto& [what, send] : frames) {
        for (const std::size_t victim : {std::size_t{0}, std::size_t{1}}) {
            for (const std::uint64_t acquainted_ms : {std::uint64_t{100}, std::uint64_t{6000}}) {
                CAPTURE(what);
                CAPTURE(victim);
                CAPTURE(acquainted_ms);
                const std::size_t liar = 1 - victim;
                cluster c(2, 19);
                c.connect(0, 1);
                increment(c, liar);
                c.run(acquainted_ms);
                REQUIRE(value(c, victim) == 1);

                send(c, victim, c.state(liar).self());
                CHECK(c.sync(victim).counters().frames_rejected == 1);
                const std::string reason = c.sync(victim).counters().last_rejection;
                const std::string who = "from \"replica " + std::to_string(liar) + "\"";
                CHECK(reason.find(who + (victim == 0 ? " at wire 0: " : ": ")) != std::string::npos);
                CHECK(reason.find(what) != std::string::npos);
                CHECK(c.sync(victim).peers().at(0).state == peer_state::refused);
                CHECK(value(c, victim) == 1);
                c.run(5);
                CHECK(c.sync(liar).peers().at(0).state == peer_state::refused);
                CHECK(c.sync(liar).peers().at(0).refusal.find(reason) != std::string::npos);

                increment(c, liar);
                c.run(4000);
                CHECK(value(c, victim) == 1);
                CHECK(c.settle());
                CHECK(value(c, victim) == 2);
                CHECK(c.sync(victim).counters().frames_rejected == 1);
                CHECK(c.sync(victim).peers().at(0).state == peer_state::streaming);
            }
        }
    }
}

TEST_CASE("synchronizer: a replica that streams messages of another one is refused") {
    cluster c(2, 7);
    c.connect(0, 1);
    increment(c, 0);
    REQUIRE(c.settle());
    sangam::transport::message m;
    m.id = {replica_id{77}, 1};
    m.operations.push_back({counter.object, {}, sangam::crdt::pn_counter::operation{5}});
    const std::string foreign = sangam::transport::encode_batch({replica_id{77}, 1, {m}});
    c.inject(1, 0, sangam::transport::encode_head({"default", 1000, sangam::transport::stream{}}), foreign);
    CHECK(c.sync(1).counters().frames_rejected == 1);
    CHECK(c.sync(1).peers().at(0).state == peer_state::refused);
    CHECK(c.sync(1).counters().last_rejection.find("streams messages of") != std::string::npos);
    CHECK(value(c, 1) == 1);
}

TEST_CASE("synchronizer: a replica that answers for this one's own messages is refused") {
    cluster c(2, 8);
    c.connect(0, 1);
    increment(c, 1);
    REQUIRE(c.settle());
    sangam::transport::message m;
    m.id = {c.state(1).self(), 2};
    m.operations.push_back({counter.object, {}, sangam::crdt::pn_counter::operation{5}});
    const std::string batch = sangam::transport::encode_batch({c.state(1).self(), 2, {m}});
    const std::string head = sangam::transport::encode_head(
        {"default", 1000, sangam::transport::range_answer{{c.state(1).self(), 2, 2}, true}});
    c.inject(1, 0, head, batch);
    CHECK(c.sync(1).peers().at(0).state == peer_state::refused);
    CHECK(value(c, 1) == 1);
    increment(c, 1);
    CHECK(value(c, 1) == 2);
}

TEST_CASE("synchronizer: a replica with this one's id, or itself, is refused with the reason") {
    cluster c(1, 9);
    c.connect(0, 0);
    c.run(300);
    REQUIRE(c.sync(0).peers().size() == 1);
    CHECK(c.sync(0).peers().at(0).state == peer_state::refused);
    CHECK(c.sync(0).counters().last_rejection.find("connected to itself") != std::string::npos);

    c.inject(0, 99,
             sangam::transport::encode_head(
                 {"default", 5, sangam::transport::hello{c.state(0).self(), "twin", {}, true}}),
             "");
    CHECK(c.sync(0).counters().last_rejection.find("in use twice") != std::string::npos);
}

TEST_CASE("synchronizer: keystrokes are small on the wire") {
    cluster c(2, 10);
    c.connect(0, 1);
    type(c, 0, 0, "a");
    REQUIRE(c.settle());
    const std::size_t before = c.body_sizes_sent.size();
    type(c, 0, 1, "b");
    c.run(5);
    REQUIRE(c.body_sizes_sent.size() == before + 1);
    CHECK(c.body_sizes_sent.back() < 80);
}

TEST_CASE("synchronizer: a refused link is greeted again now and then, because the other side may have been "
          "restarted") {
    cluster c(2, 11);
    c.connect(0, 1);
    REQUIRE(c.settle());
    c.inject(0, 0, sangam::transport::encode_head({"default", 1001, sangam::transport::refusal{"go away"}}),
             "");
    REQUIRE(c.sync(0).peers().at(0).state == peer_state::refused);
    CHECK(c.sync(0).peers().at(0).refusal.find("go away") != std::string::npos);
    c.cut(0, 1, true);
    c.run(100);
    const std::uint64_t sent = c.sync(0).counters().frames_sent;
    c.run(4000);
    CHECK(c.sync(0).counters().frames_sent == sent);
    c.run(1500);
    CHECK(c.sync(0).counters().frames_sent == sent + 1);
    c.inject(0, 0,
             sangam::transport::encode_head(
                 {"default", 2002, sangam::transport::hello{replica_id{44}, "restarted", {}, false}}),
             "");
    CHECK(c.sync(0).peers().at(0).state == peer_state::streaming);
    CHECK(c.sync(0).peers().at(0).name == "restarted");
}

TEST_CASE("synchronizer: links that never greet are forgotten, so that others find room") {
    cluster c(2, 12);
    c.connect(0, 1);
    REQUIRE(c.settle());
    for (sangam::transport::link_id link = 100; link < 150; ++link) {
        c.inject(1, link, "nonsense", "");
    }
    CHECK(c.sync(1).peers().size() == 51);
    c.run(5100);
    CHECK(c.sync(1).peers().size() == 1);
    CHECK(c.sync(1).peers().at(0).state == peer_state::streaming);
}

// A dialer ignored every heartbeat after its connection was replaced within one session, so that gaps were
// never seen and others' messages never passed on: announcements were numbered by link and not by session.
TEST_CASE("synchronizer: a link that is replaced without silence goes on with heartbeats") {
    cluster c(3, 14);
    c.connect(0, 1);
    c.connect(2, 1);
    for (int i = 0; i < 400; ++i) {
        increment(c, 0);
        c.run(20);
    }
    REQUIRE(c.settle());
    c.reconnect(2, 1);
    c.run(600);
    increment(c, 0);
    c.run(2000);
    CHECK(value(c, 2) == value(c, 0));
}

// One lost frame and then more messages than half of what may be held back stopped a replica for ever: it
// asked for nothing because it had no room.
TEST_CASE("synchronizer: what is missing next is asked for however much is held back") {
    sangam::engine::replica_options options;
    options.buffer.messages_per_origin_max = 256;
    options.batch.messages_max = 16;
    cluster c(2, 15, options);
    c.connect(0, 1);
    REQUIRE(c.settle());
    c.run(50);
    c.lose_next_batch(0, 1);
    for (int i = 0; i < 1000; ++i) {
        increment(c, 0);
    }
    CHECK(c.settle());
    CHECK(value(c, 1) == 1000);
}

TEST_CASE("synchronizer: a late joiner gets a history that is larger than everything that may be held back") {
    sangam::engine::replica_options options;
    options.buffer.messages_per_origin_max = 400;
    options.buffer.messages_max = 800;
    cluster c(4, 16, options);
    c.connect(1, 0);
    c.connect(2, 0);
    c.connect(3, 0);
    for (std::size_t writer = 0; writer < 4; ++writer) {
        for (int i = 0; i < 2000; ++i) {
            increment(c, writer);
        }
        REQUIRE(c.settle());
    }
    const std::size_t late = c.add();
    c.connect(late, 0);
    CHECK(c.settle());
    CHECK(value(c, late) == 8000);
}

TEST_CASE("synchronizer: messages of a third replica that were not asked for change nothing") {
    cluster c(2, 17);
    c.connect(0, 1);
    increment(c, 0);
    REQUIRE(c.settle());
    sangam::transport::message m;
    m.id = {replica_id{77}, 1};
    m.operations.push_back({counter.object, {}, sangam::crdt::pn_counter::operation{5}});
    c.inject(1, 0,
             sangam::transport::encode_head(
                 {"default", 1000, sangam::transport::range_answer{{replica_id{77}, 1, 1}, true}}),
             sangam::transport::encode_batch({replica_id{77}, 1, {m}}));
    CHECK(c.sync(1).counters().frames_rejected == 1);
    CHECK(c.sync(1).counters().last_rejection.find("unasked") != std::string::npos);
    CHECK(value(c, 1) == 1);
    increment(c, 0);
    CHECK(c.settle());
    CHECK(value(c, 1) == 2);
}

TEST_CASE("synchronizer: every greeting over a faulty network ends in streaming, and nobody is refused") {
    sangam::test::for_each_seed(1000, [](std::mt19937_64& random) {
        const auto up_to = [&](unsigned most) { return static_cast<unsigned>(random() % (most + 1)); };
        cluster c(3, random());
        c.set_faults({up_to(40), up_to(30), up_to(50)});
        increment(c, 0);
        c.connect(0, 1);
        c.connect(2, 1);
        for (unsigned breaks = up_to(4); breaks > 0; --breaks) {
            c.run(up_to(150));
            increment(c, up_to(2));
            c.reconnect(random() % 2 == 0 ? 0 : 2, 1);
        }
        REQUIRE(c.settle());
        for (const std::size_t end : {std::size_t{0}, std::size_t{2}}) {
            REQUIRE(c.sync(end).peers().at(0).state == peer_state::streaming);
        }
        for (const auto& peer : c.sync(1).peers()) {
            REQUIRE(peer.state != peer_state::refused);
        }
    });
}

TEST_CASE("synchronizer: a connection that goes nowhere is given up after silence, and the next one works") {
    // Without it what is sent goes nowhere for as long as the system tries: a quarter of an hour.
    sangam::engine::replica_options options;
    cluster c(2, 11, options);
    c.connect(0, 1);
    increment(c, 0);
    REQUIRE(c.settle());
    c.run(3 * options.timing.silence_ms_max);
    CHECK(c.reconnects == 0); // an idle link speaks
    c.swallow(0, 1);
    increment(c, 0);
    c.run(options.timing.silence_ms_max - 1000);
    CHECK(c.reconnects == 0);
    CHECK(value(c, 1) == 1);
    c.run(2000 + options.timing.hello_interval_ms_max);
    CHECK(c.reconnects == 1);
    REQUIRE(c.settle());
    CHECK(value(c, 1) == 2);
}

TEST_CASE("synchronizer: so many links are spoken over, and a further one is rejected and harms nobody") {
    cluster c(2, 77);
    c.connect(0, 1); // one of them
    const auto greet = [&c](std::uint64_t link) {
        const transport::hello hello{replica_id{1000 + link}, "stranger", {}, false};
        c.inject(0, link, transport::encode_head({"default", 1000 + link, hello}), "");
    };
    for (std::uint64_t link = 1; link < limits::conversations_max; ++link) {
        greet(link);
    }
    CHECK(c.sync(0).peers().size() == limits::conversations_max);
    CHECK(c.sync(0).counters().frames_rejected == 0);
    greet(limits::conversations_max);
    CHECK(c.sync(0).peers().size() == limits::conversations_max);
    CHECK(c.sync(0).counters().frames_rejected == 1);
    CHECK(c.sync(0).counters().last_rejection ==
          "transport: over a limit: more than " + std::to_string(limits::conversations_max) + " links");
    greet(1); // is still heard
    CHECK(c.sync(0).counters().frames_rejected == 1);
}

TEST_CASE("synchronizer: a batch is built once, and all peers are sent the same bytes") {
    cluster c(4, 78);
    for (std::size_t peer = 1; peer < 4; ++peer) {
        c.connect(0, peer);
    }
    c.run(100);
    std::vector<const char*> sent;
    c.on_send = [&](std::size_t from, std::string_view, std::string_view body) {
        if (from == 0 && !body.empty()) {
            sent.push_back(body.data());
        }
    };
    increment(c, 0);
    c.run(1);
    REQUIRE(sent.size() == 3);
    CHECK(sent[0] == sent[1]);
    CHECK(sent[1] == sent[2]);
}
