#include "relay_process.hpp"
#include "remote_replica.hpp"
#include "tcp_relay.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

using sangam::test::relay_process;
using sangam::test::remote_replica;
using sangam::test::tcp_relay;

namespace {

/// A directory for ipc addresses; short, because the system limits the length of such a path.
struct temporary_directory {
    temporary_directory() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;
    ~temporary_directory() { std::filesystem::remove_all(path); }
    std::string path = "/tmp/sangam-XXXXXX";
};

/// Both write; each must have the other's afterwards.
void write_on_both_sides(remote_replica& a, remote_replica& b) {
    a.start("increment visits 1 3000");
    b.start("increment visits 1 4000");
    a.finish();
    b.finish();
    a.ask("insert notes 0 <a>");
    b.ask("insert notes 0 <b>");
    a.ask("add tags a");
    b.ask("add tags b");
}

void check_merged(remote_replica& a, remote_replica& b) {
    a.catch_up_with(b);
    b.catch_up_with(a);
    for (remote_replica* each : {&a, &b}) {
        CHECK(each->counter("visits") == 7000);
        CHECK(each->ask("set tags") == "a b");
        CHECK(each->ask("text notes").size() == 6);
        CHECK(each->number("held") == 0);
    }
    CHECK(a.ask("text notes") == b.ask("text notes"));
}

void check_meets_later(const std::string& address) {
    remote_replica early;
    early.open("early", "-", {address});
    early.ask("increment visits 1 100");
    early.until([](auto& fields) { return fields.at("peer0.state") == "hello"; });
    remote_replica late;
    late.open("late", address);
    late.catch_up_with(early);
    CHECK(late.counter("visits") == 100);
    late.ask("increment visits 1 11");
    early.catch_up_with(late);
    CHECK(early.counter("visits") == 111);
}

} // namespace

TEST_CASE("processes: offline edits of both sides are merged when one is online again") {
    remote_replica asha;
    remote_replica bela;
    asha.open("asha", "tcp://127.0.0.1:*");
    bela.open("bela", "-", {asha.address()});
    remote_replica* offline = &bela;
    SUBCASE("the one that connects") {}
    SUBCASE("the one that listens") {
        offline = &asha;
    }
    bela.until_peer_is("streaming");
    offline->ask("online 0");
    CHECK(offline->status().at("online") == "0");
    write_on_both_sides(asha, bela);
    CHECK(asha.counter("visits") == 3000);
    CHECK(bela.counter("visits") == 4000);
    offline->ask("online 1");
    check_merged(asha, bela);
}

TEST_CASE("processes: edits of both sides of a cut network are merged when it heals") {
    remote_replica asha;
    remote_replica bela;
    asha.open("asha", "tcp://127.0.0.1:*");
    relay_process network(asha.address());
    bela.open("bela", "-", {network.address()});
    bela.until_peer_is("streaming");
    network.cut();
    write_on_both_sides(asha, bela);
    CHECK(asha.counter("visits") == 3000);
    CHECK(bela.counter("visits") == 4000);
    network.heal();
    check_merged(asha, bela);
    CHECK(network.end().at("cut") > 0);
}

TEST_CASE("processes: a listener that starts after the other connected is found") {
    SUBCASE("tcp") {
        remote_replica gone;
        gone.open("gone", "tcp://127.0.0.1:*");
        const std::string address = gone.address();
        gone.in().kill();
        check_meets_later(address);
    }
    SUBCASE("ipc") {
        const temporary_directory directory;
        check_meets_later("ipc://" + directory.path + "/socket");
    }
}

TEST_CASE("processes: 100,000 increments over a bad network are all counted exactly") {
    remote_replica asha;
    remote_replica bela;
    for (remote_replica* each : {&asha, &bela}) {
        each->option("batch_messages_max", "64");
    }
    asha.open("asha", "tcp://127.0.0.1:*");
    relay_process network(asha.address(),
                          {"--drop", "5", "--repeat", "5", "--reorder", "20", "--seed", "20261123"});
    bela.open("bela", "-", {network.address()});
    asha.start("increment visits 1 50000");
    bela.start("increment visits 1 50000");
    asha.finish();
    bela.finish();
    asha.catch_up_with(bela);
    bela.catch_up_with(asha);
    for (remote_replica* each : {&asha, &bela}) {
        CHECK(each->counter("visits") == 100'000);
        auto status = each->status();
        CHECK(status.at("delivered") == "50000");
        CHECK(status.at("held") == "0");
        CHECK(status.at("frames_rejected") == "0");
        CHECK(status.at("messages_invalid") == "0");
    }
    auto counts = network.end();
    CHECK(counts.at("dropped") > 0);
    CHECK(counts.at("repeated") > 0);
    CHECK(counts.at("reordered") > 0);
    MESSAGE("frames: ", counts.at("received"), ", dropped: ", counts.at("dropped"));
}

TEST_CASE("processes: a network that vanishes without a word is found out, and a new connection is made") {
    remote_replica asha;
    remote_replica bela;
    for (remote_replica* each : {&asha, &bela}) {
        each->option("silence_ms_max", "1000");
    }
    asha.open("asha", "tcp://127.0.0.1:*");
    tcp_relay network(asha.address());
    bela.open("bela", "-", {network.address()});
    for (int i = 1; i <= 3; ++i) {
        write_on_both_sides(asha, bela);
        asha.catch_up_with(bela);
        bela.catch_up_with(asha);
        const std::uint64_t before = network.accepted();
        network.swallow();
        write_on_both_sides(asha, bela);
        asha.catch_up_with(bela);
        bela.catch_up_with(asha);
        CHECK(network.accepted() > before);
        CHECK(asha.counter("visits") == i * 14'000);
        CHECK(bela.counter("visits") == i * 14'000);
    }
}

TEST_CASE("processes: a second replica at a path is refused, and what a killed one left is taken over") {
    const temporary_directory directory;
    const std::string address = "ipc://" + directory.path + "/socket";
    remote_replica first;
    remote_replica user;
    first.open("first", address);
    user.open("user", "-", {address});
    {
        remote_replica second;
        CHECK_THROWS_WITH(second.open("second", address), doctest::Contains("is in use by process"));
    }
    first.ask("increment visits 1 7");
    user.catch_up_with(first);
    first.in().kill();
    remote_replica third;
    third.open("third", address);
    third.catch_up_with(user);
    CHECK(third.counter("visits") == 7);
}
