#include <editor/errc.hpp>
#include <editor/record.hpp>
#include <editor/recorder.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

namespace {

using editor::errc;
using editor::record;
using editor::recorded_change;
using editor::recorder;
using sangam::causality::replica_id;
using sangam::causality::vector_clock;
using sangam::crdt::text_patch;

constexpr replica_id alice{1};
constexpr replica_id bob{2};

sangam::engine::change heard(replica_id self, replica_id who, std::uint64_t sequence,
                             std::vector<text_patch> patches) {
    sangam::engine::change told;
    told.transaction = {who, sequence};
    told.local = who == self;
    told.patches = std::move(patches);
    return told;
}

/// Alice writes "ab" (her dot 2 is something else), Bob inserts "x" having seen "a", Alice erases "b" having
/// seen all.
std::vector<record> two_records() {
    record a{alice, "alice", {{alice, 4}, {bob, 5}}, "ax", {}};
    a.changes = {
        {1, {}, {{0, 0, "a"}}}, {3, {{alice, 1}}, {{1, 0, "b"}}}, {4, {{alice, 3}, {bob, 5}}, {{2, 1, ""}}}};
    record b{bob, "bob", {{alice, 4}, {bob, 5}}, "ax", {}};
    b.changes = {{5, {{alice, 1}}, {{1, 0, "x"}}}};
    return {a, b};
}

std::string problem(const std::vector<record>& records) {
    const auto merged = editor::merge_records(records);
    REQUIRE(merged.has_error());
    CHECK(merged.error().code == errc::bad_record);
    return merged.error().where;
}

std::string scratch_name() {
    return (std::filesystem::temp_directory_path() / ("sangam-record-" + std::to_string(::getpid())))
        .string();
}

} // namespace

TEST_CASE("recorder: an own change has seen what was told before it") {
    recorder recording(alice);
    recording.hear(heard(alice, alice, 1, {{0, 0, "a\xC3\xA4"}}));
    recording.hear(heard(alice, bob, 7, {{1, 1, "xyz"}}));
    recording.hear(heard(alice, alice, 3, {{0, 1, ""}}));
    CHECK(recording.wait_for(2, std::chrono::milliseconds(0)));
    CHECK_FALSE(recording.wait_for(3, std::chrono::milliseconds(1)));
    const record made = recording.finish("alice");
    REQUIRE(made.changes.size() == 2);
    CHECK(made.changes[0] == recorded_change{1, {}, {{0, 0, "a\xC3\xA4"}}});
    CHECK(made.changes[1] == recorded_change{3, {{alice, 1}, {bob, 7}}, {{0, 1, ""}}});
    CHECK(made.seen == vector_clock{{alice, 3}, {bob, 7}});
    CHECK(made.end_content == "xyz");
}

TEST_CASE("recorder: after missed changes the record has a gap, says so, and nothing waits for more") {
    recorder recording(alice);
    recording.hear(heard(alice, alice, 1, {{0, 0, "ab"}}));
    sangam::engine::change missed;
    missed.missed = true;
    recording.hear(missed);
    recording.hear(heard(alice, alice, 9, {{7, 3, "x"}})); // refers to a text that was never told
    CHECK_FALSE(recording.wait_for(1, std::chrono::hours(1)));
    const record made = recording.finish("alice");
    CHECK_FALSE(made.complete);
    CHECK(made.changes.size() == 1);
    CHECK(made.end_content == "ab");
}

TEST_CASE("merge_records: two records make one history in which parents are the last changes seen") {
    const auto merged = editor::merge_records(two_records()).value();
    CHECK(merged.kind == editor::history::format::concurrent);
    CHECK(merged.agents == 2);
    CHECK(merged.end_content == "ax");
    REQUIRE(merged.transactions.size() == 4);
    using indexes = std::vector<std::size_t>;
    CHECK(merged.transactions[0].parents == indexes{});
    CHECK(merged.transactions[1].parents == indexes{0});
    CHECK(merged.transactions[2].parents == indexes{0});
    CHECK(merged.transactions[2].agent == 1);
    CHECK(merged.transactions[3].parents == indexes{1, 2});
    CHECK(merged.transactions[3].patches == std::vector<text_patch>{{2, 1, ""}});
}

