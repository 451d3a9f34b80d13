#include "text_columns_example.hpp"

#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/rga_text.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace sangam;
using namespace sangam::crdt;
using namespace sangam::crdt::test;

TEST_CASE("text_columns: columns of no state are refused, and the error says where") {
    const auto state = [](const std::function<void(text_columns&)>& change) {
        return wrong(example_state(), change);
    };
    CHECK(state([](text_columns&) {}) == "nothing");
    CHECK(state([](auto& c) { c.replicas = {{3}, {3}}; }) ==
          "crdt: invalid columns: replicas[1]: 0000000000000003 stands twice");
    CHECK(state([](auto& c) { c.replicas.push_back({9}); }) ==
          "crdt: invalid columns: replicas[2]: it has no character");
    CHECK(state([](auto& c) { c.ids[0].length = 0; }) == "crdt: invalid columns: ids[0]: no character");
    CHECK(state([](auto& c) { c.ids[1].length = 0x7fff'ffff; }) ==
          "crdt: too large: ids[1]: more characters than a text can have");
    CHECK(state([](auto& c) { c.ids[0].lamport = 0; }) ==
          "crdt: invalid columns: ids[0]: Lamport number 0 and on");
    CHECK(state([](auto& c) { c.ids[2].lamport = limits::lamport_max; }) ==
          "crdt: invalid columns: ids[2]: Lamport number 4611686018427387904 and on");
    CHECK(state([](auto& c) { c.ids[2].lamport = ~std::uint64_t{0}; }) ==
          "crdt: invalid columns: ids[2]: Lamport number 18446744073709551615 and on");
    CHECK(state([](auto& c) { c.ids[0].replica = 1; }) ==
          "crdt: invalid columns: ids[0]: replica 1 before others, or none");
    CHECK(state([](auto& c) { c.ids = {{1, 2, 0}, {3, 2, 0}, {5, 1, 1}}; }) ==
          "crdt: invalid columns: ids[1]: it continues the one before");
    CHECK(state([](auto& c) { c.inserts = {{5, none}}; }) == "crdt: invalid columns: a state with inserts");
    CHECK(state([](auto& c) { c.shown = {3, 1, 0, 1}; }) == "crdt: invalid columns: shown[2]: no character");
    CHECK(state([](auto& c) { c.shown = {3}; }) == "crdt: invalid columns: shown: 3 characters of 5");
    CHECK(state([](auto& c) { c.text = "abXc"; }) == "crdt: invalid columns: text: 4 characters for 3");
    CHECK(state([](auto& c) { c.text = "ab\xff"; }) == "crdt: invalid UTF-8: text: byte 2");
    CHECK(state([](auto& c) { c.base = 1; }) == "crdt: invalid columns: a state with a log");
    CHECK(state([](auto& c) { c.gone = {{0, 1}}; }) == "crdt: invalid columns: a state with a log");
}

TEST_CASE("text_columns: any ids are a state, in any order, but each of them once") {
    const auto with = [](std::vector<text_columns::id_run> ids) {
        text_columns c;
        c.replicas = {{7}, {3}};
        c.ids = std::move(ids);
        std::uint32_t total = 0;
        for (const text_columns::id_run& run : c.ids)
            total += run.length;
        c.shown = {total};
        c.text.assign(total, 'x');
        return wrong(c, [](text_columns&) {});
    };
    CHECK(with({{5, 1, 0}, {1, 4, 1}, {1, 4, 0}}) == "nothing");
    CHECK(with({{5, 1, 0}, {1, 4, 1}, {1, 5, 0}}) == "crdt: invalid columns: ids[2]: ids that stand twice");
    CHECK(with({{1, 5, 0}, {1, 4, 1}, {5, 1, 0}}) == "crdt: invalid columns: ids[2]: ids that stand twice");
    CHECK(with({{3, 1, 0}, {1, 4, 1}, {1, 9, 0}, {5, 1, 1}}) ==
          "crdt: invalid columns: ids[2]: ids that stand twice");
    CHECK(with({{3, 1, 0}, {9, 4, 1}, {3, 1, 0}}) == "crdt: invalid columns: ids[2]: ids that stand twice");
    // Far from each other, so that they are sorted in another way.
    const std::uint64_t far = std::uint64_t{1} << 60;
    CHECK(with({{5'000, 1, 0}, {1, 6'000, 1}, {1, 1, 0}, {2'500, 3, 0}}) == "nothing");
    CHECK(with({{far, 1, 0}, {1, 4, 1}, {1, 1, 0}, {far - 2, 3, 0}}) ==
          "crdt: invalid columns: ids[3]: ids that stand twice");
}

// One character with a number near the end, and nobody could type again.
TEST_CASE("text_columns: no Lamport number is greater than a character for each lesser one allows") {
    const auto state = [](std::uint64_t lamport) {
        return wrong(example_state(), [&](auto& c) { c.ids[1].lamport = lamport; });
    };
    CHECK(state(5) == "nothing");
    CHECK(state(6) ==
          "crdt: invalid columns: ids[1]: Lamport number 6, more than the 5 characters of the state");
    CHECK(state(std::uint64_t{1} << 61) ==
          "crdt: invalid columns: ids[1]: Lamport number 2305843009213693952, more than the 5 "
          "characters of the state");
    text_columns h;
    h.what = kind::history;
    h.replicas = {{1}, {2}};
    h.base = 2;
    h.ids = {{1, 3, 0}, {4, 1, 1}};
    h.inserts = {{4, none}};
    h.transactions = {{{{1}, 1}, 2, 0, 1}, {{{2}, 1}, 3, 0, 1}};
    h.text = "abcd";
    const auto history = [&](std::uint64_t first, std::uint64_t second) {
        return wrong(h, [&](auto& c) {
            c.ids[0].lamport = first;
            c.ids[1].lamport = second;
        });
    };
    CHECK(history(1, 4) == "nothing");
    CHECK(history(1, 5) == "crdt: invalid columns: ids[1]: Lamport number 5, and the greatest before is 3");
    CHECK(history(2, 5) ==
          "crdt: invalid columns: ids[0]: Lamport number 3, more than the 2 characters of the base");
    // Behind the base a parent has a lesser number, not only a lesser id.
    CHECK(history(1, 3) == refused_parent(0, 3, 3, 2, 3));
    const auto base_of = [&](std::uint64_t first, std::uint64_t second) {
        return wrong(h, [&](auto& c) {
            c.replicas = {{first}, {second}};
            c.ids = {{1, 1, 0}, {1, 1, 1}, {2, 1, 0}, {3, 1, 1}};
        });
    };
    CHECK(base_of(1, 2) == "nothing");
    CHECK(base_of(2, 1) == refused_parent(0, 1, 1, 0, 1, "id"));
    h.inserts = {{3, none}, {1, 1}};
    CHECK(history(1, 3) == "nothing");
    CHECK(history(1, 2) == refused_parent(1, 3, 2, 1, 2));
}

TEST_CASE(
    "text_columns: in a history the ids of the base are in any order, of those that arrive none is less") {
    rga_text text = rga_text::from_columns(example_state()).value();
    text.local_insert(3, "!", at(7, 3));
    const text_columns c = text.columns(kind::history);
    REQUIRE(c.ids == std::vector<text_columns::id_run>{{1, 2, 0}, {5, 1, 1}, {3, 2, 0}, {6, 1, 0}});
    const auto history = [&](const std::function<void(text_columns&)>& change) { return wrong(c, change); };
    CHECK(history([](text_columns&) {}) == "nothing");
    CHECK(history([](auto& h) { h.ids[3].lamport = 4; }) ==
          "crdt: invalid columns: ids[3]: Lamport numbers of one replica that do not increase");
    CHECK(history([](auto& h) {
              std::swap(h.ids[0].lamport, h.ids[2].lamport);
              h.inserts = {{3, none}, {2, none}, {1, 2}};
          }) == "nothing");
    // A run may begin in the base and end behind it.
    CHECK(history([](auto& h) {
              h.ids = {{1, 2, 0}, {5, 1, 1}, {3, 3, 0}};
              h.inserts.back().parent = 1;
          }) == "nothing");
    // Number 2 has the same Lamport number, so who inserts had not seen it.
    CHECK(history([](auto& h) { h.ids = {{1, 2, 0}, {5, 1, 1}, {3, 3, 0}}; }) ==
          refused_parent(2, 5, 5, 2, 5));
    CHECK(history([](auto& h) { h.ids = {{3, 2, 0}, {5, 1, 1}, {1, 3, 0}}; }) ==
          "crdt: invalid columns: ids[2]: Lamport numbers of one replica that do not increase");
    CHECK(history([](auto& h) { h.ids = {{1, 2, 0}, {3, 1, 1}, {3, 3, 0}}; }) == "nothing");
    CHECK(history([](auto& h) { h.ids[1].lamport = 3; }) ==
          "crdt: invalid columns: ids[3]: Lamport number 6, and the greatest before is 4");
    CHECK(history([](auto& h) { h.ids = {{1, 2, 0}, {5, 1, 1}, {2, 2, 0}, {6, 1, 0}}; }) ==
          "crdt: invalid columns: ids[2]: ids that stand twice");
}

TEST_CASE("text_columns: columns of no history are refused, and the error says where") {
    const auto history = [](const std::function<void(text_columns&)>& change) {
        return wrong(example_history(), change);
    };
    CHECK(history([](text_columns&) {}) == "nothing");
    CHECK(history([](auto& c) { c.replicas = {{7}, {7}}; }) ==
          "crdt: invalid columns: replicas[1]: 0000000000000007 stands twice");
    CHECK(history([](auto& c) { c.inserts[1].parent = 4; }) == refused_parent(1, 4, 5, 4, 5));
    CHECK(history([](auto& c) { c.ids = {{1, 4, 0}, {5, 1, 1}, {4, 1, 0}}; }) ==
          "crdt: invalid columns: ids[2]: Lamport numbers of one replica that do not increase");
    CHECK(history([](auto& c) { c.inserts[0].length = 0; }) ==
          "crdt: invalid columns: inserts[0]: no character");
    CHECK(history([](auto& c) { c.inserts[1].length = 5; }) ==
          "crdt: invalid columns: inserts[1]: past the last number, 5");
    CHECK(history([](auto& c) { c.inserts[0].length = 3; }) ==
          "crdt: invalid columns: inserts: 4 numbers of 5");
    CHECK(history([](auto& c) { c.inserts[1].parent = 5; }) ==
          "crdt: invalid columns: inserts[1]: behind number 5");
    CHECK(history([](auto& c) { c.inserts[1].parent = 3; }) ==
          "crdt: invalid columns: inserts[1]: it continues the one before");
    CHECK(history([](auto& c) { c.ids = {{1, 4, 0}, {2, 1, 1}}; }) == refused_parent(1, 4, 2, 1, 2));
    CHECK(history([](auto& c) {
              c.ids = {{1, 4, 0}, {2, 1, 1}};
              c.inserts = {{5, none}};
          }) == refused_parent(0, 4, 2, 3, 4));
    CHECK(history([](auto& c) { c.shown = {5}; }) ==
          "crdt: invalid columns: a history that says what is shown");
    CHECK(history([](auto& c) { c.base = 6; }) == "crdt: invalid columns: base: 6 of 5 characters");
    CHECK(history([](auto& c) { c.gone = {{0, 1}}; }) == "crdt: invalid columns: gone[0]: past the base, 0");
    CHECK(history([](auto& c) { c.erased[0].length = 0; }) ==
          "crdt: invalid columns: erased[0]: no character");
    CHECK(history([](auto& c) { c.erased = {{5, 2, 1, true}}; }) ==
          "crdt: invalid columns: erased[0]: one character, backward");
    CHECK(history([](auto& c) { c.erased[0].inserted = 6; }) ==
          "crdt: invalid columns: erased[0]: when 6 characters were there");
    CHECK(history([](auto& c) { c.erased[0].inserted = 3; }) ==
          "crdt: invalid columns: erased[0]: characters that were not there yet");
    CHECK(history([](auto& c) { c.erased.push_back({4, 0, 1, false}); }) ==
          "crdt: invalid columns: erased[1]: when 4 characters were there");
    const auto restoring = [&](auto change) {
        return history([&](auto& c) {
            c.erased.push_back({5, 2, 2, false});
            c.transactions.push_back({{{3}, 3}, 7, 0, 1});
            c.restores = {{1, {{{{3}, 2}, 1}}}};
            change(c);
        });
    };
    CHECK(restoring([](auto&) {}) == "nothing");
    CHECK(restoring([](auto& c) { c.restores[0].erases.clear(); }) ==
          "crdt: invalid columns: restores[0]: no character");
    CHECK(restoring([](auto& c) { c.restores[0].first = 2; }) ==
          "crdt: invalid columns: restores[0]: not behind the one before, or past the erased");
    CHECK(restoring([](auto& c) { c.restores[0].erases.resize(2, {{{3}, 2}, 1}); }) ==
          "crdt: invalid columns: restores[0]: not behind the one before, or past the erased");
    CHECK(restoring([](auto& c) { c.restores.push_back(c.restores[0]); }) ==
          "crdt: invalid columns: restores[1]: not behind the one before, or past the erased");
    CHECK(restoring([](auto& c) { c.erased[1].backward = true; }) ==
          "crdt: invalid columns: restores[0]: characters that one restore does not name");
    CHECK(restoring([](auto& c) { c.restores[0].erases[0].count = 0; }) ==
          "crdt: invalid columns: restores[0]: sequence 2 and on");
    CHECK(restoring([](auto& c) { c.restores = {{0, {{{{3}, 1}, 1}, {{{3}, 2}, 1}}}}; }) ==
          "crdt: invalid columns: restores[0]: characters of several transactions");
    const auto naming = [&](const dot_range& range) {
        return restoring([&](auto& c) { c.restores[0].erases[0] = range; });
    };
    CHECK(naming({{{3}, 1}, 2}) == "nothing");
    CHECK(naming({{{7}, 1}, 2}) == "nothing");
    CHECK(naming({{{3}, 3}, 1}) ==
          "crdt: invalid columns: restores[0]: erases of its own transaction, 0000000000000003:3");
    CHECK(naming({{{3}, 2}, 2}) ==
          "crdt: invalid columns: restores[0]: erases of its own transaction, 0000000000000003:3");
    CHECK(naming({{{3}, 1}, std::uint64_t{1} << 60}) ==
          "crdt: invalid columns: restores[0]: erases of its own transaction, 0000000000000003:3");
    CHECK(naming({{{3}, 4}, 1}) ==
          "crdt: invalid columns: restores[0]: erases of 0000000000000003:4, which is not before it");
    CHECK(naming({{{7}, 2}, 2}) ==
          "crdt: invalid columns: restores[0]: erases of 0000000000000007:3, which is not before it");
    CHECK(naming({{{9}, 1}, 1}) ==
          "crdt: invalid columns: restores[0]: erases of 0000000000000009:1, which is not before it");
    // Its own, the last of a run, which has more steps than the others.
    text_columns own;
    own.what = kind::history;
    own.replicas = {{7}};
    own.ids = {{1, 5, 0}};
    own.inserts = {{5, none}};
    own.text = "abcde";
    own.erased = {{5, 3, 2, false}, {5, 3, 2, false}};
    own.restores = {{1, {{{{7}, 2}, 1}}}};
    own.transactions = {{{{7}, 1}, 0, 1, 2}};
    CHECK(wrong(own, [](text_columns&) {}) ==
          "crdt: invalid columns: restores[0]: erases of its own transaction, 0000000000000007:2");
    // One that comes behind it.
    CHECK(restoring([](auto& c) {
              c.erased.push_back({5, 0, 1, false});
              c.transactions.push_back({{{7}, 3}, 9, 0, 1});
              c.restores[0].erases[0] = {{{7}, 2}, 2};
          }) == "crdt: invalid columns: restores[0]: erases of 0000000000000007:3, which is not before it");
    CHECK(history([](auto& c) { c.transactions.clear(); }) ==
          "crdt: invalid columns: transactions: none, and 7 steps");
    CHECK(history([](auto& c) { c.transactions[1].count = 0; }) ==
          "crdt: invalid columns: transactions[1]: 0 of 1 steps");
    CHECK(history([](auto& c) { c.transactions[1].stride = 0; }) ==
          "crdt: invalid columns: transactions[1]: 2 of 0 steps");
    CHECK(history([](auto& c) { c.transactions[0].first.sequence = 0; }) ==
          "crdt: invalid columns: transactions[0]: sequence 0 and on");
    CHECK(history([](auto& c) { c.transactions[2].first.sequence = 1; }) ==
          "crdt: invalid columns: transactions[2]: 0000000000000007:1 is not behind those before");
    CHECK(history([](auto& c) { c.transactions[0].step = 1; }) ==
          "crdt: invalid columns: transactions[0]: step 1");
    CHECK(history([](auto& c) { c.transactions[2].step = 4; }) ==
          "crdt: invalid columns: transactions[2]: step 4");
    CHECK(history([](auto& c) { c.transactions[2].step = 7; }) ==
          "crdt: invalid columns: transactions[2]: past the last step, 7");
    CHECK(history([](auto& c) {
              c.transactions[1].first = {{7}, 2};
              c.transactions[2].first.sequence = 4;
          }) == "crdt: invalid columns: transactions[1]: they insert what ids[1] gives another replica");
    CHECK(history([](auto& c) { c.text = "abX"; }) == "crdt: invalid columns: text: 3 characters for 5");
}

// A run that was put behind its own first character went round for ever: the parent's id has to be less, not
// as great.
TEST_CASE("text_columns: a character that is its own parent is refused, of one replica as of several") {
    text_columns one;
    one.what = kind::history;
    one.replicas = {{4}};
    one.ids = {{1, 3, 0}};
    one.inserts = {{3, 0}};
    CHECK(wrong(one, [](auto&) {}) == refused_parent(0, 0, 1, 0, 1));
    CHECK(wrong(one, [](auto& c) { c.inserts[0].parent = 2; }) == refused_parent(0, 0, 1, 2, 3));
    CHECK(wrong(example_history(), [](auto& c) { c.inserts[0].parent = 1; }) ==
          refused_parent(0, 0, 1, 1, 2));
}

TEST_CASE("text_columns: runs of the gone stand apart, in order, inside of the base") {
    text_columns c = rga_text::from_columns(example_state()).value().columns(kind::history);
    REQUIRE(c.gone == std::vector<text_columns::run>{{3, 2}});
    CHECK(wrong(c, [](auto& w) { w.gone = {{3, 0}}; }) == "crdt: invalid columns: gone[0]: no character");
    CHECK(wrong(c, [](auto& w) { w.gone = {{3, 3}}; }) == "crdt: invalid columns: gone[0]: past the base, 5");
    CHECK(wrong(c, [](auto& w) { w.gone = {{3, 1}, {4, 1}}; }) ==
          "crdt: invalid columns: gone[1]: not behind the one before, or it continues it");
}
