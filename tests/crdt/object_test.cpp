#include "context.hpp"

#include <sangam/crdt/object.hpp>

#include <span>
#include <stdexcept>
#include <string>
#include <vector>

using namespace sangam::crdt;
using sangam::crdt::test::at;
using path = std::vector<map_key>;

namespace {

constexpr sangam::causality::replica_id alice{1};
constexpr sangam::causality::replica_id bob{2};

const map_key key{"k", object_kind::or_set};

struct sample {
    object_kind kind;
    path where; ///< empty unless the kind is a map
    leaf_operation leaf;
};

/// One operation for an object of each kind.
const std::vector<sample>& samples() {
    static const std::vector<sample> all{
        {object_kind::g_counter, {}, g_counter::operation{2}},
        {object_kind::pn_counter, {}, pn_counter::operation{-2}},
        {object_kind::resettable_counter,
         {},
         resettable_counter::operation(resettable_counter::increment_op{3})},
        {object_kind::or_set, {}, or_set::operation(or_set::add_op{"e", {}})},
        {object_kind::or_map, {key}, or_set::operation(or_set::add_op{"e", {}})},
        {object_kind::lww_register, {}, lww_register::operation(lww_register::assign_op{"v", {}})},
        {object_kind::rga_text, {}, rga_text::operation(rga_text::insert_op{{1, alice}, {}, "text"})},
        {object_kind::g_set, {}, g_set::operation{"e"}},
        {object_kind::rw_set, {}, rw_set::operation(rw_set::add_op{"e", {}})},
        {object_kind::mv_register, {}, mv_register::operation(mv_register::assign_op{"v", {}})},
        {object_kind::ew_flag, {}, ew_flag::operation(ew_flag::enable_op{})},
        {object_kind::dw_flag, {}, dw_flag::operation(dw_flag::enable_op{})},
        {object_kind::bounded_counter, {}, bounded_counter::operation(bounded_counter::increment_op{5})},
        {object_kind::rga_list, {}, rga_list::operation(rga_list::insert_op{{1, alice}, {}, {"v"}})},
        {object_kind::sorted_set, {}, sorted_set::operation(sorted_set::increment_op{"m", 1.5})},
        {object_kind::stream,
         {},
         sangam::crdt::stream::operation(sangam::crdt::stream::append_op{{{"f", 1}}})},
        {object_kind::expiry, {}, expiry::operation(expiry::set_op{5, {}})},
    };
    return all;
}

object made(const sample& s) {
    object made(s.kind);
    made.apply(s.where, s.leaf, at(1, 1));
    return made;
}

} // namespace

TEST_CASE("object: a new one has its kind and is empty") {
    for (const sample& s : samples()) {
        CAPTURE(to_string(s.kind));
        const object fresh(s.kind);
        CHECK(fresh.kind() == s.kind);
        CHECK(fresh.empty());
        CHECK(fresh.is_new());
    }
    CHECK(object().kind() == object_kind::lww_register);
}

TEST_CASE("object: a kind that is not known breaks an invariant") {
    const test::invariants_throw throwing;
    CHECK_THROWS_AS(static_cast<void>(object(object_kind{0})), std::logic_error);
    CHECK_THROWS_AS(static_cast<void>(object(object_kind{18})), std::logic_error);
}

TEST_CASE("object: as gives the type inside and nothing for others") {
    CHECK(object(object_kind::g_counter).as<g_counter>() != nullptr);
    CHECK(object(object_kind::pn_counter).as<pn_counter>() != nullptr);
    CHECK(object(object_kind::resettable_counter).as<resettable_counter>() != nullptr);
    CHECK(object(object_kind::or_set).as<or_set>() != nullptr);
    CHECK(object(object_kind::or_map).as<or_map>() != nullptr);
    CHECK(object(object_kind::lww_register).as<lww_register>() != nullptr);
    CHECK(object(object_kind::rga_text).as<rga_text>() != nullptr);
    CHECK(object(object_kind::g_counter).as<pn_counter>() == nullptr);
}

TEST_CASE("object: apply hands the operation to the type inside") {
    CHECK(made(samples()[0]).as<g_counter>()->value() == 2);
    CHECK(made(samples()[1]).as<pn_counter>()->value() == -2);
    CHECK(made(samples()[2]).as<resettable_counter>()->value() == 3);
    CHECK(made(samples()[3]).as<or_set>()->contains("e"));
    CHECK(made(samples()[4]).as<or_map>()->find(key)->as<or_set>()->contains("e"));
    CHECK(made(samples()[5]).as<lww_register>()->value() == "v");
    CHECK(made(samples()[6]).as<rga_text>()->str() == "text");
    for (const sample& s : samples()) {
        CAPTURE(to_string(s.kind));
        CHECK_FALSE(made(s).empty());
        CHECK_FALSE(made(s).is_new());
        CHECK(made(s) != object(s.kind));
    }
}

TEST_CASE("object: text and text inside a map report their patches") {
    const sample& text = samples()[6];
    std::vector<text_patch> patches;
    object(object_kind::rga_text).apply({}, text.leaf, at(1, 1), &patches);
    object(object_kind::or_map).apply(path{{"t", object_kind::rga_text}}, text.leaf, at(1, 1), &patches);
    CHECK(patches == std::vector<text_patch>{{0, 0, "text"}, {0, 0, "text"}});
}

TEST_CASE("object: kind_of names the kind that takes the operation, and only it accepts") {
    for (const sample& s : samples()) {
        for (const sample& other : samples()) {
            CAPTURE(to_string(s.kind));
            CAPTURE(to_string(other.kind));
            const bool same = s.kind == other.kind;
            CHECK(object(s.kind).accepts(other.where, other.leaf, alice) == same);
        }
        if (s.kind != object_kind::or_map) {
            CHECK(kind_of(s.leaf) == s.kind);
        }
    }
}

