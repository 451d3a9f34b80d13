#include "leaf_index.hpp"
#include "support/seeds.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

using namespace sangam::crdt;
using sangam::test::draw;

namespace {

/// An index beside a plain array.
struct checked_index {
    leaf_index index;
    std::vector<std::uint32_t> leaf_of;

    void append(std::uint32_t length, std::uint32_t leaf) {
        index.append(length, leaf);
        leaf_of.insert(leaf_of.end(), length, leaf);
    }
    void type(std::uint32_t most) {
        for (std::uint32_t n = std::min(most, index.room_in_last()); n > 0; --n) {
            index.lengthen_last();
            leaf_of.push_back(leaf_of.back());
        }
    }
    void assign(serial_t first, std::uint32_t length, std::uint32_t leaf) {
        index.assign(first, length, leaf);
        std::fill_n(leaf_of.begin() + first, length, leaf);
    }
    [[nodiscard]] bool agrees() const {
        if (index.size() != leaf_of.size()) return false;
        for (serial_t serial = 0; serial < leaf_of.size(); ++serial)
            if (index.leaf_of(serial) != leaf_of[serial]) return false;
        return true;
    }
};

} // namespace

TEST_CASE("leaf_index: it gives the leaf that every serial was assigned last") {
    sangam::test::for_each_seed(120, [](std::mt19937_64& rng) {
        checked_index x;
        const std::uint64_t leaves = 1 + draw(rng, 60);
        for (int step = 0; step < 300; ++step) {
            const auto leaf = static_cast<std::uint32_t>(draw(rng, leaves));
            const std::uint64_t size = x.leaf_of.size();
            switch (size == 0 ? 0 : draw(rng, 6)) {
            case 0: {
                const auto length = static_cast<std::uint32_t>(1 + draw(rng, draw(rng, 8) == 0 ? 600 : 5));
                x.append(length, size > 0 && draw(rng, 2) == 0 ? x.leaf_of.back() : leaf);
                break;
            }
            case 1:
                x.type(static_cast<std::uint32_t>(draw(rng, 40)));
                break;
            case 2: { // the newest
                const auto length =
                    static_cast<std::uint32_t>(1 + draw(rng, std::min<std::uint64_t>(size, 9)));
                x.assign(static_cast<serial_t>(size - length), length, leaf);
                break;
            }
            default: {
                const std::uint64_t first = draw(rng, size);
                const std::uint64_t most = std::min<std::uint64_t>(size - first, draw(rng, 4) != 0 ? 4 : 300);
                x.assign(static_cast<serial_t>(first), static_cast<std::uint32_t>(1 + draw(rng, most)), leaf);
            }
            }
            REQUIRE(x.agrees());
        }
    });
}

TEST_CASE("leaf_index: the greatest number of a leaf and a bucket that is torn into single serials") {
    checked_index x;
    constexpr std::uint32_t greatest = leaf_index::leaves_max - 1;
    x.append(700, greatest);
    for (std::uint32_t n = 0; n < 128; ++n) {
        x.assign(255 - 2 * n, 1, n);
        REQUIRE(x.agrees());
    }
    x.append(100, greatest);
    CHECK(x.agrees());
}
