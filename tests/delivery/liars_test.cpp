#include "test_message.hpp"

#include <sangam/delivery/catch_up.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

using namespace sangam::test;
using sangam::causality::replica_id;
using sangam::causality::vector_clock;
using sangam::delivery::catch_up;
using sangam::delivery::dot_range;
using sangam::delivery::protocol_timing;
using sangam::delivery::range_question;

namespace {

constexpr std::uint64_t messages = 100'000;
constexpr std::uint64_t part_messages = 512;
constexpr std::uint64_t never = UINT64_MAX;

enum class manner {
    honest,  ///< answers after a delay, a part each millisecond
    slow,    ///< the same, but a part each 50 ms
    silent,  ///< claims everything and never answers
    empty,   ///< answers at once that there is nothing
    drip,    ///< one message a second
    trickle, ///< one message each 50 ms
    garbage, ///< its answer refuses the link, which is greeted again after five seconds
};

/// Alice catches up with bob's messages, of which all members say that they have them. Time is a number.
class catching {
public:
    void add(manner how, std::size_t count = 1) {
        for (; count > 0; --count) {
            members_.push_back({how, {{bob, messages}}});
            greet(members_.size());
        }
    }

    /// Says that it has a message of each of so many origins that nobody has heard of, and bob's messages,
    /// and never answers.
    void add_inventor(std::size_t origins) {
        vector_clock claims;
        for (std::uint64_t i = 0; i < origins; ++i) {
            claims.advance_to(replica_id{i + 10}, 1);
        }
        claims.advance_to(bob, messages);
        members_.push_back({manner::silent, claims});
        greet(members_.size());
    }

    /// Has nothing.
    void add_idle() {
        members_.push_back({manner::honest, {{alice, 1}}});
        greet(members_.size());
    }

    /// When everything is there; never if that takes longer than two minutes.
    std::uint64_t run() {
        for (now_ = 0; now_ < 120'000; ++now_) {
            for (std::uint64_t link = 1; link <= members_.size(); ++link) {
                answer(link);
            }
            std::size_t looks = 0;
            const auto first_gap = [&](replica_id origin, std::uint64_t known) {
                ++looks;
                const std::uint64_t has = origin == bob ? has_ : 0;
                return has < known ? std::optional(dot_range{origin, has + 1, known}) : std::nullopt;
            };
            for (const range_question& q : asker_.questions(alice, first_gap, now_)) {
                member& asked = members_[q.link - 1];
                asked.question = q.range;
                asked.next_ms = now_ + (asked.how == manner::drip ? 1000 : delay_ms);
                ++asked.times_asked;
            }
            looks_most_ = std::max(looks_most_, looks);
            looks_ += looks;
            if (has_ == messages) {
                return now_;
            }
        }
        return never;
    }

    /// Messages that members sent, the same ones counted again.
    [[nodiscard]] std::uint64_t sent() const { return sent_; }

    /// Origins that one call of `questions` looked at.
    [[nodiscard]] std::size_t looks_most() const { return looks_most_; }
    [[nodiscard]] std::size_t looks_in_all() const { return looks_; }
    [[nodiscard]] std::size_t steps() const { return now_ + 1; }

    [[nodiscard]] std::uint64_t most_asked(manner how) const {
        std::uint64_t most = 0;
        for (const member& m : members_) {
            most = m.how == how ? std::max(most, m.times_asked) : most;
        }
        return most;
    }

private:
    static constexpr std::uint64_t delay_ms = 5;

    struct member {
        manner how;
        vector_clock claims;
        std::optional<dot_range> question = std::nullopt;
        std::uint64_t next_ms = 0;
        std::uint64_t greet_ms = never;
        std::uint64_t times_asked = 0;
    };

    void greet(std::uint64_t link) { asker_.learn(link, members_[link - 1].claims, true, now_); }

