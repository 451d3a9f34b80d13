#include "memory_counts.hpp"
#include "raw_dealer.hpp"
#include "raw_stranger.hpp"
#include "remote_replica.hpp"

#include "../support/seeds.hpp"

#include <doctest/doctest.h>
#include <sangam/crdt/pn_counter.hpp>
#include <sangam/transport/codec.hpp>
#include <sangam/transport/limits.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <thread>
#include <vector>

using sangam::test::draw;
using sangam::test::memory_counts;
using sangam::test::raw_dealer;
using sangam::test::raw_stranger;
using sangam::test::remote_replica;
using sangam::test::zmtp_greeting;
using sangam::test::zmtp_part;
using sangam::transport::join_frame;
namespace transport = sangam::transport;

namespace {

/// Frames as a replica of the group "default" with this id would send them.
class forger {
public:
    [[nodiscard]] std::string hello() const { return head(transport::hello{id_, "forger", {}, true}); }
    [[nodiscard]] std::string stream() const { return head(transport::stream{}); }

    /// A batch of `count` increments of the counter "visits" by one.
    [[nodiscard]] std::string batch(std::uint64_t count) const {
        transport::batch made{id_, 1, {}};
        for (std::uint64_t sequence = 1; sequence <= count; ++sequence) {
            transport::message message;
            message.id = {id_, sequence};
            message.time = sangam::causality::hybrid_time::at_ms(sequence);
            message.operations.push_back({{"visits", sangam::crdt::object_kind::pn_counter},
                                          {},
                                          sangam::crdt::pn_counter::operation{1}});
            made.messages.push_back(std::move(message));
        }
        return encode_batch(made);
    }

private:
    template <class Content>
    [[nodiscard]] static std::string head(Content content) {
        transport::head made;
        made.group = "default";
        made.session = 77;
        made.content = std::move(content);
        return encode_head(made);
    }

    sangam::causality::replica_id id_{0x1234'5678'9abc'def0};
};

std::string random_bytes(std::mt19937_64& rng) {
    std::string bytes(draw(rng, 200), '\0');
    for (char& byte : bytes) {
        byte = static_cast<char>(draw(rng, 256));
    }
    return bytes;
}

/// A replica with a friend, and how much it rejected before anybody lied to it.
struct victim {
    /// Strangers that it does not greet lose their connection after `silence_ms_max`.
    explicit victim(const std::string& silence_ms_max = "1000") {
        self.option("silence_ms_max", silence_ms_max);
        self.open("victim", "tcp://127.0.0.1:*");
        other.open("friend", "-", {self.address()});
        self.ask("increment visits 1 10");
        other.catch_up_with(self);
        before = self.status();
    }

    void until_rejected(std::uint64_t frames) {
        const std::uint64_t all = until_rejected_at_least(frames);
        const auto now = self.status();
        CAPTURE(now.at("last_rejection"));
        CHECK(std::stoull(now.at("frames_rejected")) == all);
    }

    /// Returns how many that are in all.
    std::uint64_t until_rejected_at_least(std::uint64_t frames) {
        const std::uint64_t all = std::stoull(before.at("frames_rejected")) + frames;
        self.until([all](auto& fields) { return std::stoull(fields.at("frames_rejected")) >= all; });
        CHECK_FALSE(self.status().at("last_rejection").empty());
        return all;
    }

    void check_unharmed() {
        CHECK(self.counter("visits") == 10);
        auto now = self.status();
        for (const char* field : {"objects", "total", "delivered", "held", "messages_invalid"}) {
            CAPTURE(field);
            CHECK(now.at(field) == before.at(field));
        }
        other.ask("increment visits 1 5");
        self.catch_up_with(other);
        CHECK(self.counter("visits") == 15);
        remote_replica newcomer;
        newcomer.open("newcomer", "-", {self.address()});
        newcomer.catch_up_with(self);
        CHECK(newcomer.counter("visits") == 15);
    }

