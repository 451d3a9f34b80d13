#include "relay_process.hpp"
#include "remote_replica.hpp"

#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace sangam::test {

namespace {

std::vector<std::string> relay_command(const std::string& to, const std::vector<std::string>& faults) {
    const char* const given = std::getenv("SANGAM_TEST_RELAY");
    std::vector<std::string> command{given != nullptr ? given : SANGAM_TEST_RELAY_PATH, "--to", to};
    command.insert(command.end(), faults.begin(), faults.end());
    return command;
}

void expect_ok(const std::string& answer) {
    if (answer != "ok") {
        throw std::runtime_error("relay: " + answer);
    }
}

} // namespace

relay_process::relay_process(const std::string& to, const std::vector<std::string>& faults)
    : process_(relay_command(to, faults)), address_(process_.receive(patience)) {}

void relay_process::cut() {
    process_.send("cut");
    expect_ok(process_.receive(patience));
}

void relay_process::heal() {
    process_.send("heal");
    expect_ok(process_.receive(patience));
}

std::map<std::string, std::uint64_t> relay_process::end() {
    process_.send("quit");
    std::istringstream printed(process_.receive(patience));
    std::map<std::string, std::uint64_t> counts;
    for (std::string pair; printed >> pair;) {
        const auto equals = pair.find('=');
        counts[pair.substr(0, equals)] = std::stoull(pair.substr(equals + 1));
    }
    static_cast<void>(process_.wait_for_end(patience));
    return counts;
}

} // namespace sangam::test