    void answer(std::uint64_t link) {
        member& m = members_[link - 1];
        if (now_ >= m.greet_ms) {
            m.greet_ms = never;
            greet(link);
        }
        if (!m.question || now_ < m.next_ms || m.how == manner::silent) {
            return;
        }
        if (m.how == manner::garbage) {
            m.question.reset();
            m.greet_ms = now_ + 5000;
            asker_.forget(link);
            return;
        }
        if (m.how == manner::empty) {
            m.question.reset();
            asker_.answered(link, bob, now_);
            return;
        }
        const std::uint64_t count = m.how == manner::drip || m.how == manner::trickle ? 1 : part_messages;
        const std::uint64_t last = std::min(m.question->last, m.question->first + count - 1);
        if (m.question->first <= has_ + 1 && last > has_) {
            asker_.brought(link, bob, last - has_, now_);
            has_ = last;
        }
        sent_ += last + 1 - m.question->first;
        m.question->first = last + 1;
        m.next_ms = now_ + (m.how == manner::drip ? 1000 : m.how == manner::honest ? 1 : 50);
        if (last == m.question->last) {
            m.question.reset();
            asker_.answered(link, bob, now_);
        }
    }

    protocol_timing timing_;
    catch_up asker_{timing_};
    std::vector<member> members_;
    std::uint64_t has_ = 0;
    std::uint64_t sent_ = 0;
    std::size_t looks_most_ = 0;
    std::size_t looks_ = 0;
    std::uint64_t now_ = 0;
};

/// A message of each of these origins.
vector_clock one_of_each(std::uint64_t first, std::uint64_t last) {
    vector_clock all;
    for (std::uint64_t i = first; i <= last; ++i) {
        all.advance_to(replica_id{i}, 1);
    }
    return all;
}

std::uint64_t time_alone(manner how) {
    catching alone;
    alone.add(how);
    return alone.run();
}

} // namespace

// Ten idle peers that claimed to have an origin's messages cost a time-out for every range: over 40 s for
// what takes 0.1 s, and a hundred of them let it never end.
TEST_CASE("catch_up: any number of liars of any kind costs at most one time-out") {
    const std::uint64_t alone_ms = time_alone(manner::honest);
    REQUIRE(alone_ms < 500);
    for (const manner lie : {manner::silent, manner::empty, manner::drip, manner::garbage}) {
        for (const std::size_t liars : {1U, 10U, 100U}) {
            CAPTURE(static_cast<int>(lie));
            CAPTURE(liars);
            catching c;
            c.add(lie, liars);
            c.add(manner::honest);
            const std::uint64_t took_ms = c.run();
            CHECK(took_ms <= alone_ms + protocol_timing{}.request_timeout_ms);
            CHECK(c.most_asked(lie) <= 3);
        }
    }
}

TEST_CASE("catch_up: liars of all kinds together cost no more") {
    catching c;
    for (int i = 0; i < 25; ++i) {
        c.add(manner::drip);
        c.add(manner::silent);
        c.add(manner::garbage);
        c.add(manner::empty);
    }
    c.add(manner::honest);
    CHECK(c.run() <= time_alone(manner::honest) + protocol_timing{}.request_timeout_ms);
}

TEST_CASE("catch_up: a slow member among liars is not given up") {
    const std::uint64_t alone_ms = time_alone(manner::slow);
    REQUIRE(alone_ms != never);
    catching c;
    c.add(manner::silent, 10);
    c.add(manner::slow);
    CHECK(c.run() <= alone_ms + protocol_timing{}.request_timeout_ms);
}

TEST_CASE("catch_up: honest members beside each other are not asked for the same") {
    catching c;
    c.add(manner::honest, 20);
    CHECK(c.run() <= time_alone(manner::honest));
    CHECK(c.most_asked(manner::honest) <= 14);
}

