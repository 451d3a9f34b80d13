#include "test_message.hpp"

#include <sangam/delivery/causal_buffer.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

using namespace sangam::test;
using sangam::causality::dot;
using sangam::causality::replica_id;
using sangam::causality::vector_clock;
using sangam::delivery::buffer_limits;
using sangam::delivery::causal_buffer;
using sangam::delivery::dot_range;
using sangam::delivery::offer_outcome;

namespace {

/// A buffer with the dots that it handed over, whose invariants are checked after every call.
struct receiver {
    explicit receiver(buffer_limits limits = {}) : buffer(limits) {}

    auto note() {
        return [this](test_message&& m) { order.push_back(m.id); };
    }

    offer_outcome offer(test_message m) {
        const offer_outcome outcome = buffer.offer(std::move(m), note());
        CHECK(buffer.check_invariants() == "");
        return outcome;
    }
    void release() {
        buffer.release(note());
        CHECK(buffer.check_invariants() == "");
    }
    void limit(std::optional<vector_clock> clock) {
        buffer.limit_delivery(std::move(clock), note());
        CHECK(buffer.check_invariants() == "");
    }
    void deliver_local(const dot& id, const std::vector<dot>& dependencies = {}) {
        buffer.deliver_local(id, dependencies);
        CHECK(buffer.check_invariants() == "");
    }

    causal_buffer<test_message> buffer;
    std::vector<dot> order;
};

std::vector<dot> dots_of(const causal_buffer<test_message>& buffer) {
    const auto dots = buffer.frontier().dots();
    return {dots.begin(), dots.end()};
}

} // namespace

TEST_CASE("causal_buffer: a reply is never delivered before its question") {
    receiver r;
    CHECK(r.offer(message({bob, 1}, {{alice, 1}})) == offer_outcome::held_back);
    CHECK(r.order.empty());
    CHECK(r.buffer.awaited() == vector_clock{{alice, 1}});
    CHECK(r.offer(message({alice, 1})) == offer_outcome::delivered);
    CHECK(r.order == std::vector<dot>{{alice, 1}, {bob, 1}});
    CHECK(r.buffer.delivered() == vector_clock{{alice, 1}, {bob, 1}});
    CHECK(dots_of(r.buffer) == std::vector<dot>{{bob, 1}});
    CHECK(r.buffer.awaited().empty());
}

TEST_CASE("causal_buffer: the messages of one origin are delivered in the order of their sequence") {
    receiver r;
    CHECK(r.offer(message({alice, 3})) == offer_outcome::held_back);
    CHECK(r.offer(message({alice, 2})) == offer_outcome::held_back);
    CHECK(r.buffer.held_back(alice) == 2);
    CHECK(r.offer(message({alice, 1})) == offer_outcome::delivered);
    CHECK(r.order == std::vector<dot>{{alice, 1}, {alice, 2}, {alice, 3}});
    CHECK(r.buffer.held_back(alice) == 0);
    CHECK(r.buffer.counters().held_back_most == 2);
    CHECK(r.buffer.counters().held_back == 0);
    CHECK(r.buffer.counters().delivered == 3);
}

TEST_CASE("causal_buffer: a blocked origin does not block an unrelated one") {
    receiver r;
    CHECK(r.offer(message({alice, 2})) == offer_outcome::held_back);
    CHECK(r.offer(message({bob, 1})) == offer_outcome::delivered);
    CHECK(r.offer(message({bob, 2})) == offer_outcome::delivered);
    CHECK(r.order == std::vector<dot>{{bob, 1}, {bob, 2}});
}

TEST_CASE("causal_buffer: a message waits for all of its dependencies, and others may wait for the same") {
    receiver r;
    CHECK(r.offer(message({carol, 1}, {{alice, 1}, {bob, 1}})) == offer_outcome::held_back);
    CHECK(r.offer(message({bob, 1}, {{alice, 1}})) == offer_outcome::held_back);
    CHECK(r.offer(message({carol, 2})) == offer_outcome::held_back);
    CHECK(r.offer(message({alice, 1})) == offer_outcome::delivered);
    CHECK(r.order == std::vector<dot>{{alice, 1}, {bob, 1}, {carol, 1}, {carol, 2}});
    CHECK(dots_of(r.buffer) == std::vector<dot>{{carol, 2}});
}

