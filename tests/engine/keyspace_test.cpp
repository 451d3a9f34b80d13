#include <sangam/engine/keyspace.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace sangam;
using crdt::object_kind;
using engine::keyspace;

TEST_CASE("keyspace: a key is found by name and kind") {
    keyspace objects;
    CHECK(objects.find({"likes", object_kind::pn_counter}) == nullptr);
    const crdt::object& likes = objects.find_or_add({"likes", object_kind::pn_counter});
    CHECK(likes.kind() == object_kind::pn_counter);
    CHECK(objects.find({"likes", object_kind::g_counter}) == nullptr);
    CHECK(objects.find({"like", object_kind::pn_counter}) == nullptr);
    CHECK(objects.find({"likes", object_kind::pn_counter}) == &likes);
    CHECK(&objects.find_or_add({"likes", object_kind::pn_counter}) == &likes);
    CHECK(&objects.find_or_add({"likes", object_kind::g_counter}) != &likes);
    CHECK(objects.size() == 2);
}

TEST_CASE("keyspace: names may be empty, long, or hold zeros") {
    keyspace objects;
    const std::string zeros("a\0b", 3);
    for (const std::string& name : {std::string(), std::string("a"), zeros, std::string(14, 'x'),
                                    std::string(15, 'x'), std::string(4096, 'x')}) {
        CHECK(objects.find({name, object_kind::or_set}) == nullptr);
        objects.find_or_add({name, object_kind::or_set});
        CHECK(objects.find({name, object_kind::or_set}) != nullptr);
    }
    CHECK(objects.size() == 6);
}

TEST_CASE("keyspace: an object stays where it is while others come") {
    keyspace objects;
    const crdt::object* const first = &objects.find_or_add({"first", object_kind::lww_register});
    for (int i = 0; i < 10'000; ++i) {
        objects.find_or_add({"key " + std::to_string(i), object_kind::lww_register});
    }
    CHECK(objects.find({"first", object_kind::lww_register}) == first);
}