TEST_CASE("object: a path is for maps only") {
    for (const sample& s : samples()) {
        CAPTURE(to_string(s.kind));
        const path other = s.where.empty() ? path{{"x", s.kind}} : path{};
        CHECK_FALSE(object(s.kind).accepts(other, s.leaf, alice));
    }
}

TEST_CASE("object: accepts of text asks the text") {
    const object text = made(samples()[6]);
    const leaf_operation erase = rga_text::operation(rga_text::erase_op{{{{4, alice}, 2}}});
    const text_id_range pending{{5, alice}, 1};
    CHECK_FALSE(text.accepts({}, samples()[6].leaf, alice));
    CHECK_FALSE(object(object_kind::rga_text).accepts({}, samples()[6].leaf, bob));
    CHECK_FALSE(text.accepts({}, erase, bob));
    CHECK(text.accepts({}, erase, bob, std::span(&pending, 1)));
}

TEST_CASE("object: accepts asks the text inside a map") {
    const path where{{"t", object_kind::rga_text}};
    const object map(object_kind::or_map);
    const text_id_range pending{{1, alice}, 1};
    const leaf_operation erase = rga_text::operation(rga_text::erase_op{{pending}});
    CHECK(map.accepts(where, samples()[6].leaf, alice));
    CHECK_FALSE(map.accepts(where, samples()[6].leaf, bob));
    CHECK_FALSE(map.accepts(where, erase, bob));
    CHECK(map.accepts(where, erase, bob, std::span(&pending, 1)));
}

TEST_CASE("object: accepts asks a type whose operations name more of the past than dots") {
    const leaf_operation reset = resettable_counter::operation(resettable_counter::reset_op{{{{1}, 1, 1}}});
    object counter(object_kind::resettable_counter);
    CHECK_FALSE(counter.accepts({}, reset, {2}));
    counter.apply({}, resettable_counter::operation(resettable_counter::increment_op{1}), at(1, 1));
    CHECK(counter.accepts({}, reset, {2}));
    const map_key hits{"hits", object_kind::resettable_counter};
    CHECK_FALSE(object(object_kind::or_map).accepts({&hits, 1}, reset, {2}));
}

TEST_CASE("object: an apply that it does not accept breaks an invariant") {
    const test::invariants_throw throwing;
    for (const sample& s : samples()) {
        CAPTURE(to_string(s.kind));
        object target(s.kind);
        const sample& other = samples()[s.kind == object_kind::g_counter ? 1 : 0];
        CHECK_THROWS_AS(target.apply({}, other.leaf, at(1, 1)), std::logic_error);
        const path wrong = s.where.empty() ? path{{"x", s.kind}} : path{};
        CHECK_THROWS_AS(target.apply(wrong, s.leaf, at(1, 1)), std::logic_error);
        CHECK(target.is_new());
    }
}

TEST_CASE("object: append_reset undoes what is seen of each kind that may be nested") {
    for (const sample& s : samples()) {
        if (!may_be_nested(s.kind)) {
            continue;
        }
        CAPTURE(to_string(s.kind));
        object target = made(s);
        const path prefix{{"outer", object_kind::or_map}};
        std::vector<map_operation> operations{{{key}, s.leaf}};
        target.append_reset(prefix, operations);
        REQUIRE(operations.size() == 2);
        CHECK(operations[0].path == path{key});

        path expected = prefix;
        expected.insert(expected.end(), s.where.begin(), s.where.end());
        CHECK(operations[1].path == expected);
        target.apply(s.where, operations[1].leaf, at(1, 2));
        CHECK(target.empty());

        operations.clear();
        target.append_reset(prefix, operations);
        CHECK(operations.empty());
    }
}

TEST_CASE("object: append_reset of a kind that may not be nested breaks an invariant") {
    const test::invariants_throw throwing;
    std::vector<map_operation> operations;
    CHECK_THROWS_AS(object(object_kind::g_counter).append_reset({}, operations), std::logic_error);
    CHECK_THROWS_AS(object(object_kind::pn_counter).append_reset({}, operations), std::logic_error);
}

TEST_CASE("object: an empty one that keeps its past is not new") {
    object counter(object_kind::resettable_counter);
    counter.apply({}, samples()[2].leaf, at(1, 1));
    counter.apply({}, resettable_counter::operation(counter.as<resettable_counter>()->reset()), at(1, 2));
    CHECK(counter.empty());
    CHECK_FALSE(counter.is_new());

    object text = made(samples()[6]);
    text.apply({}, rga_text::operation(text.as<rga_text>()->reset()), at(1, 2));
    CHECK(text.empty());
    CHECK_FALSE(text.is_new());
}

TEST_CASE("object: an object equals only one of the same kind and content") {
    for (const sample& s : samples()) {
        for (const sample& other : samples()) {
            CHECK((made(s) == made(other)) == (s.kind == other.kind));
            CHECK((object(s.kind) == object(other.kind)) == (s.kind == other.kind));
        }
    }
}

TEST_CASE("object_kind: the numbers and names are those that travel") {
    const std::vector<std::string> names{"unknown", "g_counter",       "pn_counter",   "resettable_counter",
                                         "or_set",  "or_map",          "lww_register", "rga_text",
                                         "g_set",   "rw_set",          "mv_register",  "ew_flag",
                                         "dw_flag", "bounded_counter", "rga_list",     "sorted_set",
                                         "stream",  "expiry",          "unknown"};
    for (std::size_t number = 0; number < names.size(); ++number) {
        CHECK(to_string(static_cast<object_kind>(number)) == names[number]);
    }
    CHECK(samples().size() == names.size() - 2);
}
