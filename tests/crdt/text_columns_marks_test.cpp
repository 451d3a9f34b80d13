#include "text_columns_example.hpp"

#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/rga_text.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace sangam;
using namespace sangam::crdt;
using namespace sangam::crdt::test;

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
