#include "cluster.hpp"

#include <sangam/engine/limits.hpp>
#include <sangam/transport/codec.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

using sangam::causality::dot;
using sangam::causality::replica_id;
using sangam::crdt::object_kind;
using sangam::engine::executor;
using sangam::engine::log_event;
using sangam::engine::log_level;
using sangam::engine::object_address;
using sangam::engine::operation_list;
using sangam_tests::cluster;
namespace transport = sangam::transport;
namespace limits = sangam::engine::limits;

/// What is wrong in a group must be seen by whoever looks at one member's status and log.

namespace {

const object_address counter{{"n", object_kind::pn_counter}, {}};

struct listened_cluster {
    explicit listened_cluster(std::size_t replicas)
        : heard(std::make_shared<std::vector<log_event>>()), all(replicas, 1, options(heard)) {}

    static sangam::engine::replica_options options(const std::shared_ptr<std::vector<log_event>>& heard) {
        sangam::engine::replica_options o;
        o.log = [heard](const log_event& e) { heard->push_back(e); };
        return o;
    }

    void increment(std::size_t i) {
        const executor::preparer step = [](const auto&, replica_id, operation_list& operations) {
            operations.add(sangam::crdt::pn_counter::operation{1});
        };
        all.state(i).write(counter, std::span(&step, 1), all.wall_ms());
    }

    [[nodiscard]] std::vector<log_event> events(const std::string& beginning) const {
        std::vector<log_event> found;
        std::ranges::copy_if(*heard, std::back_inserter(found),
                             [&](const log_event& e) { return e.text.starts_with(beginning); });
        return found;
    }

    std::shared_ptr<std::vector<log_event>> heard;
    cluster all;
};

std::string field(const log_event& event, const std::string& name) {
    const auto found = std::ranges::find(event.fields, name, &log_event::field::name);
    return found == event.fields.end() ? "(none)" : found->value;
}

transport::message incremented(dot id, std::vector<dot> dependencies = {}) {
    transport::message m;
    m.id = id;
    m.dependencies = std::move(dependencies);
    m.operations.push_back({counter.object, {}, sangam::crdt::pn_counter::operation{1}});
    return m;
}

constexpr transport::link_id stranger = cluster::stranger;

/// A link greets `to` as a replica of its own.
void greet(cluster& c, std::size_t to, transport::hello hello, std::uint64_t session = 9,
           transport::link_id link = stranger) {
    c.inject(to, link, transport::encode_head({"default", session, std::move(hello)}), "");
}

void stream(cluster& c, std::size_t to, const transport::message& m, std::uint64_t session = 9,
            transport::link_id link = stranger) {
    c.inject(to, link, transport::encode_head({"default", session, transport::stream{}}),
             transport::encode_batch({m.id.replica, m.id.sequence, {m}}));
}

/// So many strangers greet, and each waits for a message of somebody whom nobody knows.
void wait_for_unknown(cluster& c, std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t i = first; i <= last; ++i) {
        const replica_id who{1000 + i};
        greet(c, 0, {who, "somebody", {}, false}, 9, stranger + i);
        stream(c, 0, incremented({who, 1}, {{replica_id{1'000'000 + i}, 1}}), 9, stranger + i);
    }
    c.run(limits::missing_look_ms + 1);
}

} // namespace

TEST_CASE("diagnosis: a message whose dependency nobody has is named in status and log, with who says so") {
    listened_cluster c(2);
    c.all.connect(0, 1);
    c.increment(0);
    REQUIRE(c.all.settle());
    const std::uint64_t began = c.all.wall_ms();
    greet(c.all, 1, {replica_id{50}, "mallory", {}, false});
    const dot impossible{c.all.state(0).self(), 1000};
    stream(c.all, 1, incremented({replica_id{50}, 1}, {impossible}));

    c.all.run(limits::missing_look_ms + 1);
    const auto missing = c.all.sync(1).missing();
    REQUIRE(missing.size() == 1);
    CHECK(missing.front().missing == impossible);
    CHECK(missing.front().waiting == dot{replica_id{50}, 1});
    CHECK(missing.front().known_to.empty());
    CHECK(missing.front().since_ms >= began);
    CHECK(missing.front().since_ms <= began + limits::missing_look_ms);
    CHECK(c.events("messages wait for one").empty());

    c.all.run(limits::missing_patience_ms + limits::missing_look_ms);
    const auto told = c.events("messages wait for one");
    REQUIRE(told.size() == 1);
    CHECK(told.front().level == log_level::warning);
    CHECK(field(told.front(), "missing") == to_string(impossible));
    CHECK(field(told.front(), "named by") == to_string(dot{replica_id{50}, 1}));
    CHECK(field(told.front(), "peers that have it") == "none");

    // Others are heard meanwhile.
    c.increment(0);
    c.all.run(50);
    CHECK(c.all.state(1).delivered()[c.all.state(0).self()] == 2);
}

