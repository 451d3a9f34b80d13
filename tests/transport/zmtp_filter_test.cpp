#include "zmtp_filter.hpp"

#include "../processes/raw_stranger.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using sangam::test::zmtp_greeting;
using sangam::test::zmtp_part;
using sangam::transport::zmtp_filter;

namespace {

constexpr std::size_t frame_bytes_max = 1'000;

/// What passes of `bytes` when they come `step` at a time, and why the rest does not.
struct outcome {
    std::string passed;
    std::string reason;
};

outcome filtered(std::string_view bytes, std::size_t step) {
    zmtp_filter filter(frame_bytes_max);
    outcome result;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        const std::string_view piece = bytes.substr(at, step);
        if (!filter.take(piece)) {
            result.reason = filter.reason();
            CHECK_FALSE(result.reason.empty());
            CHECK_FALSE(filter.take("more")); // for good
            return result;
        }
        result.passed += filter.whole() ? std::string(piece) : filter.passed();
    }
    return result;
}

constexpr std::size_t steps[] = {1, 2, 3, 7, 64, 65, 93, 94, 95, 4096};

void check_refused(const std::string& bytes, std::string_view why) {
    for (const std::size_t step : steps) {
        CAPTURE(step);
        const outcome got = filtered(bytes, step);
        CAPTURE(got.reason);
        CHECK(got.reason.find(why) != std::string::npos);
        CHECK(bytes.starts_with(got.passed));
        CHECK(got.passed.size() < bytes.size());
    }
}

/// The memory that `text` has beside itself.
std::size_t memory_of(const std::string& text) {
    return text.capacity() > std::string().capacity() ? text.capacity() : 0;
}

} // namespace

TEST_CASE("zmtp filter: what a DEALER says passes unchanged, however it is cut") {
    std::string bytes = zmtp_greeting();
    for (const std::size_t size : {0U, 1U, 255U, 256U, 1'000U}) {
        bytes += zmtp_part(std::string(size, '\x05')); // as flags this would be refused
    }
    for (const std::size_t step : steps) {
        CAPTURE(step);
        const outcome got = filtered(bytes, step);
        CHECK(got.reason.empty());
        CHECK(got.passed == bytes);
    }
}

TEST_CASE("zmtp filter: nothing of a READY passes before it is whole") {
    const std::string bytes = zmtp_greeting();
    const outcome got = filtered(std::string_view(bytes).substr(0, bytes.size() - 1), 1);
    CHECK(got.reason.empty());
    CHECK(got.passed == bytes.substr(0, 64));
}

TEST_CASE("zmtp filter: an empty routing id passes, and no other") {
    const std::string property = std::string("\x08identity") + std::string(4, '\0');
    const std::string ready = "\x05READY" + property;
    const std::string greeting = zmtp_greeting().substr(0, 64) + '\x04' + static_cast<char>(ready.size());
    CHECK(filtered(greeting + ready, 1).reason.empty());
    check_refused(zmtp_greeting("x"), "routing id");
    check_refused(zmtp_greeting(std::string("\0\0\0\0\1", 5)), "routing id");
    CHECK(filtered(greeting + ready.substr(0, ready.size() - 1) + "x", 1).reason.find("within a property") !=
          std::string::npos);
}

TEST_CASE("zmtp filter: parts, commands, other protocols and frames over the limit are refused") {
    const std::string hello = zmtp_greeting();
    check_refused(hello + zmtp_part("x", true), "parts");
    check_refused(hello + zmtp_part(std::string(300, 'x'), true), "parts");
    check_refused(hello + zmtp_part("fine") + std::string("\x04\x07\x04PING\0\0", 9), "command");
    check_refused(hello + std::string("\x06\0\0\0\0\0\0\1\0", 9), "command");
    check_refused(hello + '\x80', "command");
    check_refused(hello + zmtp_part(std::string(frame_bytes_max + 1, 'x')), "limit");
    check_refused(hello + '\x02' + std::string(8, '\xff'), "limit");
    check_refused(hello.substr(0, 64) + zmtp_part("frame"), "READY");
    check_refused(hello.substr(0, 64) + std::string("\x06\0\0\0\0\0\0\1\0", 9), "READY");
    check_refused(hello.substr(0, 64) + std::string("\x04\x06\x05") + "ERROR", "READY");
    check_refused("GET / HTTP/1.1", "not of ZMTP 3");
    for (const std::size_t at : {9U, 10U, 12U, 16U, 31U}) {
        std::string other = hello;
        other[at] = '\2';
        CAPTURE(at);
        check_refused(other, "greeting");
    }
}

TEST_CASE("zmtp filter: a READY that is to be named loses an empty routing id and gets another") {
    zmtp_filter filter(100);
    filter.name("p1");
    const auto property = [](const std::string& name, const std::string& value) {
        return static_cast<char>(name.size()) + name + std::string(3, '\0') +
               static_cast<char>(value.size()) + value;
    };
    const auto ready = [](const std::string& properties) {
        const std::string content = "\x05READY" + properties;
        return std::string("\x04") + static_cast<char>(content.size()) + content;
    };
    const std::string greeting = zmtp_greeting().substr(0, 64);
    const std::string own = property("Identity", "p1");
    SUBCASE("with an empty one") {
        const std::string type = property("Socket-Type", "DEALER");
        CHECK(filter.take(greeting + ready(property("identity", "") + type)));
        CHECK(filter.passed() == greeting + ready(type + own));
    }
    SUBCASE("up to the length of a short frame") {
        const std::size_t left = 255 - 6 - own.size() - property("X", "").size();
        zmtp_filter other(100);
        other.name("p1");
        const std::string most = property("X", std::string(left, 'x'));
        CHECK(filter.take(greeting + ready(most)));
        CHECK(filter.passed() == greeting + ready(most + own));
        CHECK_FALSE(other.take(greeting + ready(property("X", std::string(left + 1, 'x')))));
        CHECK(other.reason() == "READY is longer than any of this library");
    }
}

TEST_CASE("zmtp filter: it knows how much has come of a frame that is not whole") {
    zmtp_filter filter(frame_bytes_max);
    CHECK(filter.take(zmtp_greeting()));
    CHECK(filter.unfinished() == 0);
    const std::string part = zmtp_part(std::string(300, 'x'));
    const std::size_t head_bytes = part.size() - 300;
    for (std::size_t i = 0; i < part.size(); ++i) {
        CHECK(filter.take(part.substr(i, 1)));
        CHECK(filter.unfinished() == (i < head_bytes || i + 1 == part.size() ? 0 : i + 1 - head_bytes));
    }
    CHECK(filter.frames() == 1);
}

TEST_CASE(
    "zmtp filter: what came together with the greeting is handed over once, and no memory of it stays") {
    // Each connection kept as much as it had sent in one read with its greeting, for as long as it stood.
    const std::string bytes = zmtp_greeting() + zmtp_part(std::string(frame_bytes_max, 'x'));
    zmtp_filter filter(frame_bytes_max);
    REQUIRE(filter.take(bytes));
    CHECK_FALSE(filter.whole());
    CHECK(filter.passed() == bytes);
    CHECK(memory_of(filter.passed()) == 0);
    zmtp_filter counting(frame_bytes_max, zmtp_filter::use::counts);
    REQUIRE(counting.take(bytes));
    CHECK(counting.frames() == 1);
    CHECK(memory_of(counting.passed()) == 0);
}
