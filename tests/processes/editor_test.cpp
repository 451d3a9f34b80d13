#include "relay_process.hpp"
#include "remote_replica.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using sangam::test::process;
using sangam::test::relay_process;

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
