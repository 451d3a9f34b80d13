#include "rga_sequence.hpp"
#include "support/seeds.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <tuple>
#include <vector>

using namespace sangam::crdt;
using sangam::causality::dot;
using sangam::test::draw;

namespace {

/// A sequence that is edited as rga_text does it, beside one that gets the same as operations, the
/// transaction of every step and the replica of every element.
struct checked_sequence {
    rga_sequence sequence;
    rga_sequence remote;
    std::vector<dot> step_of;
    std::vector<sangam::causality::replica_id> inserted_by; ///< by serial
    std::size_t keystrokes = 0;                             ///< that took the short way
    std::size_t remote_keystrokes = 0;

    void insert(std::size_t position, const dot& id) {
        const operation_context context{id, {}};
        insert_remote(sequence.next_id(1, id.replica, "test"), sequence.parent_at(position), context);
        if (sequence.continues_typing(position, context)) {
            sequence.type_one();
            ++keystrokes;
        } else {
            sequence.insert_here(position, 1, context, "test");
        }
        step_of.push_back(id);
        inserted_by.push_back(id.replica);
    }
    void erase(std::size_t position, const dot& id) {
        const operation_context context{id, {}};
        erase_remote(sequence.ids_at(position, 1).front(), context);
        if (sequence.continues_erasing(position, context)) {
            sequence.erase_one();
            ++keystrokes;
        } else {
            sequence.erase_here(position, 1, context);
        }
        step_of.push_back(id);
    }
    void insert_remote(const text_id& first, const std::optional<text_id>& parent,
                       const operation_context& context) {
        if (remote.continues_typing(first, parent, context)) {
            remote.type_one();
            ++remote_keystrokes;
        } else {
            remote.insert(first, parent, 1, context);
        }
    }
    void erase_remote(const text_id_range& range, const operation_context& context) {
        if (remote.continues_erasing(range.first, context)) {
            remote.erase_one();
            ++remote_keystrokes;
        } else {
            remote.erase({&range, 1}, context, [](const span_tree::place&, std::uint32_t) {});
        }
    }
    void check() const {
        for (const rga_sequence* const one : {&sequence, &remote}) {
            REQUIRE(one->check_invariants() == "");
            std::vector<dot> told;
            one->log().for_each_transaction(step_of.size(),
                                            [&](const dot& id, std::uint64_t from, std::uint64_t to) {
                                                REQUIRE(from == told.size());
                                                told.insert(told.end(), to - from, id);
                                            });
            REQUIRE(told == step_of);
            for (serial_t serial = 0; serial < inserted_by.size(); ++serial)
                REQUIRE(one->ids().id_of(serial).replica == inserted_by[serial]);
        }
        const bool same = runs_of(sequence) == runs_of(remote);
        REQUIRE(same);
    }
    /// The elements in order, a run as its first id, its length, and whether it is visible.
    static std::vector<std::tuple<text_id, std::uint32_t, bool>> runs_of(const rga_sequence& of) {
        std::vector<std::tuple<text_id, std::uint32_t, bool>> runs;
        of.for_each_run([&](serial_t, const text_id& id, std::uint32_t length, bool visible) {
            runs.emplace_back(id, length, visible);
        });
        return runs;
    }
};

} // namespace

TEST_CASE("rga_sequence: every keystroke is in the log under its transaction and its replica") {
    sangam::test::for_each_seed(60, [](std::mt19937_64& rng) {
        checked_sequence x;
        std::array<dot, 2> last{dot{{1}, 0}, dot{{2}, 0}};
        std::size_t caret = 0;
        std::uint64_t who = 0;
        std::uint64_t habit = 0;
        for (int step = 0; step < 200; ++step) {
            if (draw(rng, 12) == 0) habit = draw(rng, 4);
            if (draw(rng, 20) == 0) who = draw(rng, 2); // goes on at the very same place
            if (last[who].sequence == 0 || draw(rng, 15) != 0) ++last[who].sequence;
            const std::size_t size = x.sequence.size();
            if (habit == 1 && caret > 0) {
                x.erase(--caret, last[who]);
            } else if (habit == 2 && caret < size) {
                x.erase(caret, last[who]);
            } else {
                x.insert(caret++, last[who]);
            }
            if (step % 10 == 9) x.check();
        }
        REQUIRE(x.keystrokes > 20); // else this proves nothing
        REQUIRE(x.remote_keystrokes > 20);
    });
}

