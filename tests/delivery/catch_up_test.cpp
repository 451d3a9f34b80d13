#include "test_message.hpp"

#include <sangam/delivery/catch_up.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

using namespace sangam::test;
using sangam::causality::dot;
using sangam::causality::replica_id;
using sangam::causality::vector_clock;
using sangam::delivery::catch_up;
using sangam::delivery::dot_range;
using sangam::delivery::protocol_timing;
using sangam::delivery::range_question;

namespace {

constexpr std::uint64_t first_link = 11;
constexpr std::uint64_t second_link = 22;
constexpr bool urgent = true;
constexpr bool relaxed = false;

/// Alice, who has some dots, and asks.
struct asker {
    std::vector<range_question> questions(std::uint64_t now_ms) {
        const auto first_gap = [this](replica_id origin, std::uint64_t known) -> std::optional<dot_range> {
            for (std::uint64_t first = 1; first <= known; ++first) {
                if (!has.contains({origin, first})) {
                    std::uint64_t last = first;
                    while (last < known && !has.contains({origin, last + 1})) {
                        ++last;
                    }
                    return dot_range{origin, first, last};
                }
            }
            return std::nullopt;
        };
        return catching.questions(alice, first_gap, now_ms);
    }
    void take(const dot_range& range) {
        for (std::uint64_t n = range.first; n <= range.last; ++n) {
            has.insert({range.origin, n});
        }
    }

    protocol_timing timing;
    catch_up catching{timing};
    std::set<dot> has;
};

using asked = std::vector<range_question>;

} // namespace

TEST_CASE("catch_up: nothing is asked when nothing is missing") {
    asker a;
    CHECK(a.catching.next_due_ms() == std::nullopt);
    a.catching.learn(first_link, {{bob, 2}}, urgent, 0);
    a.take({bob, 1, 2});
    CHECK(a.questions(0).empty());
    CHECK(a.catching.next_due_ms() == std::nullopt);
}

TEST_CASE("catch_up: own messages are never asked for") {
    asker a;
    a.catching.learn(first_link, {{alice, 5}}, urgent, 0);
    CHECK(a.questions(0).empty());
    CHECK(a.catching.next_due_ms() == std::nullopt);
}

TEST_CASE("catch_up: a gap may close by itself for a while") {
    asker a;
    a.catching.learn(first_link, {{bob, 5}}, relaxed, 100);
    CHECK(a.catching.next_due_ms() == 100);
    CHECK(a.questions(100).empty());
    CHECK(a.catching.next_due_ms() == 130);
    CHECK(a.questions(129).empty());
    CHECK(a.questions(130) == asked{{first_link, {bob, 1, 5}}});
    CHECK(a.catching.open_questions() == 1);
}

TEST_CASE("catch_up: messages in flight are not asked for as long as they keep coming") {
    asker a;
    for (std::uint64_t now = 0; now < 1000; now += 10) {
        a.catching.learn(first_link, {{bob, now / 10 + 3}}, relaxed, now);
        CHECK(a.questions(now).empty());
        a.take({bob, now / 10 + 1, now / 10 + 1});
    }
}

TEST_CASE("catch_up: after a lost message the later holes that were known as long are asked for at once") {
    asker a;
    a.take({bob, 2, 2});
    a.take({bob, 4, 4});
    a.catching.learn(first_link, {{bob, 4}}, relaxed, 0);
    CHECK(a.questions(0).empty());
    a.catching.learn(first_link, {{bob, 6}}, relaxed, 30);
    CHECK(a.questions(30) == asked{{first_link, {bob, 1, 1}}});
    a.take({bob, 1, 1});
    a.catching.answered(first_link, bob, 31);
    CHECK(a.catching.next_due_ms() == 31);
    CHECK(a.questions(31) == asked{{first_link, {bob, 3, 3}}});
    a.take({bob, 3, 3});
    a.catching.answered(first_link, bob, 32);
    CHECK(a.questions(32).empty());
    CHECK(a.catching.next_due_ms() == 60);
    CHECK(a.questions(60) == asked{{first_link, {bob, 5, 6}}});
}

TEST_CASE("catch_up: after a hello the gap is asked for at once") {
    asker a;
    a.catching.learn(first_link, {{bob, 5}}, relaxed, 0);
    CHECK(a.questions(0).empty());
    a.catching.learn(first_link, {{bob, 5}}, urgent, 1);
    CHECK(a.questions(1) == asked{{first_link, {bob, 1, 5}}});
}