// Bob's next dot waits for one that nobody has: nothing of him passes the hub from then on.
TEST_CASE("diagnosis: a hub that waits for what nobody has says so, and passes on what others write") {
    listened_cluster c(3);
    c.all.connect(0, 1);
    c.all.connect(1, 2);
    c.increment(0);
    REQUIRE(c.all.settle());
    const replica_id bob{50};
    greet(c.all, 1, {bob, "bob", {}, false});
    stream(c.all, 1, incremented({bob, 1}));
    c.all.run(200);
    CHECK(c.all.state(2).delivered()[bob] == 1);
    const dot impossible{c.all.state(0).self(), 1000};
    stream(c.all, 1, incremented({bob, 2}, {impossible}));
    c.all.run(limits::missing_look_ms + 1);
    REQUIRE(c.all.sync(1).missing().size() == 1);
    CHECK(c.all.sync(1).missing().front().missing == impossible);
    CHECK(c.all.sync(1).missing().front().waiting == dot{bob, 2});
    c.increment(0);
    c.all.run(200);
    CHECK(c.all.state(2).delivered()[c.all.state(0).self()] == 2);
    CHECK(c.all.state(2).delivered()[bob] == 1);
    c.all.run(limits::missing_patience_ms);
    const auto told = c.events("messages wait for one");
    REQUIRE(told.size() == 1);
    CHECK(field(told.front(), "missing") == to_string(impossible));
    CHECK(field(told.front(), "named by") == to_string(dot{bob, 2}));
}

TEST_CASE("diagnosis: a forged answer with somebody's next message comes to that one's ears") {
    listened_cluster c(2);
    c.all.connect(0, 1);
    c.increment(0);
    REQUIRE(c.all.settle());
    const replica_id bob = c.all.state(0).self();
    greet(c.all, 1, {replica_id{50}, "forger", {{{bob, 2}}}, false});
    c.all.run(50); // it is asked
    const transport::range_answer answer{{bob, 2, 2}, true};
    c.all.inject(1, stranger, transport::encode_head({"default", 9, answer}),
                 transport::encode_batch({bob, 2, {incremented({bob, 2})}}));
    CHECK(c.all.state(1).delivered()[bob] == 2);
    c.all.run(200);
    REQUIRE(c.all.sync(0).conflict());
    CHECK(c.all.sync(0).conflict()->length == 2);
    CHECK(c.all.sync(0).conflict()->own_length == 1);
}

TEST_CASE("diagnosis: a peer that does not give what it says it has is named") {
    listened_cluster c(1);
    c.all.connect(0, 0); // or there are no links at all
    greet(c.all, 0, {replica_id{50}, "liar", {{{replica_id{60}, 1}}}, false});
    c.all.run(10);
    const transport::range_answer nothing{{replica_id{60}, 1, 1}, true};
    c.all.inject(0, stranger, transport::encode_head({"default", 9, nothing}), "");
    c.all.run(10);
    const auto told = c.events("a peer did not give what it says it has");
    REQUIRE(!told.empty());
    CHECK(field(told.front(), "peer") == "liar");
    CHECK(field(told.front(), "dot") == to_string(dot{replica_id{60}, 1}));
}

TEST_CASE("diagnosis: status tells of so many missing dots, the log of more") {
    listened_cluster c(1);
    wait_for_unknown(c.all, 1, limits::missing_told_max);
    CHECK(c.all.sync(0).missing().size() == limits::missing_told_max);
    wait_for_unknown(c.all, limits::missing_told_max + 1, limits::missing_told_max + 1);
    CHECK(c.all.sync(0).missing().size() == limits::missing_told_max);
    c.all.run(limits::missing_patience_ms);
    CHECK(c.events("messages wait for one").size() == limits::missing_told_max + 1);
}

