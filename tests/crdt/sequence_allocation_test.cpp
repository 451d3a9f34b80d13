#include "context.hpp"
#include "failing_allocations.hpp"
#include "leaf_index.hpp"
#include "support/seeds.hpp"

#include <sangam/crdt/rga_list.hpp>
#include <sangam/crdt/rga_text.hpp>
#include <sangam/crdt/utf8.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

// Texts and lists when the n-th allocation fails, for every n: the promise under "Errors" in rga_text.hpp.
// Copies have no room to spare, so everything that may have to grow does.

using namespace sangam::crdt;
using sangam::crdt::test::at;
using sangam::crdt::test::succeeds_with;
using sangam::test::draw;

namespace {

/// Changes copies of `before` with the first, second, ... allocation failing, until none fails; each time it
/// must be as if nothing had happened. Gives the number of failures, and `before` with the change.
template <class State, class Change>
std::size_t count_failures(State& before, Change&& change) {
    for (std::size_t failures = 0;; ++failures) {
        State state = before;
        if (succeeds_with(failures, [&] { change(state); })) {
            before = std::move(state);
            REQUIRE(before.check_invariants() == "");
            return failures;
        }
        CAPTURE(failures);
        REQUIRE(state.check_invariants() == "");
        const bool as_before = state == before;
        REQUIRE(as_before);
        if constexpr (requires { state.applied(); }) REQUIRE(state.applied() == before.applied());
        // What failed can be done again.
        State again = before;
        change(again);
        change(state);
        REQUIRE(state.check_invariants() == "");
        const bool done_again = state == again;
        REQUIRE(done_again);
    }
}

std::string letters(std::mt19937_64& rng) {
    static const std::string some[] = {"a", "bc", "\u00e9", "\U0001F600", "d", "e", "\U0001F600x\U0001F600"};
    return some[draw(rng, std::size(some))];
}

/// A text torn into many runs.
rga_text torn_text(std::mt19937_64& rng, std::uint64_t edits) {
    rga_text text;
    text.local_insert(0, std::string(300, '.'), at(1, 1));
    for (std::uint64_t n = 2; n <= edits; ++n) {
        if (draw(rng, 4) == 0) {
            text.local_erase(draw(rng, text.size() - 2), 2, at(1, n));
        } else {
            text.local_insert(draw(rng, text.size() + 1), letters(rng), at(1, n));
        }
    }
    return text;
}

} // namespace

// 600 inserts at random places split leaves many times and, from the 33rd leaf on, the node above them.
TEST_CASE("rga_text: an insert whose allocation fails has changed nothing, not even when it splits nodes") {
    std::mt19937_64 rng(1);
    rga_text text;
    std::size_t most = 0;
    for (std::uint64_t n = 1; n <= 600; ++n) {
        const std::size_t position = draw(rng, text.size() + 1);
        const std::string added = letters(rng);
        const std::uint64_t replica = 1 + draw(rng, 3) / 2 * draw(rng, 200);
        most = std::max(most, count_failures(text, [&](rga_text& t) {
                            t.local_insert(position, added, at(replica, n));
                        }));
    }
    CHECK(most >= 10);
}

TEST_CASE("rga_text: an insert that is applied and whose allocation fails has changed nothing, nor patches") {
    std::mt19937_64 rng(2);
    rga_text text;
    std::size_t most = 0;
    for (std::uint64_t n = 1; n <= 600; ++n) {
        const std::uint64_t replica = 1 + draw(rng, 3) / 2 * draw(rng, 200);
        auto op = text.insert(draw(rng, text.size() + 1), letters(rng), {replica});
        if (draw(rng, 2) == 0 && op.first.lamport > 1) { // in front of what it has not seen
            op.first.replica = {1000 + n};
            op.first.lamport = op.parent ? op.parent->lamport + 1 : 1;
        }
        const operation_context context = at(op.first.replica.bits, n);
        std::vector<text_patch> before{{7, 1, {}}};
        most = std::max(most, count_failures(text, [&](rga_text& t) {
                            std::vector<text_patch> patches = before;
                            try {
                                t.apply(op, context, &patches);
                            } catch (...) {
                                const std::size_t left =
                                    std::exchange(test::allocations_left, test::no_limit);
                                CHECK(patches == before);
                                test::allocations_left = left;
                                throw;
                            }
                        }));
    }
    CHECK(most >= 10);
}

