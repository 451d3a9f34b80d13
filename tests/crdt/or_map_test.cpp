#include "context.hpp"

#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/object.hpp>

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace sangam::crdt;
using sangam::crdt::test::at;
using path = std::vector<map_key>;

namespace {

constexpr sangam::causality::replica_id alice{1};
constexpr sangam::causality::replica_id bob{2};

const map_key title{"title", object_kind::lww_register};
const map_key tags{"tags", object_kind::or_set};
const map_key visits{"visits", object_kind::resettable_counter};
const map_key notes{"notes", object_kind::rga_text};
const map_key inner{"inner", object_kind::or_map};

/// The value at `where`, or a new one: what a handle prepares against.
template <class T>
T view(const or_map& map, const path& where) {
    const object* const found = map.find(where);
    return found != nullptr ? *found->as<T>() : T();
}

map_operation assign(const or_map& map, const path& where, value content) {
    return {where, lww_register::operation(view<lww_register>(map, where).assign(std::move(content)))};
}

map_operation add(const or_map& map, const path& where, value element) {
    return {where, or_set::operation(view<or_set>(map, where).add(std::move(element)))};
}

map_operation increment(const or_map& map, const path& where, std::int64_t amount,
                        sangam::causality::replica_id self) {
    return {where,
            resettable_counter::operation(view<resettable_counter>(map, where).increment(amount, self))};
}

map_operation insert(const or_map& map, const path& where, std::string_view text,
                     sangam::causality::replica_id self) {
    return {where, rga_text::operation(view<rga_text>(map, where).insert(0, text, self))};
}

void apply_all(or_map& map, const std::vector<map_operation>& operations, const operation_context& context) {
    for (const map_operation& op : operations) {
        REQUIRE(map.accepts(op.path, op.leaf, context.id.replica));
        map.apply(op, context);
    }
}

value title_of(const or_map& map, const path& where) {
    return view<lww_register>(map, where).value();
}

/// One value of each kind that a map may hold, the deepest two maps down.
or_map filled() {
    or_map map;
    map.apply(assign(map, {title}, "Sangam"), at(1, 1, 10));
    map.apply(add(map, {tags}, "crdt"), at(1, 2, 20));
    map.apply(increment(map, {visits}, 3, alice), at(1, 3, 30));
    map.apply(insert(map, {notes}, "hello", alice), at(1, 4, 40));
    map.apply(assign(map, {inner, inner, title}, "deep"), at(1, 5, 50));
    return map;
}

/// A path of `length` keys, all maps but the last.
path deep_path(std::size_t length) {
    path keys(length - 1, inner);
    keys.push_back(title);
    return keys;
}

} // namespace

TEST_CASE("or_map: an update makes its key a member") {
    or_map map;
    CHECK(map.empty());
    CHECK(map.find(title) == nullptr);
    map.apply(assign(map, {title}, "Sangam"), at(1, 1));
    CHECK(map.contains(title));
    CHECK_FALSE(map.contains(tags));
    CHECK_FALSE(map.empty());
    CHECK(map.size() == 1);
    REQUIRE(map.find(title) != nullptr);
    CHECK(map.find(title)->as<lww_register>()->value() == "Sangam");
}

TEST_CASE("or_map: an update of a present value changes that value") {
    or_map map;
    map.apply(add(map, {tags}, "a"), at(1, 1));
    map.apply(add(map, {tags}, "b"), at(1, 2));
    CHECK(view<or_set>(map, {tags}).size() == 2);
    CHECK(map.size() == 1);
}

TEST_CASE("or_map: one name stands for one value of each kind") {
    or_map map;
    const map_key set{"x", object_kind::or_set};
    const map_key reg{"x", object_kind::lww_register};
    map.apply(add(map, {set}, 1), at(1, 1));
    map.apply(assign(map, {reg}, 2), at(1, 2));
    CHECK(map.keys() == path{set, reg});
    apply_all(map, map.remove(set), at(1, 3));
    CHECK(map.keys() == path{reg});
}

TEST_CASE("or_map: keys come in increasing order, by name and then by kind") {
    const or_map map = filled();
    CHECK(map.keys() == path{inner, notes, tags, title, visits});
    CHECK(map.size() == 5);
}