TEST_CASE("catch_up: a long range is asked for in chunks, each as soon as the one before came") {
    asker a;
    a.timing.request_messages_max = 4;
    a.catching = catch_up(a.timing);
    a.catching.learn(first_link, {{bob, 10}}, urgent, 0);
    CHECK(a.questions(0) == asked{{first_link, {bob, 1, 4}}});
    CHECK(a.questions(1).empty());
    a.take({bob, 1, 3});
    a.catching.answered(first_link, bob, 2);
    CHECK(a.questions(2) == asked{{first_link, {bob, 4, 7}}});
    a.take({bob, 4, 7});
    a.catching.answered(first_link, bob, 3);
    CHECK(a.questions(3) == asked{{first_link, {bob, 8, 10}}});
    a.take({bob, 8, 10});
    a.catching.answered(first_link, bob, 4);
    CHECK(a.questions(4).empty());
    CHECK(a.catching.next_due_ms() == std::nullopt);
    CHECK(a.catching.open_questions() == 0);
}

TEST_CASE("catch_up: a range that resumes in the middle leaves out what is held back") {
    asker a;
    a.take({bob, 1, 2});
    a.take({bob, 6, 6});
    a.catching.learn(first_link, {{bob, 9}}, urgent, 0);
    CHECK(a.questions(0) == asked{{first_link, {bob, 3, 5}}});
}

TEST_CASE("catch_up: a question that is not answered in time goes to the other member, and later back") {
    asker a;
    a.catching.learn(first_link, {{bob, 2}}, urgent, 0);
    a.catching.learn(second_link, {{bob, 2}}, urgent, 0);
    CHECK(a.questions(0) == asked{{first_link, {bob, 1, 2}}});
    CHECK(a.catching.next_due_ms() == 100);
    CHECK(a.questions(99).empty());
    CHECK(a.questions(100) == asked{{second_link, {bob, 1, 2}}});
    CHECK(a.catching.open_questions() == 2);
    CHECK(a.questions(999).empty());
    CHECK(a.questions(1000) == asked{{first_link, {bob, 1, 2}}});
    CHECK(a.questions(1099).empty());
    CHECK(a.questions(1100) == asked{{second_link, {bob, 1, 2}}});
}

TEST_CASE(
    "catch_up: an answer that brought nothing sends the question to the other member at once, then waits") {
    asker a;
    a.catching.learn(first_link, {{bob, 2}}, urgent, 0);
    a.catching.learn(second_link, {{bob, 2}}, urgent, 0);
    CHECK(a.questions(0) == asked{{first_link, {bob, 1, 2}}});
    a.catching.answered(first_link, bob, 5);
    CHECK(a.questions(5) == asked{{second_link, {bob, 1, 2}}});
    a.catching.answered(second_link, bob, 10);
    CHECK(a.questions(10).empty());
    CHECK(a.catching.next_due_ms() == 1000);
    CHECK(a.questions(1000) == asked{{first_link, {bob, 1, 2}}});
    a.catching.answered(first_link, bob, 1010);
    CHECK(a.questions(1010) == asked{{second_link, {bob, 1, 2}}});
}

TEST_CASE("catch_up: a single member that does not answer is asked again after the time-out") {
    asker a;
    a.catching.learn(first_link, {{bob, 2}}, urgent, 0);
    CHECK(a.questions(0).size() == 1);
    CHECK(a.questions(999).empty());
    CHECK(a.questions(1000) == asked{{first_link, {bob, 1, 2}}});
    CHECK(a.questions(2000).empty());
    CHECK(a.catching.next_due_ms() == 3000);
    CHECK(a.questions(3000) == asked{{first_link, {bob, 1, 2}}});
    for (const std::uint64_t again : {7000U, 11'000U, 15'000U}) {
        CHECK(a.questions(again - 1).empty());
        CHECK(a.questions(again) == asked{{first_link, {bob, 1, 2}}});
    }
}

TEST_CASE("catch_up: a question whose range keeps coming does not time out") {
    asker a;
    a.catching.learn(first_link, {{bob, 4}}, urgent, 0);
    a.catching.learn(second_link, {{bob, 4}}, urgent, 0);
    CHECK(a.questions(0).size() == 1);
    a.take({bob, 1, 1});
    a.catching.brought(first_link, bob, 1, 900);
    CHECK(a.questions(900).empty());
    CHECK(a.questions(1000) == asked{{second_link, {bob, 2, 4}}});
    CHECK(a.questions(1899).empty());
    CHECK(a.catching.open_questions() == 2);
    CHECK(a.catching.next_due_ms() == 1900);
    CHECK(a.questions(1900) == asked{{first_link, {bob, 2, 4}}});
}

