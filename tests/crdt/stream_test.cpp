#include "context.hpp"

#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/stream.hpp>

#include <string>
#include <vector>

using sangam::causality::hybrid_time;
using sangam::causality::replica_id;
using sangam::causality::vector_clock;
using sangam::crdt::errc;
using sangam::crdt::stream;
using sangam::crdt::stream_field;
using sangam::crdt::test::at;
using sangam::crdt::test::error_of;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

stream::append_op entry_of(int number) {
    return stream().append({{"n", number}});
}

std::vector<int> numbers_of(const std::vector<stream::entry>& entries) {
    std::vector<int> numbers;
    for (const stream::entry& e : entries) {
        numbers.push_back(static_cast<int>(*e.fields.at(0).content.as_integer()));
    }
    return numbers;
}

/// Alice's 1 and 3 at 10 and 30 ms, Bob's 2 at 20 ms.
stream three_entries() {
    stream s;
    s.apply(entry_of(1), at(1, 1, 10));
    s.apply(entry_of(3), at(1, 2, 30));
    s.apply(entry_of(2), at(2, 1, 20));
    return s;
}

} // namespace

TEST_CASE("stream: entries merge by time, whatever the order in which they come") {
    const stream s = three_entries();
    CHECK(numbers_of(s.read_after({}, 9).entries) == std::vector{1, 2, 3});
    stream other;
    other.apply(entry_of(2), at(2, 1, 20));
    other.apply(entry_of(1), at(1, 1, 10));
    other.apply(entry_of(3), at(1, 2, 30));
    CHECK(other == s);
    CHECK(s.position() == vector_clock{{alice, 2}, {bob, 1}});
    const auto all = s.read_after({}, 9).entries;
    CHECK(numbers_of(s.range(all[1].id, all[2].id, 9)) == std::vector{2, 3});
    CHECK(numbers_of(s.range(all[0].id, all[2].id, 2)) == std::vector{1, 2});
}

TEST_CASE("stream: a reader gets what merges in behind its back") {
    stream s;
    s.apply(entry_of(1), at(1, 1, 10));
    s.apply(entry_of(3), at(1, 2, 30));
    const auto first = s.read_after({}, 9);
    CHECK(numbers_of(first.entries) == std::vector{1, 3});
    s.apply(entry_of(2), at(2, 1, 20));
    const auto second = s.read_after(first.position, 9);
    CHECK(numbers_of(second.entries) == std::vector{2});
    CHECK(s.read_after(second.position, 9).entries.empty());
}

TEST_CASE("stream: reading one entry at a time gives every entry once") {
    const stream s = three_entries();
    vector_clock position;
    std::vector<int> read;
    for (int i = 0; i < 5; ++i) {
        const auto one = s.read_after(position, 1);
        position = one.position;
        for (const int n : numbers_of(one.entries)) {
            read.push_back(n);
        }
    }
    CHECK(read == std::vector{1, 2, 3});
}

TEST_CASE("stream: entries of one transaction stand in its order") {
    stream s;
    s.apply(entry_of(1), at(1, 1, 10));
    s.apply(entry_of(2), at(1, 1, 10));
    CHECK(numbers_of(s.read_after({}, 9).entries) == std::vector{1, 2});
    CHECK(s.find({alice, 2})->id.number == 2);
    CHECK_FALSE(s.find({alice, 3}));
    CHECK_FALSE(s.find({alice, 0}));
    CHECK_FALSE(s.find({bob, 1}));
}

TEST_CASE("stream: a trim takes away what it names, and nothing that it did not see") {
    stream s = three_entries();
    const auto trimmed = s.trim_to(1);
    s.apply(entry_of(4), at(2, 2, 5));
    s.apply(trimmed, at(3, 1, 40));
    CHECK(numbers_of(s.read_after({}, 9).entries) == std::vector{4, 3});
    s.apply(s.trim({{alice, 9}}), at(3, 2, 50));
    CHECK(numbers_of(s.read_after({}, 9).entries) == std::vector{4});
    s.apply(s.reset(), at(3, 3, 60));
    CHECK(s.empty());
    CHECK(s.position() == vector_clock{{alice, 2}, {bob, 2}});
    s.apply(entry_of(5), at(1, 3, 70));
    CHECK(s.find({alice, 3}));
}

