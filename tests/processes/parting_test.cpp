#include "remote_replica.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

using namespace std::chrono_literals;
using sangam::test::remote_replica;

// 3,351 of 50,000 writes were gone after a SIGTERM.
TEST_CASE("processes: one that closes on SIGTERM brings all that it wrote to one that stands still a while") {
    remote_replica stays;
    stays.open("stays", "tcp://127.0.0.1:*");
    remote_replica leaves;
    leaves.open("leaves", "-", {stays.address()});
    leaves.ask("close_on_sigterm 30000");
    stays.catch_up_with(leaves);
    stays.in().stop(); // longer than a destructor waits
    leaves.ask("increment visits 1 50000");
    leaves.in().terminate();
    std::this_thread::sleep_for(2s);
    stays.in().resume();
    CHECK(leaves.finish().empty());
    CHECK(leaves.in().wait_for_end(sangam::test::patience) == 0);
    CHECK(stays.counter("visits") == 50'000);
}

TEST_CASE("processes: one that closes on SIGTERM says how much it could not bring to whom") {
    remote_replica dies;
    dies.open("dies", "tcp://127.0.0.1:*");
    remote_replica leaves;
    leaves.open("leaves", "-", {dies.address()});
    leaves.ask("close_on_sigterm 300");
    leaves.ask("increment visits 1 10");
    dies.catch_up_with(leaves);
    dies.in().kill();
    leaves.ask("increment visits 1 5000");
    leaves.in().terminate();
    std::string said;
    try {
        leaves.finish();
    } catch (const std::runtime_error& answer) {
        said = answer.what();
    }
    INFO(said);
    CHECK(said.find(" of 5010 own messages are not acknowledged by ") != std::string::npos);
    CHECK(leaves.in().wait_for_end(sangam::test::patience) == 1);
}