TEST_CASE("rga_sequence: what comes back is one run with what it was torn from") {
    rga_sequence sequence;
    const auto spans = [&] {
        std::size_t count = 0;
        sequence.tree().for_each([&](const span_tree::span&) { ++count; });
        return count;
    };
    sequence.insert_here(0, 100, {{{1}, 1}, {}}, "test");
    for (std::uint64_t n = 2; n < 12; ++n) { // a key that is held down
        if (sequence.continues_erasing(61 - n, {{{1}, n}, {}})) {
            sequence.erase_one();
        } else {
            sequence.erase_here(61 - n, 1, {{{1}, n}, {}});
        }
    }
    REQUIRE(spans() == 3);
    const text_id_range ids{{40, {1}}, 30};
    using parts = std::vector<rga_text::erased_part>;
    std::vector<std::uint32_t> shown;
    sequence.restore(parts{{ids, {{{1}, 4}, 3}}}, {{{1}, 12}, {}},
                     [&](span_tree::place, std::uint32_t length) { shown.push_back(length); });
    CHECK(spans() == 5);
    CHECK(shown == std::vector<std::uint32_t>{3});
    sequence.restore(parts{{ids, {{{1}, 2}, 10}}}, {{{1}, 13}, {}},
                     [&](span_tree::place, std::uint32_t length) { shown.push_back(length); });
    CHECK(spans() == 1);
    CHECK(sequence.size() == 100);
    CHECK(sequence.log().restores().back().targets.size() == 1);
    CHECK(sequence.check_invariants() == "");
}

// Each part was logged run by run, found or not: 64 bytes of a message became as many entries of the log as
// its ids have runs, again and again.
TEST_CASE("rga_sequence: a restore logs what it names of the erases that are here, once, and nothing else") {
    rga_sequence sequence;
    constexpr std::uint64_t letters = 100;
    std::uint64_t done = 0;
    for (std::uint64_t n = 0; n < letters; ++n) { // two who type by turns: ids of one lie apart in the log
        sequence.insert_here(sequence.size(), 1, {{{1}, n + 1}, {}}, "test");
        sequence.insert_here(sequence.size(), 1, {{{2}, n + 1}, {}}, "test");
    }
    sequence.erase_here(40, 10, {{{1}, letters + 1}, {}});
    const std::uint64_t named = sequence.log().named();
    const std::size_t runs = sequence.log().named_runs().size();
    using parts = std::vector<rga_text::erased_part>;
    const auto restore = [&](const parts& of) {
        std::uint32_t back = 0;
        sequence.restore(of, {{{3}, ++done}, {}},
                         [&](span_tree::place, std::uint32_t length) { back += length; });
        CHECK(sequence.check_invariants() == "");
        return back;
    };
    parts in_vain;
    for (std::uint64_t n = 0; n < letters; ++n) {
        in_vain.push_back({{{2 * n + 1, {1}}, 1}, {{{2}, 1}, letters}}); // nobody erased them so
        in_vain.push_back({{{2 * n + 1, {1}}, 1}, {{{4}, 1}, 1}});
        if (n < 20 || n >= 25) in_vain.push_back({{{2 * n + 1, {1}}, 1}, {{{1}, letters + 1}, 1}});
    }
    CHECK(restore(in_vain) == 0);
    CHECK(sequence.log().named() == named);
    CHECK(sequence.log().named_runs().size() == runs);
    CHECK(sequence.log().restores().empty());
    parts all = in_vain;
    for (std::uint64_t n = 0; n < letters; ++n) {
        all.push_back({{{2 * n + 1, {1}}, 1}, {{{1}, 50}, 1000}}); // also of transactions that are not here
        all.push_back({{{2 * n + 2, {2}}, 1}, {{{1}, letters + 1}, 1}});
    }
    const parts again = all;
    all.insert(all.end(), again.begin(), again.end());
    CHECK(restore(all) == 10);
    CHECK(sequence.size() == 2 * letters);
    CHECK(sequence.log().named() == named + 10);
    REQUIRE(sequence.log().restores().size() == 1);
    for (const dot_range& erases : sequence.log().restores()[0].erases) {
        CHECK(erases.first.replica == sangam::causality::replica_id{1});
        CHECK(erases.first.sequence + erases.count == letters + 2);
    }
}
