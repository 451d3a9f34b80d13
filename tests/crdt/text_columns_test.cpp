#include "context.hpp"

#include <sangam/causality/vector_clock.hpp>
#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/rga_text.hpp>
#include <sangam/crdt/text_history.hpp>
#include <sangam/crdt/text_order.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace sangam;
using namespace sangam::crdt;
using namespace sangam::crdt::test;
using kind = text_columns::kind;

namespace {

constexpr std::uint32_t none = text_columns::no_parent;

/// Replica 7 writes "abcd"; replica 3 puts "X" behind "b", and erases "c"; 7 erases "d".
rga_text example() {
    rga_text text;
    text.local_insert(0, "abcd", at(7, 1));
    text.local_insert(2, "X", at(3, 1));
    text.local_erase(3, 1, at(3, 2));
    text.local_erase(3, 1, at(7, 2));
    return text;
}

text_columns example_state() {
    text_columns c;
    c.what = kind::state;
    c.replicas = {{7}, {3}};
    c.ids = {{1, 2, 0}, {5, 1, 1}, {3, 2, 0}};
    c.shown = {3, 2};
    c.text = "abX";
    return c;
}

text_columns example_history() {
    text_columns c;
    c.what = kind::history;
    c.replicas = {{7}, {3}};
    c.ids = {{1, 4, 0}, {5, 1, 1}};
    c.inserts = {{4, none}, {1, 1}};
    c.text = "abXcd";
    c.erased = {{5, 2, 2, false}};
    c.transactions = {{{{7}, 1}, 0, 0, 1}, {{{3}, 1}, 4, 1, 2}, {{{7}, 2}, 6, 0, 1}};
    return c;
}

/// What is said of a character that is put behind one that its author has not seen.
std::string refused_parent(int insert, int number, int lamport, int parent, int lamport_of_parent,
                           const std::string& greater = "Lamport number") {
    const auto named = [](int which, int with) {
        return "number " + std::to_string(which) + " (Lamport number " + std::to_string(with) + ")";
    };
    return "crdt: invalid columns: inserts[" + std::to_string(insert) + "]: " + named(number, lamport) +
           " is put behind " + named(parent, lamport_of_parent) + ", whose " + greater + " is not less";
}

/// What is wrong with columns when `change` has been done to them.
std::string wrong(text_columns columns, const std::function<void(text_columns&)>& change) {
    change(columns);
    const auto made = rga_text::from_columns(columns);
    return made ? "nothing" : made.error().message();
}

} // namespace

TEST_CASE("text_columns: a state has the text in its order and the ids, and says what is shown") {
    CHECK(example().columns(kind::state) == example_state());
}

TEST_CASE("text_columns: a history also has the text that was erased, and who did what in which order") {
    CHECK(example().columns(kind::history) == example_history());
}

TEST_CASE("text_columns: a text made from a state does not know what was erased, and has no log") {
    const rga_text text = rga_text::from_columns(example_state()).value();
    CHECK(text.str() == "abX");
    CHECK(text == example());
    CHECK(text.size_with_tombstones() == 5);
    CHECK(text.operations_since(text.applied()).empty());
    CHECK(text.check_invariants() == "");
}

TEST_CASE("text_columns: a history has the restores, with the transactions whose erases they take back") {
    rga_text text = example();
    text.apply(rga_text::restore_op{{{{{3, {7}}, 2}, {{{3}, 2}, 1}}, {{{1, {7}}, 1}, {{{3}, 2}, 1}}}},
               at(3, 3));
    CHECK(text.str() == "abXc");
    text_columns c = example_history();
    c.text = "abXcd";
    c.erased.push_back({5, 2, 2, false});
    c.erased.push_back({5, 0, 1, false});
    c.restores = {{1, {{{{3}, 2}, 1}, {{{3}, 2}, 1}}}};
    c.transactions.push_back({{{3}, 3}, 7, 0, 1});
    CHECK(text.columns(kind::history) == c);
    rga_text again = rga_text::from_columns(c).value();
    CHECK(again.check_invariants() == "");
    CHECK(again == text);
    CHECK(again.columns(kind::history) == c);
    for (rga_text* const t : {&text, &again})
        t->apply(rga_text::restore_op{{{{{4, {7}}, 1}, {{{7}, 2}, 1}}}}, at(7, 3));
    CHECK(again.str() == "abXcd");
    CHECK(again == text);
    CHECK(again.columns(kind::history) == text.columns(kind::history));
}