TEST_CASE("catch_up: who brings a little again and again keeps others waiting for one hedge delay") {
    catching c;
    c.add(manner::trickle);
    c.add(manner::honest);
    CHECK(c.run() <= time_alone(manner::honest) + 2 * protocol_timing{}.hedge_delay_ms);
}

TEST_CASE("catch_up: members that are asked together send little that the others send too") {
    catching c;
    c.add(manner::silent, 4);
    c.add(manner::honest, 4);
    CHECK(c.run() != never);
    CHECK(c.sent() <= messages + 1000);
}

// A liar that named 131,072 origins made every step look at all of them, while writers waited for the lock.
TEST_CASE("catch_up: origins that a liar invents cost a bounded look, and little time") {
    const protocol_timing timing;
    const std::size_t origins = timing.unknown_origins_max;
    catching c;
    c.add_inventor(origins);
    c.add(manner::honest);
    const std::uint64_t turn_ms = origins / timing.origins_per_look_max + 1;
    CHECK(c.run() <= time_alone(manner::honest) + timing.request_timeout_ms + 2 * turn_ms);
    CHECK(c.looks_most() <= timing.origins_per_look_max + 4);
}

TEST_CASE("catch_up: a look does not go further than its bound, and the next one goes on behind it") {
    protocol_timing timing;
    timing.origins_per_look_max = 3;
    catch_up asker(timing);
    const vector_clock has = one_of_each(2, 8);
    asker.learn(1, has, true, 0);
    const auto ids = [](const std::vector<std::uint64_t>& numbers) {
        std::vector<replica_id> all;
        for (const std::uint64_t number : numbers) {
            all.push_back(replica_id{number});
        }
        return all;
    };
    std::vector<replica_id> looked;
    const auto nothing_missing = [&](replica_id origin, std::uint64_t) -> std::optional<dot_range> {
        looked.push_back(origin);
        return std::nullopt;
    };
    CHECK(asker.questions(alice, nothing_missing, 0).empty());
    CHECK(looked == ids({2, 3, 4}));
    CHECK(asker.next_due_ms() == timing.look_pause_ms);
    CHECK(asker.questions(alice, nothing_missing, 5).empty());
    CHECK(asker.questions(alice, nothing_missing, 10).empty());
    CHECK(looked == ids({2, 3, 4, 5, 6, 7, 8, 2, 3}));
}

// It was woken every few milliseconds for ever, though nothing was missing.
TEST_CASE("catch_up: among many origins it comes to rest when a whole turn has found nothing missing") {
    protocol_timing timing;
    timing.origins_per_look_max = 3;
    catch_up asker(timing);
    vector_clock has = one_of_each(2, 8);
    const auto nothing_missing = [](replica_id, std::uint64_t) { return std::optional<dot_range>(); };
    std::uint64_t now_ms = 0;
    for (int news = 0; news < 2; ++news) {
        has.advance_to(replica_id{2}, static_cast<std::uint64_t>(news) + 1);
        asker.learn(1, has, false, now_ms);
        int calls = 0;
        while (asker.next_due_ms() && calls < 100) {
            now_ms = *asker.next_due_ms();
            CHECK(asker.questions(alice, nothing_missing, now_ms).empty());
            ++calls;
        }
        CHECK(calls >= 3);
        CHECK(calls <= 6);
        asker.learn(1, has, false, now_ms); // no news
        CHECK(!asker.next_due_ms());
    }
}

// Each of 4,096 invented origins was sought at each free link.
TEST_CASE("catch_up: with many links that are free, a look goes less far") {
    catching c;
    c.add_inventor(protocol_timing{}.unknown_origins_max);
    c.add(manner::honest);
    for (std::uint64_t link = 0; link < 200; ++link) {
        c.add_idle();
    }
    CHECK(c.run() <= time_alone(manner::honest) + 6000);
    CHECK(c.looks_in_all() <= 9 * protocol_timing{}.origins_per_look_max / 200 * c.steps() + 200'000);
}
