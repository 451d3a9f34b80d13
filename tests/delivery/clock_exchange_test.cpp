#include "test_message.hpp"

#include <sangam/delivery/clock_exchange.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <random>
#include <vector>

using namespace sangam::test;
using sangam::causality::replica_id;
using sangam::causality::vector_clock;
using sangam::delivery::clock_announcement;
using sangam::delivery::clock_exchange;

TEST_CASE(
    "clock_exchange: the first announcement is the full clock, later ones only what was not acknowledged") {
    clock_exchange here;
    clock_exchange there;
    const clock_announcement first = here.announce({{alice, 1}, {bob, 1}});
    CHECK(first.number == 1);
    CHECK(first.base == 0);
    CHECK(first.acknowledged == 0);
    CHECK(there.receive(first) == vector_clock{{alice, 1}, {bob, 1}});
    CHECK(there.last_received() == 1);

    const clock_announcement unacknowledged = here.announce({{alice, 2}, {bob, 1}});
    CHECK(unacknowledged.base == 0);
    CHECK(unacknowledged.difference == vector_clock{{alice, 2}, {bob, 1}});

    const clock_announcement back = there.announce({});
    CHECK(back.acknowledged == 1);
    CHECK(here.receive(back) == vector_clock{});
    const clock_announcement difference = here.announce({{alice, 2}, {bob, 1}});
    CHECK(difference.base == 1);
    CHECK(difference.acknowledged == 1);
    CHECK(difference.difference == vector_clock{{alice, 2}});
    CHECK(there.receive(difference) == vector_clock{{alice, 2}, {bob, 1}});
}

TEST_CASE("clock_exchange: an announcement that is repeated or overtaken carries nothing") {
    clock_exchange here;
    clock_exchange there;
    const clock_announcement first = here.announce({{alice, 1}});
    const clock_announcement second = here.announce({{alice, 2}});
    CHECK(there.receive(second) == vector_clock{{alice, 2}});
    CHECK(there.receive(first) == std::nullopt);
    CHECK(there.receive(second) == std::nullopt);
    CHECK(there.knows_base(first));
    CHECK(there.last_received() == 2);
}

TEST_CASE("clock_exchange: a base that is not known gives nothing and changes nothing") {
    clock_exchange here;
    const clock_announcement strange{7, 3, 0, {{alice, 1}}};
    CHECK_FALSE(here.knows_base(strange));
    CHECK(here.receive(strange) == std::nullopt);
    CHECK(here.last_received() == 0);
    CHECK(here.receive({1, 0, 0, {{alice, 1}}}) == vector_clock{{alice, 1}});
}

TEST_CASE("clock_exchange: an acknowledgement of what was never sent is ignored") {
    clock_exchange here;
    static_cast<void>(here.announce({{alice, 1}}));
    CHECK(here.receive({1, 0, 99, {}}).has_value());
    CHECK(here.announce({{alice, 1}}).base == 0);
}

TEST_CASE("clock_exchange: an older acknowledgement does not bring back an older base") {
    clock_exchange here;
    for (std::uint64_t n = 1; n <= 3; ++n) {
        static_cast<void>(here.announce({{alice, n}}));
    }
    CHECK(here.receive({1, 0, 2, {}}).has_value());
    CHECK(here.announce({{alice, 4}}).base == 2);
    CHECK(here.receive({2, 0, 1, {}}).has_value());
    CHECK(here.announce({{alice, 4}}).base == 2);
}

TEST_CASE("clock_exchange: the base stays while any number of announcements is lost, and only the latest "
          "others are kept") {
    clock_exchange here;
    clock_exchange there;
    CHECK(there.receive(here.announce({{alice, 1}})).has_value());
    CHECK(here.receive(there.announce({})).has_value());
    for (std::uint64_t n = 2; n <= 100; ++n) {
        const clock_announcement lost = here.announce({{alice, n}});
        CHECK(lost.base == 1);
    }
    CHECK(here.receive({2, 0, 50, {}}).has_value());
    const clock_announcement next = here.announce({{alice, 101}});
    CHECK(next.base == 1);
    CHECK(there.receive(next) == vector_clock{{alice, 101}});
    CHECK(here.receive({3, 0, 101 - 14, {}}).has_value());
    CHECK(here.announce({{alice, 101}}).base == 101 - 14);
}