TEST_CASE(
    "catch_up: one question to a link and one for an origin at a time, and the members share the work") {
    asker a;
    const vector_clock all{{bob, 2}, {carol, 3}, {replica_id{4}, 1}};
    a.catching.learn(first_link, all, urgent, 0);
    CHECK(a.questions(0) == asked{{first_link, {bob, 1, 2}}});
    a.catching.learn(second_link, all, relaxed, 1);
    CHECK(a.questions(1) == asked{{second_link, {carol, 1, 3}}});
    CHECK(a.catching.open_questions() == 2);
    a.take({bob, 1, 1});
    a.catching.answered(first_link, bob, 2);
    CHECK(a.questions(2) == asked{{first_link, {replica_id{4}, 1, 1}}});
    a.take({carol, 1, 3});
    a.catching.answered(second_link, carol, 3);
    CHECK(a.questions(3) == asked{{second_link, {bob, 2, 2}}});
}

TEST_CASE("catch_up: only a member that has the first dot is asked, and only for what it has") {
    asker a;
    a.take({bob, 1, 2});
    a.catching.learn(first_link, {{bob, 2}}, urgent, 0);
    a.catching.learn(second_link, {{bob, 6}}, urgent, 0);
    CHECK(a.questions(0) == asked{{second_link, {bob, 3, 6}}});
    a.catching.learn(first_link, {{bob, 4}}, relaxed, 1);
    CHECK(a.questions(1000) == asked{{first_link, {bob, 3, 4}}});
}

TEST_CASE("catch_up: the question to a link that is gone is asked elsewhere at once") {
    asker a;
    a.catching.learn(first_link, {{bob, 2}}, urgent, 0);
    a.catching.learn(second_link, {{bob, 2}}, urgent, 0);
    CHECK(a.questions(0) == asked{{first_link, {bob, 1, 2}}});
    a.catching.forget(first_link);
    CHECK(a.catching.open_questions() == 0);
    CHECK(a.catching.next_due_ms() == 0);
    CHECK(a.questions(1) == asked{{second_link, {bob, 1, 2}}});
    a.catching.forget(second_link);
    CHECK(a.questions(2).empty());
    CHECK(a.catching.next_due_ms() == std::nullopt);
    a.catching.forget(99);
    CHECK(a.catching.next_due_ms() == std::nullopt);
}

TEST_CASE("catch_up: a link that comes back is asked again at once") {
    asker a;
    a.catching.learn(first_link, {{bob, 2}}, urgent, 0);
    CHECK(a.questions(0).size() == 1);
    a.catching.learn(second_link, {{bob, 2}}, relaxed, 1);
    a.catching.answered(first_link, bob, 1);
    CHECK(a.questions(1) == asked{{second_link, {bob, 1, 2}}});
    a.catching.forget(first_link);
    a.catching.learn(first_link, {{bob, 2}}, relaxed, 2);
    a.catching.answered(second_link, bob, 2);
    CHECK(a.questions(2) == asked{{first_link, {bob, 1, 2}}});
}

TEST_CASE("catch_up: what becomes known after a hello was looked at is in flight again") {
    asker a;
    a.take({bob, 1, 1});
    a.catching.learn(first_link, {{bob, 1}}, urgent, 0);
    CHECK(a.questions(0).empty());
    a.catching.learn(first_link, {{bob, 3}}, relaxed, 1);
    CHECK(a.questions(1).empty());
    CHECK(a.questions(31) == asked{{first_link, {bob, 2, 3}}});
}

TEST_CASE("catch_up: a question whose range came another way stays open until it is answered or times out") {
    asker a;
    a.catching.learn(first_link, {{bob, 2}, {carol, 1}}, urgent, 0);
    CHECK(a.questions(0) == asked{{first_link, {bob, 1, 2}}});
    a.take({bob, 1, 2});
    CHECK(a.questions(1).empty());
    CHECK(a.catching.open_questions() == 1);

    SUBCASE("answered") {
        a.catching.answered(first_link, bob, 2);
        CHECK(a.questions(2) == asked{{first_link, {carol, 1, 1}}});
    }
    SUBCASE("timed out") {
        CHECK(a.questions(1000) == asked{{first_link, {carol, 1, 1}}});
    }
}

