#include "conformance/report.hpp"

#include <cstdio>
#include <cstdlib>

/// Replays recorded executions of other implementations: `sangam-conformance FILE...`.
/// Of an execution with steps it checks what each arriving message delivers, that deliveries follow causal
/// order, that nothing is held back at the end, the final value of each replica, and that the replicas show
/// the values in the middle at some moment after the last operation. Of a text it checks the same of
/// deliveries that are drawn at random, with repeats, and the final text in the order of the file and in
/// three such orders.
int main(int argc, char** argv) {
    using namespace sangam::conformance;
    std::vector<report> reports;
    for (int n = 1; n < argc; ++n) {
        reports.push_back(replay_file(argv[n]));
        const report& r = reports.back();
        for (const std::string& failure : r.failures) {
            std::fprintf(stderr, "%s\n", failure.c_str());
        }
        std::printf("%s\n", summary(r).c_str());
    }
    std::size_t passed = 0;
    std::size_t failed = 0;
    for (const report& r : reports) {
        passed += r.passed;
        failed += r.failed;
    }
    if (reports.empty()) {
        std::fprintf(stderr, "usage: sangam-conformance FILE...\n");
    }
    std::printf("%zu passed, %zu failed\n", passed, failed);
    return failed == 0 && passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