TEST_CASE("merge_records: a change that another seen one has seen is no parent") {
    auto records = two_records();
    records[1].changes[0].seen = {{alice, 3}};
    const auto merged = editor::merge_records(records).value();
    CHECK(merged.transactions[2].parents == std::vector<std::size_t>{1});
    CHECK(merged.transactions[3].parents == std::vector<std::size_t>{2});
}

TEST_CASE("merge_records: records that do not belong together are refused") {
    const auto records = two_records();
    CHECK(problem({records[0]}) == "change 2 of alice saw changes that no record has: 0000000000000002:5");
    CHECK(problem({records[0], records[0]}) == "records 0 and 1 are of one replica");

    auto differing = records;
    differing[1].end_content = "xa";
    CHECK(problem(differing) == "alice and bob saw the same changes and end in different texts");

    auto blind = records;
    blind[0].seen = {{alice, 4}};
    blind[1].seen = {{bob, 5}};
    CHECK(problem(blind) == "nobody saw all changes: record until everybody has everything");

    auto gap = records;
    gap[1].complete = false;
    CHECK(problem(gap) == "the record of bob has a gap: more was edited than could be written down");

    auto invented = records;
    invented[1].changes[0].seen = {{alice, 2}};
    CHECK(problem(invented) == "change 0 of bob saw 0000000000000001:2, which is no change of the text");
}

TEST_CASE("merge_records: the end is that of whoever saw everything") {
    auto records = two_records();
    records[1].seen = {{alice, 3}, {bob, 5}};
    records[1].end_content = "axb";
    CHECK(editor::merge_records(records).value().end_content == "ax");
}

TEST_CASE("record: what is saved is loaded again") {
    const std::string path = scratch_name();
    for (record made : two_records()) {
        made.complete = made.replica == alice;
        REQUIRE(editor::save_record(path, made).has_value());
        CHECK(editor::load_record(path).value() == made);
    }
    std::filesystem::remove(path);
}

TEST_CASE("record: a file of another shape is refused with what is wrong") {
    const std::string path = scratch_name();
    const auto refusal = [&](const std::string& json) {
        std::ofstream(path) << json;
        const auto loaded = editor::load_record(path);
        REQUIRE(loaded.has_error());
        CHECK(loaded.error().code == errc::bad_record);
        return loaded.error().where.substr(path.size() + 2);
    };
    const auto with_changes = [](const std::string& changes) {
        return R"({"kind":"record","replica":"0000000000000001","name":"a",)"
               R"("seen":"","endContent":"","complete":true,"changes":[)" +
               changes + "]}";
    };
    CHECK(refusal("[]") == "the file is an array, not an object");
    CHECK(refusal(R"({"kind":"concurrent"})") == "kind is \"concurrent\", not \"record\"");
    CHECK(refusal(R"({"kind":"record","replica":"7"})") == "replica is not a replica's id");
    CHECK(refusal(R"({"kind":"record","replica":"0000000000000001","name":"a","seen":"","endContent":""})") ==
          "complete is neither true nor false");
    CHECK(refusal(with_changes(R"({"sequence":0,"seen":"","patches":[]})")) ==
          "change 0: sequence does not ascend");
    CHECK(refusal(with_changes(R"({"sequence":1,"seen":"x","patches":[]})")) ==
          "change 0: seen is not a clock");
    CHECK(refusal(with_changes(
              R"({"sequence":1,"seen":"","patches":[]},{"sequence":2,"seen":"","patches":[]})")) ==
          "change 1: seen misses the change before");
    CHECK(refusal(with_changes(R"({"sequence":1,"seen":"","patches":[[0]]})")) ==
          "change 0, patch 0 has 1 fields, not 3");
    std::filesystem::remove(path);
}
