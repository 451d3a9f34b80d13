#include "survival.hpp"

#include <exception>
#include <iostream>
#include <string>

/// What must end no process, as often as the command says: sangam-test-survival NAME TIMES
/// [MILLISECONDS], where the last says how long one stands still.
int main(int argc, char** argv) {
    using namespace sangam::test;
    try {
        const std::string name = argc >= 3 ? argv[1] : "";
        const std::size_t times = argc >= 3 ? std::stoul(argv[2]) : 0;
        const unsigned long stopped_ms = argc == 4 ? std::stoul(argv[3]) : 8'000;
        survival outcome;
        if (name == "cuts") {
            outcome = survive_cuts(times);
        } else if (name == "kills") {
            outcome = survive_killed_hubs(times);
        } else if (name == "stops") {
            outcome = survive_stops(times, static_cast<unsigned>(stopped_ms));
        } else if (name == "floods") {
            outcome = survive_floods(times);
        } else if (name == "pings") {
            outcome = survive_pings(times);
        } else if (name == "pinging_listeners") {
            outcome = survive_pinging_listeners(times);
        } else if (name == "unreachables") {
            outcome = survive_unreachables(times);
        } else if (name == "exhaustion") {
            outcome = survive_exhaustion(times);
        } else if (name == "traps") {
            outcome = survive_traps(times);
        } else {
            std::cerr << "sangam-test-survival cuts|kills|stops|floods|pings|pinging_listeners|unreachables|"
                         "exhaustion|traps TIMES [MILLISECONDS]\n";
            return 2;
        }
        std::cout << to_string(name, outcome) << std::endl;
        return outcome.all() ? 0 : 1;
    } catch (const std::exception& reason) {
        std::cerr << "sangam-test-survival: " << reason.what() << '\n';
        return 1;
    }
}
