#include "descriptors.hpp"
#include "guest.hpp"

#include "../processes/raw_stranger.hpp"

#include <sangam/transport/limits.hpp>

#include <doctest/doctest.h>

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

// Who keeps a place in the gate, and who makes room.

using namespace sangam;
using namespace sangam::test;
using std::chrono::milliseconds;

namespace {

/// While it exists the process may open some descriptors more, too few for the gate to use them.
struct few_descriptors {
    few_descriptors() {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
        const rlimit few{rlim_t{256}, before.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
        while (transport::descriptors_are_left()) {
            taken.push_back(::dup(0));
            REQUIRE(taken.back() >= 0);
        }
    }
    few_descriptors(const few_descriptors&) = delete;
    few_descriptors& operator=(const few_descriptors&) = delete;
    ~few_descriptors() {
        for (const int descriptor : taken) {
            ::close(descriptor);
        }
        ::setrlimit(RLIMIT_NOFILE, &before);
    }
    rlimit before{};
    std::vector<int> taken;
};

void newcomer_speaks(raw_stranger& newcomer, raw_stranger& behind) {
    const std::string said = zmtp_greeting() + zmtp_part("hello");
    CHECK(newcomer.send(said) == said.size());
    CHECK_FALSE(receive_greeting(behind).empty());
    CHECK(behind.receive(zmtp_part("hello").size()) == zmtp_part("hello"));
}

} // namespace

TEST_CASE("zmtp gate: who sends no whole frame in time is put out, and who has sent one may be silent") {
    // A greeting alone kept a place for ever, so that a few thousand idle connections kept everybody out.
    gate_and_inside tested(8, milliseconds(1'500), never, never);
    const std::string at = tested.gate.listen(parsed("tcp://127.0.0.1:*")).value();
    REQUIRE(tested.gate.start().has_value());
    guest frank(at, tested);
    frank.say(zmtp_part(""));
    guest idle(at, tested);
    guest slow(at, tested);
    slow.say(zmtp_part("a part of a frame").substr(0, 10));
    CHECK(tested.gate.refusals().empty());
    check_put_out(idle);
    check_put_out(slow);
    const std::string why = at + ": no whole frame came within 1500 ms";
    CHECK(tested.refusals(2) == std::vector<std::string>{why, why});
    frank.say(zmtp_part("still here"));
}

TEST_CASE("zmtp gate: who sends its first frame just in time stays") {
    gate_and_inside tested(8, milliseconds(2'000), never, never);
    const std::string at = tested.gate.listen(parsed("tcp://127.0.0.1:*")).value();
    REQUIRE(tested.gate.start().has_value());
    guest late(at, tested);
    std::this_thread::sleep_for(milliseconds(500));
    late.say(zmtp_part("first"));
    std::this_thread::sleep_for(milliseconds(2'000)); // for longer than a first frame may take
    late.say(zmtp_part("second"));
    CHECK(tested.gate.refusals().empty());
}

TEST_CASE("zmtp gate: when all places are taken, those that never spoke make room, the oldest first") {
    gate_and_inside tested(3, never, milliseconds(50), milliseconds(50));
    const std::string at = tested.gate.listen(parsed("tcp://127.0.0.1:*")).value();
    REQUIRE(tested.gate.start().has_value());
    guest frank(at, tested);
    frank.say(zmtp_part("hello")); // silent longest, but not of those that never spoke
    guest first(at, tested);
    guest second(at, tested);
    std::this_thread::sleep_for(milliseconds(60));
    raw_stranger one(at);
    check_put_out(first);
    const raw_stranger behind_one = tested.inside.accept(patience_ms);
    raw_stranger other(at);
    check_put_out(second);
    const raw_stranger behind_other = tested.inside.accept(patience_ms);
    const auto told = tested.refusals(2);
    REQUIRE(told.size() == 2);
    CHECK(told[0].starts_with(at + ": a connection makes room for another: no whole frame came for "));
    frank.say(zmtp_part("still here"));
}

TEST_CASE("zmtp gate: addresses at which nobody is connected lend their places to nobody") {
    gate_and_inside tested(2);
    const std::string at = tested.gate.listen(parsed("tcp://127.0.0.1:*")).value();
    for (std::size_t link = 1; link <= 3; ++link) {
        tested.gate.dial(link, parsed("ipc://@" + fresh_name("nobody")), tested.name);
    }
    REQUIRE(tested.gate.start().has_value());
    guest first(at, tested);
    const guest second(at, tested);
    raw_stranger third(at);
    CHECK(third.is_closed());
    CHECK(tested.refusals(1) ==
          std::vector<std::string>{at + ": there are 2 connections already, and none was silent for long"});
    first.say(zmtp_part("still here"));
}

TEST_CASE("zmtp gate: who comes while all places are taken and nobody was silent for long is refused") {
    gate_and_inside tested(2, never, never, never);
    const std::string at = tested.gate.listen(parsed("tcp://127.0.0.1:*")).value();
    REQUIRE(tested.gate.start().has_value());
    guest spoke(at, tested);
    spoke.say(zmtp_part("hello"));
    const guest never_spoke(at, tested);
    raw_stranger early(at);
    CHECK(early.is_closed());
    CHECK(tested.refusals(1) ==
          std::vector<std::string>{at + ": there are 2 connections already, and none was silent for long"});
    spoke.say(zmtp_part("still here"));
}

TEST_CASE("zmtp gate: those that spoke make room when silent for long, and who spoke lately does not") {
    constexpr milliseconds silence{400};
    gate_and_inside tested(2, never, never, silence);
    const std::string at = tested.gate.listen(parsed("tcp://127.0.0.1:*")).value();
    REQUIRE(tested.gate.start().has_value());
    guest first(at, tested);
    first.say(zmtp_part("hello"));
    guest second(at, tested);
    second.say(zmtp_part("hello"));
    std::this_thread::sleep_for(silence + milliseconds(10));
    first.say(zmtp_part("the first speaks again"));
    raw_stranger newcomer(at);
    check_put_out(second);
    const raw_stranger behind = tested.inside.accept(patience_ms);
    first.say(zmtp_part("still here"));
    CHECK(tested.refusals(1).size() == 1);
}

TEST_CASE("zmtp gate: of those that spoke the one that was silent longest makes room, whoever came first") {
    gate_and_inside tested(2, never, never, milliseconds(50));
    const std::string at = tested.gate.listen(parsed("tcp://127.0.0.1:*")).value();
    REQUIRE(tested.gate.start().has_value());
    guest first(at, tested);
    first.say(zmtp_part("hello"));
    guest second(at, tested);
    second.say(zmtp_part("hello"));
    std::this_thread::sleep_for(milliseconds(5));
    first.say(zmtp_part("again"));
    std::this_thread::sleep_for(milliseconds(60)); // both would have to make room
    raw_stranger newcomer(at);
    check_put_out(second);
    const raw_stranger behind = tested.inside.accept(patience_ms);
    first.say(zmtp_part("still here"));
}

TEST_CASE("zmtp gate: when the descriptors are used up, who never spoke makes room, for dialed ones too") {
    gate_and_inside tested(100, never, milliseconds(50), never);
    const std::string at = tested.gate.listen(parsed("tcp://127.0.0.1:*")).value();
    raw_listener outside;
    REQUIRE(tested.gate.start().has_value());
    std::vector<std::unique_ptr<guest>> idle;
    for (int i = 0; i < 2; ++i) {
        idle.push_back(std::make_unique<guest>(at, tested));
    }
    std::this_thread::sleep_for(milliseconds(60));
    std::optional<few_descriptors> few;
    few.emplace();
    raw_stranger newcomer(at);
    check_put_out(*idle[0]);
    idle.erase(idle.begin());
    raw_stranger behind = tested.inside.accept(patience_ms);
    newcomer_speaks(newcomer, behind);
    few.reset();
    few.emplace();
    tested.gate.dial(1, parsed(outside.address()), tested.name);
    check_put_out(*idle[0]);
    idle.clear();
    const raw_stranger there = outside.accept(patience_ms);
    const raw_stranger here = tested.inside.accept(patience_ms);
    CHECK(tested.gate.refusals().size() == 2);
    CHECK(tested.gate.unreached().empty());
}

TEST_CASE("zmtp gate: when no descriptors are left and nobody makes room, newcomers wait, and it is told") {
    gate_and_inside tested;
    const std::string at = tested.gate.listen(parsed("tcp://127.0.0.1:*")).value();
    raw_listener outside;
    REQUIRE(tested.gate.start().has_value());
    std::optional<few_descriptors> few;
    few.emplace();
    raw_stranger newcomer(at);
    const auto told = tested.refusals(1);
    CHECK(told[0].starts_with(at + ": newcomers wait: fewer than 16 file descriptors are left"));
    tested.gate.dial(1, parsed(outside.address()), tested.name);
    std::vector<transport::zmtp_gate::failure> unreached;
    REQUIRE(eventually([&] {
        unreached = tested.gate.unreached();
        return !unreached.empty();
    }));
    CHECK(unreached[0].why ==
          outside.address() + ": nobody is connected: Too many open files; it is tried again");
    few.reset();
    raw_stranger first = tested.inside.accept(patience_ms);
    raw_stranger second = tested.inside.accept(patience_ms);
    const raw_stranger there = outside.accept(patience_ms);
    CHECK(tested.gate.refusals().empty());
}

TEST_CASE("descriptors: to look whether some are left takes none, not even for a moment") {
    // The gate took all to count them, and libzmq, which wanted one at that moment, ended the process.
    // The thread begins before: a sanitizer wants descriptors for its beginning.
    std::atomic<bool> begun{false};
    std::atomic<bool> go{false};
    std::atomic<bool> over{false};
    std::thread looking([&] {
        begun = true;
        go.wait(false);
        while (!over) {
            static_cast<void>(transport::descriptors_are_left());
        }
    });
    REQUIRE(eventually([&] { return begun.load(); }));
    const few_descriptors few;
    CHECK_FALSE(transport::descriptors_are_left());
    std::vector<int> others;
    for (int made = ::dup(0); made >= 0; made = ::dup(0)) {
        others.push_back(made);
    }
    CHECK(others.size() == transport::spare_descriptors_min - 1);
    if (!others.empty()) {
        ::close(others.back());
        others.pop_back();
    }
    go = true;
    go.notify_one();
    std::size_t refused = 0;
    for (int i = 0; i < 20'000; ++i) {
        const int made = ::dup(0);
        if (made < 0) {
            ++refused;
        } else {
            ::close(made);
        }
    }
    over = true;
    looking.join();
    CHECK(refused == 0);
    for (const int descriptor : others) {
        ::close(descriptor);
    }
}

TEST_CASE("descriptors: a look takes bounded work, and what is free elsewhere is found by the next ones") {
    // With a limit of a million, each look at a full table took the gate's thread a tenth of a second.
    few_descriptors few;
    for (int made = ::dup(0); made >= 0; made = ::dup(0)) {
        few.taken.push_back(made);
    }
    for (std::size_t i = 0; i < transport::spare_descriptors_min; ++i) {
        ::close(few.taken[i]); // far below the highest
    }
    CHECK(transport::descriptors_are_left());
    constexpr std::size_t looked_at_max = 32;
    transport::descriptor_watch bounded(looked_at_max);
    CHECK_FALSE(bounded.are_left());
    std::size_t looks = 1;
    while (!bounded.are_left() && looks <= 256 / looked_at_max) {
        ++looks;
    }
    CHECK(looks > 1);
    CHECK(bounded.are_left());
    CHECK(bounded.are_left()); // without a look at others
    const int taken = ::dup(0);
    for (std::size_t i = 0; i <= 256 / looked_at_max; ++i) {
        CHECK_FALSE(bounded.are_left());
    }
    ::close(taken);
    for (std::size_t i = 0; i <= 256 / looked_at_max; ++i) {
        static_cast<void>(bounded.are_left());
    }
    CHECK(bounded.are_left());
    few.taken.erase(few.taken.begin(),
                    few.taken.begin() + static_cast<std::ptrdiff_t>(transport::spare_descriptors_min));
}

TEST_CASE("zmtp gate: reasons past their limit are counted") {
    gate_and_inside tested;
    const std::string at = tested.gate.listen(parsed("tcp://127.0.0.1:*")).value();
    REQUIRE(tested.gate.start().has_value());
    const auto lie = [&] {
        raw_stranger liar(at);
        raw_stranger behind = tested.inside.accept(patience_ms);
        CHECK(liar.send("GET / HTTP/1.1\r\n\r\n") > 0);
        CHECK(liar.is_closed());
        CHECK(behind.ends_in_order());
    };
    const std::string why = at + ": the greeting is not of ZMTP 3";
    constexpr std::size_t most = transport::limits::refusals_kept_max;
    for (std::size_t i = 0; i < most; ++i) {
        lie();
    }
    CHECK(tested.gate.refusals() == std::vector<std::string>(most, why));
    for (std::size_t i = 0; i < most + 3; ++i) {
        lie();
    }
    auto told = tested.gate.refusals();
    REQUIRE(told.size() == most + 1);
    CHECK(told.back() == "3 more connections were ended, of which no reason is kept");
    told.pop_back();
    CHECK(told == std::vector<std::string>(most, why));
}

TEST_CASE("zmtp gate: why nobody is reached is told once, and again when somebody was reached in between") {
    gate_and_inside tested;
    std::optional<raw_listener> outside;
    outside.emplace(fresh_name("outside"));
    const std::string at = outside->address();
    outside.reset();
    tested.gate.dial(7, parsed(at), tested.name);
    REQUIRE(tested.gate.start().has_value());
    std::vector<transport::zmtp_gate::failure> told;
    const auto told_of = [&](std::size_t count) {
        return eventually([&] {
            for (auto& each : tested.gate.unreached()) {
                told.push_back(std::move(each));
            }
            std::this_thread::sleep_for(milliseconds(2));
            return told.size() >= count;
        });
    };
    REQUIRE(told_of(1));
    std::this_thread::sleep_for(milliseconds(300)); // it is tried again and again
    static_cast<void>(told_of(1));
    REQUIRE(told.size() == 1);
    CHECK(told[0].link == 7);
    CHECK(told[0].why == at + ": nobody is connected: Connection refused; it is tried again");
    outside.emplace(at.substr(std::string("ipc://@").size()));
    {
        raw_stranger there = outside->accept(patience_ms);
        raw_stranger here = tested.inside.accept(patience_ms);
        const std::string greeting = zmtp_router_greeting();
        CHECK(there.send(greeting) == greeting.size());
        CHECK(here.receive(greeting.size()) == greeting);
        outside.reset();
    }
    REQUIRE(told_of(2));
    CHECK(told[1].why == told[0].why);
    CHECK(tested.gate.refusals().empty());
}

TEST_CASE("zmtp gate: a connection that is told to end by its routing id still gets what is on its way") {
    gate_and_inside tested;
    const std::string at = tested.gate.listen(parsed("tcp://127.0.0.1:*")).value();
    REQUIRE(tested.gate.start().has_value());
    guest one(at, tested);
    guest other(at, tested);
    CHECK(one.routing_id != other.routing_id);
    tested.gate.end_of("nobody's");
    tested.gate.end_of(one.routing_id);
    CHECK(one.inside.ends_in_order());
    const std::string last = zmtp_part("the last word");
    CHECK(one.inside.send(last) == last.size());
    CHECK(one.outside.receive(last.size()) == last);
    {
        const raw_stranger closed = std::move(one.inside);
    }
    CHECK(one.outside.is_closed());
    other.say(zmtp_part("still here"));
    CHECK(tested.gate.refusals().empty());
}

TEST_CASE("zmtp gate: a connection that is told to end and does not read is closed after the linger time") {
    gate_and_inside tested(8, never, never, never, milliseconds(50));
    const std::string at = tested.gate.listen(parsed("tcp://127.0.0.1:*")).value();
    REQUIRE(tested.gate.start().has_value());
    guest silent(at, tested);
    const std::string much(64 << 20, 'x');
    std::size_t sent = 0;
    std::thread talking([&] { sent = silent.inside.send(much); });
    std::this_thread::sleep_for(milliseconds(200));
    const auto begun = std::chrono::steady_clock::now();
    tested.gate.end_of(silent.routing_id);
    talking.join();
    CHECK(std::chrono::steady_clock::now() - begun < milliseconds(3'000)); // raw_stranger gives up after 5 s
    CHECK(sent == much.size()); // nobody waits for a reader any more
    CHECK(silent.outside.is_closed());
}