TEST_CASE("causal_buffer: what was delivered or is held back is a duplicate") {
    receiver r;
    CHECK(r.offer(message({alice, 2})) == offer_outcome::held_back);
    CHECK(r.offer(message({alice, 2})) == offer_outcome::duplicate);
    CHECK(r.offer(message({alice, 1})) == offer_outcome::delivered);
    CHECK(r.offer(message({alice, 1})) == offer_outcome::duplicate);
    CHECK(r.offer(message({alice, 2})) == offer_outcome::duplicate);
    CHECK(r.order == std::vector<dot>{{alice, 1}, {alice, 2}});
    CHECK(r.buffer.counters().duplicates == 3);
}

TEST_CASE("causal_buffer: a message that can never be is refused and leaves nothing behind") {
    receiver r;
    CHECK(r.offer(message({alice, 0})) == offer_outcome::refused);
    CHECK(r.offer(message({alice, 1}, {{alice, 1}})) == offer_outcome::refused);
    CHECK(r.offer(message({alice, 1}, {{alice, 2}})) == offer_outcome::refused);
    CHECK(r.offer(message({alice, 1}, {{bob, 0}})) == offer_outcome::refused);
    CHECK(r.offer(message({alice, 1}, {{carol, 1}, {bob, 1}})) == offer_outcome::refused);
    CHECK(r.offer(message({alice, 1}, {{bob, 1}, {bob, 1}})) == offer_outcome::refused);
    CHECK(r.buffer.counters().refused == 6);
    CHECK(r.buffer.counters().held_back == 0);
    CHECK(r.offer(message({alice, 1})) == offer_outcome::delivered);
    CHECK(r.offer(message({alice, 2}, {{alice, 1}})) == offer_outcome::delivered);
}

TEST_CASE("causal_buffer: a sequence far in the future is held back and blocks nothing") {
    receiver r;
    const std::uint64_t far = 1'000'000'000'000'000'000;
    CHECK(r.offer(message({alice, far})) == offer_outcome::held_back);
    CHECK(r.offer(message({alice, UINT64_MAX})) == offer_outcome::held_back);
    CHECK(r.offer(message({alice, 1})) == offer_outcome::delivered);
    CHECK(r.buffer.first_gap(alice, far) == dot_range{alice, 2, far - 1});
    CHECK(r.buffer.awaited() == vector_clock{{alice, UINT64_MAX - 1}});
}

TEST_CASE("causal_buffer: first_gap is the first run that is neither delivered nor held back") {
    receiver r;
    CHECK(r.buffer.first_gap(alice, 0) == std::nullopt);
    CHECK(r.buffer.first_gap(alice, 4) == dot_range{alice, 1, 4});
    r.offer(message({alice, 1}));
    CHECK(r.buffer.first_gap(alice, 1) == std::nullopt);
    r.offer(message({alice, 2}, {{bob, 1}}));
    r.offer(message({alice, 5}));
    CHECK(r.buffer.first_gap(alice, 2) == std::nullopt);
    CHECK(r.buffer.first_gap(alice, 3) == dot_range{alice, 3, 3});
    CHECK(r.buffer.first_gap(alice, 9) == dot_range{alice, 3, 4});
    CHECK(r.buffer.first_gap(bob, 1) == dot_range{bob, 1, 1});
    r.offer(message({alice, 3}));
    r.offer(message({alice, 4}));
    CHECK(r.buffer.first_gap(alice, 9) == dot_range{alice, 6, 9});
    CHECK(r.buffer.first_gap(alice, 5) == std::nullopt);
}

// A liar whose messages waited for 256 low dots hid what others waited for.
TEST_CASE("causal_buffer: of each replica the first dot that is waited for is told") {
    receiver r;
    const auto told = [&r](std::size_t most) {
        std::vector<std::pair<dot, dot>> all;
        for (const auto& [missing, waiting] : r.buffer.missing(most)) {
            all.emplace_back(missing, waiting);
        }
        return all;
    };
    using dots = std::vector<std::pair<dot, dot>>;
    CHECK(told(9).empty());
    r.offer(message({alice, 1}));
    for (std::uint64_t n = 3; n <= 99; n += 2) {
        r.offer(message({alice, n}));
    }
    r.offer(message({bob, 1}, {{carol, 7}}));
    CHECK(told(9) == dots{{{alice, 2}, {alice, 3}}, {{carol, 7}, {bob, 1}}});
    CHECK(told(1) == dots{{{alice, 2}, {alice, 3}}});
    r.offer(message({alice, 2}, {{carol, 1}}));
    CHECK(told(9) == dots{{{alice, 4}, {alice, 5}}, {{carol, 1}, {alice, 2}}});
    CHECK(r.buffer.check_invariants() == "");
    r.offer(message({carol, 1}));
    CHECK(told(9) == dots{{{alice, 4}, {alice, 5}}, {{carol, 7}, {bob, 1}}});
}

