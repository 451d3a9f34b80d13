#include <editor/errc.hpp>
#include <editor/history.hpp>
#include <editor/player.hpp>
#include <editor/session.hpp>
#include <editor/writer_plan.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

using editor::errc;
using editor::history;
using editor::player;
using editor::recorded_transaction;

namespace {

sangam::result<void> for_ten_seconds(std::chrono::steady_clock::time_point start,
                                     const std::string& waiting_for) {
    if (std::chrono::steady_clock::now() - start < 10s) return {};
    return sangam::error{errc::timed_out, waiting_for};
}

player::patience patient() {
    return [start = std::chrono::steady_clock::now()](const std::string& waiting_for) {
        return for_ten_seconds(start, waiting_for);
    };
}

/// One replica for each writer of a history, connected in memory.
std::vector<sangam::replica> open_writers(const std::string& group, std::size_t writers) {
    std::vector<sangam::replica> opened;
    for (std::size_t writer = 0; writer < writers; ++writer) {
        sangam::replica_options options;
        options.name = editor::writer_name(writer);
        options.group = group;
        options.listen = {"memory://" + group + std::to_string(writer)};
        for (std::size_t other = 0; other < writer; ++other) {
            options.peers.push_back("memory://" + group + std::to_string(other));
        }
        options.deliver_up_to = sangam::vector_clock();
        opened.push_back(sangam::replica::open(std::move(options)).value());
    }
    return opened;
}

/// Plays every writer in a thread of its own and returns what each replica ends with.
std::vector<std::string> play(const std::string& group, const history& recorded) {
    const auto plan = editor::plan_writers(recorded).value();
    const auto replicas = open_writers(group, plan.writers());
    std::vector<sangam::result<void>> outcomes(plan.writers());
    std::vector<std::thread> threads;
    for (std::size_t writer = 0; writer < plan.writers(); ++writer) {
        threads.emplace_back([&, writer] {
            player playing(recorded, plan, writer, replicas[writer]);
            outcomes[writer] = playing.play(0ms, patient());
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    std::vector<std::string> texts;
    for (std::size_t writer = 0; writer < plan.writers(); ++writer) {
        REQUIRE_MESSAGE(outcomes[writer].has_value(), outcomes[writer].error().message());
        for (const sangam::replica& other : replicas)
            REQUIRE(replicas[writer].wait_for(other.token(), 10s).has_value());
        texts.push_back(replicas[writer].text(editor::text_key).str());
    }
    return texts;
}

history with_patches(std::vector<sangam::text_patch> patches) {
    history recorded;
    recorded.transactions = {{{}, 0, {{0, 0, "abc"}}}, {{0}, 0, std::move(patches)}};
    return recorded;
}

std::string problem(const std::string& group, const history& recorded) {
    const auto plan = editor::plan_writers(recorded).value();
    const auto replicas = open_writers(group, 1);
    const auto outcome = player(recorded, plan, 0, replicas[0]).play(0ms, patient());
    REQUIRE(outcome.has_error());
    CHECK(outcome.error().code == errc::bad_position);
    return outcome.error().where;
}

} // namespace

TEST_CASE("player: positions meet the very text that they were made for") {
    history recorded;
    recorded.kind = history::format::concurrent;
    recorded.agents = 2;
    recorded.start_content = "mid";
    recorded.transactions = {
        {{}, 0, {{0, 0, "aa"}}},    // aamid
        {{}, 1, {{3, 0, "zz"}}},    // midzz
        {{0}, 0, {{5, 0, "."}}},    // aamid.
        {{1, 0}, 1, {{7, 0, "!"}}}, // aamidzz!
        {{2, 3}, 0, {{0, 2, ""}}},  {{4}, 1, {{0, 3, "MID"}}},
    };
    const auto texts = play("player-1", recorded);
    REQUIRE(texts.size() == 2);
    CHECK(texts[0] == texts[1]);
    const std::string& text = texts[0];
    CHECK(text.starts_with("MID"));
    CHECK(text.size() == 7);
}

TEST_CASE("player: a startContent longer than one insert arrives whole") {
    history recorded;
    for (int i = 0; i < 100'000; ++i)
        recorded.start_content += "line \xC3\xA4\n";
    CHECK(play("player-2", recorded).at(0) == recorded.start_content);
}

TEST_CASE("player: a long insert that replaces characters erases them once") {
    history recorded;
    recorded.start_content = "abcdef";
    const std::string longer(700'000, 'x');
    recorded.transactions = {{{}, 0, {{1, 2, longer}}}};
    CHECK(play("player-7", recorded).at(0) == "a" + longer + "def");
}

TEST_CASE("player: a position that does not exist is refused with transaction and patch") {
    CHECK(problem("player-3", with_patches({{1, 1, ""}, {3, 0, "x"}})) ==
          "transaction 1, patch 1: erases 0 characters at 3 of a text of 2");
    CHECK(problem("player-4", with_patches({{1, 3, ""}})) ==
          "transaction 1, patch 0: erases 3 characters at 1 of a text of 3");
    CHECK(problem("player-5", with_patches({{0, 4294967295, "x"}})) ==
          "transaction 1, patch 0: erases 4294967295 characters at 0 of a text of 3");
}

TEST_CASE("player: the end of the patience ends the play and says what was waited for") {
    history recorded;
    recorded.kind = history::format::concurrent;
    recorded.agents = 2;
    recorded.transactions = {{{}, 0, {{0, 0, "a"}}}, {{0}, 1, {{1, 0, "b"}}}};
    const auto plan = editor::plan_writers(recorded).value();
    sangam::replica_options options;
    options.name = "writer-2";
    options.listen = {"memory://player-6"};
    const auto lonely = sangam::replica::open(std::move(options)).value();
    int asked = 0;
    const auto outcome = player(recorded, plan, 1, lonely)
                             .play(0ms, [&](const std::string& waiting_for) -> sangam::result<void> {
                                 if (++asked < 3) return {};
                                 return sangam::error{errc::stopped, waiting_for};
                             });
    REQUIRE(outcome.has_error());
    CHECK(outcome.error().where == "writer-1 has not connected");
}
