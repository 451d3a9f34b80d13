#include <editor/layout.hpp>
#include <editor/limits.hpp>
#include <editor/motion.hpp>
#include <editor/page.hpp>
#include <editor/pieces.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using editor::layout;
using editor::motion;
using editor::mover;
using editor::source_of;

namespace {

std::vector<layout::row> all_rows(layout& rows) {
    std::vector<layout::row> all{rows.row_at(0)};
    while (const auto next = rows.below(all.back()))
        all.push_back(*next);
    return all;
}

std::size_t move(layout& rows, std::size_t position, motion how, std::size_t page = 10) {
    return mover().move(rows, position, how, page);
}

} // namespace

TEST_CASE("layout: a text is cut at line breaks and where the width ends") {
    const std::u32string text = U"abcdef\n\r\nxy\rz";
    layout rows(source_of(text), 5);
    const auto all = all_rows(rows);
    REQUIRE(all.size() == 4);
    CHECK(all[0] == layout::row{0, 5, 5, true});
    CHECK(all[1] == layout::row{5, 6, 7, false});
    CHECK(all[2] == layout::row{7, 7, 9, false});
    CHECK(all[3] == layout::row{9, 13, 13, false});
    CHECK(rows.text_of(all[3]) == U"xy\rz");
}

TEST_CASE("layout: an empty text, and one that ends in a newline, have a last empty row for the cursor") {
    layout empty(source_of(std::u32string_view()), 10);
    CHECK(all_rows(empty).size() == 1);
    layout rows(source_of(U"a\n"), 10);
    CHECK(all_rows(rows).size() == 2);
    CHECK(rows.row_at(2).first == 2);
    CHECK(rows.column_of(2) == 0);
}

TEST_CASE("layout: every position is in one row, and its row and column lead back to it") {
    const std::u32string text = U"one\ttwo three\n\n\x01 four five six\nseven";
    for (std::size_t width = 4; width <= 20; ++width) {
        CAPTURE(width);
        layout rows(source_of(text), width);
        for (std::size_t position = 0; position <= text.size(); ++position) {
            CAPTURE(position);
            const layout::row row = rows.row_at(position);
            CHECK(row.first <= position);
            CHECK(position <= row.end);
            CHECK(rows.column_of(position) <= width);
            CHECK(rows.position_at(row, rows.column_of(position)) == position);
        }
    }
}

TEST_CASE("layout: rows are the same from above, from below and from anywhere, in lines of any length") {
    constexpr std::size_t step = editor::limits::row_search_max;
    std::u32string text = U"short\r\n";
    text += std::u32string(step - text.size() - 1, U'a') + U"\r\n"; // a break across a multiple
    text += std::u32string(3 * step + 7, U'b') + U"\n\n" + std::u32string(2 * step, U'c');
    layout rows(source_of(text), 77);
    const auto all = all_rows(rows);
    CHECK(all.front().first == 0);
    CHECK(all.back().end == text.size());
    for (std::size_t i = 1; i < all.size(); ++i) {
        REQUIRE(all[i - 1].next == all[i].first);
        REQUIRE(all[i].end - all[i].first <= 77);
        layout fresh(source_of(text), 77);
        REQUIRE(fresh.above(all[i]) == all[i - 1]);
        REQUIRE(fresh.row_at(all[i].end - (all[i].cut ? 1 : 0)) == all[i]);
    }
}

// Each key laid out the whole text.
TEST_CASE("layout: a row of a long text is found by reading little of it") {
    constexpr std::size_t size = 100'000'000;
    std::size_t most = 0;
    const auto counted = [&](char32_t every, std::size_t line) {
        return editor::text_source{size, [&most, every, line](std::size_t first, std::size_t count) {
                                       most += count;
                                       std::u32string part(count, every);
                                       for (std::size_t i = 0; i < count; ++i) {
                                           if ((first + i) % line == 0) part[i] = U'\n';
                                       }
                                       return part;
                                   }};
    };
    for (const std::size_t line : {std::size_t{80}, size + 1}) {
        CAPTURE(line);
        for (const std::size_t position : {size / 2 + 3, size}) {
            most = 0;
            layout rows(counted(U'x', line), 100);
            (void)editor::make_page(rows, 5, position, 40);
            CHECK(most < (line == 80 ? 50'000 : 100'000));
        }
    }
}

TEST_CASE("layout: a tab reaches to the next multiple of four, a control character takes two columns") {
    CHECK(editor::cell_width(U'\t', 0) == 4);
    CHECK(editor::cell_width(U'\t', 3) == 1);
    CHECK(editor::cell_width(U'\x01', 7) == 2);
    CHECK(editor::cell_width(U'\x7F', 7) == 2);
    CHECK(editor::cell_width(U'a', 7) == 1);
    layout rows(source_of(U"a\tb"), 20);
    CHECK(rows.column_of(2) == 4);
    CHECK(rows.position_at(rows.row_at(0), 3) == 1);
}

TEST_CASE("layout: a tab that is wider than the screen has a row of its own") {
    layout rows(source_of(U"\t\tx"), 2);
    CHECK(all_rows(rows).size() == 3);
    CHECK(rows.position_at(rows.row_at(0), 9) == 0);
}

TEST_CASE("layout: a column behind the end of a row means its last place") {
    layout rows(source_of(U"abcdef\nxy"), 4);
    CHECK(rows.position_at(rows.row_at(0), 99) == 3);
    CHECK(rows.position_at(rows.row_at(4), 99) == 6);
    CHECK(rows.position_at(rows.row_at(7), 99) == 9);
}