// A liar whose message waited for 256 low dots hid what others waited for.
TEST_CASE("diagnosis: one member that waits for many dots hides what another one waits for from nobody") {
    listened_cluster c(1);
    const replica_id liar{50};
    const replica_id honest{60};
    greet(c.all, 0, {liar, "liar", {}, false});
    greet(c.all, 0, {honest, "honest", {}, false}, 9, stranger + 1);
    std::vector<dot> invented;
    for (std::uint64_t i = 1; i <= 2 * limits::missing_watched_max; ++i) {
        invented.push_back({replica_id{i + 100}, 1});
    }
    stream(c.all, 0, incremented({liar, 1}, invented));
    for (std::uint64_t n = 3; n <= 4 * limits::missing_watched_max; n += 2) {
        stream(c.all, 0, incremented({liar, n}));
    }
    const dot wanted{replica_id{1'000'000}, 7};
    stream(c.all, 0, incremented({honest, 1}, {wanted}), 9, stranger + 1);
    c.all.run(limits::missing_look_ms + 1);
    const auto missing = c.all.sync(0).missing();
    CHECK(std::ranges::any_of(missing, [&](const auto& m) { return m.missing == wanted; }));
    CHECK(missing.size() == 3);
}

TEST_CASE("diagnosis: a missing message that comes at last is told of, and is not missing any more") {
    listened_cluster c(1);
    greet(c.all, 0, {replica_id{50}, "bob", {{{replica_id{50}, 2}, {replica_id{60}, 1}}}, false});
    stream(c.all, 0, incremented({replica_id{50}, 2}));
    for (int i = 0; i < 20; ++i) {
        c.all.run(limits::missing_patience_ms / 10);
        greet(c.all, 0, {replica_id{50}, "bob", {{{replica_id{50}, 2}, {replica_id{60}, 1}}}, false});
    }
    REQUIRE(c.events("messages wait for one").size() == 1);
    CHECK(field(c.events("messages wait for one").front(), "peers that have it").starts_with("\"bob\" ("));
    REQUIRE(c.all.sync(0).missing().size() == 1);
    CHECK(c.all.sync(0).missing().front().known_to.size() == 1);

    stream(c.all, 0, incremented({replica_id{50}, 1}));
    c.all.run(limits::missing_look_ms + 1);
    CHECK(c.all.sync(0).missing().empty());
    CHECK(c.events("a message that others waited for has come").size() == 1);
}

TEST_CASE("diagnosis: a replica hears at once that somebody has dots of it that it never made") {
    for (const std::string by : {"hello", "heartbeat", "dependency"}) {
        CAPTURE(by);
        listened_cluster c(1);
        c.increment(0);
        c.all.run(5);
        const replica_id self = c.all.state(0).self();
        sangam::causality::vector_clock ahead{{{self, 5}}};
        greet(c.all, 0, {replica_id{50}, "bob", {}, false});
        CHECK(!c.all.sync(0).conflict());
        if (by == "hello") {
            greet(c.all, 0, {replica_id{50}, "bob", ahead, false});
        } else if (by == "heartbeat") {
            c.all.inject(0, stranger,
                         transport::encode_head({"default", 9, transport::heartbeat{{1, 0, 0, ahead}}}), "");
        } else {
            stream(c.all, 0, incremented({replica_id{50}, 1}, {{self, 5}}));
        }
        REQUIRE(c.all.sync(0).conflict());
        CHECK(c.all.sync(0).conflict()->length == 5);
        CHECK(c.all.sync(0).conflict()->own_length == 1);
        CHECK(c.all.sync(0).conflict()->said_by.starts_with("\"bob\" ("));
        CHECK(c.all.sync(0).conflict()->since_ms == c.all.wall_ms());
        const auto told = c.events("a peer has dots of this replica");
        REQUIRE(told.size() == 1);
        CHECK(told.front().level == log_level::error);
        CHECK(field(told.front(), "known there") == "5");
        CHECK(field(told.front(), "made here") == "1");
    }
}

