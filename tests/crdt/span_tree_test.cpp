#include "span_tree.hpp"
#include "support/seeds.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

using namespace sangam::crdt;
using sangam::causality::replica_id;
using sangam::test::draw;

namespace {

/// A tree whose elements are all visible, beside a plain array of their ids.
struct checked_tree {
    span_tree tree;
    text_ids ids;
    std::vector<text_id> in_order;

    [[nodiscard]] span_tree::place place_of(std::size_t index) const {
        if (index == 0) return {};
        span_tree::place at = tree.find_visible(static_cast<std::uint32_t>(index - 1)).at;
        ++at.offset;
        return at;
    }
    /// Skips from `index` on, in the tree and in the array, and puts a new element there.
    void insert(std::size_t index, const text_id& id) {
        ids.index_least();
        span_tree::place at = tree.skip_greater(place_of(index), ids, id);
        while (index < in_order.size() && in_order[index] > id)
            ++index;
        if (!tree.empty()) REQUIRE(tree.before(at).visible == index);
        const text_ids::author_t author = ids.reserve_for(id.replica);
        at = tree.insert(tree.reserve_at(at), 1, ids, id, {});
        ids.add(id, 1, author);
        in_order.insert(in_order.begin() + static_cast<std::ptrdiff_t>(index), id);
    }
    void check() const {
        REQUIRE(ids.check_invariants() == "");
        REQUIRE(tree.check_invariants(ids) == "");
        std::vector<text_id> found;
        span_tree::place p;
        do {
            const span_tree::span s = tree.span_at(p);
            for (serial_t serial = s.first; serial < s.end(); ++serial)
                found.push_back(ids.id_of(serial));
        } while (tree.advance(p));
        REQUIRE(found == in_order);
    }
};

} // namespace

TEST_CASE("span_tree: skip_greater finds what a linear scan finds among 10,000 replicas at one place") {
    sangam::test::for_each_seed(2, [](std::mt19937_64& rng) {
        checked_tree x;
        for (std::uint64_t n = 0; n < 10'000; ++n) {
            // Many have the same Lamport number: then the replica decides.
            x.insert(0, {1 + draw(rng, 50), {n * 7919 % 10'007}});
            if (n % 2500 == 2499) x.check();
        }
    });
}

TEST_CASE("span_tree: skip_greater finds what a linear scan finds from any place on") {
    sangam::test::for_each_seed(6, [](std::mt19937_64& rng) {
        checked_tree x;
        std::vector<std::uint64_t> last(8, 0);
        for (std::uint64_t n = 0; n < 3'000; ++n) {
            const std::uint64_t replica = draw(rng, last.size());
            last[replica] += 1 + draw(rng, 4);
            // Towards the front and back, so that long stretches of greater ones come to be.
            const std::uint64_t size = x.in_order.size();
            const std::uint64_t at = draw(rng, 3) == 0 ? draw(rng, 1 + size / 8) : draw(rng, 1 + size);
            x.insert(at, {last[replica], {replica}});
            if (n % 500 == 499) x.check();
        }
    });
}

TEST_CASE("span_tree: skip_greater finds its way inside a span that many replicas have written") {
    sangam::test::for_each_seed(4, [](std::mt19937_64& rng) {
        checked_tree x;
        // Descending ids follow on each other, in one span as they arrive in order.
        for (std::uint64_t n = 0; n < 3'000; ++n)
            x.insert(0, {1 + (2'999 - n) / 3 * 2, {5'999 - 2 * n}});
        REQUIRE(x.tree.leaves() == 1);
        x.check();
        for (std::uint64_t n = 0; n < 300; ++n)
            x.insert(draw(rng, x.in_order.size()), {1 + draw(rng, 2'000), {10'000 + n}});
        x.check();
    });
}

TEST_CASE("span_tree: a stretch of hidden and visible spans is skipped alike") {
    checked_tree x;
    std::mt19937_64 rng(1);
    for (std::uint64_t n = 0; n < 2'000; ++n)
        x.insert(0, {1 + draw(rng, 9), {n}});
    for (int n = 0; n < 900; ++n) {
        auto at = x.tree.find_visible(static_cast<std::uint32_t>(draw(rng, x.tree.totals().visible))).at;
        x.tree.hide(x.tree.reserve_at(at), 1);
    }
    x.check();
    x.ids.index_least();
    for (std::uint64_t n = 0; n < 500; ++n) {
        const text_id id{1 + draw(rng, 9), {10'000 + n}};
        const auto at = x.tree.skip_greater({}, x.ids, id);
        // What is in front is greater, what is behind is less: all are siblings.
        span_tree::place p;
        std::uint32_t visible = 0;
        std::uint32_t expected = 0;
        do {
            const span_tree::span s = x.tree.span_at(p);
            for (serial_t serial = s.first; serial < s.end(); ++serial) {
                visible += s.visible() ? 1U : 0U;
                if (x.ids.id_of(serial) > id) expected = visible;
            }
        } while (x.tree.advance(p));
        REQUIRE(x.tree.before(at).visible == expected);
    }
}
