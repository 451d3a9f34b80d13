#include "support/seeds.hpp"
#include "text_id_set.hpp"

#include <sangam/crdt/named_once.hpp>
#include <sangam/crdt/rga_list.hpp>
#include <sangam/crdt/rga_text.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace sangam::crdt;
using sangam::causality::replica_id;
using sangam::test::draw;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};
constexpr replica_id carol{3};

using ranges_t = std::vector<text_id_range>;

/// Alice and bob have typed at once, so many characters each, and what they typed has come by turns: each id
/// of one is a run.
rga_text interleaved(std::uint64_t each) {
    rga_text text;
    for (std::uint64_t n = 1; n <= each; ++n) {
        for (const replica_id who : {alice, bob}) {
            const auto parent = n > 1 ? std::optional(text_id{n - 1, who}) : std::nullopt;
            text.apply(rga_text::insert_op{{n, who}, parent, "x"}, {{who, n}, {}});
        }
    }
    return text;
}

std::size_t entries_of_log(const rga_text& text) {
    return text.columns(text_columns::kind::history).erased.size();
}

text_id_range random_range(std::mt19937_64& rng, std::uint64_t lamports) {
    const std::uint64_t first = 1 + draw(rng, lamports);
    return {{first, draw(rng, 2) == 0 ? alice : bob}, 1 + draw(rng, lamports + 1 - first)};
}

std::vector<text_id> ids_of(const ranges_t& ranges) {
    std::vector<text_id> ids;
    for (const text_id_range& range : ranges) {
        for (std::uint64_t n = 0; n < range.length; ++n)
            ids.push_back({range.first.lamport + n, range.first.replica});
    }
    return ids;
}

std::vector<text_id> without_repeated(const std::vector<text_id>& ids) {
    std::set<text_id> seen;
    std::vector<text_id> once;
    for (const text_id& id : ids) {
        if (seen.insert(id).second) once.push_back(id);
    }
    return once;
}

/// Three texts and what one transaction does to them.
struct world {
    static constexpr std::uint64_t letters = 8;
    static constexpr std::uint64_t erases = 6;
    std::map<std::string, rga_text> texts;
    std::map<std::string, rga_text> after; ///< what the transaction inserts
    std::vector<keyed_operation> operations;

    explicit world(std::mt19937_64& rng) {
        for (const char* const name : {"a", "b", "c"}) {
            rga_text& text = texts[name] = interleaved(letters);
            for (std::uint64_t n = 1; n <= erases; ++n) {
                const replica_id who = draw(rng, 2) == 0 ? alice : bob;
                text.apply(rga_text::erase_op{{random_range(rng, letters)}}, {{who, letters + n}, {}});
            }
        }
        after = texts;
        for (std::uint64_t n = draw(rng, 12); n > 0; --n)
            add_operation(rng);
    }
    void add_operation(std::mt19937_64& rng) {
        const std::string name(1, static_cast<char>('a' + draw(rng, draw(rng, 2) + 1)));
        const std::uint64_t count = 1 + draw(rng, 3);
        rga_text::operation op;
        if (const std::uint64_t kind = draw(rng, 5); kind < 2) {
            rga_text::erase_op erase;
            for (std::uint64_t n = 0; n < count; ++n)
                erase.ranges.push_back(random_range(rng, letters));
            op = erase;
        } else if (kind < 4) {
            rga_text::restore_op restore;
            for (std::uint64_t n = 0; n < count; ++n) {
                const text_id_range dots = random_range(rng, erases);
                restore.parts.push_back({random_range(rng, letters),
                                         {{dots.first.replica, letters + dots.first.lamport}, dots.length}});
            }
            op = restore;
        } else {
            op = after[name].insert(0, "y", carol);
            after[name].apply(op, {{carol, 1}, {}});
        }
        operations.push_back({{name, object_kind::rga_text}, {}, op});
    }
};

void apply_all(std::map<std::string, rga_text>& texts, std::span<const keyed_operation> operations) {
    for (const keyed_operation& op : operations) {
        rga_text& text = texts[op.object.name];
        const auto& own = std::get<rga_text::operation>(op.leaf);
        REQUIRE(text.accepts(own, carol));
        text.apply(own, {{carol, 1}, {}});
        REQUIRE(text.check_invariants() == "");
    }
}

} // namespace

