#include <sangam/crdt/coalesce.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace sangam::crdt;
using sangam::causality::replica_id;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};
const object_key notes{"notes", object_kind::rga_text};
const object_key todo{"todo", object_kind::rga_list};

keyed_operation of(rga_text::operation op, const object_key& key = notes) {
    return {key, {}, std::move(op)};
}

keyed_operation insert(text_id first, std::optional<text_id> parent, std::string text) {
    return of(rga_text::insert_op{first, parent, std::move(text)});
}

keyed_operation erase(std::vector<text_id_range> ranges) {
    return of(rga_text::erase_op{std::move(ranges)});
}

std::vector<keyed_operation> coalesced(std::vector<keyed_operation> operations, std::size_t added = 0) {
    coalesce(operations, added);
    return operations;
}

} // namespace

TEST_CASE("coalesce: keystrokes that go on are one insert") {
    CHECK(coalesced({insert({4, alice}, text_id{2, bob}, "h"), insert({5, alice}, text_id{4, alice}, "é"),
                     insert({6, alice}, text_id{5, alice}, "llo")}) ==
          std::vector{insert({4, alice}, text_id{2, bob}, "héllo")});
}

TEST_CASE("coalesce: an insert elsewhere, with other ids, or of another object stays apart") {
    const keyed_operation first = insert({4, alice}, {}, "ab");
    for (const keyed_operation& next :
         {insert({6, alice}, text_id{4, alice}, "x"), insert({6, alice}, {}, "x"),
          insert({7, alice}, text_id{5, alice}, "x"), insert({6, bob}, text_id{5, alice}, "x"),
          of(rga_text::insert_op{{6, alice}, text_id{5, alice}, "x"}, {"other", object_kind::rga_text}),
          keyed_operation{notes, {{"inner", object_kind::rga_text}}, first.leaf}}) {
        CHECK(coalesced({first, next}) == std::vector{first, next});
    }
}

TEST_CASE("coalesce: an insert grows to 4096 bytes and not one more") {
    const std::string half(2048, 'x');
    const keyed_operation first = insert({1, alice}, {}, half);
    const text_id last{half.size(), alice};
    const text_id next{half.size() + 1, alice};
    CHECK(coalesced({first, insert(next, last, half)}) == std::vector{insert({1, alice}, {}, half + half)});
    CHECK(coalesced({first, insert(next, last, half + "y")}).size() == 2);
}

TEST_CASE("coalesce: erases are one erase, and ranges that touch are one range") {
    CHECK(coalesced({erase({{{9, alice}, 1}}), erase({{{8, alice}, 1}}), erase({{{7, alice}, 1}})}) ==
          std::vector{erase({{{7, alice}, 3}})});
    CHECK(coalesced({erase({{{7, alice}, 1}}), erase({{{8, alice}, 2}, {{3, bob}, 1}})}) ==
          std::vector{erase({{{7, alice}, 3}, {{3, bob}, 1}})});
    CHECK(coalesced({erase({{{7, alice}, 1}}), erase({{{8, bob}, 1}})}) ==
          std::vector{erase({{{7, alice}, 1}, {{8, bob}, 1}})});
}

TEST_CASE("coalesce: an erase between two inserts keeps its place") {
    const std::vector operations{insert({1, alice}, {}, "a"), erase({{{1, alice}, 1}}),
                                 insert({2, alice}, text_id{1, alice}, "b")};
    CHECK(coalesced(operations) == operations);
}

TEST_CASE("coalesce: only the operations that were added and the one before them are looked at") {
    const std::vector operations{insert({1, alice}, {}, "a"), insert({2, alice}, text_id{1, alice}, "b"),
                                 insert({3, alice}, text_id{2, alice}, "c")};
    CHECK(coalesced(operations, 2) ==
          std::vector{insert({1, alice}, {}, "a"), insert({2, alice}, text_id{1, alice}, "bc")});
    CHECK(coalesced(operations, 3) == operations);
    CHECK(coalesced({}).empty());
}

TEST_CASE("coalesce: lists as texts") {
    const auto values = [](text_id first, std::optional<text_id> parent, std::vector<value> added) {
        return keyed_operation{
            todo, {}, rga_list::operation(rga_list::insert_op{first, parent, std::move(added)})};
    };
    CHECK(coalesced({values({1, alice}, {}, {1, 2}), values({3, alice}, text_id{2, alice}, {3})}) ==
          std::vector{values({1, alice}, {}, {1, 2, 3})});
}

TEST_CASE("coalesce: a text and a list of one name are two objects") {
    const keyed_operation in_text = erase({{{1, alice}, 1}});
    const keyed_operation in_list{
        {"notes", object_kind::rga_list}, {}, rga_list::operation(rga_list::erase_op{{{{2, alice}, 1}}})};
    CHECK(coalesced({in_text, in_list}) == std::vector{in_text, in_list});
}
