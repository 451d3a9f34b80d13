#include "eventually.hpp"

#include <sangam/engine/limits.hpp>
#include <sangam/replica.hpp>
#include <sangam/transport/codec.hpp>
#include <sangam/transport/memory_links.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What an application is told, by status and log, of what is wrong in its group.

using namespace std::chrono_literals;
using sangam::dot;
using sangam::log_event;
using sangam::replica;
using sangam::replica_id;
using sangam::crdt::object_kind;
using sangam::test::eventually;
namespace transport = sangam::transport;

namespace {

/// Somebody at the other end of a link, who says what the test says.
class stranger {
public:
    stranger(replica_id id, const std::string& address) : id_(id) {
        transport::link_options options;
        options.connect.push_back(transport::parse_address(address).value());
        links_ = transport::open_links(options).value();
    }
    void say(const decltype(transport::head::content)& what, std::string_view body = {}) {
        const transport::outgoing_frame frame(
            transport::join_frame(transport::encode_head({"default", session, what}), body));
        REQUIRE(eventually([&] {
            links_->poll(1ms, silence_);
            return links_->send(links_->outgoing().front(), frame) == transport::send_outcome::sent;
        }));
    }
    void greet(const sangam::vector_clock& has) { say(transport::hello{id_, "stranger", has, false}); }
    void stream(std::uint64_t sequence, std::vector<dot> dependencies, sangam::causality::hybrid_time time) {
        transport::message m;
        m.id = {id_, sequence};
        m.dependencies = std::move(dependencies);
        m.time = time;
        m.operations.push_back({{"n", object_kind::pn_counter}, {}, sangam::crdt::pn_counter::operation{1}});
        say(transport::stream{}, transport::encode_batch({id_, sequence, {m}}));
    }

private:
    struct deaf final : transport::frame_receiver {
        void on_frame(transport::link_id, std::string_view) override {}
        void on_unreached(transport::link_id, std::string_view) override {}
        void on_refused_connection(std::string_view) override {}
    };
    static constexpr std::uint64_t session = 77;

    replica_id id_;
    deaf silence_;
    std::unique_ptr<transport::links> links_;
};

/// The texts of all events.
class listener {
public:
    [[nodiscard]] sangam::log_callback callback() {
        return [this](const log_event& e) {
            const std::lock_guard lock(mutex_);
            texts_.push_back(e.text);
        };
    }
    [[nodiscard]] std::size_t heard(const std::string& beginning) const {
        const std::lock_guard lock(mutex_);
        std::size_t count = 0;
        for (const std::string& text : texts_) {
            count += text.starts_with(beginning) ? 1U : 0U;
        }
        return count;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> texts_;
};

constexpr replica_id mallory{50};

sangam::causality::hybrid_time in_an_hour() {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(
        (std::chrono::system_clock::now() + 1h).time_since_epoch());
    return sangam::causality::hybrid_time::at_ms(static_cast<std::uint64_t>(ms.count()));
}

} // namespace

TEST_CASE("status: it names what is missing, who waits for it, a conflict about the own id, and the skew") {
    const replica r = replica::open({.name = "r", .listen = {"memory://told-status"}}).value();
    r.counter("n").increment();
    CHECK(r.status().missing.empty());
    CHECK(!r.status().conflict);
    stranger s(mallory, "memory://told-status");
    s.greet({{r.id(), 5}});
    REQUIRE(eventually([&] { return r.status().conflict.has_value(); }));
    CHECK(r.status().conflict->length == 5);
    CHECK(r.status().conflict->own_length == 1);
    CHECK(r.status().conflict->said_by.find("stranger") != std::string::npos);
    const dot impossible{replica_id{60}, 7};
    s.stream(1, {impossible}, in_an_hour());
    REQUIRE(eventually([&] { return !r.status().missing.empty(); }));
    CHECK(r.status().missing.front().missing == impossible);
    CHECK(r.status().missing.front().waiting == dot{mallory, 1});
    CHECK(r.status().missing.front().known_to.empty());
    REQUIRE(r.status().skew_ms);
    CHECK(*r.status().skew_ms > 3'500'000);
    CHECK(*r.status().skew_ms < 3'700'000);
}

TEST_CASE("log: it tells of the network, of whoever uses the own id, and of an end that came too early") {
    listener heard;
    {
        replica r =
            replica::open({.name = "r", .listen = {"memory://told-log"}, .log = heard.callback()}).value();
        r.counter("n").increment();
        CHECK(eventually([&] { return heard.heard("the network is open") == 1; }));
        REQUIRE(r.set_online(false));
        CHECK(heard.heard("the network is cut") == 1);
        REQUIRE(r.set_online(true));
        CHECK(heard.heard("the network is open") == 2);
        stranger twin(r.id(), "memory://told-log");
        twin.greet({});
        CHECK(eventually([&] { return heard.heard("another session greets with this replica's id") == 1; }));
        stranger s(mallory, "memory://told-log");
        s.greet({});
        CHECK(eventually([&] { return heard.heard("a peer was greeted") == 1; }));
        s.say(transport::heartbeat{{7, 6, 0, {}}}); // refers to a clock that was never told
        CHECK(eventually([&] { return heard.heard("a peer's clock refers to one that is not known") == 1; }));
        s.greet({});
        CHECK(eventually([&] { return heard.heard("a peer was greeted") == 2; }));
        CHECK(!r.close(50ms)); // the stranger acknowledges nothing
    }
    CHECK(heard.heard("closed before all peers had acknowledged") == 1);
}

TEST_CASE("log: it tells of changes that a slow callback missed") {
    listener heard;
    const replica r = replica::open({.name = "r", .log = heard.callback()}).value();
    std::mutex slow;
    std::atomic<bool> missed{false};
    std::unique_lock held(slow);
    const auto subscription = r.on_change("n", [&](const sangam::change& c) {
        const std::lock_guard lock(slow);
        missed = missed || c.missed;
    });
    for (std::size_t i = 0; i < sangam::engine::limits::changes_waiting_max + 1000; ++i) {
        r.counter("n").increment();
    }
    held.unlock();
    CHECK(eventually([&] { return missed.load(); }));
    CHECK(heard.heard("a callback was too slow") == 1);
}