TEST_CASE("rga_text: a long paste whose allocation fails has changed nothing") {
    std::mt19937_64 rng(3);
    for (int round = 0; round < 40; ++round) {
        rga_text text = torn_text(rng, 20 + draw(rng, 200));
        std::string page(1 + draw(rng, 2000), 'p');
        if (round % 2 == 0) page += "\u20ac\U0001F600";
        const std::size_t position = draw(rng, text.size() + 1);
        CHECK(count_failures(text, [&](rga_text& t) { t.local_insert(position, page, at(5, 1)); }) >= 2);
    }
}

TEST_CASE("rga_text: an erase of one run whose allocation fails has changed nothing") {
    std::mt19937_64 rng(4);
    for (int round = 0; round < 300; ++round) {
        rga_text text = torn_text(rng, 20 + draw(rng, 200));
        const std::size_t position = draw(rng, text.size());
        rga_text same = text;
        const auto op = text.erase(position, 1);
        CHECK(count_failures(text, [&](rga_text& t) { t.apply(op, at(5, 1)); }) >= 1);
        CHECK(count_failures(same, [&](rga_text& t) { t.local_erase(position, 1, at(5, 1)); }) >= 1);
    }
}

TEST_CASE("rga_text: a restore that fails has shown some, with their patches, and can be done again") {
    std::mt19937_64 rng(6);
    std::size_t in_part = 0;
    for (int round = 0; round < 40; ++round) {
        rga_text before = torn_text(rng, 20 + draw(rng, 100));
        const std::size_t position = draw(rng, before.size() / 2);
        const std::size_t count = 1 + draw(rng, before.size() - position);
        const auto hers = before.erase(position, count);
        const auto his = before.erase(position + count / 2, 1 + draw(rng, count - count / 2));
        before.apply(hers, at(5, 1));
        before.apply(his, at(6, 1)); // of what is erased already
        const rga_text::operation op = [&] {
            rga_text::restore_op back;
            for (const text_id_range& range : hers.ranges)
                back.parts.push_back({range, {{{5}, 1}, 1}});
            return back;
        }();
        rga_text whole = before;
        whole.apply(op, at(5, 2));
        for (std::size_t allocations = 0, done = 0; done == 0; ++allocations) {
            rga_text text = before;
            std::vector<text_patch> patches;
            if (succeeds_with(allocations, [&] { text.apply(op, at(5, 2), &patches); })) done = 1;
            REQUIRE(text.check_invariants() == "");
            std::size_t shown = 0;
            for (const text_patch& p : patches)
                shown += utf8::count_scalars(p.inserted);
            REQUIRE(before.size() + shown == text.size());
            in_part += text.size() != before.size() && done == 0 ? 1 : 0;
            text.apply(op, at(5, 2));
            REQUIRE(text.check_invariants() == "");
            REQUIRE((text == whole));
        }
    }
    CHECK(in_part > 0);
}

TEST_CASE(
    "rga_text: an erase of many runs that fails has erased some, with their patches, and can be done again") {
    std::mt19937_64 rng(5);
    std::size_t in_part = 0;
    for (int round = 0; round < 60; ++round) {
        const rga_text before = torn_text(rng, 20 + draw(rng, 200));
        const std::size_t position = draw(rng, before.size() / 2);
        const std::size_t count = 1 + draw(rng, before.size() - position);
        const rga_text::operation op = before.erase(position, count);
        rga_text whole = before;
        whole.apply(op, at(5, 1));
        for (std::size_t allocations = 0, done = 0; done == 0; ++allocations) {
            rga_text text = before;
            std::vector<text_patch> patches;
            if (succeeds_with(allocations, [&] { text.apply(op, at(5, 1), &patches); })) done = 1;
            REQUIRE(text.check_invariants() == "");
            std::size_t erased = 0;
            for (const text_patch& p : patches)
                erased += p.erased;
            REQUIRE(text.size() + erased == before.size());
            in_part += text.size() != before.size() && done == 0 ? 1 : 0;
            text.apply(op, at(5, 1));
            REQUIRE(text.check_invariants() == "");
            REQUIRE((text == whole));

            rga_text local = before;
            const bool all =
                succeeds_with(allocations, [&] { local.local_erase(position, count, at(5, 1)); });
            REQUIRE(local.check_invariants() == "");
            const std::size_t gone = before.size() - local.size();
            REQUIRE((all ? gone == count : gone < count));
            REQUIRE(local.str(0, position) == before.str(0, position));
            REQUIRE(local.str(position, local.size() - position) ==
                    before.str(position + gone, before.size() - position - gone));
        }
    }
    CHECK(in_part > 0);
}

