#include "edit_log.hpp"
#include "support/seeds.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <utility>
#include <vector>

using namespace sangam::crdt;
using sangam::causality::dot;
using sangam::test::draw;

namespace {

/// The log beside a plain list of its steps.
struct checked_log {
    edit_log log;
    std::vector<dot> step_of;                        ///< which transaction did each step
    std::vector<std::pair<serial_t, serial_t>> gone; ///< how many were inserted, and what was erased
    serial_t inserted = 0;

    void insert(std::uint32_t length, const dot& id) {
        log.begin(id, inserted);
        inserted += length;
        step_of.insert(step_of.end(), length, id);
    }
    void erase(serial_t first, std::uint32_t length, const dot& id) {
        log.begin(id, inserted);
        log.erase(first, length, inserted);
        for (serial_t serial = first; serial < first + length; ++serial)
            gone.emplace_back(inserted, serial);
        step_of.insert(step_of.end(), length, id);
    }
    /// The next keystroke of somebody who holds a key down; false if that is not what the log expects.
    bool next_key(const dot& id) {
        if (!log.expects_one(inserted) || log.next() != id || gone.empty()) return false;
        const auto [then, serial] = gone.back();
        if (then != inserted) return false;
        if (serial > 0 && log.erased_from(serial)) {
            log.erase_one_before();
            gone.emplace_back(inserted, serial - 1);
        } else if (log.erased_up_to(serial + 1)) {
            log.erase_one_behind();
            gone.emplace_back(inserted, serial + 1);
        } else {
            return false;
        }
        log.lengthen();
        step_of.push_back(id);
        return true;
    }

    void check_transactions() const {
        std::vector<dot> told;
        log.for_each_transaction(step_of.size(), [&](const dot& id, std::uint64_t from, std::uint64_t to) {
            REQUIRE(from == told.size());
            told.insert(told.end(), to - from, id);
        });
        REQUIRE(told == step_of);
    }
    void check_erased(std::uint64_t since) const {
        REQUIRE(log.named() == gone.size());
        std::vector<std::pair<serial_t, serial_t>> told;
        for (const edit_log::named_run& run : log.named_since(since)) {
            for (std::uint32_t n = 0; n < run.length(); ++n)
                told.emplace_back(run.inserted(),
                                  run.backward() ? run.first + run.length() - 1 - n : run.first + n);
        }
        REQUIRE(told == std::vector(gone.begin() + static_cast<std::ptrdiff_t>(since), gone.end()));
    }
};

} // namespace

TEST_CASE("edit_log: every step has its transaction, and every erased element its place in the order") {
    sangam::test::for_each_seed(300, [](std::mt19937_64& rng) {
        checked_log x;
        std::vector<dot> last{{{1}, 0}, {{2}, 0}};
        x.insert(500, {{3}, 1});
        const std::uint64_t steadiness = 1 + draw(rng, 8); // how long the same thing is done
        std::uint64_t kind = 0;
        serial_t caret = 250;
        for (int step = 0; step < 80; ++step) {
            if (draw(rng, steadiness) == 0) kind = draw(rng, 6);
            dot& id = last[draw(rng, steadiness + 2) == 0 ? 1 : 0];
            if (id.sequence == 0 || draw(rng, 5) != 0) id.sequence += 1 + draw(rng, 9) / 8;
            if (draw(rng, 12) == 0) { // nothing comes of it
                x.log.begin(id, x.inserted);
                ++id.sequence;
            }
            const auto length = static_cast<std::uint32_t>(1 + draw(rng, 1 + draw(rng, 3)));
            switch (kind) {
            case 0:
                x.insert(length, id);
                break;
            case 1: // backspace
                if (caret < 1) caret = 300;
                x.erase(--caret, 1, id);
                break;
            case 2: // delete
                x.erase(caret++, 1, id);
                break;
            case 3:
                x.erase(caret, length, id);
                caret += length;
                break;
            case 4:
                caret = static_cast<serial_t>(draw(rng, 400));
                x.erase(caret, length, id);
                break;
            default:
                if (!x.next_key(id)) x.insert(1, id);
            }
            caret %= 400;
            x.check_transactions();
            x.check_erased(0);
            x.check_erased(draw(rng, x.gone.size() + 1));
        }
    });
}

TEST_CASE("edit_log: transactions of the same number of steps are one run, those of others are not") {
    checked_log x;
    for (std::uint64_t n = 1; n <= 100; ++n)
        x.insert(3, {{1}, n});
    CHECK(x.log.transaction_runs().size() == 1);
    x.insert(1, {{1}, 101});
    x.insert(1, {{1}, 102});
    x.insert(3, {{1}, 103});
    x.check_transactions();
    CHECK(x.log.transaction_runs().size() == 2); // the last of a run may have any number
    x.insert(1, {{2}, 1});
    x.insert(1, {{1}, 105}); // 104 is missing
    x.check_transactions();
}

TEST_CASE("edit_log: a transaction may come in pieces, and one without a step is not told of") {
    checked_log x;
    x.insert(1, {{1}, 1});
    x.insert(2, {{1}, 1});
    x.insert(1, {{1}, 2});
    x.erase(0, 1, {{1}, 2});
    x.log.begin({{1}, 3}, x.inserted);
    x.log.begin({{2}, 8}, x.inserted);
    x.insert(1, {{1}, 4});
    x.log.begin({{1}, 5}, x.inserted);
    x.check_transactions();
    CHECK(x.log.transaction_runs().size() == 2);
    x.check_erased(0);
}

TEST_CASE("edit_log: a key that is held down is one run, forward and backward") {
    checked_log x;
    x.insert(100, {{1}, 1});
    std::uint64_t sequence = 1;
    for (serial_t serial = 60; serial-- > 40;)
        x.erase(serial, 1, {{1}, ++sequence});
    CHECK(x.log.named_runs().size() == 1);
    for (serial_t serial = 60; serial < 80; ++serial)
        x.erase(serial, 1, {{1}, ++sequence});
    CHECK(x.log.named_runs().size() == 2);
    x.check_erased(0);
    x.check_erased(13);
    x.check_erased(27);
}

TEST_CASE("edit_log: erases between two named transactions are not looked at") {
    checked_log x;
    x.insert(1000, {{1}, 1});
    for (std::uint64_t n = 2; n <= 400; ++n)
        x.erase(static_cast<serial_t>(2 * n), 1, {{1}, n});
    x.log.index();
    std::size_t looks = 0;
    const auto itself = [&](serial_t serial) {
        ++looks;
        return edit_log::keyed{serial, no_serial};
    };
    const auto found =
        x.log.find_erases({{0, 1000, {{{1}, 10}, 1}}, {0, 1000, {{{1}, 390}, 1}}}, itself, x.step_of.size());
    REQUIRE(found.size() == 2);
    CHECK(found[0].first == 20);
    CHECK(found[1].first == 780);
    CHECK(looks == 2);
}
