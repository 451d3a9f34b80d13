#include <editor/errc.hpp>
#include <editor/log_file.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

using editor::log_file;
using sangam::engine::log_event;
using sangam::engine::log_level;

namespace {

std::filesystem::path scratch() {
    return std::filesystem::temp_directory_path() / ("sangam-log-" + std::to_string(::getpid()));
}

std::vector<std::string> lines_of(const std::filesystem::path& path) {
    std::vector<std::string> lines;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

} // namespace

TEST_CASE("log_file: a line has the time, who writes it and the event") {
    const std::chrono::system_clock::time_point when(std::chrono::milliseconds(1'795'870'342'007));
    CHECK(editor::log_line(when, "alice", {log_level::warning, "a frame was rejected", {{"link", "3"}}}) ==
          "2026-11-28T12:52:22.007Z alice: warning: a frame was rejected (link: \"3\")\n");
}

TEST_CASE("log_file: what others call themselves makes no line of its own") {
    CHECK(editor::log_line({}, "a", {log_level::info, "came", {{"name", "b\n1970 \x7F\xC3\xA4"}}}) ==
          "1970-01-01T00:00:00.000Z a: info: came (name: \"b\\x0A1970 \\x7F\xC3\xA4\")\n");
}

TEST_CASE("log_file: two writers append to what is there") {
    const auto path = scratch();
    std::ofstream(path) << "before\n";
    {
        const log_file alice = log_file::open(path, "alice").value();
        const auto bob = log_file::open(path, "bob").value().callback();
        alice.write({log_level::info, "one", {}});
        bob({log_level::error, "two", {}});
        alice.write({log_level::info, "three", {}});
    }
    const auto lines = lines_of(path);
    REQUIRE(lines.size() == 4);
    CHECK(lines[0] == "before");
    CHECK(lines[1].ends_with(" alice: info: one"));
    CHECK(lines[2].ends_with(" bob: error: two"));
    CHECK(lines[3].ends_with(" alice: info: three"));
    std::filesystem::remove(path);
    REQUIRE(log_file::open(path, "alice").has_value()); // one that is not there is made
    CHECK(lines_of(path).empty());
    std::filesystem::remove(path);
}

TEST_CASE("log_file: what is no file, or cannot be made, is an error and nothing waits") {
    const auto path = scratch();
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    CHECK(log_file::open(path, "a").error().code == editor::errc::not_a_file);
    std::filesystem::remove(path);
    CHECK(log_file::open(path / "in" / "nothing", "a").error().code == editor::errc::cannot_write);
}