TEST_CASE("or_map: find follows a path through maps, and finds nothing where it ends early") {
    const or_map map = filled();
    CHECK(title_of(map, {inner, inner, title}) == "deep");
    REQUIRE(map.find(path{inner, inner}) != nullptr);
    CHECK(map.find(path{inner, inner})->kind() == object_kind::or_map);
    CHECK(map.find(path{}) == nullptr);
    CHECK(map.find(path{inner, title}) == nullptr);
    CHECK(map.find(path{inner, tags, title}) == nullptr);
    CHECK(map.find(path{title, title}) == nullptr);
}

TEST_CASE("or_map: preparing changes nothing") {
    const or_map map = filled();
    const or_map before = map;
    static_cast<void>(map.remove(title));
    static_cast<void>(map.reset());
    CHECK(map == before);
}

TEST_CASE("or_map: remove prepares one operation for every leaf below the key") {
    or_map map = filled();
    map.apply(add(map, {inner, tags}, "x"), at(1, 6));
    const auto operations = map.remove(inner);
    REQUIRE(operations.size() == 2);
    CHECK(operations[0] == map_operation{{inner, inner, title},
                                         lww_register::operation(lww_register::reset_op{{at(1, 5).id}})});
    CHECK(operations[1] ==
          map_operation{{inner, tags}, or_set::operation(or_set::clear_op{{{"x", {at(1, 6).id}}}})});
    CHECK(map.remove({"absent", object_kind::or_map}).empty());
}

TEST_CASE("or_map: remove takes the key and all below it away") {
    or_map map = filled();
    for (const map_key& key : filled().keys()) {
        CAPTURE(key.name);
        apply_all(map, map.remove(key), at(2, 1, 100));
        CHECK_FALSE(map.contains(key));
        CHECK(map.remove(key).empty());
    }
    CHECK(map.empty());
    CHECK(map.size() == 0);
    CHECK(map.keys().empty());
}

TEST_CASE("or_map: reset takes every key away with one operation for each leaf") {
    or_map map = filled();
    const auto operations = map.reset();
    CHECK(operations.size() == 5);
    apply_all(map, operations, at(2, 1, 100));
    CHECK(map.empty());
    CHECK(map.reset().empty());
}

TEST_CASE("or_map: a value that equals a new one is not stored, nor is a map that holds nothing else") {
    or_map map;
    map.apply(assign(map, {inner, inner, title}, 1), at(1, 1));
    map.apply(add(map, {inner, tags}, 1), at(1, 1));
    apply_all(map, map.remove(inner), at(1, 2));
    CHECK(map.find(inner) == nullptr);
    CHECK(map == or_map());
}

TEST_CASE("or_map: an operation without effect leaves nothing on its way") {
    or_map map;
    map.apply({{inner, inner, tags}, or_set::operation(or_set().remove("a"))}, at(1, 1));
    map.apply({{inner, title}, lww_register::operation(lww_register().reset())}, at(1, 1));
    map.apply({{inner, visits}, resettable_counter::operation(resettable_counter().reset())}, at(1, 1));
    map.apply({{inner, notes}, rga_text::operation(rga_text().reset())}, at(1, 1));
    CHECK(map == or_map());
    CHECK(map.find(inner) == nullptr);
}

TEST_CASE("or_map: a counter or text that keeps its past stays stored, yet its key is no member") {
    or_map map;
    map.apply(increment(map, {inner, visits}, 3, alice), at(1, 1));
    map.apply(insert(map, {inner, notes}, "hello", alice), at(1, 2));
    CHECK(map.find(path{inner})->as<or_map>()->size() == 2);
    apply_all(map, map.remove(inner), at(1, 3));

    REQUIRE(map.find(path{inner, visits}) != nullptr);
    REQUIRE(map.find(path{inner, notes}) != nullptr);
    CHECK(map.find(path{inner, visits})->empty());
    CHECK(map.find(path{inner, notes})->empty());
    CHECK(map.find(inner)->empty());
    CHECK_FALSE(map.contains(inner));
    CHECK(map.keys().empty());
    CHECK(map.size() == 0);
    CHECK(map.empty());
    CHECK(map.remove(inner).empty());
}

