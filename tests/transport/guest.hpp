#pragma once

#include "gate_and_inside.hpp"

#include "../processes/raw_stranger.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace sangam::test {

inline constexpr std::chrono::milliseconds never{600'000};

/// A stranger, and the end of its connection behind the gate.
struct guest {
    guest(const std::string& at, gate_and_inside& tested)
        : outside(at), inside(tested.inside.accept(patience_ms)) {
        CHECK(outside.send(zmtp_greeting()) == zmtp_greeting().size());
        routing_id = receive_greeting(inside);
        CHECK_FALSE(routing_id.empty());
    }
    /// Until it has passed the gate.
    void say(const std::string& bytes) {
        CHECK(outside.send(bytes) == bytes.size());
        CHECK(inside.receive(bytes.size()) == bytes);
    }
    /// What the replica says, until it has passed the gate.
    void be_answered(const std::string& bytes) {
        CHECK(inside.send(bytes) == bytes.size());
        CHECK(outside.receive(bytes.size()) == bytes);
    }
    raw_stranger outside;
    raw_stranger inside;
    std::string routing_id;
};

/// The place is free when libzmq has closed its end, too.
inline void check_put_out(guest& of) {
    CHECK(of.outside.is_closed());
    CHECK(of.inside.ends_in_order());
    const raw_stranger closed = std::move(of.inside);
}

} // namespace sangam::test
