#include "crdt/context.hpp"

#include <sangam/causality/vector_clock.hpp>
#include <sangam/crdt/text_history.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace sangam::crdt;
using sangam::causality::replica_id;
using sangam::causality::vector_clock;
using sangam::crdt::test::at;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};

using patches_t = std::vector<text_patch>;

} // namespace

TEST_CASE("text_history: a slider goes through the transactions one by one") {
    rga_text text;
    text.local_insert(0, "hello", at(1, 1));
    text.local_erase(1, 3, at(1, 2));
    text.local_insert(1, "allo w", at(1, 3));
    const text_history history = text.history();
    REQUIRE(history.size_in_transactions() == 3);
    std::vector<std::string> shown;
    for (std::uint64_t n = 0; n <= history.size_in_transactions(); ++n)
        shown.push_back(history.str(history.version_after(n)).value());
    CHECK(shown == std::vector<std::string>{"", "hello", "ho", "hallo wo"});
    CHECK(history.version_after(2) == vector_clock{{alice, 2}});
    CHECK(history.transactions() == std::vector<text_history::transaction>{
                                        {{alice, 1}, 5, 0, 0}, {{alice, 2}, 0, 3, 0}, {{alice, 3}, 6, 0, 0}});
}

TEST_CASE("text_history: a new text has one version, the empty one") {
    const rga_text text;
    const text_history history = text.history();
    CHECK(history.size_in_transactions() == 0);
    CHECK(history.version_after(0).empty());
    CHECK(history.str({}).value().empty());
    CHECK(history.str({{bob, 7}}).value().empty());
    CHECK(history.patches({}, {{bob, 7}}).value().empty());
    CHECK(history.transactions().empty());
}

TEST_CASE("text_history: a version has what it names, in whichever order it came") {
    rga_text hers;
    hers.local_insert(0, "ab", at(1, 1));
    rga_text his = hers;
    const auto by_alice = hers.insert(1, "A", alice);
    const auto by_bob = his.insert(1, "B", bob);
    hers.apply(by_alice, at(1, 2));
    his.apply(by_bob, at(2, 1));
    hers.apply(by_bob, at(2, 1));
    his.apply(by_alice, at(1, 2));
    for (const rga_text* text : {&hers, &his}) {
        const text_history history = text->history();
        CHECK(history.str({{alice, 1}}).value() == "ab");
        CHECK(history.str({{alice, 2}}).value() == "aAb");
        CHECK(history.str({{alice, 1}, {bob, 1}}).value() == "aBb");
        CHECK(history.str({{alice, 2}, {bob, 1}}).value() == "aBAb");
        CHECK(history.size({{alice, 2}, {bob, 1}}).value() == 4);
        // From what one of them saw to what the other did.
        CHECK(history.patches({{alice, 2}}, {{alice, 1}, {bob, 1}}).value() == patches_t{{1, 1, "B"}});
    }
}

TEST_CASE("text_history: what two erased at the same time is there only before both") {
    rga_text text;
    text.local_insert(0, "abc", at(1, 1));
    const auto erase = text.erase(1, 1);
    text.apply(erase, at(1, 2));
    text.apply(erase, at(2, 1));
    const text_history history = text.history();
    CHECK(history.str({{alice, 1}}).value() == "abc");
    CHECK(history.str({{alice, 2}}).value() == "ac");
    CHECK(history.str({{alice, 1}, {bob, 1}}).value() == "ac");
    CHECK(history.str({{alice, 2}, {bob, 1}}).value() == "ac");
}

TEST_CASE("text_history: patches lead forth and back, left to right, with one where things touch") {
    rga_text text;
    text.local_insert(0, "one two three", at(1, 1));
    text.local_erase(4, 3, at(1, 2));
    text.local_insert(4, "2", at(1, 2));
    text.local_insert(0, "> ", at(1, 3));
    const text_history history = text.history();
    const auto first = history.version_after(1);
    const auto last = history.version_after(3);
    CHECK(history.patches(first, last).value() == patches_t{{0, 0, "> "}, {6, 3, "2"}});
    CHECK(history.patches(last, first).value() == patches_t{{0, 2, ""}, {4, 1, "two"}});
    CHECK(history.patches(last, last).value().empty());
}

TEST_CASE("text_history: a hundred keystrokes in runs are a hundred versions") {
    rga_text text;
    for (std::uint64_t n = 1; n <= 60; ++n)
        text.local_insert(n - 1, "x", at(1, n));
    for (std::uint64_t n = 61; n <= 100; ++n)
        text.local_erase(120 - n, 1, at(1, n)); // backspace: 59 down to 20
    const text_history history = text.history();
    REQUIRE(history.size_in_transactions() == 100);
    for (std::uint64_t n = 0; n <= 100; ++n)
        CHECK(history.size(history.version_after(n)).value() == (n <= 60 ? n : 120 - n));
    CHECK(history.patches(history.version_after(70), history.version_after(80)).value() ==
          patches_t{{40, 10, ""}});
}

TEST_CASE("text_history: a transaction that did nothing to the text adds nothing") {
    rga_text text;
    text.local_insert(0, "a", at(1, 3));
    text.local_insert(1, "b", at(1, 7));
    text.apply(rga_text::erase_op{}, at(1, 8));
    const text_history history = text.history();
    CHECK(history.size_in_transactions() == 2);
    CHECK(history.version_after(1) == vector_clock{{alice, 3}});
    CHECK(history.str({{alice, 2}}).value().empty());
    CHECK(history.str({{alice, 6}}).value() == "a");
    CHECK(history.str({{alice, 99}, {bob, 5}}).value() == "ab");
}

TEST_CASE("text_history: a version need not be one that a replica could have shown") {
    rga_text text;
    text.local_insert(0, "a", at(1, 1));
    text.local_insert(1, "b", at(2, 1));
    text.local_insert(2, "c", at(1, 2));
    text.local_erase(0, 3, at(1, 3));
    const text_history history = text.history();
    CHECK(history.str({{alice, 2}}).value() == "ac"); // alice had seen the b when she typed the c
    CHECK(history.str({{alice, 3}}).value().empty()); // nor is it here, though its erase is
    CHECK(history.str({{alice, 2}, {bob, 1}}).value() == "abc");
}

TEST_CASE("text_history: a restore counts in the versions that have it, for the erases that they have") {
    rga_text text;
    text.local_insert(0, "hello", at(1, 1));
    const auto his = text.erase(2, 2);
    text.local_erase(0, 3, at(1, 2));
    text.apply(his, at(2, 1));
    text.apply(rga_text::restore_op{{{{{1, alice}, 5}, {{alice, 2}, 1}}}}, at(1, 3));
    CHECK(text.str() == "heo");
    const text_history history = text.history();
    CHECK(history.transactions().back() == text_history::transaction{{alice, 3}, 0, 0, 3});
    CHECK(history.str({{alice, 2}}).value() == "lo");
    CHECK(history.str({{alice, 2}, {bob, 1}}).value() == "o");
    CHECK(history.str({{alice, 3}}).value() == "hello"); // without his erase
    CHECK(history.patches({{alice, 2}, {bob, 1}}, {{alice, 3}, {bob, 1}}).value() == patches_t{{0, 0, "he"}});
    CHECK(history.patches({{alice, 3}}, {{alice, 3}, {bob, 1}}).value() == patches_t{{2, 2, ""}});
}
