#include "cluster.hpp"

#include <sangam/transport/codec.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

using sangam::causality::replica_id;
using sangam::causality::vector_clock;
using sangam::crdt::lww_register;
using sangam::crdt::object_kind;
using sangam::delivery::peer_state;
using sangam::delivery::protocol_timing;
using sangam::engine::executor;
using sangam::engine::object_address;
using sangam::engine::operation_list;
using sangam_tests::cluster;
namespace transport = sangam::transport;

namespace {

const object_address page{{"page", object_kind::lww_register}, {}};
constexpr std::size_t message_bytes = 4000;
constexpr std::uint64_t frame_bytes_max = 300 << 10; ///< of a batch of such messages
constexpr std::uint64_t link = 0;

void write(cluster& c, int times) {
    const executor::preparer step = [](const auto& object, replica_id, operation_list& operations) {
        operations.add(lww_register::operation(
            object.template as<lww_register>()->assign(std::string(message_bytes, 'x'))));
    };
    for (int i = 0; i < times; ++i) {
        c.state(0).write(page, std::span(&step, 1), c.wall_ms());
    }
}

/// Replica 0 writes and has one link; what the other side says is up to the test. It reads everything.
struct stranger {
    stranger() : c(2, 90) {
        c.connect(0, 1);
        c.cut(0, 1, true);
        c.on_send = [this](std::size_t from, std::string_view head, std::string_view body) {
            bytes += from == 0 ? body.size() : 0;
            const auto decoded = transport::decode_head(head, "default");
            hellos += from == 0 && std::holds_alternative<transport::hello>(decoded.value().content) ? 1 : 0;
        };
    }
    void say(const decltype(transport::head::content)& what) {
        c.inject(0, link, transport::encode_head({"default", 77, what}), "");
    }
    void greet(std::uint64_t has, bool answer_wanted = false) {
        const vector_clock clock{{c.state(0).self(), has}};
        say(transport::hello{replica_id{99}, "stranger", clock, answer_wanted});
    }
    void beat(std::uint64_t has) {
        const vector_clock clock{{c.state(0).self(), has}};
        say(transport::heartbeat{{++number, 0, 0, clock}});
    }
    [[nodiscard]] std::uint64_t own() { return c.log(0).clock()[c.state(0).self()]; }

    cluster c;
    std::uint64_t bytes = 0;
    std::uint64_t hellos = 0;
    std::uint64_t number = 0;
};

} // namespace

// A listener sent silent readers its whole log unasked: 67 to 240 MB for each link.
TEST_CASE("synchronizer: who says that it misses little and then nothing more is sent little unasked") {
    stranger s;
    write(s.c, 4000);
    s.c.run(100);
    REQUIRE(s.c.log(0).size_bytes() > 10'000'000);
    s.greet(0);
    SUBCASE("once") {
        s.c.run(1000);
    }
    SUBCASE("again and again") {
        for (int i = 0; i < 1000; ++i) {
            s.greet(0);
            s.beat(0);
            s.c.run(1);
        }
    }
    CHECK(s.bytes > 0);
    CHECK(s.bytes <= protocol_timing{}.resume_bytes_max + frame_bytes_max);
}

TEST_CASE("synchronizer: a peer that acknowledges nothing is streamed to up to a limit, and then lags") {
    stranger s;
    s.greet(0);
    s.c.run(10);
    REQUIRE(s.c.sync(0).peers().at(0).state == peer_state::streaming);
    for (int i = 0; i < 200; ++i) {
        write(s.c, 20);
        s.beat(0);
        s.c.run(10);
    }
    REQUIRE(s.c.log(0).size_bytes() > 3 * protocol_timing{}.stream_bytes_first);
    CHECK(s.bytes >= protocol_timing{}.stream_bytes_first);
    CHECK(s.bytes <=
          protocol_timing{}.stream_bytes_first + protocol_timing{}.resume_bytes_max + frame_bytes_max);
    CHECK(s.c.sync(0).peers().at(0).state != peer_state::streaming);
    const std::uint64_t before = s.bytes;
    s.beat(s.own());
    write(s.c, 1);
    s.c.run(10);
    CHECK(s.bytes > before);
    CHECK(s.c.sync(0).peers().at(0).state == peer_state::streaming);
}

TEST_CASE("synchronizer: a peer that acknowledges is streamed to without an end") {
    stranger s;
    s.greet(0);
    for (int i = 0; i < 200; ++i) {
        write(s.c, 20);
        s.c.run(10);
        s.beat(s.own());
        CHECK(s.c.sync(0).peers().at(0).state == peer_state::streaming);
    }
    CHECK(s.bytes >= s.c.log(0).size_bytes());
}

// A range that was asked for in a loop took 11.5 GiB in 8 s.
TEST_CASE("synchronizer: one question is answered with so many bytes, and a loop of them waits") {
    stranger s;
    write(s.c, 4000);
    s.c.run(100);
    s.greet(0);
    s.beat(0);
    s.c.run(10);
    s.bytes = 0;
    const sangam::delivery::dot_range all{s.c.state(0).self(), 1, s.own()};
    s.say(transport::range_request{all});
    s.c.run(100);
    CHECK(s.bytes >= protocol_timing{}.answer_bytes_max);
    CHECK(s.bytes <= protocol_timing{}.answer_bytes_max + frame_bytes_max);
    constexpr std::uint64_t seconds = 8;
    for (std::uint64_t i = 0; i < seconds * 1000; ++i) {
        s.say(transport::range_request{all});
        s.c.run(1);
    }
    const protocol_timing timing;
    CHECK(s.bytes <= timing.answer_copies_free * s.c.log(0).size_bytes() + timing.answer_burst_bytes +
                         (seconds + 1) * timing.answer_bytes_per_second + frame_bytes_max);
}

// Each was answered with the whole clock, which may have 65,536 entries.
TEST_CASE("synchronizer: a loop of hellos is answered once in a hello interval, the last one too") {
    stranger s;
    s.c.run(5000);
    s.greet(0, true);
    CHECK(s.hellos >= 1);
    s.hellos = 0;
    constexpr std::uint64_t ms = 1000;
    for (std::uint64_t i = 0; i < ms; ++i) {
        s.greet(0, true);
        s.c.run(1);
    }
    const std::uint64_t interval_ms = protocol_timing{}.hello_interval_ms;
    CHECK(s.hellos >= 2);
    CHECK(s.hellos <= ms / interval_ms + 1);
    s.hellos = 0;
    s.greet(0, true);
    s.greet(0, true);
    s.c.run(interval_ms + 1);
    CHECK(s.hellos >= 1);
}

// The frame was built anew and tried every 2 ms.
TEST_CASE("synchronizer: a part of an answer for which a link has no room is tried less and less often") {
    stranger s;
    write(s.c, 100);
    s.c.run(100);
    s.greet(s.own());
    s.c.set_queue(0);
    s.say(transport::range_request{{s.c.state(0).self(), 1, s.own()}});
    const std::uint64_t before = s.c.sync(0).counters().sends_refused;
    s.c.run(1000);
    const std::uint64_t refused = s.c.sync(0).counters().sends_refused - before;
    CHECK(refused >= 20);
    CHECK(refused <= 1000 / 32 + 10);
    s.c.set_queue(1024);
    s.bytes = 0;
    s.c.run(50);
    CHECK(s.bytes > 100 * message_bytes);
}
