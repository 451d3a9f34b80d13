#include "link_helpers.hpp"

#include <sangam/transport/errc.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <concepts>
#include <thread>

using namespace sangam;
using namespace sangam::test;
using transport::errc;
using transport::send_outcome;

namespace {

/// The two transports. What both do alike is tested with either; a filter of "*<memory>*" leaves ZeroMQ out,
/// which the thread sanitizer does not see through.
struct tcp {
    static std::string address(const char*) { return "tcp://127.0.0.1:*"; }
    static std::string nowhere() { return "tcp://127.0.0.1:1"; }
};
struct memory {
    static std::string address(const std::string& name) { return "memory://" + name; }
    static std::string nowhere() { return "memory://nobody"; }
};

} // namespace

TYPE_TO_STRING(tcp);
TYPE_TO_STRING(memory);

TEST_CASE_TEMPLATE("links: frames go both ways, and an answer needs nothing but the link", Transport, tcp,
                   memory) {
    const std::string listen = Transport::address("both-ways");
    const auto server = listener_at(listen);
    REQUIRE(server->listening().size() == 1);
    const auto user = dialer_to(server->listening()[0]);
    CHECK(server->outgoing().empty());
    REQUIRE(user->outgoing().size() == 1);
    CHECK(user->address_of(user->outgoing()[0]) == server->listening()[0]);

    const std::string odd("b\0dy", 4);
    REQUIRE(send(*user, user->outgoing()[0], odd));
    inbox asked;
    REQUIRE(receive(*server, asked, 1));
    CHECK(asked.frames[0].bytes == odd);
    CHECK(server->address_of(asked.frames[0].link).empty());

    CHECK(server->send(asked.frames[0].link, frame_of("answer")) == send_outcome::sent);
    inbox answered;
    REQUIRE(receive(*user, answered, 1));
    CHECK(answered.frames[0].link == user->outgoing()[0]);
    CHECK(answered.frames[0].bytes == "answer");
    CHECK(server->send(asked.frames[0].link, frame_of("")) == send_outcome::sent);
    REQUIRE(receive(*user, answered, 2));
    CHECK(answered.frames[1].bytes.empty());
}

TEST_CASE_TEMPLATE("links: sending to nobody would block, and to an unknown link is told", Transport, tcp,
                   memory) {
    const std::string connect = Transport::nowhere();
    const auto user = dialer_to(connect);
    CHECK(user->send(user->outgoing()[0], frame_of("head")) == send_outcome::would_block);
    CHECK(user->send(4711, frame_of("head")) == send_outcome::gone);
}

