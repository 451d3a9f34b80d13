#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

/// doctest exits with 0 when a filter matches no case; a test run that ran nothing must fail.
namespace {

unsigned cases_run = 0;

struct run_counter : doctest::IReporter {
    explicit run_counter(const doctest::ContextOptions&) {}
    void report_query(const doctest::QueryData&) override {}
    void test_run_start() override {}
    void test_run_end(const doctest::TestRunStats& stats) override {
        cases_run = stats.numTestCasesPassingFilters;
    }
    void test_case_start(const doctest::TestCaseData&) override {}
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void test_case_end(const doctest::CurrentTestCaseStats&) override {}
    void test_case_exception(const doctest::TestCaseException&) override {}
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData&) override {}
    void log_message(const doctest::MessageData&) override {}
    void test_case_skipped(const doctest::TestCaseData&) override {}
};

REGISTER_LISTENER("run_counter", 1, run_counter);

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