TEST_CASE("stream: a group gives each entry out once, until somebody takes it over") {
    stream s = three_entries();
    const auto first = s.claim("g", "ann", 2);
    CHECK(first.entries.size() == 2);
    s.apply(first, at(1, 3, 40));
    const auto rest = s.claim("g", "ben", 9);
    REQUIRE(rest.entries.size() == 1);
    CHECK(rest.entries[0].name == stream::entry_name{alice, 2});
    CHECK(s.claim("another", "ben", 9).entries.size() == 3);
    CHECK(s.pending("g").size() == 2);
    CHECK(s.pending("g")[0].consumer == "ann");
    CHECK(s.pending("g")[0].claimed == hybrid_time::at_ms(40));
    const std::vector<stream::entry_name> names{{alice, 1}};
    s.apply(s.claim_again("g", "ben", names), at(2, 2, 50));
    CHECK(s.pending("g")[0].consumer == "ben");
    s.apply(s.acknowledge("g", names), at(2, 3, 60));
    CHECK(s.pending("g").size() == 1);
    CHECK(s.acknowledge("g", names).entries.empty());
    const auto unknown = error_of([&] { (void)s.claim_again("g", "ben", names); });
    CHECK(unknown.code == errc::unknown_entry);
    CHECK(unknown.where == "stream: entry 1 of 0000000000000001 is not pending in \"g\"");
}

TEST_CASE("stream: of concurrent claims the later one shows, and an acknowledgement beats them all") {
    const stream s = three_entries();
    const auto ann = s.claim("g", "ann", 1);
    const auto ben = s.claim("g", "ben", 1);
    const auto done = [&] {
        stream with = s;
        with.apply(ann, at(1, 3, 40));
        return with.acknowledge("g", std::vector<stream::entry_name>{{alice, 1}});
    }();
    stream a = s;
    stream b = s;
    a.apply(ann, at(1, 3, 40));
    a.apply(ben, at(2, 2, 50));
    b.apply(ben, at(2, 2, 50));
    b.apply(ann, at(1, 3, 40));
    CHECK(a == b);
    CHECK(a.pending("g").at(0).consumer == "ben");
    a.apply(done, at(1, 4, 60));
    stream c = s;
    c.apply(ann, at(1, 3, 40));
    c.apply(done, at(1, 4, 60));
    c.apply(ben, at(2, 2, 50));
    CHECK(a == c);
    CHECK(c.pending("g").empty());
}

TEST_CASE("stream: acknowledgements have one form, in whatever order they and trims come") {
    stream s = three_entries();
    const std::vector<stream::entry_name> one{{alice, 1}};
    const std::vector<stream::entry_name> two{{alice, 2}};
    const auto first = s.acknowledge("g", one);
    const auto second = s.acknowledge("g", two);
    const auto trim = s.trim({{alice, 1}});
    stream a = s;
    a.apply(first, at(3, 1));
    a.apply(second, at(3, 2));
    a.apply(trim, at(2, 2));
    stream b = s;
    b.apply(trim, at(2, 2));
    b.apply(first, at(3, 1));
    b.apply(second, at(3, 2));
    CHECK(a == b);
    a.apply(a.reset(), at(2, 3));
    CHECK(a.claim("g", "ann", 9).entries.empty());
}

TEST_CASE("stream: names and fields have limits") {
    const stream s = three_entries();
    const std::string long_name(sangam::crdt::limits::name_bytes_max + 1, 'n');
    CHECK(error_of([&] { (void)s.append({{long_name, 1}}); }).code == errc::too_large);
    CHECK(error_of([&] { (void)s.append({{"\xff", 1}}); }).code == errc::invalid_utf8);
    CHECK(error_of([&] {
              (void)s.append(std::vector<stream_field>(sangam::crdt::limits::stream_fields_max + 1));
          }).code == errc::too_large);
    CHECK(error_of([&] { (void)s.claim(long_name, "c", 1); }).code == errc::too_large);
    CHECK(error_of([&] { (void)s.claim("g", "\xff", 1); }).code == errc::invalid_utf8);
    CHECK(error_of([&] { (void)s.acknowledge(long_name, {}); }).code == errc::too_large);
}

TEST_CASE("stream: accepts names of entries that came, also of those that went, and no others") {
    stream s = three_entries();
    s.apply(s.trim_to(1), at(2, 2));
    const std::vector<stream::entry_name> came{{alice, 1}, {alice, 2}, {bob, 1}};
    const std::vector<stream::entry_name> to_come{{alice, 3}};
    CHECK(s.accepts(entry_of(4), bob));
    CHECK(s.accepts(stream::trim_op{came}, bob));
    CHECK(s.accepts(stream::acknowledge_op{"g", came}, bob));
    CHECK_FALSE(s.accepts(stream::trim_op{to_come}, bob));
    CHECK_FALSE(s.accepts(stream::acknowledge_op{"g", to_come}, bob));
    CHECK_FALSE(s.accepts(stream::claim_op{"g", "c", {{to_come[0], {}}}}, bob));
    CHECK(s.accepts(stream::claim_op{"g", "c", {{to_come[0], {}}}}, alice));
}
