#include <sangam/transport/address.hpp>
#include <sangam/transport/errc.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace sangam;
using transport::address;
using transport::errc;
using transport::parse_address;

TEST_CASE("address: tcp, ipc and memory addresses are kept as they were given") {
    using scheme = address::scheme;
    const std::pair<const char*, scheme> good[] = {
        {"tcp://127.0.0.1:7001", scheme::tcp}, {"tcp://localhost:0", scheme::tcp},
        {"tcp://*:65535", scheme::tcp},        {"tcp://255.255.255.255:*", scheme::tcp},
        {"ipc:///run/sangam", scheme::ipc},    {"memory://a", scheme::memory}};
    for (const auto& [text, kind] : good) {
        const auto parsed = parse_address(text);
        REQUIRE_MESSAGE(parsed.has_value(), text);
        CHECK(*parsed == address{kind, text});
    }
}

TEST_CASE("address: anything else is refused with the part that is wrong") {
    const std::pair<std::string, const char*> bad[] = {
        {"", "starts with none"},
        {"udp://127.0.0.1:1", "starts with none"},
        {"TCP://127.0.0.1:1", "starts with none"},
        {"tcp://127.0.0.1", "port is missing"},
        {"tcp://127.0.0.1:", "port \"\""},
        {"tcp://127.0.0.1:65536", "port \"65536\""},
        {"tcp://127.0.0.1:+1", "port \"+1\""},
        {"tcp://127.0.0.1:01", "port \"01\""},
        {"tcp://127.0.0.1:99999999999999999999", "port"},
        {"tcp://:1", "host \"\""},
        {"tcp://127.0.0:1", "host \"127.0.0\""},
        {"tcp://127.0.0.1.1:1", "host"},
        {"tcp://127.0.0.256:1", "host"},
        {"tcp://127.0.0.01:1", "host"},
        {"tcp://127.0.0.1.:1", "host"},
        {"tcp://example.org:1", "host \"example.org\""},
        {"tcp://::1:1", "host"},
        {"ipc://", "nothing follows"},
        {"ipc://" + std::string(108, 'p'), "108 bytes"},
        {"memory://", "nothing follows"},
        {std::string("ipc://a\0b", 9), "zero byte"},
    };
    for (const auto& [text, part] : bad) {
        CAPTURE(text);
        const auto parsed = parse_address(text);
        REQUIRE(!parsed.has_value());
        CHECK(parsed.error().code == errc::bad_address);
        CHECK_MESSAGE(parsed.error().where.find(part) != std::string::npos, parsed.error().where);
    }
    CHECK(parse_address("ipc://" + std::string(107, 'p')).has_value());
}

TEST_CASE("address: local is what only this machine reaches") {
    for (const char* const text :
         {"tcp://127.0.0.1:1", "tcp://127.3.2.1:*", "tcp://localhost:1", "ipc://p", "memory://m"}) {
        CHECK_MESSAGE(is_local(*parse_address(text)), text);
    }
    for (const char* const text : {"tcp://*:1", "tcp://0.0.0.0:1", "tcp://10.0.0.1:1", "tcp://128.0.0.1:1"}) {
        CHECK_MESSAGE(!is_local(*parse_address(text)), text);
    }
}
