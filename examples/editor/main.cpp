#include <editor/errc.hpp>
#include <editor/headless.hpp>
#include <editor/history.hpp>
#include <editor/interactive.hpp>
#include <editor/options.hpp>
#include <editor/record.hpp>
#include <editor/signals.hpp>
#include <editor/writer_plan.hpp>

#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

namespace editor {
namespace {

constexpr int exit_failed = 1;
constexpr int exit_wrong_usage = 2;

sangam::result<void> count_writers(const options& chosen) {
    const auto recorded = load_history(chosen.history);
    if (!recorded) return recorded.error();
    const auto plan = plan_writers(*recorded);
    if (!plan) return plan.error();
    std::cout << plan->writers() << '\n';
    return {};
}

sangam::result<void> merge_records(const options& chosen) {
    std::vector<record> records;
    for (const std::string& path : chosen.records) {
        auto loaded = load_record(path);
        if (!loaded) return loaded.error();
        records.push_back(std::move(*loaded));
    }
    const auto merged = merge_records(records);
    if (!merged) return merged.error();
    return save_history(chosen.output, *merged);
}

sangam::result<void> run(const options& chosen) {
    signals stop;
    switch (chosen.what) {
    case options::mode::help:
        std::cout << usage();
        return {};
    case options::mode::interactive:
        return edit_interactively(chosen, stop);
    case options::mode::replay:
    case options::mode::watch:
        return run_headless(chosen, stop);
    case options::mode::count_writers:
        return count_writers(chosen);
    case options::mode::merge_records:
        return merge_records(chosen);
    }
    return {};
}

int report(const sangam::error& problem) {
    std::cerr << "sangam-editor: " << explain(problem) << '\n';
    return problem.code == errc::bad_usage ? exit_wrong_usage : exit_failed;
}

} // namespace
} // namespace editor

int main(int argc, char** argv) {
    // A file that may not get larger is an error of writing, and not the end of the program.
    std::signal(SIGXFSZ, SIG_IGN);
    try {
        const auto chosen = editor::parse_options({argv + 1, argv + argc});
        if (!chosen) {
            const int code = editor::report(chosen.error());
            std::cerr << "sangam-editor --help lists the options\n";
            return code;
        }
        const auto done = editor::run(*chosen);
        return done ? 0 : editor::report(done.error());
    } catch (const std::exception& e) {
        std::cerr << "sangam-editor: " << e.what() << '\n';
        return editor::exit_failed;
    }
}