TEST_CASE("text_columns: what a state has erased no restore shows again") {
    rga_text text = rga_text::from_columns(example_state()).value();
    text.local_erase(0, 1, at(7, 3));
    text.apply(rga_text::erase_op{{{{3, {7}}, 1}}}, at(7, 4)); // it is gone already
    text.apply(rga_text::restore_op{{{{{1, {7}}, 4}, {{{3}, 2}, 1}}, {{{1, {7}}, 4}, {{{7}, 2}, 3}}}},
               at(7, 5));
    CHECK(text.str() == "abX");
    CHECK(text.check_invariants() == "");
    const rga_text again = rga_text::from_columns(text.columns(kind::history)).value();
    CHECK(again.check_invariants() == "");
    CHECK(again == text);
}

TEST_CASE("text_columns: the history of a text made from a state begins where that was loaded") {
    rga_text text = rga_text::from_columns(example_state()).value();
    text.local_insert(3, "!", at(7, 3));
    text.local_erase(0, 1, at(7, 4));
    const text_columns c = text.columns(kind::history);
    CHECK(c.base == 5);
    CHECK(c.gone == std::vector<text_columns::run>{{3, 2}});
    CHECK(c.text == "bX!a");
    CHECK(c.erased == std::vector<text_columns::erased_run>{{6, 0, 1, false}});
    CHECK(c.transactions == std::vector<text_columns::transaction_run>{{{{7}, 3}, 5, 1, 2}});
    const rga_text again = rga_text::from_columns(c).value();
    CHECK(again == text);
    CHECK(again.columns(kind::history) == c);
    CHECK(again.operations_since({5, 0}) == text.operations_since({5, 0}));
}

TEST_CASE("text_columns: of one replica's text, too, the base of a history has its ids in any order") {
    rga_text original;
    original.local_insert(0, "adf", at(7, 1));
    original.local_insert(1, "bc", at(7, 2));
    original.local_insert(4, "e", at(7, 3));
    original.local_erase(2, 1, at(7, 4));
    rga_text text = rga_text::from_columns(original.columns(kind::state)).value();
    for (rga_text* const t : {&text, &original}) {
        t->local_insert(1, "x", at(7, 5));
        t->local_insert(6, "y", at(7, 6));
    }
    const text_columns c = text.columns(kind::history);
    CHECK(c.ids == std::vector<text_columns::id_run>{
                       {1, 1, 0}, {4, 2, 0}, {2, 1, 0}, {6, 1, 0}, {3, 1, 0}, {7, 2, 0}});
    const rga_text again = rga_text::from_columns(c).value();
    CHECK(again.check_invariants() == "");
    CHECK(again == original);
    CHECK(again.columns(kind::history) == c);
    CHECK(again.columns(kind::state) == original.columns(kind::state));
}

TEST_CASE("text_columns: an erase of what was erased before the load changes nothing and is kept") {
    rga_text text = rga_text::from_columns(example_state()).value();
    text.apply(rga_text::erase_op{{{{3, {7}}, 2}}}, at(9, 1));
    CHECK(text.check_invariants() == "");
    const rga_text again = rga_text::from_columns(text.columns(kind::history)).value();
    CHECK(again == text);
    CHECK(again.operations_since({5, 0}).size() == 1);
}

TEST_CASE("text_columns: the empty text has none") {
    for (const kind what : {kind::state, kind::history}) {
        text_columns empty;
        empty.what = what;
        CHECK(rga_text().columns(what) == empty);
        CHECK(rga_text::from_columns(empty).value() == rga_text());
    }
}