TEST_CASE(
    "catch_up: a question that could not be sent goes elsewhere at once, or is tried again a little later") {
    asker a;
    a.catching.learn(first_link, {{bob, 2}}, urgent, 0);
    CHECK(a.questions(0).size() == 1);
    a.catching.not_sent(first_link);
    CHECK(a.catching.open_questions() == 0);
    CHECK(a.questions(0).empty());
    CHECK(a.catching.next_due_ms() == 30);
    CHECK(a.questions(30) == asked{{first_link, {bob, 1, 2}}});
    a.catching.learn(second_link, {{bob, 2}}, relaxed, 31);
    a.catching.not_sent(first_link);
    CHECK(a.questions(31) == asked{{second_link, {bob, 1, 2}}});
    a.catching.not_sent(99);
    CHECK(a.catching.open_questions() == 1);
}

TEST_CASE("catch_up: an answer that nobody waits for changes nothing") {
    asker a;
    a.catching.learn(first_link, {{bob, 2}}, urgent, 0);
    CHECK(a.questions(0).size() == 1);
    a.catching.answered(first_link, carol, 1);
    a.catching.answered(second_link, bob, 1);
    CHECK(a.catching.open_questions() == 1);
    CHECK(a.catching.next_due_ms() == 100);
}

TEST_CASE("catch_up: a hello with less than before takes back what was known of the link") {
    asker a;
    a.catching.learn(first_link, {{bob, 9}}, urgent, 0);
    a.catching.learn(first_link, {{bob, 2}}, urgent, 1);
    CHECK(a.questions(1) == asked{{first_link, {bob, 1, 2}}});
    a.take({bob, 1, 1});
    a.catching.answered(first_link, bob, 3);
    CHECK(a.questions(3) == asked{{first_link, {bob, 2, 2}}});
    a.catching.answered(first_link, bob, 4);
    a.catching.learn(first_link, {{bob, 1}}, relaxed, 4);
    CHECK(a.questions(2000).empty());
    CHECK(a.catching.next_due_ms() == std::nullopt);
}

TEST_CASE("catch_up: a gap that comes back because a held-back message was dropped is asked for again") {
    asker a;
    a.take({bob, 1, 2});
    a.catching.learn(first_link, {{bob, 2}}, relaxed, 0);
    CHECK(a.questions(0).empty());
    a.has.erase({bob, 2});
    a.catching.learn(first_link, {{bob, 2}}, relaxed, 500);
    CHECK(a.questions(500).empty());
    CHECK(a.questions(530) == asked{{first_link, {bob, 2, 2}}});
}

TEST_CASE("catch_up: whoever answered well is asked next, not who did not answer") {
    asker a;
    a.timing.request_messages_max = 2;
    a.catching = catch_up(a.timing);
    a.catching.learn(first_link, {{bob, 8}}, urgent, 0);
    a.catching.learn(second_link, {{bob, 8}}, urgent, 0);
    CHECK(a.questions(0) == asked{{first_link, {bob, 1, 2}}});
    CHECK(a.questions(100) == asked{{second_link, {bob, 1, 2}}});
    for (std::uint64_t first = 1; first <= 7; first += 2) {
        const std::uint64_t now = 101 + first;
        a.take({bob, first, first + 1});
        a.catching.brought(second_link, bob, 2, now);
        a.catching.answered(second_link, bob, now);
        if (first < 7) {
            CHECK(a.questions(now) == asked{{second_link, {bob, first + 2, first + 3}}});
        }
    }
    CHECK(a.questions(110).empty());
}

TEST_CASE("catch_up: a member that failed may answer late, and is trusted again") {
    asker a;
    a.catching.learn(first_link, {{bob, 3}}, urgent, 0);
    CHECK(a.questions(0).size() == 1);
    CHECK(a.questions(1000).size() == 1);
    CHECK(a.questions(2000).empty());
    a.take({bob, 1, 1});
    a.catching.brought(first_link, bob, 1, 2100);
    CHECK(a.questions(2100) == asked{{first_link, {bob, 2, 3}}});
}

