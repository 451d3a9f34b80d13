#include "eventually.hpp"
#include "refusal.hpp"

#include <sangam/replica.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

using namespace std::chrono_literals;
using sangam::replica;
using sangam::engine::errc;
using sangam::test::error_of;
using sangam::test::eventually;

// The child waited for threads that only its parent had.
TEST_CASE("replica: a forked child hears that the replica is its parent's, and the parent goes on") {
    std::optional<replica> a = replica::open({.name = "a", .listen = {"tcp://127.0.0.1:*"}}).value();
    const replica b = replica::open({.name = "b", .peers = {a->status().listening.at(0)}}).value();
    b.wait_for(a->token(), 10s).value();
    std::atomic<int> heard{0};
    std::optional<sangam::subscription> listening =
        a->on_change("n", [&](const sangam::change&) { ++heard; });
    std::atomic<bool> over{false};
    std::jthread writer([&] { // so that locks are taken when the process forks
        while (!over)
            a->counter("n").increment();
    });
    for (int i = 0; i < 20; ++i) {
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            ::alarm(20); // ends a child that hangs
            const auto says_forked = [](auto&& function) {
                const sangam::error e = error_of(function);
                return e.code == errc::forked &&
                       e.where.find(std::to_string(::getppid())) != std::string::npos;
            };
            bool fine = says_forked([&] { a->counter("n").increment(); }) &&
                        says_forked([&] { (void)a->counter("n").value(); }) &&
                        says_forked([&] { (void)a->status(); }) && says_forked([&] { (void)a->token(); }) &&
                        says_forked([&] { a->close(1s).value(); }) &&
                        says_forked([&] { a->transact([](sangam::transaction&) {}); });
            listening.reset();
            a.reset();
            // A replica of its own works.
            const replica own = replica::open({.name = "own"}).value();
            own.counter("n").increment();
            fine = fine && own.counter("n").value() == 1;
            ::_exit(fine ? 0 : 1);
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 0);
    }
    over = true;
    writer.join();
    b.wait_for(a->token(), 10s).value();
    CHECK(b.counter("n").value() == a->counter("n").value());
    CHECK(eventually([&] { return a->status().changes_waiting == 0; }));
    CHECK(heard > 0);
}