TEST_CASE("text_columns: an erased area costs nothing for its length") {
    text_columns c;
    c.replicas = {{1}};
    c.ids = {{1, 1'000'000'000, 0}};
    c.shown = {0, 500'000'000, 1, 499'999'999};
    c.text = "x";
    rga_text text = rga_text::from_columns(c).value();
    CHECK(text.str() == "x");
    CHECK(text.columns(kind::state) == c);
    text.apply(rga_text::insert_op{{1'000'000'001, {2}}, text_id{250'000'000, {1}}, "y"}, at(2, 1));
    CHECK(text.str() == "yx");
    text.local_erase(1, 1, at(2, 2));
    CHECK(text.str() == "y");
}

// A text without room for one more stopped the program of whoever got one from elsewhere.
TEST_CASE("text_columns: a text that is as long as can be takes no more, of nobody") {
    text_columns c;
    c.replicas = {{1}};
    c.ids = {{1, 0x7fff'fffc, 0}};
    c.shown = {0, 0x7fff'fffc};
    rga_text text = rga_text::from_columns(c).value();
    const auto accepts = [&](std::string added, std::span<const text_id_range> pending = {}) {
        const text_id first{pending.empty() ? 1U : 3U, {2}};
        return text.accepts(rga_text::insert_op{first, std::nullopt, std::move(added)}, {2}, pending);
    };
    const text_id_range two{{1, {2}}, 2};
    CHECK(accepts("xy"));
    CHECK_FALSE(accepts("xyz"));
    CHECK_FALSE(accepts("z", {&two, 1}));
    text.apply(rga_text::insert_op{{1, {2}}, std::nullopt, "xy"}, at(2, 1));
    CHECK_FALSE(text.accepts(rga_text::insert_op{{3, {2}}, std::nullopt, "z"}, {2}));
    CHECK_THROWS_WITH(text.local_insert(2, "z", at(2, 2)),
                      "crdt: too large: rga_text::insert: 1 more elements than 2147483646, limit 1073741824");
}

TEST_CASE("text_columns: who inserts leaves room for what others insert meanwhile") {
    text_columns c;
    c.replicas = {{1}};
    c.ids = {{1, limits::sequence_elements_max - 1, 0}};
    c.shown = {0, limits::sequence_elements_max - 1};
    rga_text text = rga_text::from_columns(c).value();
    text.local_insert(0, "x", at(2, 1));
    CHECK_THROWS_WITH(text.local_insert(1, "y", at(2, 2)),
                      "crdt: too large: rga_text::insert: 1 more elements than 1073741824, limit 1073741824");
    CHECK_THROWS_WITH(static_cast<void>(text.insert(0, "y", {2})),
                      "crdt: too large: rga_text::insert: 1 more elements than 1073741824, limit 1073741824");
    CHECK(text.str() == "x");
}

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

namespace {

/// Bold on "b" and what is written behind it; a comment on everything, of which "a" was taken out.
rga_text marked_example() {
    rga_text text = example();
    text.apply(text.mark(1, 1, "bold", true, mark_growth::after), at(3, 3, 20));
    text.apply(rga_text::mark_op{{std::nullopt, text_bias::left}, {std::nullopt, text_bias::right}, "c", "?"},
               at(7, 3, 10));
    text.apply(text.unmark(0, 1, "c", mark_growth::none), at(9, 1, 30));
    return text;
}

text_columns::mark_write said(std::uint64_t replica, std::uint64_t sequence, std::uint64_t ms,
                              value content) {
    return {causality::hybrid_time::at_ms(ms), {{replica}, sequence}, std::move(content)};
}

/// With the numbers of "a", "b" and "X".
std::vector<text_columns::mark_track> example_marks(std::uint32_t a, std::uint32_t b, std::uint32_t x) {
    return {{"bold", {{{b, text_bias::right}, said(3, 3, 20, true)}, {{x, text_bias::right}, {}}}},
            {"c",
             {{{text_columns::no_number, text_bias::left}, said(7, 3, 10, "?")},
              {{a, text_bias::right}, said(9, 1, 30, {})},
              {{a, text_bias::left}, said(7, 3, 10, "?")}}}};
}

} // namespace

TEST_CASE("text_columns: both kinds have what marks say, from place to place") {
    const rga_text text = marked_example();
    text_columns state = example_state();
    state.marks = example_marks(0, 1, 2);
    CHECK(text.columns(kind::state) == state);
    text_columns history = example_history();
    history.marks = example_marks(0, 1, 4);
    CHECK(text.columns(kind::history) == history);
    for (const kind what : {kind::state, kind::history}) {
        const rga_text again = rga_text::from_columns(text.columns(what)).value();
        CHECK(again == text);
        CHECK(again != example());
        CHECK(again.formatted() == text.formatted());
        CHECK(again.check_invariants() == "");
    }
}

TEST_CASE("text_columns: a loaded text knows where marks end, so that a link does not grow") {
    for (const kind what : {kind::state, kind::history}) {
        rga_text text;
        text.local_insert(0, "see here.", at(1, 1));
        text.apply(text.mark(4, 4, "link", "x.org", mark_growth::none), at(1, 2));
        text.local_erase(7, 1, at(1, 3));
        text = rga_text::from_columns(text.columns(what)).value();
        text.local_insert(7, "!", at(1, 4));
        CHECK(text.str() == "see her!.");
        CHECK(text.marks_at(6).size() == 1);
        CHECK(text.marks_at(7).empty());
    }
}

TEST_CASE("text_columns: a text that was only marked is kept, too") {
    rga_text text;
    text.apply(rga_text::mark_op{{std::nullopt, text_bias::left}, {std::nullopt, text_bias::right}, "b", 1.5},
               at(1, 1));
    for (const kind what : {kind::state, kind::history}) {
        rga_text again = rga_text::from_columns(text.columns(what)).value();
        CHECK(again == text);
        again.local_insert(0, "a", at(1, 2));
        CHECK(again.marks_at(0) == std::vector<text_mark>{{"b", 1.5}});
    }
}

TEST_CASE("text_columns: marks of no text are refused, and the error says where") {
    for (const kind what : {kind::state, kind::history}) {
        const text_columns right = marked_example().columns(what);
        const auto marks = [&](const std::function<void(std::vector<text_columns::mark_track>&)>& change) {
            return wrong(right, [&](text_columns& c) { change(c.marks); });
        };
        CHECK(marks([](auto&) {}) == "nothing");
        CHECK(marks([](auto& m) { std::swap(m[0], m[1]); }) ==
              "crdt: invalid columns: marks[1]: a name not behind the one before");
        CHECK(marks([](auto& m) { m[1].name = "bold"; }) ==
              "crdt: invalid columns: marks[1]: a name not behind the one before");
        CHECK(marks([](auto& m) { m[0].name = "b\xff"; }) ==
              "crdt: invalid UTF-8: marks[0]: byte 1 of the name");
        CHECK(marks([](auto& m) { m[1].name = std::string(limits::name_bytes_max + 1, 'c'); }) ==
              "crdt: too large: marks[1]: a name of 4097 bytes");
        CHECK(marks([](auto& m) { m[1].name = std::string(limits::name_bytes_max, 'c'); }) == "nothing");
        CHECK(marks([](auto& m) { m[0].segments.clear(); }) == "crdt: invalid columns: marks[0]: no segment");
        CHECK(marks([](auto& m) { m[0].segments[1].from.number = 5; }) ==
              "crdt: invalid columns: marks[0].segments[1]: beside number 5");
        CHECK(marks([](auto& m) { m[0].segments[1].from.bias = static_cast<text_bias>(2); }) ==
              "crdt: invalid columns: marks[0].segments[1]: no bias");
        CHECK(marks([](auto& m) { m[0].segments[1].from = {text_columns::no_number, text_bias::right}; }) ==
              "crdt: invalid columns: marks[0].segments[1]: it begins at the end");
        CHECK(marks([](auto& m) { std::swap(m[1].segments[1].from, m[1].segments[2].from); }) ==
              "crdt: invalid columns: marks[1].segments[2]: not behind the one before");
        CHECK(marks([](auto& m) { m[1].segments[2].from = m[1].segments[1].from; }) ==
              "crdt: invalid columns: marks[1].segments[2]: not behind the one before");
        CHECK(marks([](auto& m) { m[1].segments[1].last = m[1].segments[0].last; }) ==
              "crdt: invalid columns: marks[1].segments[1]: the same as in front of it");
        CHECK(marks([](auto& m) { m[0].segments[0].last = {}; }) ==
              "crdt: invalid columns: marks[0].segments[0]: the same as in front of it");
        CHECK(marks([](auto& m) { m[0].segments[0].last.id.sequence = 0; }) ==
              "crdt: invalid columns: marks[0].segments[0]: sequence 0");
        CHECK(marks([](auto& m) { m[0].segments[1].last.id.sequence = limits::lamport_max + 1; }) ==
              "crdt: invalid columns: marks[0].segments[1]: sequence 4611686018427387905");
    }
}

TEST_CASE("text_order: siblings stand by descending id, behind the whole of what has a greater one") {
    text_columns c;
    c.what = kind::history;
    c.replicas = {{5}, {9}, {2}};
    c.ids = {{1, 3, 0}, {2, 1, 1}, {2, 1, 2}, {4, 1, 2}};
    c.inserts = {{3, none}, {1, 0}, {1, 0}, {1, 1}};
    // Behind 0: 3 (id 2, 9), then 1 (id 2, 5) with 5 and 2, then 4 (id 2, 2).
    const std::vector<text_piece> expected{{0, 1, 0}, {3, 1, 1}, {1, 1, 0}, {5, 1, 3}, {2, 1, 0}, {4, 1, 2}};
    CHECK(text_order(c).value() == expected);
}

TEST_CASE("rga_text: the history of a text that was made from a state begins with the state") {
    constexpr causality::replica_id writer{9};
    rga_text whole;
    whole.local_insert(0, "abc", {{writer, 1}, {}});
    whole.local_erase(1, 1, {{writer, 2}, {}});
    causality::vector_clock taken;
    taken.advance_to(writer, 2);
    rga_text text = rga_text::from_columns(whole.columns(kind::state), taken).value();
    text.local_insert(2, "d", {{writer, 3}, {}});
    causality::vector_clock later = taken;
    later.advance_to(writer, 3);
    CHECK(text.history().str(taken).value() == "ac");
    CHECK(text.history().size(taken).value() == 2);
    CHECK(text.history().str(later).value() == "acd");
    CHECK(text.history().patches(taken, later).value() == std::vector<text_patch>{{2, 0, "d"}});
    CHECK(text.history().str({}).error().code == errc::unknown_version);
}
