#include "survival.hpp"

#include "protocol_unreachable.hpp"
#include "raw_stranger.hpp"
#include "remote_replica.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <random>
#include <string_view>
#include <thread>
#include <vector>

namespace sangam::test {

namespace {

using std::chrono::milliseconds;
using group = std::vector<std::unique_ptr<remote_replica>>;

void sleep_ms(std::uint64_t ms) {
    std::this_thread::sleep_for(milliseconds(ms));
}

std::unique_ptr<remote_replica> started(std::size_t messages_each_frame = 16) {
    auto made = std::make_unique<remote_replica>();
    made->option("batch_messages_max", std::to_string(messages_each_frame));
    return made;
}

void keep_failure(survival& outcome, std::string_view when, const std::exception& reason) {
    if (outcome.first_failure.empty()) {
        outcome.first_failure = std::string(when) + ": " + reason.what();
    }
}

/// Both alive, and with the same afterwards.
void check_equal(remote_replica& a, remote_replica& b) {
    a.catch_up_with(b);
    b.catch_up_with(a);
    if (a.counter("visits") != b.counter("visits")) {
        throw std::runtime_error("the counters differ");
    }
}

/// Processes whose history would grow without end are replaced by new ones.
constexpr std::size_t cuts_each_pair = 100;

void cut_one_pair(survival& outcome, std::size_t times, bool listener_is_cut) {
    const auto listener = started(1); // as many frames as can be
    const auto dialer = started(1);
    listener->open("listener", "tcp://127.0.0.1:*");
    dialer->open("dialer", "-", {listener->address()});
    remote_replica& cut = listener_is_cut ? *listener : *dialer;
    remote_replica& other = listener_is_cut ? *dialer : *listener;
    check_equal(cut, other);
    cut.ask("hammer visits 20");
    other.ask("hammer visits 200");
    for (std::size_t i = 0; i < times; ++i) {
        cut.ask("flap 1 20 100 " + std::to_string(outcome.passed + 1));
        static_cast<void>(other.token());
        ++outcome.passed;
    }
    cut.ask("hammer_end");
    other.ask("hammer_end");
    check_equal(cut, other);
}

void kill_one_hub(std::uint64_t after_ms) {
    constexpr std::size_t leaf_count = 20;
    auto hub = started();
    hub->open("hub", "tcp://127.0.0.1:*");
    const std::string address = hub->address();
    group leaves;
    for (std::size_t i = 0; i < leaf_count; ++i) {
        leaves.push_back(started());
        leaves.back()->open("leaf" + std::to_string(i), "-", {address});
    }
    hub->ask("increment visits 1 1");
    for (const auto& leaf : leaves) {
        leaf->catch_up_with(*hub);
    }
    hub->ask("hammer visits 0");
    leaves.front()->ask("hammer visits 500");
    sleep_ms(after_ms);
    hub->in().kill();
    hub = started();
    hub->open("hub", address);
    leaves.front()->ask("hammer_end");
    hub->ask("increment visits 1 1");
    for (const auto& leaf : leaves) {
        leaf->catch_up_with(*hub);
    }
}

/// Some at once, one of them the writer's listener and the others those that connect to it.
void stop_some(std::size_t count, unsigned stopped_ms, bool stop_listener) {
    const auto writer = started();
    const auto hub = started();
    hub->open("hub", "tcp://127.0.0.1:*");
    writer->open("writer", "-", {hub->address()});
    group readers;
    for (std::size_t i = 0; i < count; ++i) {
        readers.push_back(started());
        readers.back()->open("reader" + std::to_string(i), "-", {hub->address()});
        readers.back()->ask("increment visits 1 1");
        check_equal(*readers.back(), *hub);
    }
    check_equal(*writer, *hub);
    writer->ask("hammer visits 30000");
    if (!stop_listener) {
        hub->ask("hammer visits 30000");
    }
    const auto each_stopped = [&](auto what) {
        if (stop_listener) {
            what(hub->in());
            return;
        }
        for (const auto& reader : readers) {
            what(reader->in());
        }
    };
    each_stopped([](process& p) { p.stop(); });
    sleep_ms(stopped_ms);
    each_stopped([](process& p) { p.resume(); });
    sleep_ms(500);
    writer->ask("hammer_end");
    if (!stop_listener) {
        hub->ask("hammer_end");
    }
    check_equal(*writer, *hub);
    for (const auto& reader : readers) {
        check_equal(*reader, *hub);
    }
}

std::string flood(std::mt19937_64& random) {
    std::string bytes = zmtp_greeting();
    const std::uint64_t frames = random() % 400;
    for (std::uint64_t i = 0; i < frames; ++i) {
        bytes += zmtp_part(std::string(random() % 4, 'x'), random() % 2 == 0);
    }
    switch (random() % 4) {
    case 0: // within the greeting or a frame
        bytes.resize(random() % bytes.size());
        break;
    case 1: // a frame over the limit, of which a part comes
        bytes += '\x02';
        bytes += std::string("\0\0\0\0\x7f\0\0\0", 8) + std::string(random() % 9000, 'y');
        break;
    default:
        break;
    }
    return bytes;
}

void reset_after(raw_stranger stranger, std::mt19937_64& random) {
    static_cast<void>(stranger.send(flood(random)));
    if (random() % 4 == 0) {
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 2000));
        stranger.swallow();
    }
    stranger.reset();
}

