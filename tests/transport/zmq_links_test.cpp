#include "../processes/raw_stranger.hpp"
#include "link_helpers.hpp"

#include <sangam/transport/errc.hpp>
#include <sangam/transport/limits.hpp>

#include <doctest/doctest.h>

#include <zmq.hpp>

#include <algorithm>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

using namespace sangam;
using namespace sangam::test;
using transport::errc;
using transport::send_outcome;

namespace {

/// A DEALER that sends what it likes.
struct raw_dealer {
    explicit raw_dealer(const std::string& at) {
        socket.set(zmq::sockopt::linger, 1'000);
        socket.connect(at);
    }
    void send(const std::vector<std::string>& parts) {
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const auto flags = i + 1 < parts.size() ? zmq::send_flags::sndmore : zmq::send_flags::none;
            REQUIRE(socket.send(zmq::buffer(parts[i]), flags));
        }
    }
    zmq::context_t context;
    zmq::socket_t socket{context, zmq::socket_type::dealer};
};

} // namespace

TEST_CASE("zmq links: who says what no replica says loses the connection, and is told of; others go on") {
    const auto server = listener_at("tcp://127.0.0.1:*");
    const auto user = dialer_to(server->listening()[0]);
    const transport::link_id link = greet(*user, *server);
    const std::string long_length = std::string("\0\0\0\0\x7f\0\0\0", 8);
    struct lie {
        std::string bytes;
        std::string why;
    };
    const std::vector<lie> lies{
        {zmtp_greeting() + zmtp_part("one", true) + zmtp_part("two"), "parts"},
        {zmtp_greeting() + std::string("\x04\x07\x04PING\0\0", 9), "command"},
        {zmtp_greeting() + '\x02' + long_length, "limit"},
        {zmtp_greeting("chosen"), "routing id"},
        {"GET / HTTP/1.1\r\n\r\n", "not of ZMTP 3"},
    };
    inbox in;
    for (const lie& told : lies) {
        CAPTURE(told.why);
        in.refused.clear();
        raw_stranger stranger(server->listening()[0]);
        CHECK(stranger.send(told.bytes) == told.bytes.size());
        REQUIRE(eventually([&] {
            server->poll(std::chrono::milliseconds(20), in);
            return !in.refused.empty();
        }));
        CHECK(in.refused.size() == 1);
        CHECK(in.refused[0].find(told.why) != std::string::npos);
        CHECK(stranger.is_closed());
    }
    CHECK(in.frames.empty());
    REQUIRE(send(*user, user->outgoing()[0], ""));
    REQUIRE(receive(*server, in, 1));
    CHECK(in.frames[0].link == link);
}

TEST_CASE("zmq links: a listener that says what no replica says is refused by who connected, and told of") {
    zmq::context_t context;
    zmq::socket_t router(context, zmq::socket_type::router);
    router.bind("tcp://127.0.0.1:*");
    const auto user = dialer_to(router.get(zmq::sockopt::last_endpoint));
    const transport::link_id link = user->outgoing()[0];
    REQUIRE(send(*user, link, "frame"));
    zmq::message_t routing_id;
    REQUIRE(router.recv(routing_id));
    REQUIRE(router.send(routing_id, zmq::send_flags::sndmore));
    REQUIRE(router.send(zmq::buffer(std::string_view("one")), zmq::send_flags::sndmore));
    REQUIRE(router.send(zmq::buffer(std::string_view("two")), zmq::send_flags::none));
    inbox in;
    REQUIRE(eventually([&] {
        user->poll(std::chrono::milliseconds(20), in);
        return !in.refused.empty();
    }));
    CHECK(in.refused[0].starts_with(user->address_of(link) + ": "));
    CHECK(in.refused[0].find("parts") != std::string::npos);
    CHECK(in.frames.empty());
    REQUIRE(eventually([&] { // it connects again by itself
        static_cast<void>(user->send(link, frame_of("again")));
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        zmq::message_t part;
        bool came = false;
        while (router.recv(part, zmq::recv_flags::dontwait)) {
            came = came || part.to_string() == "again";
        }
        return came;
    }));
}