TEST_CASE("diagnosis: a lie about own dots does not hide what another peer says of them") {
    listened_cluster c(1);
    c.increment(0);
    c.all.run(5);
    const replica_id self = c.all.state(0).self();
    greet(c.all, 0, {replica_id{50}, "liar", {{{self, 1'000'000}}}, false});
    greet(c.all, 0, {replica_id{51}, "carol", {{{self, 2}}}, false}, 10);
    CHECK(c.events("a peer has dots of this replica").size() == 2);
    REQUIRE(c.all.sync(0).conflict());
    CHECK(c.all.sync(0).conflict()->said_by.starts_with("\"carol\" ("));
    CHECK(c.all.sync(0).conflict()->length == 1'000'000);
}

TEST_CASE("diagnosis: a writer under another one's id is noticed by that one and by whoever hears both") {
    listened_cluster c(2);
    c.all.connect(0, 1);
    c.increment(0);
    REQUIRE(c.all.settle());
    const replica_id bob = c.all.state(0).self();
    greet(c.all, 1, {bob, "not bob", {{{bob, 1}}}, false}, 77);
    CHECK(c.events("two sessions say that they are the same replica").size() == 1);
    stream(c.all, 1, incremented({bob, 2}), 77);
    c.all.run(200);
    REQUIRE(c.all.sync(0).conflict());
    CHECK(c.all.sync(0).conflict()->length == 2);
    CHECK(c.all.sync(0).conflict()->said_by.find("replica 1") != std::string::npos);
}

TEST_CASE("diagnosis: a hello with this replica's own id is a conflict, unless it is its own") {
    listened_cluster c(1);
    c.all.connect(0, 0);
    c.all.run(300);
    CHECK(!c.all.sync(0).conflict());
    greet(c.all, 0, {c.all.state(0).self(), "twin", {{{c.all.state(0).self(), 3}}}, true});
    REQUIRE(c.all.sync(0).conflict());
    CHECK(c.all.sync(0).conflict()->said_by.find("twin") != std::string::npos);
    CHECK(c.events("a link was refused").size() == 2);
}

TEST_CASE("diagnosis: the log tells who comes, lags, falls silent and is refused") {
    listened_cluster c(2);
    c.all.connect(0, 1);
    REQUIRE(c.all.settle());
    c.all.run(50);
    CHECK(c.events("a peer was greeted").size() == 2);
    c.all.cut(0, 1, true);
    c.all.run(6000);
    const auto silent = c.events("a peer fell silent");
    REQUIRE(silent.size() == 2);
    CHECK(field(silent.front(), "peer") == "replica 1");
    CHECK(!c.events("a link is silent: its connection is made anew").empty());
    c.all.cut(0, 1, false);
    c.all.run(3000);
    CHECK(c.events("a peer was greeted").size() == 4);

    c.all.set_queue(0);
    c.increment(0);
    c.all.sync(0).step({c.all.wall_ms(), c.all.now_ms()});
    CHECK(c.events("a peer lags").size() == 1);
    c.all.set_queue(100);
    REQUIRE(c.all.settle());
    c.all.inject(1, 0, "nonsense", "");
    CHECK(c.events("a link was refused").size() == 1);
    c.all.run(5);
    CHECK(c.events("the other side refused a link").size() == 1);
    c.all.inject(1, 100, "nonsense", "");
    CHECK(c.events("a frame was rejected").size() == 1);
}

TEST_CASE("diagnosis: messages without effect and over a budget are told of") {
    auto heard = std::make_shared<std::vector<log_event>>();
    sangam::engine::replica_options options = listened_cluster::options(heard);
    options.buffer.messages_per_origin_max = 2;
    cluster c(1, 1, options);
    greet(c, 0, {replica_id{50}, "bob", {}, false});
    transport::message invalid = incremented({replica_id{50}, 1});
    invalid.operations.push_back({{"s", object_kind::or_set},
                                  {},
                                  sangam::crdt::or_set::operation(sangam::crdt::or_set::remove_op{
                                      sangam::crdt::value("x"), {dot{replica_id{70}, 1}}})});
    stream(c, 0, invalid);
    c.run(1);
    REQUIRE(!heard->empty());
    CHECK(heard->back().text.starts_with("a message has no effect"));
    CHECK(field(heard->back(), "message") == to_string(invalid.id));
    for (std::uint64_t n = 3; n < 7; ++n) {
        stream(c, 0, incremented({replica_id{50}, n}));
    }
    CHECK(heard->back().text.starts_with("held-back messages were dropped over a budget"));
}