TEST_CASE("or_map: a concurrent update survives a remove with its own effect only, whichever comes first") {
    const or_map seen = filled();
    or_map elsewhere = seen;
    elsewhere.apply(add(elsewhere, {tags}, "new"), at(2, 1));
    const std::vector<map_operation> updates{
        add(seen, {tags}, "new"), increment(seen, {visits}, 10, bob),
        assign(seen, {inner, inner, {"other", object_kind::lww_register}}, "new"),
        insert(seen, {notes}, "+", bob)};
    const auto reset = seen.reset();

    or_map reset_first = seen;
    apply_all(reset_first, reset, at(1, 6, 60));
    apply_all(reset_first, updates, at(2, 1, 60));
    or_map updates_first = seen;
    apply_all(updates_first, updates, at(2, 1, 60));
    apply_all(updates_first, reset, at(1, 6, 60));

    CHECK(reset_first == updates_first);
    CHECK(reset_first.keys() == path{inner, notes, tags, visits});
    CHECK(view<or_set>(reset_first, {tags}).elements() == std::vector<value>{"new"});
    CHECK(view<resettable_counter>(reset_first, {visits}).value() == 10);
    CHECK(view<rga_text>(reset_first, {notes}).str() == "+");
    CHECK(reset_first.find(path{inner, inner, title}) == nullptr);
}

TEST_CASE("or_map: a key that was removed can be used again, in the same transaction too") {
    or_map map;
    const auto one_transaction = at(1, 1, 10);
    map.apply(increment(map, {visits}, 5, alice), one_transaction);
    map.apply(assign(map, {title}, "z"), one_transaction);
    apply_all(map, map.reset(), one_transaction);
    CHECK(map.empty());
    map.apply(increment(map, {visits}, 3, alice), one_transaction);
    map.apply(assign(map, {title}, "a"), one_transaction);
    CHECK(view<resettable_counter>(map, {visits}).value() == 3);
    CHECK(title_of(map, {title}) == "a");
}

TEST_CASE("or_map: text inside reports its patches") {
    or_map map;
    std::vector<text_patch> patches;
    map.apply(insert(map, {inner, notes}, "hello", alice), at(1, 1), &patches);
    CHECK(patches == std::vector<text_patch>{{0, 0, "hello"}});
}

TEST_CASE("or_map: copies are independent, and a moved-from map's content is in the new one") {
    const or_map map = filled();
    or_map copy = map;
    apply_all(copy, copy.reset(), at(2, 1));
    CHECK(copy.empty());
    CHECK(map == filled());
    or_map source = map;
    const or_map target = std::move(source);
    CHECK(target == map);
    or_map assigned;
    assigned = target;
    CHECK(assigned == map);
    or_map emptied;
    emptied = std::move(assigned);
    CHECK(emptied == map);
}

TEST_CASE("or_map: maps are equal iff they have the same keys with equal values") {
    or_map one;
    one.apply(assign(one, {title}, 1), at(1, 1));
    or_map other_key;
    other_key.apply(assign(other_key, {{"other", object_kind::lww_register}}, 1), at(1, 1));
    or_map other_value;
    other_value.apply(assign(other_value, {title}, 2), at(1, 1));
    CHECK(one == or_map(one));
    CHECK(one != other_key);
    CHECK(one != other_value);
    CHECK(one != or_map());
}

TEST_CASE("or_map: accepts a path of maps that ends in the leaf's kind, and no other") {
    const or_map map = filled();
    const leaf_operation reset = lww_register::operation(lww_register::reset_op{});
    const auto accepts = [&](const path& keys) { return map.accepts(keys, reset, alice); };
    CHECK(accepts({title}));
    CHECK(accepts({inner, title}));
    CHECK(accepts({{"unseen", object_kind::or_map}, title}));
    CHECK_FALSE(accepts({}));
    CHECK_FALSE(accepts({tags}));
    CHECK_FALSE(accepts({inner}));
    CHECK_FALSE(accepts({title, title}));
    CHECK_FALSE(accepts({inner, tags, title}));
    CHECK_FALSE(accepts({inner, inner, tags}));
    CHECK_FALSE(accepts({{"title", object_kind{0}}}));
}

