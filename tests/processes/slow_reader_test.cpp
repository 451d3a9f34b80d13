#include "memory_counts.hpp"
#include "remote_replica.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>

using sangam::test::memory_counts;
using sangam::test::remote_replica;

TEST_CASE("processes: a reader that stands still for five seconds loses nothing and costs the writer little "
          "memory") {
    remote_replica writer;
    remote_replica quick;
    remote_replica slow;
    writer.option("queue_frames_max", "16");
    writer.open("writer", "tcp://127.0.0.1:*");
    quick.open("quick", "-", {writer.address()});
    slow.open("slow", "-", {writer.address()});
    writer.ask("increment visits 1 1000");
    quick.catch_up_with(writer);
    slow.catch_up_with(writer);
    const std::size_t before_kib = writer.in().resident_kib();

    slow.in().stop();
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    writer.ask("increment visits 1 200000");
    quick.catch_up_with(writer);
    CHECK(quick.counter("visits") == 201'000);
    // More than the queue and the system's buffers take: 80 MiB.
    for (int i = 0; i < 20; ++i) {
        writer.ask("fill page 8192 512");
        quick.catch_up_with(writer);
    }
    std::this_thread::sleep_until(until);
    const std::size_t grown_kib = writer.in().resident_most_kib() - before_kib;
    const std::size_t log_kib = writer.number("log_bytes") / 1024;
    CHECK(writer.number("sends_refused") > 0);
    slow.in().resume();
    writer.ask("increment visits 1 1000");
    slow.catch_up_with(writer);
    CHECK(slow.counter("visits") == 202'000);
    CHECK(slow.number("total") == writer.number("total"));
    CHECK(slow.number("held") == 0);
    MESSAGE("the writer grew by ", grown_kib, " KiB, of which its log is ", log_kib);
    CHECK((!memory_counts || grown_kib < log_kib + 48 * 1024));
}

TEST_CASE("processes: a reader never holds much more than one poll's messages outside its log") {
    remote_replica writer;
    remote_replica reader;
    writer.open("writer", "tcp://127.0.0.1:*");
    reader.open("reader", "-", {writer.address()});
    writer.ask("increment visits 1 1");
    reader.catch_up_with(writer);
    constexpr std::uint64_t increments = 2'000'000;
    // outbox_messages_max, and what the 256 frames of one poll bring in batches of 256 KiB.
    constexpr std::uint64_t outbox_most = 65'536 + 256 * 1024;
    writer.start("increment visits 1 " + std::to_string(increments - 1));
    std::uint64_t most = 0;
    reader.until([&most](auto& fields) {
        most = std::max<std::uint64_t>(most, std::stoull(fields.at("outbox")));
        return std::stoull(fields.at("total")) == increments;
    });
    writer.finish();
    MESSAGE("outside the log at most ", most, " messages; the reader used at most ",
            reader.in().resident_most_kib() / 1024, " MiB");
    CHECK(reader.counter("visits") == increments);
    CHECK(most <= outbox_most);
}