TEST_CASE("rga_list: an insert or an erase of one run whose allocation fails has changed nothing") {
    std::mt19937_64 rng(6);
    const value long_value(std::string(100, 'x'));
    rga_list list;
    std::size_t most = 0;
    for (std::uint64_t n = 1; n <= 500; ++n) {
        if (list.size() > 3 && draw(rng, 4) == 0) {
            const rga_list::operation op = list.erase(draw(rng, list.size()), 1);
            most = std::max(most, count_failures(list, [&](rga_list& l) { l.apply(op, at(1, n)); }));
            continue;
        }
        const std::uint64_t replica = 1 + draw(rng, 3) / 2 * draw(rng, 200);
        std::vector<value> values(1 + draw(rng, 2), draw(rng, 3) == 0 ? long_value : value(7));
        const rga_list::operation op = list.insert(draw(rng, list.size() + 1), std::move(values), {replica});
        most = std::max(most, count_failures(list, [&](rga_list& l) { l.apply(op, at(replica, n)); }));
    }
    CHECK(most >= 10);
}

TEST_CASE("rga_list: an erase of many runs that fails leaves every value that is shown") {
    std::mt19937_64 rng(7);
    rga_list before;
    for (std::uint64_t n = 1; n <= 300; ++n)
        before.apply(before.insert(draw(rng, before.size() + 1), {value(7)}, {1}), at(1, n));
    const rga_list::operation op = before.erase(10, 250);
    for (std::size_t allocations = 0;; ++allocations) {
        rga_list list = before;
        const bool done = succeeds_with(allocations, [&] { list.apply(op, at(2, 1)); });
        REQUIRE(list.check_invariants() == "");
        REQUIRE(std::ranges::count(list.values(), value(7)) == static_cast<std::ptrdiff_t>(list.size()));
        if (done) break;
    }
}

// Each part of a restore, and each range of an erase, was looked up run by run.
TEST_CASE("rga_text: a message that names the same runs again and again takes memory by what it says") {
    using sangam::crdt::test::bytes_allocated;
    constexpr std::uint64_t each = 2000;
    constexpr std::uint64_t times = 5000;
    rga_text text;
    for (std::uint64_t n = 1; n <= each; ++n) { // two by turns, so that each id of one is a run
        for (const std::uint64_t who : {std::uint64_t{1}, std::uint64_t{2}}) {
            const auto parent = n > 1 ? std::optional(text_id{n - 1, {who}}) : std::nullopt;
            text.apply(rga_text::insert_op{{n, {who}}, parent, "x"}, at(who, n));
        }
    }
    const auto bytes_of = [&text](const rga_text::operation& op, const operation_context& context) {
        const std::size_t before = bytes_allocated;
        REQUIRE(text.accepts(op, context.id.replica));
        text.apply(op, context);
        return bytes_allocated - before;
    };
    rga_text::erase_op erase;
    for (std::uint64_t n = 0; n < times; ++n)
        erase.ranges.push_back({{1 + n % 2, {1}}, each - 1});
    CHECK(bytes_of(erase, at(2, each + 1)) < 200 * (times + each));
    rga_text::restore_op nothing;
    rga_text::restore_op all;
    for (std::uint64_t n = 0; n < times; ++n) {
        nothing.parts.push_back({{{1, {1}}, each}, {{{1}, 1 + n % each}, 1}}); // which erased nothing
        all.parts.push_back({{{1, {1}}, each}, {{{2}, each + 1}, 1 + n}});
    }
    CHECK(bytes_of(nothing, at(1, each + 1)) < 1000 * (times + each));
    CHECK(bytes_of(all, at(1, each + 2)) < 1000 * (times + each));
    CHECK(text.size() == 2 * each);
    CHECK(text.check_invariants() == "");
}

// A bucket that became an array in an append that failed kept the leaf of that append, and gave it to the
// next.
TEST_CASE("leaf_index: an append whose allocation fails leaves nothing that the next one finds") {
    for (const std::uint32_t torn : {0U, 47U, 100U}) { // one interval, as many as a bucket may have, an array
        leaf_index before;
        for (std::uint32_t n = 0; n < 200; ++n)
            before.append(1, n < torn ? n % 2 : 1);
        for (std::size_t allocations = 0;; ++allocations) {
            leaf_index index = before;
            const bool done = succeeds_with(allocations, [&] { index.append(300, 9); });
            if (!done) {
                REQUIRE(index.size() == 200);
                index.append(20, 1);
            }
            for (serial_t serial = 0; serial < index.size(); ++serial)
                REQUIRE(index.leaf_of(serial) == (serial < torn           ? serial % 2
                                                  : serial < 200 || !done ? 1
                                                                          : 9));
            if (done) break;
        }
    }
}