TEST_CASE("zmq links: nothing is queued before the listener has greeted") {
    raw_listener listener;
    const auto user = dialer_to(listener.address());
    const transport::link_id link = user->outgoing()[0];
    raw_stranger answering = listener.accept(static_cast<int>(patience.count()));
    for (int i = 0; i < 20; ++i) {
        CHECK(user->send(link, frame_of("to nobody")) == send_outcome::would_block);
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    const std::string greeting = zmtp_router_greeting();
    CHECK(answering.send(greeting) == greeting.size());
    CHECK(send(*user, link, "to somebody"));
    answering.reset();
    REQUIRE(eventually([&] { return user->send(link, frame_of("lost")) == send_outcome::would_block; }));
    raw_stranger again = listener.accept(static_cast<int>(patience.count()));
    CHECK(again.send(greeting) == greeting.size());
    CHECK(send(*user, link, "to somebody"));
}

TEST_CASE("zmq links: a frame over the limit ends its connection and no other") {
    const auto server = listener_at("tcp://127.0.0.1:*");
    const auto user = dialer_to(server->listening()[0]);
    const transport::link_id link = greet(*user, *server);
    raw_dealer raw(server->listening()[0]);
    raw.send({std::string(transport::limits::frame_bytes_max + 1, 'x')});
    inbox in;
    for (int i = 0; i < 10; ++i) {
        server->poll(std::chrono::milliseconds(20), in);
    }
    CHECK(in.frames.empty());
    REQUIRE(send(*user, user->outgoing()[0], std::string(transport::limits::frame_bytes_max, 'x')));
    REQUIRE(receive(*server, in, 1));
    CHECK(in.frames[0].link == link);
}

TEST_CASE("zmq links: several addresses are listened on by one socket") {
    const auto server = opened({.listen = {parsed("tcp://127.0.0.1:*"), parsed("tcp://localhost:*")}});
    REQUIRE(server->listening().size() == 2);
    CHECK(server->listening()[0] != server->listening()[1]);
    const auto first = dialer_to(server->listening()[0]);
    const auto second = dialer_to(server->listening()[1]);
    CHECK(greet(*first, *server) != greet(*second, *server));
}

TEST_CASE("zmq links: what was sent last still goes out when the links close") {
    const auto server = listener_at("tcp://127.0.0.1:*");
    auto user = dialer_to(server->listening()[0]);
    greet(*user, *server);
    for (int i = 0; i < 100; ++i) {
        CHECK(user->send(user->outgoing()[0], frame_of(std::to_string(i))) == send_outcome::sent);
    }
    user.reset();
    inbox in;
    CHECK(receive(*server, in, 100));
}

TEST_CASE("zmq links: listening where other machines reach is refused, and so is connecting to anywhere") {
    for (const char* const listen : {"tcp://*:7001", "tcp://192.168.1.1:7001", "tcp://0.0.0.0:*"}) {
        const auto made = transport::open_links({.listen = {parsed(listen)}});
        REQUIRE(!made.has_value());
        CHECK(made.error().code == errc::bad_address);
        CHECK(made.error().where.starts_with(listen));
    }
    for (const char* const connect : {"tcp://*:7001", "tcp://127.0.0.1:*"}) {
        const auto made = transport::open_links({.connect = {parsed(connect)}});
        REQUIRE(!made.has_value());
        CHECK(made.error().code == errc::bad_address);
    }
}

TEST_CASE("zmq links: what the operating system refuses is told with the address") {
    const auto made = transport::open_links({.listen = {parsed("ipc:///nowhere/at/all")}});
    REQUIRE(!made.has_value());
    CHECK(made.error().code == errc::socket_failed);
    CHECK(made.error().where.starts_with("ipc:///nowhere/at/all: "));
}

TEST_CASE("zmq links: a queue is full by its bytes, too, and one frame always has room") {
    const auto server = listener_at("tcp://127.0.0.1:*");
    const auto user = dialer_to(server->listening()[0]);
    const transport::link_id back = greet(*user, *server);
    const transport::outgoing_frame frame = frame_of(std::string(transport::limits::frame_bytes_max, 'x'));
    // Nobody polls at the user: it takes received_frames_max and what the systems hold.
    std::size_t sent = 0;
    for (int calm = 0; calm < 50; ++calm) {
        if (server->send(back, frame) == send_outcome::sent) {
            ++sent;
            calm = 0;
        } else {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
    const std::size_t held_bytes = sent * frame.size();
    CHECK(sent > 0);
    CHECK(held_bytes <= (transport::limits::received_frames_max + 2) * transport::limits::frame_bytes_max +
                            transport::limits::queued_bytes_max + (16 << 20));
    inbox in;
    REQUIRE(receive(*user, in, sent));
    CHECK(send(*server, back, "room again"));
}

TEST_CASE("zmq links: who does not read and is forgotten loses the connection, and gets no new bounds") {
    // Each frame that it sent after that made a new link, to which as much was sent again.
    const auto server = listener_at("tcp://127.0.0.1:*");
    raw_stranger silent(server->listening()[0]);
    const auto say = [&](const std::string& bytes) { CHECK(silent.send(bytes) == bytes.size()); };
    say(zmtp_greeting());
    const std::string answer = silent.receive(66); // libzmq takes no frame before it has said READY itself
    REQUIRE(answer.size() == 66);
    static_cast<void>(silent.receive(static_cast<unsigned char>(answer[65])));
    say(zmtp_part("hello"));
    inbox in;
    REQUIRE(receive(*server, in, 1));
    const transport::link_id link = in.frames[0].link;
    const transport::outgoing_frame frame = frame_of(std::string(1 << 20, 'x'));
    for (int i = 0; i < 100; ++i) {
        static_cast<void>(server->send(link, frame));
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    CHECK(server->send(link, frame) == send_outcome::would_block);
    server->forget(link);
    const auto later = dialer_to(server->listening()[0]);
    greet(*later, *server); // what it says passes the gate only after the gate has been told to forget
    static_cast<void>(silent.send(zmtp_part("hello again")));
    for (int i = 0; i < 10; ++i) {
        server->poll(std::chrono::milliseconds(20), in);
    }
    CHECK(in.frames.size() == 1);
    CHECK(silent.is_closed());
}

TEST_CASE("zmq links: a replica that finds too few descriptors is refused, and can be opened later") {
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const int lowest = ::dup(0);
    REQUIRE(lowest >= 0);
    ::close(lowest);
    for (rlim_t left = 6; left < 20; ++left) {
        CAPTURE(left);
        const rlimit few{static_cast<rlim_t>(lowest) + left, before.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
        const auto made = transport::open_links({.listen = {parsed("tcp://127.0.0.1:*")}});
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
        if (left < 17) {
            REQUIRE(!made.has_value());
            CHECK(made.error().code == errc::socket_failed);
        }
    }
    const auto server = listener_at("tcp://127.0.0.1:*");
    const auto user = dialer_to(server->listening()[0]);
    greet(*user, *server);
}
