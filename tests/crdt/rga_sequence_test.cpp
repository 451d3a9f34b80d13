#include "rga_sequence.hpp"
#include "support/seeds.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <random>
#include <vector>

using namespace sangam::crdt;
using sangam::causality::dot;
using sangam::test::draw;

namespace {

/// A sequence that is edited as rga_text does it, beside the transaction of every step and the replica of
/// every element.
struct checked_sequence {
    rga_sequence sequence;
    std::vector<dot> step_of;
    std::vector<sangam::causality::replica_id> inserted_by; ///< by serial
    std::size_t keystrokes = 0;                             ///< that took the short way

    void insert(std::size_t position, const dot& id) {
        const operation_context context{id, {}};
        if (sequence.continues_typing(position, context)) {
            sequence.type_here();
            ++keystrokes;
        } else {
            sequence.insert_here(position, 1, context, "test");
        }
        step_of.push_back(id);
        inserted_by.push_back(id.replica);
    }
    void erase(std::size_t position, const dot& id) {
        const operation_context context{id, {}};
        if (sequence.erase_one_here(position, context)) {
            ++keystrokes;
        } else {
            sequence.erase_here(position, 1, context);
        }
        step_of.push_back(id);
    }
    void check() const {
        REQUIRE(sequence.check_invariants() == "");
        std::vector<dot> told;
        sequence.log().for_each_transaction(step_of.size(),
                                            [&](const dot& id, std::uint64_t from, std::uint64_t to) {
                                                REQUIRE(from == told.size());
                                                told.insert(told.end(), to - from, id);
                                            });
        REQUIRE(told == step_of);
        for (serial_t serial = 0; serial < inserted_by.size(); ++serial)
            REQUIRE(sequence.ids().id_of(serial).replica == inserted_by[serial]);
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
    });
}