/// Greeted first: the frames then fill the queue while the heartbeats wait behind them.
void ping_and_reset(raw_stranger stranger, const std::string& greeting, std::mt19937_64& random) {
    static_cast<void>(stranger.send(greeting));
    sleep_ms(2);
    const std::string frame = zmtp_part("x");
    std::string bytes;
    for (std::uint64_t n = 20 + random() % 580; n > 0; --n) {
        bytes += frame + frame + frame + zmtp_ping();
    }
    static_cast<void>(stranger.send(bytes));
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 3000));
    stranger.reset();
}

} // namespace

std::string to_string(const std::string& name, const survival& outcome) {
    return name + ": " + std::to_string(outcome.passed) + " of " + std::to_string(outcome.wanted) +
           (outcome.first_failure.empty() ? "" : "; first failure: " + outcome.first_failure);
}

survival survive_cuts(std::size_t times) {
    survival outcome{.wanted = times};
    bool listener_is_cut = false;
    for (std::size_t done = 0; done < times;) {
        const std::size_t next = std::min(cuts_each_pair, (times - done + 1) / 2);
        try {
            cut_one_pair(outcome, next, listener_is_cut);
        } catch (const std::exception& reason) {
            keep_failure(outcome, listener_is_cut ? "the listener is cut" : "the dialer is cut", reason);
        }
        listener_is_cut = !listener_is_cut;
        done += next;
    }
    if (!outcome.first_failure.empty()) {
        outcome.passed = std::min(outcome.passed, times - 1); // alive, and not equal at the end
    }
    return outcome;
}

survival survive_killed_hubs(std::size_t times) {
    survival outcome{.wanted = times};
    for (std::size_t i = 0; i < times; ++i) {
        try {
            kill_one_hub(100 + 37 * i % 300);
            ++outcome.passed;
        } catch (const std::exception& reason) {
            keep_failure(outcome, "kill " + std::to_string(i + 1), reason);
        }
    }
    return outcome;
}

survival survive_stops(std::size_t times, unsigned stopped_ms) {
    constexpr std::size_t at_once = 5;
    survival outcome{.wanted = times};
    bool stop_listener = false;
    for (std::size_t done = 0; done < times; stop_listener = !stop_listener) {
        const std::size_t next = stop_listener ? 1 : std::min(at_once, times - done);
        try {
            stop_some(stop_listener ? at_once : next, stopped_ms, stop_listener);
            outcome.passed += next;
        } catch (const std::exception& reason) {
            keep_failure(outcome, "stop " + std::to_string(done + 1), reason);
        }
        done += next;
    }
    return outcome;
}

survival survive_traps(std::size_t times) {
    survival outcome{.wanted = times};
    std::mt19937_64 random(20261129);
    try {
        const auto victim = started();
        raw_listener trap;
        victim->option("silence_ms_max", "1000");
        victim->open("victim", "-", {trap.address()});
        victim->ask("hammer visits 1000");
        for (std::size_t i = 0; i < times; ++i) {
            raw_stranger caught = trap.accept(static_cast<int>(patience.count()));
            std::string bytes = zmtp_greeting();
            for (std::uint64_t n = random() % 2'000; n > 0; --n) {
                bytes += zmtp_part(std::string(random() % 8, 'x'), random() % 3 != 0);
            }
            static_cast<void>(caught.send(bytes));
            std::this_thread::sleep_for(std::chrono::microseconds(random() % 3000));
            caught.swallow();
            caught.reset();
            static_cast<void>(victim->token());
            ++outcome.passed;
        }
        victim->ask("hammer_end");
        static_cast<void>(victim->token());
    } catch (const std::exception& reason) {
        keep_failure(outcome, "trap " + std::to_string(outcome.passed + 1), reason);
    }
    return outcome;
}

survival survive_pings(std::size_t times) {
    constexpr std::size_t check_every = 50;
    survival outcome{.wanted = times};
    std::mt19937_64 random(20261130);
    try {
        const auto victim = started();
        const auto other = started();
        victim->open("victim", "tcp://127.0.0.1:*");
        other->open("friend", "-", {victim->address()});
        for (std::size_t i = 0; i < times; ++i) {
            ping_and_reset(raw_stranger(victim->address()), zmtp_greeting(), random);
            if (i % check_every == check_every - 1) {
                static_cast<void>(victim->token());
            }
            outcome.passed = i + 1;
        }
        other->ask("increment visits 1 1");
        check_equal(*victim, *other);
    } catch (const std::exception& reason) {
        outcome.passed = std::min(outcome.passed, times - 1);
        keep_failure(outcome, "ping " + std::to_string(outcome.passed + 1), reason);
    }
    return outcome;
}

