#include <editor/presence.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace std::chrono_literals;

using editor::decode_presence;
using editor::encode;
using editor::presence;
using editor::presence_pacer;
using sangam::crdt::text_bias;
using sangam::crdt::text_cursor;
using sangam::crdt::text_id;

namespace {

constexpr sangam::causality::replica_id someone{0x0123456789abcdef};

presence alice_at(std::uint64_t lamport) {
    return {"alice", {text_id{lamport, someone}, text_bias::left}};
}

} // namespace

TEST_CASE("presence: it reads as what it says") {
    CHECK(encode(alice_at(17)) == sangam::crdt::value("left 17:0123456789abcdef alice"));
    CHECK(encode({"bob", {std::nullopt, text_bias::right}}) == sangam::crdt::value("right end bob"));
}

TEST_CASE("presence: what is encoded is decoded again, names with spaces and empty ones too") {
    for (const std::string name : {"alice", "Asha Rao", "", " ", "\xC3\x84nne"}) {
        for (const text_bias bias : {text_bias::left, text_bias::right}) {
            for (const auto& anchor :
                 {std::optional<text_id>(), std::optional(text_id{~std::uint64_t{0}, someone})}) {
                const presence shown{name, {anchor, bias}};
                CHECK(decode_presence(encode(shown)) == shown);
            }
        }
    }
}

TEST_CASE("presence: any other value shows nobody") {
    for (const std::string text :
         {"", "left", "left end", "up end alice", "left 17 alice", "left 17: alice",
          "left :0123456789abcdef alice", "left 0:0123456789abcdef alice", "left -1:0123456789abcdef alice",
          "left 17x:0123456789abcdef alice", "left 18446744073709551616:0123456789abcdef alice",
          "left 17:0123456789abcde alice"}) {
        CAPTURE(text);
        CHECK_FALSE(decode_presence(sangam::crdt::value(text)));
    }
    CHECK_FALSE(decode_presence(sangam::crdt::value(17)));
    CHECK_FALSE(decode_presence(sangam::crdt::value()));
}

TEST_CASE(
    "presence_pacer: the first place is told at once, a new one after the interval, the same one never") {
    presence_pacer pacer(100ms);
    const presence_pacer::time_point start{};
    CHECK(pacer.due(alice_at(1), start));
    pacer.written(alice_at(1), start);
    CHECK_FALSE(pacer.due(alice_at(1), start + 10s));
    CHECK_FALSE(pacer.due(alice_at(2), start + 99ms));
    CHECK(pacer.due(alice_at(2), start + 100ms));
    pacer.forget();
    CHECK(pacer.due(alice_at(1), start + 1ms));
}
