#include "support/seeds.hpp"
#include "text_ids.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <unordered_map>
#include <vector>

using namespace sangam::crdt;
using sangam::causality::replica_id;
using sangam::test::draw;

namespace {

/// The ids beside a plain array of them.
struct checked_ids {
    text_ids ids;
    std::vector<text_id> id_of;
    std::map<text_id, serial_t> serial_of;
    std::uint64_t greatest = 0;
    std::map<replica_id, std::uint64_t> greatest_of;

    void add(text_id id, std::uint32_t length, bool in_place) {
        if (in_place && ids.continues(id.replica) && id.lamport == greatest + 1) {
            ids.lengthen(length);
        } else {
            const text_ids::author_t author = ids.reserve_for(id.replica);
            ids.add(id, length, author);
        }
        for (; length > 0; --length, ++id.lamport) {
            serial_of[id] = static_cast<serial_t>(id_of.size());
            id_of.push_back(id);
            greatest = std::max(greatest, id.lamport);
            greatest_of[id.replica] = id.lamport;
        }
    }

    /// How many serials from this one on have consecutive ids.
    [[nodiscard]] std::uint32_t consecutive_from(serial_t serial) const {
        std::uint32_t length = 1;
        while (serial + length < id_of.size() && id_of[serial + length].replica == id_of[serial].replica &&
               id_of[serial + length].lamport == id_of[serial].lamport + length)
            ++length;
        return length;
    }

    void check() const {
        REQUIRE(ids.check_invariants() == "");
        REQUIRE(ids.size() == id_of.size());
        REQUIRE(ids.greatest_lamport() == greatest);
        for (serial_t serial = 0; serial < id_of.size(); ++serial) {
            const text_id& id = id_of[serial];
            const std::size_t run = ids.run_of(serial);
            const bool right = ids.id_of(serial) == id && ids.runs()[run].first <= serial &&
                               ids.end_of(run) == serial + consecutive_from(serial) &&
                               ids.find(id).first == serial &&
                               ids.find(id).length == consecutive_from(serial);
            REQUIRE(right);
            for (const std::uint64_t lamport : {id.lamport + 1, id.lamport - 1, id.lamport + 1000}) {
                const bool known = ids.find({lamport, id.replica}).length > 0;
                REQUIRE(known == serial_of.contains({lamport, id.replica}));
            }
        }
        for (std::uint64_t bits = 1; bits < 12; ++bits) {
            const auto last = greatest_of.find({bits});
            REQUIRE(ids.greatest_lamport({bits}) == (last == greatest_of.end() ? 0 : last->second));
            const text_ids::author_t author = ids.author_of({bits});
            if (last != greatest_of.end()) REQUIRE(ids.replicas()[author] == replica_id{bits});
            if (last != greatest_of.end())
                REQUIRE(std::ranges::all_of(ids.runs_by(author),
                                            [&](auto run) { return ids.runs()[run].author == author; }));
            const bool continues = !id_of.empty() && id_of.back() == text_id{greatest, {bits}};
            if (!id_of.empty()) REQUIRE(ids.continues({bits}) == continues);
        }
    }
};

} // namespace

TEST_CASE("text_ids: every id has its serial, every serial its id, and runs are as long as they can be") {
    sangam::test::for_each_seed(60, [](std::mt19937_64& rng) {
        checked_ids x;
        for (int step = 0; step < 60; ++step) {
            const replica_id replica{1 + draw(rng, 1 + draw(rng, 8))};
            const std::uint64_t own = x.greatest_of.contains(replica) ? x.greatest_of[replica] : 0;
            // The next Lamport number of all, or one that somebody uses who has not seen all.
            const std::uint64_t lamport = draw(rng, 2) == 0 ? x.greatest + 1 : own + 1 + draw(rng, 3);
            x.add({lamport, replica}, static_cast<std::uint32_t>(1 + draw(rng, 5)), draw(rng, 2) == 0);
            x.check();
        }
    });
}

TEST_CASE("text_ids: a replica that has room reserved and no run is unknown") {
    text_ids ids;
    CHECK(ids.find({1, {7}}).length == 0);
    const text_ids::author_t author = ids.reserve_for({7});
    CHECK(ids.reserve_for({7}) == author);
    CHECK(ids.find({1, {7}}).length == 0);
    CHECK(ids.greatest_lamport({7}) == 0);
    CHECK(ids.check_invariants() == "");
    ids.add({5, {7}}, 2, author);
    CHECK(ids.find({6, {7}}).length == 1);
}

TEST_CASE("text_ids: the next run with a lesser id, and the one with the least, are those of a linear scan") {
    sangam::test::for_each_seed(4, [](std::mt19937_64& rng) {
        text_ids ids;
        std::vector<text_id> first_of; // of every run
        std::vector<std::uint64_t> last(40, 0);
        // Each replica counts on by itself, so the runs of all are in no order; some descend for a while.
        for (std::uint64_t n = 0; n < 5'000; ++n) {
            const std::uint64_t replica = n / 1'000 % 2 == 0 ? draw(rng, last.size()) : 39 - n % 39;
            last[replica] += 2 + draw(rng, 3);
            const text_id first{last[replica], {replica + 1}};
            ids.add(first, 1, ids.reserve_for(first.replica));
            if (draw(rng, 100) == 0) ids.index_least();
            first_of.push_back(first);
        }
        REQUIRE(ids.runs().size() == first_of.size());
        ids.index_least();
        REQUIRE(ids.check_invariants() == "");
        for (int probe = 0; probe < 2'000; ++probe) {
            const std::size_t to = draw(rng, 1 + first_of.size());
            const std::size_t from = draw(rng, 2) == 0 ? draw(rng, 1 + to) : to - draw(rng, 1 + to) % 40;
            const text_id id = draw(rng, 2) == 0 ? first_of[draw(rng, first_of.size())]
                                                 : text_id{draw(rng, 60), {draw(rng, 41)}};
            std::size_t next = from;
            while (next < to && !(first_of[next] < id))
                ++next;
            REQUIRE(ids.next_less(from, to, id) == next);
            std::size_t least = from;
            for (std::size_t number = from; number < to; ++number) {
                if (first_of[number] < first_of[least]) least = number;
            }
            REQUIRE(ids.least_in(from, to) == least);
        }
    });
}

TEST_CASE("text_ids: replicas whose ids are multiples of a number of buckets are found as fast as any") {
    // Were an id its own hash, each would be looked for among all others: 80 billion steps. A table that
    // grows has another number of buckets than one that was made for as many.
    constexpr std::uint64_t count = 400'000;
    std::unordered_map<std::uint64_t, int> grown;
    for (std::uint64_t n = 1; n <= count; ++n)
        grown.emplace(n, 0);
    const std::uint64_t buckets = grown.bucket_count();
    text_ids ids;
    for (std::uint64_t n = 1; n <= count; ++n)
        ids.add({n, {n * buckets}}, 1, ids.reserve_for({n * buckets}));
    for (std::uint64_t n = 1; n <= count; ++n)
        REQUIRE(ids.author_of({n * buckets}) == n - 1);
}