survival survive_pinging_listeners(std::size_t times) {
    constexpr std::size_t trap_count = 20; // each is asked again after pauses that grow
    survival outcome{.wanted = times};
    std::mt19937_64 random(20261201);
    try {
        const auto victim = started();
        const auto other = started();
        std::vector<std::unique_ptr<raw_listener>> traps;
        std::vector<std::string> peers;
        for (std::size_t i = 0; i < trap_count; ++i) {
            traps.push_back(std::make_unique<raw_listener>());
            peers.push_back(traps.back()->address());
        }
        victim->open("victim", "tcp://127.0.0.1:*", peers);
        other->open("friend", "-", {victim->address()});
        victim->ask("hammer visits 1000");
        for (std::size_t i = 0; i < times; ++i) {
            ping_and_reset(traps[i % trap_count]->accept(static_cast<int>(patience.count())),
                           zmtp_router_greeting(), random);
            static_cast<void>(victim->token());
            outcome.passed = i + 1;
        }
        victim->ask("hammer_end");
        check_equal(*victim, *other);
    } catch (const std::exception& reason) {
        outcome.passed = std::min(outcome.passed, times - 1);
        keep_failure(outcome, "pinging listener " + std::to_string(outcome.passed + 1), reason);
    }
    return outcome;
}

survival survive_unreachables(std::size_t times) {
    survival outcome{.wanted = times};
    try {
        const auto victim = started();
        protocol_unreachable firewall;
        victim->open("victim", "-", {firewall.address()});
        for (std::size_t i = 0; i < times; ++i) {
            firewall.answer_one(static_cast<int>(patience.count()));
            static_cast<void>(victim->token());
            outcome.passed = i; // it has to come again to have survived
        }
        firewall.answer_one(static_cast<int>(patience.count()));
        outcome.passed = times;
    } catch (const std::exception& reason) {
        keep_failure(outcome, "unreachable " + std::to_string(outcome.passed + 1), reason);
    }
    return outcome;
}

survival survive_exhaustion(std::size_t times, std::size_t strangers) {
    constexpr rlim_t descriptors = 64;
    survival outcome{.wanted = times};
    for (std::size_t i = 0; i < times; ++i) {
        const std::string path = "/tmp/sangam-exhausted-" + std::to_string(::getpid());
        const std::string address = i % 2 == 0 ? "ipc://" + path : "tcp://127.0.0.1:*";
        try {
            rlimit before{};
            ::getrlimit(RLIMIT_NOFILE, &before);
            const rlimit few{descriptors, before.rlim_max};
            ::setrlimit(RLIMIT_NOFILE, &few); // the child's, which inherits it
            const auto victim = started();
            ::setrlimit(RLIMIT_NOFILE, &before);
            victim->open("victim", address);
            const auto other = started();
            std::vector<raw_stranger> crowd;
            for (std::size_t k = 0; k < strangers; ++k) {
                crowd.emplace_back(victim->address());
                static_cast<void>(crowd.back().send(zmtp_greeting()));
            }
            sleep_ms(300);
            static_cast<void>(victim->token());
            other->open("friend", "-", {victim->address()}); // while the crowd stands, silent
            other->ask("increment visits 1 1");
            check_equal(*victim, *other);
            ++outcome.passed;
        } catch (const std::exception& reason) {
            keep_failure(outcome, "exhaustion over " + address, reason);
        }
    }
    return outcome;
}

survival survive_floods(std::size_t times) {
    constexpr std::size_t check_every = 1'000;
    constexpr std::size_t trap_every = 500;
    survival outcome{.wanted = times};
    std::mt19937_64 random(20261128);
    try {
        const auto victim = started();
        const auto other = started();
        raw_listener trap;
        victim->option("silence_ms_max", "1000");
        victim->open("victim", "tcp://127.0.0.1:*", {trap.address()});
        other->open("friend", "-", {victim->address()});
        victim->ask("hammer visits 5000");
        for (std::size_t i = 0; i < times; ++i) {
            if (i % trap_every ==
                trap_every - 1) { // it comes again when it has been silent for silence_ms_max
                reset_after(trap.accept(static_cast<int>(patience.count())), random);
            } else {
                reset_after(raw_stranger(victim->address()), random);
            }
            if (i % check_every == check_every - 1) {
                static_cast<void>(victim->token());
            }
            outcome.passed = i + 1;
        }
        victim->ask("hammer_end");
        check_equal(*victim, *other);
    } catch (const std::exception& reason) {
        outcome.passed = std::min(outcome.passed, times - 1);
        keep_failure(outcome, "flood " + std::to_string(outcome.passed + 1), reason);
    }
    return outcome;
}

} // namespace sangam::test