TEST_CASE("text_id_set: tells of every id once, when it comes, and of ids in a row as one range") {
    sangam::test::for_each_seed(300, [](std::mt19937_64& rng) {
        text_id_set set;
        std::set<text_id> expected;
        for (int step = 0; step < 30; ++step) {
            const text_id_range range = random_range(rng, 30);
            ranges_t added;
            set.add(range, [&](const text_id_range& part) { added.push_back(part); });
            std::vector<text_id> fresh;
            for (const text_id& id : ids_of({range})) {
                if (expected.insert(id).second) fresh.push_back(id);
            }
            REQUIRE(ids_of(added) == fresh);
            for (std::size_t n = 1; n < added.size(); ++n)
                REQUIRE(added[n - 1].first.lamport + added[n - 1].length < added[n].first.lamport);
        }
    });
}

TEST_CASE("each_once: the ids are the same, in the order in which they were named first") {
    sangam::test::for_each_seed(300, [](std::mt19937_64& rng) {
        ranges_t ranges;
        for (std::uint64_t n = draw(rng, 6); n > 0; --n)
            ranges.push_back(random_range(rng, 30));
        const std::vector<text_id> named = ids_of(ranges);
        const std::vector<text_id> expected = without_repeated(named);
        const auto once = each_once(ranges);
        REQUIRE(once.has_value() == (named.size() != expected.size()));
        if (once) REQUIRE(ids_of(*once) == expected);
    });
    CHECK_FALSE(each_once(ranges_t{{{5, alice}, 5}, {{3, alice}, 2}, {{1, alice}, 2}}));
    CHECK_FALSE(each_once(ranges_t{{{1, alice}, 5}, {{6, alice}, 1}, {{1, bob}, 5}}));
    CHECK(each_once(ranges_t{{{5, alice}, 5}, {{3, alice}, 3}}));
}

TEST_CASE("named_once: a transaction has the same effect with everything said once") {
    int shortened = 0;
    sangam::test::for_each_seed(500, [&](std::mt19937_64& rng) {
        world w(rng);
        const auto once = named_once(w.operations);
        if (!once) return;
        ++shortened;
        auto as_said = w.texts;
        auto as_once = std::move(w.texts);
        apply_all(as_said, w.operations);
        apply_all(as_once, *once);
        std::map<std::string, int> restores;
        for (const keyed_operation& op : *once) {
            const auto& own = std::get<rga_text::operation>(op.leaf);
            if (std::holds_alternative<rga_text::restore_op>(own)) REQUIRE(++restores[op.object.name] == 1);
        }
        REQUIRE_FALSE(named_once(*once));
        for (auto& [name, text] : as_said) {
            REQUIRE(text.elements() == as_once[name].elements());
            // What the transaction has erased comes back by the same name.
            const rga_text::restore_op back{{{{{1, alice}, world::letters}, {{carol, 1}, 1}},
                                             {{{1, bob}, world::letters}, {{carol, 1}, 1}}}};
            for (rga_text* const t : {&text, &as_once[name]}) {
                t->apply(back, {{bob, 100}, {}});
                REQUIRE(t->check_invariants() == "");
            }
            REQUIRE(text.elements() == as_once[name].elements());
        }
    });
    CHECK(shortened > 100);
}

