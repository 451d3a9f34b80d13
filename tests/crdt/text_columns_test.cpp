#include "text_columns_example.hpp"

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
    c.erased.push_back({5, 2, 1, false}); // 3 has erased no other
    c.restores = {{1, {{{{3}, 2}, 1}}}};
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
