#pragma once

#include <cstddef>
#include <string>

/// What the networks and machines of real users do to processes that talk, as often as is wanted: none of the
/// processes may end, and all must have the same afterwards.
namespace sangam::test {

/// How often it went well, and what went wrong first.
struct survival {
    std::size_t passed = 0;
    std::size_t wanted = 0;
    std::string first_failure;
    [[nodiscard]] bool all() const noexcept { return passed == wanted; }
};
/// "cuts: 1000 of 1000", and the first failure if there is one.
[[nodiscard]] std::string to_string(const std::string& name, const survival& outcome);

/// A replica that writes without a pause is taken off the network and brought back, `times` in all: half of
/// the times it is the one that connects, half of the times the one that listens.
[[nodiscard]] survival survive_cuts(std::size_t times);

/// A hub that writes flat out to 20 others is killed with kill -9 and started anew at its address, `times` in
/// all.
[[nodiscard]] survival survive_killed_hubs(std::size_t times);

/// A process stands still for `stopped_ms` while the others write, `times` in all, some of them at once.
[[nodiscard]] survival survive_stops(std::size_t times, unsigned stopped_ms);

/// Strangers that connect, or are connected to, send floods of tiny frames and parts of frames and reset the
/// connection, `times` in all.
[[nodiscard]] survival survive_floods(std::size_t times);

/// Strangers that send tiny frames and ZeroMQ's heartbeats between them, more than wait in a queue, and reset
/// the connection, `times` in all.
[[nodiscard]] survival survive_pings(std::size_t times);

/// Listeners that say the same to whoever connects, `times` in all.
[[nodiscard]] survival survive_pinging_listeners(std::size_t times);

/// A firewall answers whoever connects that there is no such protocol, `times` in all. Wants CAP_NET_RAW.
[[nodiscard]] survival survive_unreachables(std::size_t times);

/// More strangers connect, over tcp and over ipc, than there are file descriptors left (64 in all), and stay
/// in silence, `times` in all: the replica lives, and its friends come in behind them. Some twenty strangers
/// make room each 2.5 s.
[[nodiscard]] survival survive_exhaustion(std::size_t times, std::size_t strangers = 100);

/// A listener that sends whoever connects messages of many parts and resets the connection, `times` in all.
[[nodiscard]] survival survive_traps(std::size_t times);

} // namespace sangam::test
