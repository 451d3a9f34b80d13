#include "cover_tree.hpp"
#include "support/seeds.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

using sangam::crdt::cover_tree;
using sangam::test::draw;

namespace {

using range = std::pair<std::uint64_t, std::uint64_t>;

std::vector<range> covered(const cover_tree& tree, std::uint64_t first, std::uint64_t end) {
    std::vector<range> parts;
    tree.for_each_covered(first, end,
                          [&](std::uint64_t from, std::uint64_t to) { parts.emplace_back(from, to); });
    return parts;
}

} // namespace

TEST_CASE("cover_tree: without ranges nothing is covered") {
    CHECK(covered(cover_tree({}), 0, 100).empty());
}

TEST_CASE("cover_tree: what any range covers is covered, in the longest parts") {
    cover_tree tree({2, 5, 5, 9, 20, 30});
    tree.add(2, 5);
    tree.add(5, 9);
    tree.add(20, 30);
    CHECK(covered(tree, 0, 100) == std::vector<range>{{2, 9}, {20, 30}});
    CHECK(covered(tree, 3, 25) == std::vector<range>{{3, 9}, {20, 25}});
    CHECK(covered(tree, 9, 20).empty());
    tree.remove(5, 9);
    CHECK(covered(tree, 0, 100) == std::vector<range>{{2, 5}, {20, 30}});
}

TEST_CASE("cover_tree: says the same as a count for each number") {
    sangam::test::for_each_seed(100, [](std::mt19937_64& rng) {
        constexpr std::uint64_t numbers = 60;
        std::vector<range> ranges;
        std::vector<std::uint64_t> ends;
        for (std::size_t n = draw(rng, 20); n > 0; --n) {
            const auto first = (draw(rng, numbers - 1));
            const auto end = first + 1 + (draw(rng, numbers - first - 1));
            ranges.emplace_back(first, end);
            ends.insert(ends.end(), {first, end});
        }
        cover_tree tree(ends);
        std::vector<int> count(numbers);
        std::vector<bool> there(ranges.size());
        for (int step = 0; step < 40; ++step) {
            if (!ranges.empty()) {
                const auto n = static_cast<std::size_t>(draw(rng, ranges.size()));
                const auto [first, end] = ranges[n];
                if (there[n]) {
                    tree.remove(first, end);
                } else {
                    tree.add(first, end);
                }
                for (std::uint64_t at = first; at < end; ++at)
                    count[at] += there[n] ? -1 : 1;
                there[n] = !there[n];
            }
            const auto from = (draw(rng, numbers));
            const auto to = from + (draw(rng, numbers - from));
            std::vector<range> expected;
            for (std::uint64_t at = from; at < to; ++at) {
                if (count[at] == 0) continue;
                if (expected.empty() || expected.back().second != at) expected.emplace_back(at, at);
                ++expected.back().second;
            }
            REQUIRE(covered(tree, from, to) == expected);
        }
    });
}
