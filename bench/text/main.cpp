// sangam-bench-text: the text type beside a plain gap buffer. bench/README.md.

#include "options.hpp"
#include "report.hpp"
#include "rows.hpp"
#include "workload.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>

namespace bench {
namespace {

constexpr int exit_wrong_text = 1;
constexpr int exit_bad_input = 2;

bool wants_histories(const options& chosen) {
    return std::ranges::any_of(history_rows(),
                               [&](const history_row& row) { return chosen.wants(row.bench); });
}

sangam::result<void> measure_history(const std::string& path, const options& chosen, report& out) {
    const auto recorded = load_workload(path);
    if (!recorded) return recorded.error();
    for (const history_row& row : history_rows()) {
        if (chosen.wants(row.bench) && row.applies(*recorded)) row.measure(*recorded, chosen.how, out);
    }
    return {};
}

int complain(std::string_view what) {
    std::cerr << "sangam-bench-text: " << what << '\n';
    return exit_bad_input;
}

/// Without the name of the reader's category: this is not the editor.
int complain(const sangam::error& problem) {
    return complain(problem.code.message() + ": " + problem.where);
}

int run(const options& chosen) {
    report out(std::cout, chosen.json);
    if (wants_histories(chosen)) {
        if (chosen.files.empty()) out.say("No FILE is given: without rows about recorded histories");
        for (const std::string& path : chosen.files) {
            if (const auto done = measure_history(path, chosen, out); !done) {
                return complain(done.error());
            }
        }
    }
    for (const synthetic_row& row : synthetic_rows()) {
        if (chosen.wants(row.bench)) row.measure(chosen.how, out);
    }
    if (!std::cout) return complain("standard output cannot be written");
    if (out.wrong_texts() == 0) return 0;
    std::cerr << "sangam-bench-text: " << out.wrong_texts() << " figures are of a wrong text\n";
    return exit_wrong_text;
}

} // namespace
} // namespace bench

int main(int argc, char** argv) {
    try {
        const auto chosen = bench::parse_options(argc, argv);
        if (!chosen) {
            const int code = bench::complain(chosen.error());
            std::cerr << "sangam-bench-text --help lists the options\n";
            return code;
        }
        if (chosen->help) {
            std::cout << bench::usage();
            return 0;
        }
        return bench::run(*chosen);
    } catch (const std::exception& e) {
        return bench::complain(e.what());
    }
}
