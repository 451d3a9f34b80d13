#include "ipc_paths.hpp"
#include "link_helpers.hpp"
#include "path_lock.hpp"

#include <sangam/transport/errc.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <pthread.h>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace sangam;
using namespace sangam::test;
using transport::errc;
namespace fs = std::filesystem;

namespace {

void check_in_use(const std::string& at, const std::string& by) {
    const auto second = transport::open_links({.listen = {parsed(at)}});
    REQUIRE(!second.has_value());
    CAPTURE(second.error().message());
    CHECK(second.error().code == errc::socket_failed);
    CHECK(second.error().where.starts_with(at + ": "));
    CHECK(second.error().where.find("is in use by process " + by) != std::string::npos);
}

} // namespace

TEST_CASE("ipc links: a path of this machine is an address, and nothing is left of it after the close") {
    const temporary_directory directory;
    const std::string at = "ipc://" + directory.path + "/socket";
    {
        const auto server = listener_at(at);
        CHECK(server->listening() == std::vector{at});
        const auto user = dialer_to(at);
        greet(*user, *server);
    }
    CHECK(fs::is_empty(directory.path));
}

TEST_CASE(
    "ipc links: a path that is in use is refused with the number of its process, and stays the first's") {
    const temporary_directory directory;
    std::string at = "ipc://" + directory.path + "/socket";
    SUBCASE("a path") {}
    SUBCASE("an abstract name") {
        at = "ipc://@sangam-test-" + std::to_string(::getpid());
    }
    const auto first = listener_at(at);
    const auto user = dialer_to(at);
    const transport::link_id link = greet(*user, *first);
    for (int i = 0; i < 3; ++i) {
        check_in_use(at, std::to_string(::getpid()));
    }
    const auto newcomer = dialer_to(at);
    CHECK(greet(*newcomer, *first) != link);
    CHECK(first->send(link, frame_of("still here")) == transport::send_outcome::sent);
}

TEST_CASE("ipc links: a relative path and an absolute one to the same socket are one") {
    const temporary_directory directory;
    const fs::path before = fs::current_path();
    fs::current_path(directory.path);
    {
        const auto first = listener_at("ipc://socket");
        check_in_use("ipc://" + directory.path + "/socket", std::to_string(::getpid()));
        const auto user = dialer_to("ipc://" + directory.path + "/socket");
        greet(*user, *first);
    }
    CHECK(fs::is_empty(directory.path));
    fs::current_path(before);
}

TEST_CASE("ipc links: what a process left behind that was killed is taken over") {
    const temporary_directory directory;
    const std::string path = directory.path + "/socket";
    const pid_t child = ::fork();
    if (child == 0) { // no libraries here: the child has one thread
        other_program left(path);
        std::ofstream(path + ".lock") << ::getpid() << '\n';
        ::kill(::getpid(), SIGKILL);
    }
    REQUIRE(child > 0);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    REQUIRE(fs::exists(path));
    const auto server = listener_at("ipc://" + path);
    const auto user = dialer_to("ipc://" + path);
    greet(*user, *server);
}

TEST_CASE("ipc links: a path at which a program listens that locks nothing is not taken away") {
    const temporary_directory directory;
    const std::string path = directory.path + "/socket";
    const other_program first(path);
    check_in_use("ipc://" + path, std::to_string(::getpid()));
    CHECK(fs::is_socket(path));
}

TEST_CASE("ipc links: a path is not taken over when it cannot be found out whether somebody listens there") {
    const temporary_directory directory;
    const std::string path = directory.path + "/socket";
    SUBCASE("no descriptor is left to ask with") {
        const other_program first(path);
        rlimit before{};
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
        const int lowest = ::dup(0);
        REQUIRE(lowest >= 0);
        ::close(lowest);
        const rlimit one{static_cast<rlim_t>(lowest) + 1, before.rlim_max}; // for the file that is locked
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &one) == 0);
        const auto lock = transport::path_lock::take(path);
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
        REQUIRE(!lock.has_value());
        CHECK(lock.error().code == errc::socket_failed);
        CHECK(lock.error().where == path + ": Too many open files");
    }
    SUBCASE("a socket of another kind is there") {
        const int datagrams = ::socket(AF_UNIX, SOCK_DGRAM, 0);
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        path.copy(at.sun_path, sizeof at.sun_path - 1);
        REQUIRE(::bind(datagrams, static_cast<const sockaddr*>(static_cast<const void*>(&at)), sizeof at) ==
                0);
        const auto lock = transport::path_lock::take(path);
        REQUIRE(!lock.has_value());
        CHECK(lock.error().where == path + ": Protocol wrong type for socket");
        ::close(datagrams);
    }
    CHECK(fs::is_socket(path));
}

TEST_CASE("ipc links: a file at the path is not removed") {
    const temporary_directory directory;
    const std::string path = directory.path + "/diary";
    std::ofstream(path) << "dear diary";
    const auto made = transport::open_links({.listen = {parsed("ipc://" + path)}});
    REQUIRE(!made.has_value());
    CHECK(made.error().code == errc::socket_failed);
    CHECK(made.error().where.find("is no socket") != std::string::npos);
    CHECK(fs::file_size(path) == 10);
}

TEST_CASE("ipc links: of many that start at one path at once exactly one listens there") {
    const temporary_directory directory;
    const std::string at = "ipc://" + directory.path + "/socket";
    for (int round = 0; round < 20; ++round) {
        constexpr std::size_t racers = 6;
        std::atomic<std::size_t> ready{0};
        std::vector<std::unique_ptr<transport::links>> opened_links(racers);
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < racers; ++i) {
            threads.emplace_back([&, i] {
                ++ready;
                while (ready < racers) {
                }
                auto made = transport::open_links({.listen = {parsed(at)}});
                if (made) opened_links[i] = *std::move(made);
            });
        }
        for (std::thread& thread : threads)
            thread.join();
        std::erase(opened_links, nullptr);
        REQUIRE(opened_links.size() == 1);
        const auto user = dialer_to(at);
        greet(*user, *opened_links.front());
    }
}
