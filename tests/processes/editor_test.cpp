#include "relay_process.hpp"
#include "remote_replica.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

using namespace std::chrono_literals;
using sangam::test::process;
using sangam::test::relay_process;
using sangam::test::remote_replica;

namespace {

/// An editor that plays one writer of the recorded history; it ends when everything is everywhere.
class writer {
public:
    writer(const std::string& number, const std::vector<std::string>& network)
        : process_(command(number, network)) {}

    /// Of an editor that listens.
    [[nodiscard]] std::string address() {
        const std::string line = process_.receive(sangam::test::patience);
        return line.substr(line.rfind(' ') + 1);
    }
    /// The last line that it prints, once it has ended without an error.
    [[nodiscard]] std::string result() {
        std::string line = process_.receive(120s);
        CHECK(process_.wait_for_end(sangam::test::patience) == 0);
        return line;
    }

private:
    static std::vector<std::string> command(const std::string& number,
                                            const std::vector<std::string>& network) {
        std::vector<std::string> words{SANGAM_TEST_EDITOR_PATH,
                                       "--headless",
                                       "--replay",
                                       SANGAM_TEST_HISTORY_PATH,
                                       "--author",
                                       number,
                                       "--pace=1",
                                       "--group",
                                       "processes",
                                       "--until-quiet=2",
                                       "--timeout",
                                       "60",
                                       "--expect-exact"};
        words.insert(words.end(), network.begin(), network.end());
        return words;
    }

    process process_;
};

bool is_exact(const std::string& line) {
    return line.ends_with(", exact");
}

} // namespace

TEST_CASE("processes: two writers of a text over a bad network both end with the recorded text") {
    writer first("1", {"--listen", "tcp://127.0.0.1:*"});
    relay_process network(first.address(),
                          {"--drop", "5", "--repeat", "5", "--reorder", "20", "--seed", "20261124"});
    writer second("2", {"--connect", network.address()});
    const std::string first_result = first.result();
    const std::string second_result = second.result();
    INFO(first_result);
    INFO(second_result);
    CHECK(is_exact(first_result));
    CHECK(is_exact(second_result));
    auto counts = network.end();
    CHECK(counts.at("dropped") > 0);
    CHECK(counts.at("repeated") > 0);
    CHECK(counts.at("reordered") > 0);
    MESSAGE("frames: ", counts.at("received"), ", dropped: ", counts.at("dropped"));
}

// It ended within a second, and what was still on its way was gone.
TEST_CASE(
    "processes: an editor that is ended by SIGTERM brings what it has to one that stands still a while") {
    const auto folder =
        std::filesystem::temp_directory_path() / ("sangam-parting-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    const std::string text(3 << 20, 'x');
    std::ofstream(folder / "text") << text;
    remote_replica stays;
    stays.option("group", "parting");
    stays.open("stays", "tcp://127.0.0.1:*");
    process leaves({SANGAM_TEST_EDITOR_PATH, "--headless", "--name", "leaves", "--group", "parting", "--load",
                    folder / "text", "--listen", "tcp://127.0.0.1:*", "--connect", stays.address(), "--log",
                    folder / "log"});
    stays.in().stop();                                         // longer than a destructor waits
    static_cast<void>(leaves.receive(sangam::test::patience)); // where it listens: the text is loaded
    leaves.terminate();
    std::this_thread::sleep_for(2s);
    stays.in().resume();
    CHECK(leaves.receive(sangam::test::patience).starts_with("leaves: 3145728 characters, "));
    CHECK(leaves.wait_for_end(sangam::test::patience) == 0);
    CHECK(stays.ask("text notes") == text);
    CHECK(std::filesystem::file_size(folder / "log") > 0);
    std::filesystem::remove_all(folder);
}