TEST_CASE(
    "causal_buffer: an origin may hold back as many messages as its budget says, and its newest goes first") {
    buffer_limits limits;
    limits.messages_per_origin_max = 2;
    receiver r(limits);
    CHECK(r.offer(message({alice, 3})) == offer_outcome::held_back);
    CHECK(r.offer(message({alice, 4})) == offer_outcome::held_back);
    CHECK(r.offer(message({alice, 5})) == offer_outcome::refused);
    CHECK(r.buffer.first_gap(alice, 5) == dot_range{alice, 1, 2});
    CHECK(r.offer(message({alice, 2})) == offer_outcome::held_back);
    CHECK(r.buffer.counters().refused == 2);
    CHECK(r.buffer.held_back(alice) == 2);
    CHECK(r.buffer.first_gap(alice, 5) == dot_range{alice, 1, 1});
    CHECK(r.buffer.check_invariants() == "");
    CHECK(r.offer(message({bob, 2})) == offer_outcome::held_back);
    CHECK(r.offer(message({alice, 1})) == offer_outcome::delivered);
    CHECK(r.buffer.delivered() == vector_clock{{alice, 3}});
    CHECK(r.buffer.counters().held_back_most == 3);
    CHECK(r.offer(message({alice, 4})) == offer_outcome::delivered);
}

TEST_CASE("causal_buffer: an origin may hold back as many bytes as its budget says") {
    buffer_limits limits;
    limits.bytes_per_origin_max = 300;
    receiver r(limits);
    CHECK(r.offer(message({alice, 4}, {}, 0, 150)) == offer_outcome::held_back);
    CHECK(r.offer(message({alice, 3}, {}, 0, 150)) == offer_outcome::held_back);
    CHECK(r.buffer.counters().held_back_bytes == 300);
    CHECK(r.offer(message({alice, 5}, {}, 0, 1)) == offer_outcome::refused);
    CHECK(r.offer(message({alice, 2}, {}, 0, 1)) == offer_outcome::held_back);
    CHECK(r.buffer.counters().held_back_bytes == 151);
    CHECK(r.offer(message({bob, 2}, {}, 0, 300)) == offer_outcome::held_back);
    CHECK(r.offer(message({carol, 2}, {}, 0, 301)) == offer_outcome::refused);
    CHECK(r.buffer.held_back(carol) == 0);
}

TEST_CASE("causal_buffer: a message larger than a budget drops nothing that is held back") {
    buffer_limits limits;
    limits.bytes_max = 300;
    receiver r(limits);
    CHECK(r.offer(message({alice, 4}, {}, 0, 150)) == offer_outcome::held_back);
    CHECK(r.offer(message({alice, 3}, {}, 0, 301)) == offer_outcome::refused);
    CHECK(r.buffer.held_back(alice) == 1);
}

TEST_CASE("causal_buffer: over the total budget the origin that holds most bytes loses its newest") {
    buffer_limits limits;
    limits.bytes_max = 1000;
    limits.messages_max = 4;
    receiver r(limits);
    r.offer(message({alice, 2}, {}, 0, 300));
    r.offer(message({alice, 3}, {}, 0, 300));
    CHECK(r.offer(message({bob, 2}, {}, 0, 400)) == offer_outcome::held_back);
    CHECK(r.buffer.counters().held_back_bytes == 1000);
    CHECK(r.offer(message({bob, 3}, {}, 0, 1)) == offer_outcome::held_back);
    CHECK(r.buffer.held_back(alice) == 1);
    CHECK(r.buffer.held_back(bob) == 2);
    CHECK(r.offer(message({carol, 2}, {}, 0, 1)) == offer_outcome::held_back);
    CHECK(r.offer(message({carol, 3}, {}, 0, 1)) == offer_outcome::held_back);
    CHECK(r.buffer.held_back(bob) == 1);
    CHECK(r.offer(message({bob, 4}, {}, 0, 1)) == offer_outcome::refused);
    CHECK(r.buffer.counters().refused == 3);
}