TEST_CASE("page: it stays where it is while it shows the cursor, and else moves as little as it can") {
    const std::u32string text = U"0\n1\n2\n3\n4\n5\n6\n7\n8\n9";
    layout rows(source_of(text), 20);
    CHECK(editor::make_page(rows, 4, 8, 3).top() == 4);
    CHECK(editor::make_page(rows, 4, 8, 3).cursor_line == 2);
    CHECK(editor::make_page(rows, 4, 10, 3).top() == 6);
    CHECK(editor::make_page(rows, 4, 10, 3).cursor_line == 2);
    CHECK(editor::make_page(rows, 4, 0, 3).top() == 0);
    CHECK(editor::make_page(rows, 99, 19, 3).lines.size() == 1);
    CHECK(editor::make_page(rows, 5, 4, 3).top() == 4);
}

TEST_CASE("text_source: a line break of two is one unit") {
    const std::u32string text = U"a\r\n\r\nb\rc";
    const auto source = source_of(text);
    CHECK(editor::unit_after(source, 1) == 3);
    CHECK(editor::unit_before(source, 3) == 1);
    CHECK(editor::unit_before(source, 5) == 3);
    CHECK(editor::outside_of_break(source, 2) == 1);
    CHECK(editor::outside_of_break(source, 3) == 3);
    CHECK(editor::unit_after(source, 6) == 7);
    CHECK(editor::unit_after(source, text.size()) == text.size());
    CHECK(editor::unit_before(source, 0) == 0);
}

TEST_CASE("text_source: a new line gets the break of its own line, or of the one before") {
    const std::u32string text = U"one\r\ntwo\nthree";
    const auto source = source_of(text);
    CHECK(editor::line_break_at(source, 1, "?") == "\r\n");
    CHECK(editor::line_break_at(source, 3, "?") == "\r\n");
    CHECK(editor::line_break_at(source, 5, "?") == "\n");
    CHECK(editor::line_break_at(source, text.size(), "?") == "\n");
    CHECK(editor::line_break_at(source_of(U"one"), 1, "?") == "?");
    CHECK(editor::usual_line_break("a\r\nb\r\nc\n") == "\r\n");
    CHECK(editor::usual_line_break("a\r\nb\n") == "\n");
    CHECK(editor::usual_line_break("\n") == "\n");
}

TEST_CASE("mover: up and down keep the column over a shorter row") {
    const std::u32string text = U"abcdef\nx\nabcdef";
    layout rows(source_of(text), 20);
    mover cursor;
    std::size_t position = 5;
    position = cursor.move(rows, position, motion::down, 10);
    CHECK(position == 8);
    position = cursor.move(rows, position, motion::down, 10);
    CHECK(position == 14);
    position = cursor.move(rows, position, motion::up, 10);
    position = cursor.move(rows, position, motion::up, 10);
    CHECK(position == 5);
}

TEST_CASE("mover: moving sideways forgets the column") {
    const std::u32string text = U"abcdef\nx\nabcdef";
    layout rows(source_of(text), 20);
    mover cursor;
    const std::size_t below = cursor.move(rows, 5, motion::down, 10);
    const std::size_t left = cursor.move(rows, below, motion::left, 10);
    CHECK(left == 7);
    CHECK(cursor.move(rows, left, motion::down, 10) == 9);
}

TEST_CASE("mover: nothing leads out of the text") {
    const std::u32string text = U"ab\ncd";
    layout rows(source_of(text), 20);
    for (const motion how :
         {motion::left, motion::up, motion::page_up, motion::row_start, motion::text_start}) {
        CHECK(move(rows, 0, how) == 0);
    }
    for (const motion how :
         {motion::right, motion::down, motion::page_down, motion::row_end, motion::text_end}) {
        CHECK(move(rows, text.size(), how) == text.size());
    }
    CHECK(move(rows, 1, motion::up) == 0);
    CHECK(move(rows, 4, motion::down) == text.size());
}

TEST_CASE("mover: the ends of a row that is cut stay in that row") {
    const std::u32string text = U"abcdefgh";
    layout rows(source_of(text), 4);
    CHECK(move(rows, 1, motion::row_end) == 3);
    CHECK(move(rows, 6, motion::row_start) == 4);
    CHECK(move(rows, 6, motion::row_end) == 8);
}

TEST_CASE("mover: a page is one row less than the screen shows") {
    const std::u32string text(30, U'\n');
    layout rows(source_of(text), 20);
    CHECK(move(rows, 15, motion::page_up) == 6);
    CHECK(move(rows, 15, motion::page_down) == 24);
    CHECK(move(rows, 15, motion::page_down, 1) == 16);
}

// End went between the two characters of a line break, and what was typed there parted them.
TEST_CASE("mover: the cursor is never inside a line break of two characters") {
    const std::u32string text = U"ab\r\n\r\ncd";
    layout rows(source_of(text), 20);
    CHECK(move(rows, 0, motion::row_end) == 2);
    CHECK(move(rows, 2, motion::right) == 4);
    CHECK(move(rows, 4, motion::left) == 2);
    CHECK(move(rows, 4, motion::row_end) == 4);
    CHECK(move(rows, 2, motion::down) == 4);
    CHECK(move(rows, 8, motion::up) == 4);
    CHECK(move(rows, 1, motion::page_down) == 7);
}

TEST_CASE("pieces: a text is cut between characters and nothing is lost") {
    const std::string text = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z";
    for (std::size_t bytes_max = 4; bytes_max <= text.size() + 1; ++bytes_max) {
        CAPTURE(bytes_max);
        std::string joined;
        for (const std::string_view piece : editor::cut_into_pieces(text, bytes_max)) {
            CHECK(piece.size() <= bytes_max);
            CHECK((static_cast<unsigned char>(piece.front()) & 0xC0U) != 0x80U);
            joined += piece;
        }
        CHECK(joined == text);
    }
    CHECK(editor::cut_into_pieces("", 4).empty());
}