TEST_CASE("or_map: accepts no kind that cannot take back what a remove saw") {
    const or_map map;
    CHECK_FALSE(map.accepts(path{{"n", object_kind::g_counter}}, g_counter::operation{1}, alice));
    CHECK_FALSE(map.accepts(path{{"n", object_kind::pn_counter}}, pn_counter::operation{1}, alice));
}

TEST_CASE("or_map: accepts the greatest depth and not one map more") {
    or_map map;
    const map_operation deepest = assign(map, deep_path(limits::map_depth_max), "deep");
    CHECK(map.accepts(deepest.path, deepest.leaf, alice));
    CHECK_FALSE(map.accepts(deep_path(limits::map_depth_max + 1), deepest.leaf, alice));

    map.apply(deepest, at(1, 1));
    CHECK(title_of(map, deepest.path) == "deep");
    CHECK(map.reset().size() == 1);
    apply_all(map, map.reset(), at(1, 2));
    CHECK(map == or_map());
}

TEST_CASE("or_map: accepts the longest name and not one byte more, anywhere on the path") {
    const or_map map;
    const leaf_operation reset = lww_register::operation(lww_register::reset_op{});
    const std::string longest(limits::name_bytes_max, 'x');
    const auto accepts = [&](const std::string& first, const std::string& last) {
        return map.accepts(path{{first, object_kind::or_map}, {last, object_kind::lww_register}}, reset,
                           alice);
    };
    CHECK(accepts(longest, longest));
    CHECK_FALSE(accepts(longest + "x", "a"));
    CHECK_FALSE(accepts("a", longest + "x"));
}

TEST_CASE("or_map: accepts of text asks the text at the path, or a new one") {
    or_map map;
    const map_operation first = insert(map, {inner, notes}, "abc", alice);
    CHECK(map.accepts(first.path, first.leaf, alice));
    CHECK_FALSE(map.accepts(first.path, first.leaf, bob));

    const text_id_range inserted{{1, alice}, 3};
    const leaf_operation erase = rga_text::operation(rga_text::erase_op{{inserted}});
    CHECK_FALSE(map.accepts(first.path, erase, bob));
    CHECK(map.accepts(first.path, erase, bob, std::span(&inserted, 1)));

    map.apply(first, at(1, 1));
    CHECK(map.accepts(first.path, erase, bob));
    CHECK_FALSE(map.accepts(path{notes}, erase, bob));
    CHECK_FALSE(map.accepts(first.path, first.leaf, alice));
    const leaf_operation later = rga_text::operation(rga_text::erase_op{{{{4, alice}, 1}}});
    const text_id_range pending{{4, alice}, 1};
    CHECK_FALSE(map.accepts(first.path, later, alice));
    CHECK(map.accepts(first.path, later, alice, std::span(&pending, 1)));
}

TEST_CASE("or_map: an apply that it does not accept breaks an invariant and changes nothing") {
    const test::invariants_throw throwing;
    or_map map = filled();
    const or_map before = map;
    const leaf_operation reset = lww_register::operation(lww_register::reset_op{});
    const auto apply = [&](const path& keys, const leaf_operation& leaf) {
        map.apply({keys, leaf}, at(1, 9));
    };
    CHECK_THROWS_AS(apply({}, reset), std::logic_error);
    CHECK_THROWS_AS(apply({tags}, reset), std::logic_error);
    CHECK_THROWS_AS(apply({title, title}, reset), std::logic_error);
    CHECK_THROWS_AS(apply({inner}, reset), std::logic_error);
    CHECK_THROWS_AS(apply({inner, {"new", object_kind::or_map}, {"x", object_kind::or_set}}, reset),
                    std::logic_error);
    CHECK_THROWS_AS(apply({{"n", object_kind::pn_counter}}, pn_counter::operation{1}), std::logic_error);
    CHECK_THROWS_AS(apply(deep_path(limits::map_depth_max + 1), reset), std::logic_error);
    CHECK(map == before);
}