TEST_CASE_TEMPLATE("links: a peer that does not read makes sends block, and loses nothing that was sent",
                   Transport, tcp, memory) {
    const std::string listen = Transport::address("slow");
    const auto server = opened({.listen = {parsed(listen)}, .queue_frames_max = 8});
    const auto user = opened({.connect = {parsed(server->listening()[0])}, .queue_frames_max = 8});
    const transport::link_id back = greet(*user, *server);
    const std::string body(64 << 10, 'x');
    for (const auto& [from, link] :
         {std::pair{user.get(), user->outgoing()[0]}, std::pair{server.get(), back}}) {
        transport::links& to = from == user.get() ? *server : *user;
        std::size_t sent = 0;
        send_outcome outcome = send_outcome::sent;
        REQUIRE(eventually([&] {
            for (int calm = 0; calm < 20 && outcome != send_outcome::gone; ++calm) {
                outcome = from->send(link, frame_of(body));
                if (outcome == send_outcome::sent) {
                    ++sent;
                    calm = 0;
                } else {
                    std::this_thread::sleep_for(std::chrono::milliseconds(5));
                }
            }
            return true;
        }));
        CHECK(outcome == send_outcome::would_block);
        CHECK(sent < 1'000);
        inbox in;
        REQUIRE(receive(to, in, sent));
        CHECK(in.frames.size() == sent);
        CHECK(send(*from, link, body));
        REQUIRE(receive(to, in, sent + 1));
    }
}

TEST_CASE_TEMPLATE("links: an answer to a peer that went away is told as gone", Transport, tcp, memory) {
    const std::string listen = Transport::address("leaving");
    const auto server = listener_at(listen);
    auto user = dialer_to(server->listening()[0]);
    const transport::link_id link = greet(*user, *server);
    user.reset();
    inbox none;
    CHECK(eventually([&] {
        // A full queue hides that its reader is gone until the owner polls.
        server->poll(std::chrono::milliseconds(0), none);
        return server->send(link, frame_of("answer")) == send_outcome::gone;
    }));
    CHECK(server->send(link, frame_of("answer")) == send_outcome::gone);
}

TEST_CASE_TEMPLATE("links: a link that is forgotten is gone, and the peer's next frame comes by a new one",
                   Transport, tcp, memory) {
    const std::string listen = Transport::address("forgotten");
    const auto server = listener_at(listen);
    const auto user = dialer_to(server->listening()[0]);
    const transport::link_id link = greet(*user, *server);
    server->forget(link);
    CHECK(server->send(link, frame_of("answer")) == send_outcome::gone);
    inbox in;
    REQUIRE(eventually([&] { // a frame may be lost with the connection
        static_cast<void>(user->send(user->outgoing()[0], frame_of("hello again")));
        server->poll(std::chrono::milliseconds(10), in);
        return !in.frames.empty();
    }));
    const transport::link_id next = in.frames.back().link;
    CHECK(next != link);
    CHECK(server->send(next, frame_of("answer")) == send_outcome::sent);
    user->forget(user->outgoing()[0]);
    CHECK(user->outgoing().size() == 1);
}

TEST_CASE_TEMPLATE("links: an outgoing link connects again when its listener is back", Transport, tcp,
                   memory) {
    const std::string listen = Transport::address("returning");
    auto server = listener_at(listen);
    const std::string at = server->listening()[0];
    const auto user = dialer_to(at);
    greet(*user, *server);
    server.reset();
    std::unique_ptr<transport::links> again;
    REQUIRE(eventually([&] {
        auto made = transport::open_links({.listen = {parsed(at)}});
        if (made) again = *std::move(made);
        return again != nullptr;
    }));
    inbox in;
    CHECK(eventually([&] {
        static_cast<void>(user->send(user->outgoing()[0], frame_of("hello again")));
        again->poll(std::chrono::milliseconds(10), in);
        return !in.frames.empty();
    }));
}

TEST_CASE_TEMPLATE(
    "links: an outgoing link that is connected anew comes by a new incoming one, and the old one is "
    "gone",
    Transport, tcp, memory) {
    const std::string listen = Transport::address("anew");
    const auto server = listener_at(listen);
    const auto user = dialer_to(server->listening()[0]);
    const transport::link_id link = user->outgoing()[0];
    user->reconnect(link); // nothing is connected yet
    const transport::link_id first = greet(*user, *server);
    for (int i = 0; i < 3; ++i) {
        user->reconnect(link);
    }
    user->reconnect(4711);
    server->reconnect(first); // an incoming link: nothing happens
    const transport::link_id second = greet(*user, *server);
    CHECK(second != first);
    inbox none;
    CHECK(eventually([&] {
        server->poll(std::chrono::milliseconds(0), none);
        return server->send(first, frame_of("to nobody")) == send_outcome::gone;
    }));
    CHECK(server->send(second, frame_of("answer")) == send_outcome::sent);
    inbox in;
    REQUIRE(receive(*user, in, 1));
    CHECK(in.frames[0].bytes == "answer");
    CHECK(in.frames[0].link == link);
}

TEST_CASE_TEMPLATE(
    "links: one frame goes over several links, and its bytes live until the last has read them", Transport,
    tcp, memory) {
    const std::string listen = Transport::address("shared");
    const auto server = listener_at(listen);
    std::vector<std::unique_ptr<transport::links>> users;
    std::vector<transport::link_id> links;
    for (int i = 0; i < 5; ++i) {
        users.push_back(dialer_to(server->listening()[0]));
        links.push_back(greet(*users.back(), *server));
    }
    for (const std::size_t size : {1UL, 1023UL, 1024UL, 1UL << 20}) {
        const std::string bytes(size, 'x');
        {
            const transport::outgoing_frame frame(bytes);
            for (const transport::link_id link : links) {
                REQUIRE(server->send(link, frame) == send_outcome::sent);
            }
        }
        for (const auto& user : users) {
            inbox in;
            REQUIRE(receive(*user, in, 1));
            CHECK(in.frames[0].bytes == bytes);
        }
    }
}

TEST_CASE_TEMPLATE("links: two listeners on one address are refused with the address", Transport, tcp,
                   memory) {
    const std::string listen = Transport::address("taken");
    const auto first = listener_at(listen);
    const auto second = transport::open_links({.listen = {parsed(first->listening()[0])}});
    REQUIRE(!second.has_value());
    CHECK(second.error().code == errc::socket_failed);
    CHECK(second.error().where.starts_with(first->listening()[0]));
}

TEST_CASE_TEMPLATE("links: wake ends a poll from another thread, and one call ends one poll", Transport, tcp,
                   memory) {
    const std::string listen = Transport::address("waking");
    const auto server = listener_at(listen);
    inbox in;
    std::thread other([&] { server->wake(); });
    const auto start = std::chrono::steady_clock::now();
    server->poll(patience, in);
    CHECK(std::chrono::steady_clock::now() - start < patience / 2);
    other.join();
    server->poll(std::chrono::milliseconds(0), in);
    CHECK(in.frames.empty());
}

TEST_CASE_TEMPLATE("links: one poll hands over no more than its limit, and every peer gets its turn",
                   Transport, tcp, memory) {
    const std::string listen = Transport::address("fair");
    const auto server = opened({.listen = {parsed(listen)}, .frames_per_poll_max = 4});
    const auto loud = dialer_to(server->listening()[0]);
    const auto quiet = dialer_to(server->listening()[0]);
    const transport::link_id loud_link = greet(*loud, *server);
    const transport::link_id quiet_link = greet(*quiet, *server);
    for (int i = 0; i < 200; ++i) {
        REQUIRE(send(*loud, loud->outgoing()[0], "loud"));
    }
    REQUIRE(send(*quiet, quiet->outgoing()[0], "quiet"));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    inbox in;
    for (int polls = 0; polls < 10; ++polls) {
        const std::size_t before = in.frames.size();
        server->poll(std::chrono::milliseconds(20), in);
        CHECK(in.frames.size() - before <= 4);
    }
    const auto from_quiet = [&](const received& frame) { return frame.link == quiet_link; };
    CHECK(std::ranges::count_if(in.frames, from_quiet) == 1);
    CHECK(loud_link != quiet_link);
    if constexpr (std::same_as<Transport, memory>) {
        // Nothing is on its way any more: the first two frames are one of each.
        CHECK(in.frames[0].link != in.frames[1].link);
    }
}

TEST_CASE("links: one object listens and connects at once") {
    const auto first = listener_at("memory://hub");
    const auto middle = opened({.listen = {parsed("memory://middle")}, .connect = {parsed("memory://hub")}});
    const auto last = dialer_to("memory://middle");
    const transport::link_id to_middle = greet(*middle, *first);
    const transport::link_id to_last = greet(*last, *middle);
    CHECK(to_last != middle->outgoing()[0]);
    CHECK(first->send(to_middle, frame_of("a")) == send_outcome::sent);
    CHECK(last->send(last->outgoing()[0], frame_of("b")) == send_outcome::sent);
    inbox in;
    REQUIRE(receive(*middle, in, 2));
    CHECK(in.frames[0].link != in.frames[1].link);
}

TEST_CASE("memory links: several threads may each own one object") {
    constexpr std::size_t frames_each = 2'000;
    constexpr std::size_t senders = 3;
    const auto server = listener_at("memory://threads");
    std::atomic<std::size_t> done{0};
    std::vector<std::thread> threads;
    for (std::size_t s = 0; s < senders; ++s) {
        threads.emplace_back([&] {
            const auto user = dialer_to("memory://threads");
            inbox echoes;
            for (std::size_t sent = 0; sent < frames_each;) {
                if (user->send(1, frame_of(std::to_string(sent))) == send_outcome::sent)
                    ++sent;
                else
                    user->poll(std::chrono::milliseconds(1), echoes);
            }
            if (receive(*user, echoes, frames_each)) ++done;
        });
    }
    inbox in;
    std::size_t echoed = 0;
    CHECK(eventually([&] {
        server->poll(std::chrono::milliseconds(1), in);
        while (echoed < in.frames.size() &&
               server->send(in.frames[echoed].link, frame_of("echo")) == send_outcome::sent) {
            ++echoed;
        }
        return done == senders;
    }));
    CHECK(echoed == senders * frames_each);
    for (std::thread& thread : threads) {
        thread.join();
    }
}

TEST_CASE("links: memory addresses do not mix with others") {
    const auto made = transport::open_links(
        {.listen = {parsed("memory://mixed")}, .connect = {parsed("tcp://127.0.0.1:1")}});
    REQUIRE(!made.has_value());
    CHECK(made.error().code == errc::bad_address);
}
