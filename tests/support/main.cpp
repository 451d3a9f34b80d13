#define DOCTEST_CONFIG_IMPLEMENT
#include "seeds.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <unistd.h>

namespace {

unsigned cases_run = 0;

/// What doctest does not do: it exits with 0 when a filter matches no case, though a test run that ran
/// nothing must fail; and when a case crashes, it loses what INFO holds.
struct listener : doctest::IReporter {
    explicit listener(const doctest::ContextOptions&) {}
    void report_query(const doctest::QueryData&) override {}
    void test_run_start() override {}
    void test_run_end(const doctest::TestRunStats& stats) override {
        cases_run = stats.numTestCasesPassingFilters;
    }
    void test_case_start(const doctest::TestCaseData&) override {}
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void test_case_end(const doctest::CurrentTestCaseStats&) override {}
    /// After a crash it runs in the handler of the signal.
    void test_case_exception(const doctest::TestCaseException& thrown) override {
        if (!thrown.is_crash) return;
        const char* const line = sangam::test::replay_line.data();
        static_cast<void>(!::write(STDERR_FILENO, line, std::strlen(line)));
    }
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData&) override {}
    void log_message(const doctest::MessageData&) override {}
    void test_case_skipped(const doctest::TestCaseData&) override {}
};

REGISTER_LISTENER("sangam", 1, listener);

} // namespace

int main(int argc, char** argv) {
    doctest::Context context(argc, argv);
    context.setOption("no-path-filenames", true);
    const int status = context.run();
    if (context.shouldExit()) {
        return status;
    }
    if (cases_run == 0) {
        std::fprintf(stderr, "no test case matches: nothing was tested\n");
        return EXIT_FAILURE;
    }
    return status;
}