TEST_CASE("causal_buffer: a message that can be delivered at once never counts against the budgets") {
    buffer_limits limits;
    limits.messages_max = 0;
    limits.bytes_max = 0;
    receiver r(limits);
    CHECK(r.offer(message({alice, 1})) == offer_outcome::delivered);
    CHECK(r.offer(message({alice, 3})) == offer_outcome::refused);
    CHECK(r.offer(message({alice, 2})) == offer_outcome::delivered);
    CHECK(r.offer(message({alice, 3})) == offer_outcome::delivered);
    CHECK(r.buffer.counters().held_back_most == 0);
}

TEST_CASE("causal_buffer: a dropped message no longer waits for anything, and others still wait for it") {
    buffer_limits limits;
    limits.messages_per_origin_max = 1;
    receiver r(limits);
    r.offer(message({alice, 2}, {{carol, 1}}));
    r.offer(message({bob, 1}, {{alice, 2}}));
    CHECK(r.buffer.awaited() == vector_clock{{alice, 1}});
    r.offer(message({alice, 1}, {{carol, 1}}));
    CHECK(r.buffer.awaited() == vector_clock{{alice, 2}, {carol, 1}});
    r.offer(message({carol, 1}));
    CHECK(r.order == std::vector<dot>{{carol, 1}, {alice, 1}});
    r.offer(message({alice, 2}, {{carol, 1}}));
    CHECK(r.order.back() == dot{bob, 1});
}

// One clock that was set back an hour silenced for an hour all that was ahead of it, and all behind that.
TEST_CASE("causal_buffer: no time, however far from the others, delays a message") {
    constexpr std::uint64_t hour = 3'600'000;
    receiver r;
    CHECK(r.offer(message({alice, 1}, {}, 1'700'000'000'000)) == offer_outcome::delivered);
    CHECK(r.offer(message({alice, 2}, {}, 1'700'000'000'000 + hour)) == offer_outcome::delivered);
    CHECK(r.offer(message({bob, 1}, {{alice, 2}}, 1'700'000'000'000 - hour)) == offer_outcome::delivered);
    CHECK(r.offer(message({bob, 2}, {}, 0)) == offer_outcome::delivered);
    CHECK(r.offer(message({carol, 1}, {}, sangam::causality::limits::time_ms_max)) ==
          offer_outcome::delivered);
}

TEST_CASE("causal_buffer: a dropped message no longer waits for the limit") {
    buffer_limits limits;
    limits.messages_max = 1;
    receiver r(limits);
    r.limit(vector_clock{});
    r.offer(message({alice, 1}, {}, 0, 50));
    CHECK(r.offer(message({bob, 2}, {}, 0, 10)) == offer_outcome::held_back);
    r.offer(message({carol, 1}, {}, 0, 5));
    CHECK(r.buffer.held_back(carol) == 1);
    CHECK(r.offer(message({bob, 2}, {}, 0, 1)) == offer_outcome::held_back);
    r.limit(std::nullopt);
    CHECK(r.order.empty());
}

TEST_CASE("causal_buffer: a delivery limit is raised step by step, and what it allows is delivered") {
    receiver r;
    r.limit(vector_clock{{alice, 1}});
    CHECK(r.offer(message({alice, 2})) == offer_outcome::held_back);
    CHECK(r.offer(message({alice, 1})) == offer_outcome::delivered);
    CHECK(r.offer(message({bob, 1}, {{alice, 2}})) == offer_outcome::held_back);
    CHECK(r.order == std::vector<dot>{{alice, 1}});
    r.limit(vector_clock{{alice, 2}});
    CHECK(r.order == std::vector<dot>{{alice, 1}, {alice, 2}});
    r.limit(vector_clock{{alice, 1}});
    CHECK(r.buffer.delivered()[alice] == 2);
    CHECK(r.offer(message({alice, 3})) == offer_outcome::held_back);
    r.deliver_local({carol, 1});
    CHECK(r.buffer.delivered()[carol] == 1);
    r.limit(std::nullopt);
    CHECK(r.buffer.delivered() == vector_clock{{alice, 3}, {bob, 1}, {carol, 1}});
}