    remote_replica self;
    remote_replica other;
    remote_replica::status_fields before;
};

/// The most memory that the victim takes from here on.
struct memory_of_victim {
    explicit memory_of_victim(victim& of) : attacked(of), before_kib(of.self.in().resident_most_kib()) {}
    void check_grown_less_than(std::size_t bytes) const {
        const std::size_t grown_kib = attacked.self.in().resident_most_kib() - before_kib;
        MESSAGE("at most ", grown_kib / 1024, " MiB more");
        if (memory_counts) {
            CHECK(grown_kib < bytes / 1024);
        }
    }
    victim& attacked;
    std::size_t before_kib;
};

} // namespace

TEST_CASE("processes: random bytes from a raw socket change nothing and are counted") {
    victim attacked;
    zmq::context_t context;
    raw_dealer liar(context, attacked.self.address());
    std::mt19937_64 rng(1);
    constexpr std::uint64_t frames = 2000;
    for (std::uint64_t i = 0; i < frames; ++i) {
        liar.send({random_bytes(rng)});
    }
    attacked.until_rejected(frames);
    attacked.check_unharmed();
}

TEST_CASE("processes: messages of several parts and huge ones end their connection and change nothing") {
    victim attacked;
    zmq::context_t context;
    const forger valid;
    const std::string whole = join_frame(valid.stream(), valid.batch(3));
    const std::vector<std::string> lies{
        zmtp_part(valid.stream(), true) + zmtp_part(valid.batch(3)),
        zmtp_part(whole, true) + zmtp_part("", true) + zmtp_part(""),
        zmtp_part(std::string(transport::limits::frame_bytes_max + 1, 'x')),
    };
    constexpr std::uint64_t each = 20;
    for (std::uint64_t i = 0; i < each; ++i) {
        for (const std::string& lie : lies) {
            raw_stranger stranger(attacked.self.address());
            static_cast<void>(stranger.send(zmtp_greeting() + lie.substr(0, 4096)));
            CHECK(stranger.is_closed());
        }
    }
    {
        raw_dealer liar(context, attacked.self.address());
        for (std::uint64_t i = 0; i < each; ++i) {
            liar.send({""});
            liar.send({"\xff\xff\xff\xff"});
        }
    }
    context.close(); // returns when everything is sent
    attacked.until_rejected(each * (lies.size() + 2));
    attacked.check_unharmed();
}

TEST_CASE("processes: a message whose parts never end takes no memory") {
    victim attacked;
    const std::size_t before_kib = attacked.self.in().resident_most_kib();
    raw_stranger stranger(attacked.self.address());
    static_cast<void>(stranger.send(zmtp_greeting()));
    const std::string part = zmtp_part(std::string(1 << 20, 'x'), true);
    for (int i = 0; i < 200 && stranger.send(part) == part.size(); ++i) {
    }
    CHECK(stranger.is_closed());
    if (memory_counts) {
        CHECK((attacked.self.in().resident_most_kib() - before_kib) / 1024 < 16);
    }
    attacked.check_unharmed();
}

TEST_CASE("processes: truncated copies of true frames change nothing, are counted, and the whole ones work") {
    victim attacked;
    zmq::context_t context;
    const forger valid;
    raw_dealer liar(context, attacked.self.address());
    const std::string hello = valid.hello();
    const std::string stream = valid.stream();
    const std::string batch = valid.batch(20);
    for (std::size_t size = 0; size < hello.size(); ++size) {
        liar.send({join_frame(hello.substr(0, size), "")});
    }
    attacked.until_rejected(hello.size());
    liar.send({join_frame(hello, "")});
    REQUIRE(liar.receive_frame());
    for (std::size_t size = 0; size < stream.size(); ++size) {
        liar.send({join_frame(stream.substr(0, size), batch)});
    }
    for (std::size_t size = 0; size < batch.size();
         ++size) { // each is refused and needs a greeting of its own
        raw_dealer greeted(context, attacked.self.address());
        greeted.send({join_frame(hello, "")});
        REQUIRE(greeted.receive_frame());
        greeted.send({join_frame(stream, batch.substr(0, size))});
    }
    attacked.until_rejected(hello.size() + stream.size() + batch.size());
    attacked.check_unharmed();
    raw_dealer honest(context, attacked.self.address());
    honest.send({join_frame(hello, "")});
    REQUIRE(honest.receive_frame());
    honest.send({join_frame(stream, batch)});
    attacked.self.ask("until_counter visits 35 20000");
}

TEST_CASE("processes: thousands of strangers that come and go do not keep a newcomer out") {
    victim attacked;
    constexpr std::uint64_t strangers = 5000;
    constexpr std::uint64_t at_once = 100;
    for (std::uint64_t i = 0; i < strangers; i += at_once) {
        zmq::context_t context; // its end waits until all is sent, and closes what they had open
        for (std::uint64_t k = 0; k < at_once; ++k) {
            raw_dealer(context, attacked.self.address()).send({"who is there?"});
        }
    }
    // More strangers than a replica talks with at once: on a busy machine the friend may be taken for silent,
    // and its next frame is then one more that finds no place, until strangers are forgotten.
    attacked.until_rejected_at_least(strangers);
    attacked.check_unharmed();
}

TEST_CASE("processes: a stranger's greatest frames are held a few at a time, however late they are read") {
    victim attacked("60000");
    const memory_of_victim memory(attacked);
    constexpr std::uint64_t frames = 200;
    const std::string frame = zmtp_part(std::string(transport::limits::frame_bytes_max, 'x'));
    raw_stranger stranger(attacked.self.address());
    REQUIRE(stranger.send(zmtp_greeting()) > 0);
    std::atomic<std::uint64_t> sent{0};
    std::thread talking([&] {
        while (sent < frames && stranger.send(frame) == frame.size()) {
            ++sent;
        }
    });
    for (int i = 0; i < 5; ++i) {
        attacked.self.in().stop();
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        attacked.self.in().resume();
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    talking.join();
    REQUIRE(sent == frames);
    attacked.until_rejected(frames);
    // What waits, what is being received, and what the decoder copies.
    memory.check_grown_less_than((transport::limits::received_frames_max + 4) *
                                 transport::limits::frame_bytes_max);
    attacked.check_unharmed();
}

TEST_CASE("processes: of many strangers' frames that are not whole a few are held, and none over the limit") {
    // Each had the last byte of a greatest frame to come, and all the others were kept for as long as it
    // liked.
    victim attacked;
    const memory_of_victim memory(attacked);
    constexpr std::size_t frame_bytes_max = transport::limits::frame_bytes_max;
    constexpr std::size_t strangers = 20;
    const auto all_say = [&](const std::string& almost) {
        std::vector<raw_stranger> crowd;
        for (std::size_t i = 0; i < strangers; ++i) {
            crowd.emplace_back(attacked.self.address());
            static_cast<void>(crowd.back().send(zmtp_greeting()));
            static_cast<void>(crowd.back().send(almost)); // ends early where the connection is closed
        }
        static_cast<void>(attacked.self.token()); // it still answers
    };
    SUBCASE("at the limit") {
        std::string almost = zmtp_part(std::string(frame_bytes_max, 'x'));
        almost.pop_back();
        all_say(almost);
        constexpr std::size_t most = transport::limits::strangers_bytes_max + 4 * frame_bytes_max;
        static_assert(most < strangers * frame_bytes_max);
        memory.check_grown_less_than(most);
    }
    SUBCASE("over the limit") {
        std::string almost = zmtp_part(std::string(frame_bytes_max + 1, 'x'));
        almost.pop_back();
        all_say(almost);
        memory.check_grown_less_than(frame_bytes_max);
    }
    attacked.check_unharmed();
}