TEST_CASE("catch_up: who was asked for what came another way is not blamed") {
    asker a;
    a.catching.learn(first_link, {{bob, 1}, {carol, 1}}, urgent, 0);
    CHECK(a.questions(0) == asked{{first_link, {bob, 1, 1}}});
    a.take({bob, 1, 1});
    a.catching.answered(first_link, bob, 5);
    CHECK(a.questions(5) == asked{{first_link, {carol, 1, 1}}});
    a.catching.answered(first_link, carol, 6);
    CHECK(a.questions(6).empty());
}

TEST_CASE("catch_up: a hello takes back a pause, but not what a link is known as") {
    asker a;
    a.catching.learn(first_link, {{bob, 2}}, urgent, 0);
    CHECK(a.questions(0).size() == 1);
    a.catching.answered(first_link, bob, 1);
    CHECK(a.questions(1).empty());
    a.catching.learn(first_link, {{bob, 2}}, urgent, 2);
    a.catching.learn(second_link, {{bob, 2}}, urgent, 2);
    CHECK(a.questions(2) == asked{{second_link, {bob, 1, 2}}});
    a.catching.learn(second_link, {{bob, 2}}, urgent, 3);
    CHECK(a.catching.open_questions() == 0);
    a.catching.forget(second_link);
    CHECK(a.questions(3) == asked{{first_link, {bob, 1, 2}}});
}

TEST_CASE("catch_up: everything is fetched from members that lose questions, answers and links") {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random(seed);
        asker a;
        a.timing.request_messages_max = 5;
        a.catching = catch_up(a.timing);
        const vector_clock everything{{bob, 40}, {carol, 30}, {replica_id{9}, 20}};
        std::map<std::uint64_t, vector_clock> members{
            {1, everything}, {2, {{bob, 25}, {carol, 30}}}, {3, everything}};
        std::map<std::uint64_t, replica_id> open;
        std::map<std::uint64_t, std::uint64_t> open_since;
        std::uint64_t now = 0;
        const auto forget = [&](std::uint64_t link) {
            open.erase(link);
            open_since.erase(link);
        };
        for (int step = 0; step < 3000 && a.has.size() < 90; ++step) {
            const std::uint64_t link = 1 + random() % 3;
            if (random() % 10 == 0) {
                const bool is_urgent = random() % 2 == 0;
                a.catching.learn(link, members[link], is_urgent, now);
                if (is_urgent) {
                    forget(link);
                }
            } else if (random() % 60 == 0) {
                a.catching.forget(link);
                forget(link);
            }
            for (const auto& [silent, since] : std::map(open_since)) {
                if (now >= since + a.timing.request_timeout_ms) {
                    forget(silent);
                }
            }
            for (const range_question& q : a.questions(now)) {
                REQUIRE_FALSE(open.contains(q.link));
                REQUIRE(members[q.link].contains({q.range.origin, q.range.last}));
                REQUIRE(q.range.last - q.range.first < 5);
                open[q.link] = q.range.origin;
                open_since[q.link] = now;
                const auto luck = random() % 4;
                if (luck == 0) {
                    a.catching.not_sent(q.link);
                    forget(q.link);
                } else if (luck != 1) {
                    const std::uint64_t more = random() % (q.range.last - q.range.first + 1);
                    a.take({q.range.origin, q.range.first, q.range.first + more});
                    a.catching.brought(q.link, q.range.origin, more + 1, now);
                    a.catching.answered(q.link, q.range.origin, now);
                    forget(q.link);
                }
            }
            REQUIRE(a.catching.open_questions() == open.size());
            now += random() % 50;
        }
        CHECK(a.has.size() == 90);
    }
}

TEST_CASE("catch_up: who did not give what it said it has is told once for each failure") {
    asker a;
    a.catching.learn(first_link, {{bob, 5}}, urgent, 0);
    a.catching.learn(second_link, {{bob, 5}}, urgent, 0);
    REQUIRE(a.questions(0).size() == 1);
    CHECK(a.catching.take_failures().empty());
    a.catching.answered(first_link, bob, 10); // with nothing
    CHECK(a.questions(10).front().link == second_link);
    using failures = std::vector<catch_up::failure>;
    CHECK(a.catching.take_failures() == failures{{first_link, {bob, 1}}});
    CHECK(a.catching.take_failures().empty());
    a.questions(10 + a.timing.request_timeout_ms);
    CHECK(a.catching.take_failures() == failures{{second_link, {bob, 1}}});
    a.questions(10 + 2 * a.timing.request_timeout_ms);
    a.catching.forget(first_link);
    a.catching.forget(second_link);
    CHECK(a.catching.take_failures().empty());
}