TEST_CASE("causal_buffer: explicit dependencies need less waiting than all that was seen") {
    const test_message question = message({alice, 1});
    const test_message chatter = message({bob, 1});

    receiver seen;
    CHECK(seen.offer(question) == offer_outcome::delivered);
    CHECK(seen.offer(message({carol, 1}, {{alice, 1}, {bob, 1}})) == offer_outcome::held_back);

    receiver named;
    CHECK(named.offer(question) == offer_outcome::delivered);
    CHECK(named.offer(message({carol, 1}, {{alice, 1}})) == offer_outcome::delivered);
    CHECK(named.offer(chatter) == offer_outcome::delivered);
    CHECK(dots_of(named.buffer) == std::vector<dot>{{bob, 1}, {carol, 1}});
}

TEST_CASE("causal_buffer: a local message is delivered and is not counted as offered") {
    receiver r;
    r.offer(message({alice, 1}));
    r.deliver_local({bob, 1}, {{alice, 1}});
    CHECK(r.buffer.delivered() == vector_clock{{alice, 1}, {bob, 1}});
    CHECK(dots_of(r.buffer) == std::vector<dot>{{bob, 1}});
    CHECK(r.buffer.counters().delivered == 1);
    CHECK(r.offer(message({bob, 1}, {{alice, 1}})) == offer_outcome::duplicate);
}

TEST_CASE(
    "causal_buffer: what waited for a dot that is made here is delivered by the next call that hands over") {
    receiver r;
    r.offer(message({alice, 1}, {{bob, 1}}));
    r.offer(message({carol, 1}, {{alice, 1}, {bob, 1}}));
    r.deliver_local({bob, 1});
    CHECK(r.order.empty());
    std::vector<dot> expected{{alice, 1}, {carol, 1}};
    SUBCASE("release") {
        r.release();
    }
    SUBCASE("an offer") {
        CHECK(r.offer(message({alice, 1}, {{bob, 1}})) == offer_outcome::duplicate);
    }
    SUBCASE("the limit") {
        r.limit(vector_clock{{alice, 1}});
        expected.pop_back();
    }
    CHECK(r.order == expected);
}

TEST_CASE("causal_buffer: what a dot made here leaves to the limit waits for the limit") {
    receiver r;
    r.offer(message({alice, 1}, {{bob, 1}}));
    r.limit(vector_clock{});
    r.deliver_local({bob, 1});
    r.release();
    CHECK(r.order.empty());
    r.limit(std::nullopt);
    CHECK(r.order == std::vector<dot>{{alice, 1}});
}

TEST_CASE("causal_buffer: a held-back message whose dot is made here is dropped as a duplicate") {
    receiver r;
    r.offer(message({bob, 1}, {{alice, 1}}));
    r.deliver_local({bob, 1});
    CHECK(r.buffer.counters().duplicates == 1);
    CHECK(r.buffer.counters().held_back == 0);
    CHECK(r.buffer.counters().held_back_bytes == 0);
    r.offer(message({alice, 1}));
    CHECK(r.order == std::vector<dot>{{alice, 1}});
}

TEST_CASE("causal_buffer: a chain of 50,000 messages that come in reverse is delivered without recursion or "
          "rescans") {
    constexpr std::uint64_t length = 50'000;
    causal_buffer<test_message> buffer;
    std::uint64_t delivered = 0;
    bool in_order = true;
    const auto note = [&](test_message&& m) { in_order = in_order && m.id.sequence == ++delivered; };
    for (std::uint64_t n = length; n > 0; --n) {
        static_cast<void>(buffer.offer(message({alice, n}), note));
    }
    CHECK(in_order);
    CHECK(delivered == length);
    CHECK(buffer.check_invariants() == "");
}

TEST_CASE("causal_buffer: 50,000 messages of 1,000 origins that wait for one dot are not looked at before it "
          "comes") {
    constexpr std::uint64_t origins = 1'000;
    constexpr std::uint64_t each = 50;
    causal_buffer<test_message> buffer;
    std::uint64_t delivered = 0;
    const auto note = [&](test_message&&) { ++delivered; };
    for (std::uint64_t n = each; n > 0; --n) {
        for (std::uint64_t origin = 0; origin < origins; ++origin) {
            static_cast<void>(buffer.offer(message({replica_id{100 + origin}, n}, {{alice, 1}}), note));
        }
    }
    CHECK(buffer.counters().held_back == origins * each);
    for (std::uint64_t n = 1; n <= each * origins; ++n) {
        static_cast<void>(buffer.offer(message({bob, n}), note));
    }
    CHECK(delivered == origins * each);
    static_cast<void>(buffer.offer(message({alice, 1}), note));
    CHECK(delivered == 2 * origins * each + 1);
    CHECK(buffer.check_invariants() == "");
}
