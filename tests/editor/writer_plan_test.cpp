#include <editor/errc.hpp>
#include <editor/limits.hpp>
#include <editor/writer_plan.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace {

using editor::history;
using editor::plan_writers;
using editor::recorded_transaction;
using editor::writer_clock;

recorded_transaction typed(std::vector<std::size_t> parents, std::size_t agent = 0) {
    return {std::move(parents), agent, {{0, 0, "x"}}};
}

recorded_transaction nothing(std::vector<std::size_t> parents, std::size_t agent = 0) {
    return {std::move(parents), agent, {{0, 0, ""}}};
}

history concurrent(std::size_t agents, std::vector<recorded_transaction> transactions) {
    history made;
    made.kind = history::format::concurrent;
    made.agents = agents;
    made.transactions = std::move(transactions);
    return made;
}

/// Entries past the end are zero.
writer_clock of_length(writer_clock clock, std::size_t writers) {
    clock.resize(writers);
    return clock;
}

} // namespace

TEST_CASE("writer_plan: each of a few agents is a writer") {
    const auto plan =
        plan_writers(concurrent(2, {typed({}, 0), typed({}, 1), typed({0, 1}, 1), typed({0}, 0)})).value();
    REQUIRE(plan.writers() == 2);
    CHECK(plan.messages == writer_clock{2, 2});
    CHECK(plan.messages_total() == 4);
    REQUIRE(plan.steps[1].size() == 2);
    CHECK(plan.steps[1][1].transaction == 2);
    CHECK(of_length(plan.steps[1][1].seen, 2) == writer_clock{1, 1});
    CHECK(of_length(plan.steps[0][1].seen, 2) == writer_clock{1, 0});
}

TEST_CASE("writer_plan: a transaction without effect is no message and passes on what it saw") {
    const auto plan =
        plan_writers(concurrent(2, {typed({}, 0), typed({}, 1), nothing({0, 1}, 0), typed({2}, 0)})).value();
    CHECK(plan.messages == writer_clock{2, 1});
    REQUIRE(plan.steps[0].size() == 2);
    CHECK(plan.steps[0][1].transaction == 3);
    CHECK(of_length(plan.steps[0][1].seen, 2) == writer_clock{1, 1});
}

TEST_CASE("writer_plan: startContent is the first message of the first transaction's writer, and everybody "
          "sees it") {
    auto recorded = concurrent(3, {nothing({}, 0), typed({0}, 2), typed({0}, 1)});
    recorded.start_content = "start";
    const auto plan = plan_writers(recorded).value();
    CHECK(plan.start_writer == 2);
    CHECK(plan.messages == writer_clock{0, 1, 2});
    CHECK(of_length(plan.steps[2].at(0).seen, 3) == writer_clock{0, 0, 1});
    CHECK(of_length(plan.steps[1].at(0).seen, 3) == writer_clock{0, 0, 1});
}

TEST_CASE("writer_plan: startContent alone has one writer and one message") {
    history recorded;
    recorded.start_content = "start";
    const auto plan = plan_writers(recorded).value();
    CHECK(plan.writers() == 1);
    CHECK(plan.messages_total() == 1);
    CHECK(plan_writers(history()).value().writers() == 1);
    CHECK(plan_writers(history()).value().messages_total() == 0);
}

TEST_CASE("writer_plan: many agents are played by as many chains as are concurrent") {
    //  0 - 1 - 3 - 5     agents differ in every transaction
    //   \- 2 - 4 -/
    std::vector<recorded_transaction> made{typed({}, 0),  typed({0}, 1), typed({0}, 2),
                                           typed({1}, 3), typed({2}, 4), typed({3, 4}, 5)};
    const auto plan = plan_writers(concurrent(editor::limits::agents_as_writers_max + 1, made)).value();
    REQUIRE(plan.writers() == 2);
    CHECK(plan.messages == writer_clock{4, 2});
    CHECK(plan.steps[0][3].transaction == 5);
    CHECK(of_length(plan.steps[0][3].seen, 2) == writer_clock{3, 2});
    CHECK(of_length(plan.steps[1][0].seen, 2) == writer_clock{1, 0});
}

TEST_CASE("writer_plan: an agent who wrote at two places at the same time is played by chains") {
    const auto plan = plan_writers(concurrent(1, {typed({}), typed({0}), typed({0})})).value();
    CHECK(plan.writers() == 2);
    CHECK(plan.messages == writer_clock{2, 1});
}

TEST_CASE("writer_plan: more branches than processes are too many") {
    constexpr std::size_t most = editor::limits::writers_max;
    const std::vector<recorded_transaction> branches(most, typed({}));
    CHECK(plan_writers(concurrent(1, branches)).value().writers() == most);
    auto more = branches;
    more.push_back(typed({}));
    const auto refused = plan_writers(concurrent(1, more));
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == editor::errc::too_large);
}

TEST_CASE("writer_plan: the real histories need as many writers as are known to be enough") {
    const char* folder = std::getenv("SANGAM_TRACES");
    const auto writers = [&](const std::string& name, std::size_t expected, std::uint64_t messages) {
        const std::string path = folder == nullptr ? "" : std::string(folder) + "/" + name;
        if (!std::filesystem::exists(path)) {
            MESSAGE("left out: " << name << " (SANGAM_TRACES names the folder that holds it)");
            return;
        }
        const auto plan = plan_writers(editor::load_history(path).value()).value();
        CHECK(plan.writers() == expected);
        CHECK(plan.messages_total() == messages);
    };
    writers("friendsforever.json.gz", 2, 26078);
    writers("node-nodecc.json.gz", 3, 955);
}