// Each cost an entry of the log, 12 bytes for ever, for each run of ids that it named: gigabytes from 16 MiB.
TEST_CASE("named_once: 65,536 erases of the same characters are one, and so are restores") {
    constexpr std::uint64_t letters = 1000;
    rga_text text = interleaved(letters);
    const keyed_operation erase{
        {"t", object_kind::rga_text}, {}, rga_text::operation(rga_text::erase_op{{{{1, alice}, letters}}})};
    const std::vector<keyed_operation> erases(65'536, erase);
    const auto once = named_once(erases);
    REQUIRE(once);
    CHECK(*once == std::vector{erase});
    for (const keyed_operation& op : *once)
        text.apply(std::get<rga_text::operation>(op.leaf), {{bob, letters + 1}, {}});
    CHECK(entries_of_log(text) == letters);
    const rga_text::erased_part part{{{1, alice}, letters}, {{bob, letters + 1}, 1}};
    const std::vector<keyed_operation> restores(
        65'536, {erase.object, {}, rga_text::operation(rga_text::restore_op{{part}})});
    const auto restored = named_once(restores);
    REQUIRE(restored);
    REQUIRE(restored->size() == 1);
    text.apply(std::get<rga_text::operation>(restored->front().leaf), {{alice, letters + 1}, {}});
    CHECK(text.size() == 2 * letters);
    CHECK(entries_of_log(text) == 2 * letters);
    CHECK(text.check_invariants() == "");
}

TEST_CASE("named_once: sequences are told apart by key, path and kind, and what nobody accepts stays") {
    const ranges_t range{{{1, alice}, 3}};
    const leaf_operation of_text = rga_text::operation(rga_text::erase_op{range});
    const leaf_operation of_list = rga_list::operation(rga_list::erase_op{range});
    const object_key map{"m", object_kind::or_map};
    const std::vector<keyed_operation> apart{
        {{"a", object_kind::rga_text}, {}, of_text},    {{"b", object_kind::rga_text}, {}, of_text},
        {{"a", object_kind::rga_list}, {}, of_list},    {map, {{"a", object_kind::rga_text}}, of_text},
        {map, {{"b", object_kind::rga_text}}, of_text}, {map, {{"a", object_kind::rga_list}}, of_list},
    };
    CHECK_FALSE(named_once(apart));
    std::vector<keyed_operation> twice = apart;
    twice.insert(twice.end(), apart.begin(), apart.end());
    CHECK(named_once(twice) == apart);
    const keyed_operation empty{
        {"a", object_kind::rga_text}, {}, rga_text::operation(rga_text::erase_op{{{{1, alice}, 0}}})};
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    const keyed_operation endless{
        {"a", object_kind::rga_text}, {}, rga_text::operation(rga_text::erase_op{{{{2, alice}, most}}})};
    CHECK_FALSE(named_once(std::vector{empty, endless, empty, endless}));
}

TEST_CASE("rga_text: an erase of 20,000 overlapping ranges costs what one of them costs") {
    constexpr std::uint64_t letters = 2000;
    rga_text text = interleaved(letters);
    rga_text::erase_op often;
    for (std::uint64_t n = 0; n < 20'000; ++n)
        often.ranges.push_back({{1 + n % 2, alice}, letters - 1});
    REQUIRE(text.accepts(often, bob));
    text.apply(often, {{bob, letters + 1}, {}});
    CHECK(text.size() == letters);
    CHECK(text.applied().named == letters);
    CHECK(entries_of_log(text) == letters);
    CHECK(text.check_invariants() == "");
}

TEST_CASE("rga_list: an erase of ranges that overlap names each value once") {
    rga_list list;
    list.apply(list.insert(0, {value(1), value(2), value(3)}, alice), {{alice, 1}, {}});
    list.apply(rga_list::erase_op{{{{1, alice}, 2}, {{2, alice}, 2}, {{1, alice}, 3}}}, {{bob, 1}, {}});
    CHECK(list.empty());
    CHECK(list.check_invariants() == "");
}

// Each part was looked up run by run: 64 bytes of a message took as many steps and places as its ids have
// runs.
TEST_CASE("rga_text: a restore of the same characters by 20,000 different names costs what it takes back") {
    constexpr std::uint64_t letters = 2000;
    rga_text text = interleaved(letters);
    text.apply(rga_text::erase_op{{{{1, alice}, letters}}}, {{bob, letters + 1}, {}});
    rga_text::restore_op often;
    for (std::uint64_t n = 0; n < 20'000; ++n)
        often.parts.push_back({{{1, alice}, letters}, {{bob, letters + 1}, 1 + n}});
    REQUIRE(text.accepts(often, alice));
    text.apply(often, {{alice, letters + 1}, {}});
    CHECK(text.size() == 2 * letters);
    CHECK(text.applied().named == 2 * letters);
    CHECK(text.check_invariants() == "");
}