TEST_CASE("clock_exchange: after forget_sent the next announcement is full, and old acknowledgements do not "
          "count") {
    clock_exchange here;
    static_cast<void>(here.announce({{alice, 1}}));
    CHECK(here.receive({1, 0, 1, {}}).has_value());
    here.forget_sent();
    CHECK(here.receive({2, 0, 1, {}}).has_value());
    const clock_announcement full = here.announce({{alice, 1}});
    CHECK(full.number == 2);
    CHECK(full.base == 0);
    CHECK(full.difference == vector_clock{{alice, 1}});
    CHECK(here.receive({3, 0, 2, {}}).has_value());
    CHECK(here.announce({{alice, 1}}).base == 2);
}

TEST_CASE("clock_exchange: a base older than the one that the other side names now is given up") {
    clock_exchange here;
    CHECK(here.receive({1, 0, 0, {{alice, 1}}}).has_value());
    CHECK(here.receive({2, 1, 0, {{alice, 2}}}).has_value());
    CHECK(here.knows_base({3, 1, 0, {}}));
    CHECK(here.receive({3, 2, 0, {{alice, 3}}}).has_value());
    CHECK_FALSE(here.knows_base({4, 1, 0, {}}));
    CHECK(here.knows_base({4, 2, 0, {}}));
}

TEST_CASE("clock_exchange: only so many received clocks are kept as the other side can still name") {
    clock_exchange here;
    for (std::uint64_t n = 1; n <= clock_exchange::bases_kept + 1; ++n) {
        CHECK(here.receive({n, 0, 0, {{alice, n}}}).has_value());
    }
    CHECK_FALSE(here.knows_base({99, 1, 0, {}}));
    CHECK(here.knows_base({99, 2, 0, {}}));
}

TEST_CASE("clock_exchange: after forget_received the other side may count anew") {
    clock_exchange here;
    CHECK(here.receive({9, 0, 0, {{alice, 1}}}).has_value());
    here.forget_received();
    CHECK_FALSE(here.knows_base({10, 9, 0, {}}));
    CHECK(here.receive({1, 0, 0, {{alice, 2}}}) == vector_clock{{alice, 2}});
}

TEST_CASE("clock_exchange: a restart forgets both directions, but goes on counting") {
    clock_exchange here;
    static_cast<void>(here.announce({{alice, 1}}));
    CHECK(here.receive({5, 0, 1, {}}).has_value());
    here.restart();
    const clock_announcement first = here.announce({{alice, 1}});
    CHECK(first.number == 2);
    CHECK(first.base == 0);
    CHECK(first.acknowledged == 0);
    CHECK(here.receive({1, 0, 0, {}}).has_value());
}

TEST_CASE("clock_exchange: under loss, repetition and reordering every announcement in order is understood "
          "exactly") {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random(seed);
        const std::uint64_t loss = random() % 80;
        struct side {
            clock_exchange exchange;
            vector_clock clock;
            std::vector<vector_clock> sent{{}};
            std::vector<clock_announcement> inbox;
            std::uint64_t received = 0;
        };
        side sides[2];
        std::size_t understood = 0;
        for (int step = 0; step < 400; ++step) {
            side& from = sides[random() % 2];
            side& to = sides[&from == &sides[0] ? 1 : 0];
            if (random() % 2 == 0) {
                from.clock.advance_to(replica_id{random() % 9}, random() % 50);
                const clock_announcement announcement = from.exchange.announce(from.clock);
                from.sent.push_back(from.clock);
                for (std::uint64_t copies = random() % 100 < loss ? 0 : 1 + random() % 2; copies > 0;
                     --copies) {
                    to.inbox.push_back(announcement);
                }
            } else if (!from.inbox.empty()) {
                const std::size_t at = random() % std::min<std::size_t>(from.inbox.size(), 1 + random() % 8);
                const clock_announcement announcement = from.inbox[at];
                from.inbox.erase(from.inbox.begin() + static_cast<std::ptrdiff_t>(at));
                const bool newer = announcement.number > from.received;
                const auto clock = from.exchange.receive(announcement);
                REQUIRE(clock.has_value() == newer);
                if (newer) {
                    from.received = announcement.number;
                    REQUIRE(*clock == to.sent[announcement.number]);
                    ++understood;
                }
            }
        }
        CHECK(understood > 0);
    }
}

TEST_CASE("clock_exchange: a second exchange of the same session goes on where the first one was") {
    clock_exchange replaced(7);
    clock_exchange there;
    CHECK(there.receive({7, 0, 0, {{alice, 1}}}).has_value());
    CHECK(there.receive(replaced.announce({{alice, 2}})) == vector_clock{{alice, 2}});
}
