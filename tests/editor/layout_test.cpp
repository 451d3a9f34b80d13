#include <editor/layout.hpp>
#include <editor/motion.hpp>
#include <editor/pieces.hpp>

#include <doctest/doctest.h>

#include <string>

using editor::layout;
using editor::motion;
using editor::mover;

TEST_CASE("layout: a text is cut at newlines and where the width ends") {
    const std::u32string text = U"abcdef\n\nxy";
    const layout rows(text, 4);
    REQUIRE(rows.rows().size() == 4);
    CHECK(rows.rows()[0].first == 0);
    CHECK(rows.rows()[0].end == 4);
    CHECK(rows.rows()[0].cut);
    CHECK(rows.rows()[1].end == 6);
    CHECK_FALSE(rows.rows()[1].cut);
    CHECK(rows.rows()[2].first == rows.rows()[2].end);
    CHECK(rows.rows()[3].first == 8);
    CHECK(rows.rows()[3].end == text.size());
}

TEST_CASE("layout: an empty text, and one that ends in a newline, have a last empty row for the cursor") {
    CHECK(layout(U"", 10).rows().size() == 1);
    const layout rows(U"a\n", 10);
    CHECK(rows.rows().size() == 2);
    CHECK(rows.row_of(2) == 1);
    CHECK(rows.column_of(2) == 0);
}

TEST_CASE("layout: every position is in one row, and its row and column lead back to it") {
    const std::u32string text = U"one\ttwo three\n\n\x01 four five six\nseven";
    for (std::size_t width = 4; width <= 20; ++width) {
        CAPTURE(width);
        const layout rows(text, width);
        for (std::size_t position = 0; position <= text.size(); ++position) {
            CAPTURE(position);
            const std::size_t row = rows.row_of(position);
            CHECK(rows.rows()[row].first <= position);
            CHECK(position <= rows.rows()[row].end);
            CHECK(rows.column_of(position) <= width);
            CHECK(rows.position_at(row, rows.column_of(position)) == position);
        }
    }
}

TEST_CASE("layout: a tab reaches to the next multiple of four, a control character takes two columns") {
    CHECK(editor::cell_width(U'\t', 0) == 4);
    CHECK(editor::cell_width(U'\t', 3) == 1);
    CHECK(editor::cell_width(U'\x01', 7) == 2);
    CHECK(editor::cell_width(U'\x7F', 7) == 2);
    CHECK(editor::cell_width(U'a', 7) == 1);
    const layout rows(U"a\tb", 20);
    CHECK(rows.column_of(2) == 4);
    CHECK(rows.position_at(0, 3) == 1);
}

TEST_CASE("layout: a column behind the end of a row means its last place") {
    const layout rows(U"abcdef\nxy", 4);
    CHECK(rows.position_at(0, 99) == 3);
    CHECK(rows.position_at(1, 99) == 6);
    CHECK(rows.position_at(2, 99) == 9);
}

TEST_CASE("mover: up and down keep the column over a shorter row") {
    const std::u32string text = U"abcdef\nx\nabcdef";
    const layout rows(text, 20);
    mover cursor;
    std::size_t position = 5;
    position = cursor.move(rows, position, motion::down, 10, text.size());
    CHECK(position == 8);
    position = cursor.move(rows, position, motion::down, 10, text.size());
    CHECK(position == 14);
    position = cursor.move(rows, position, motion::up, 10, text.size());
    position = cursor.move(rows, position, motion::up, 10, text.size());
    CHECK(position == 5);
}

TEST_CASE("mover: moving sideways forgets the column") {
    const std::u32string text = U"abcdef\nx\nabcdef";
    const layout rows(text, 20);
    mover cursor;
    const std::size_t below = cursor.move(rows, 5, motion::down, 10, text.size());
    const std::size_t left = cursor.move(rows, below, motion::left, 10, text.size());
    CHECK(left == 7);
    CHECK(cursor.move(rows, left, motion::down, 10, text.size()) == 9);
}

TEST_CASE("mover: nothing leads out of the text") {
    const std::u32string text = U"ab\ncd";
    const layout rows(text, 20);
    for (const motion how :
         {motion::left, motion::up, motion::page_up, motion::row_start, motion::text_start}) {
        CHECK(mover().move(rows, 0, how, 10, text.size()) == 0);
    }
    for (const motion how :
         {motion::right, motion::down, motion::page_down, motion::row_end, motion::text_end}) {
        CHECK(mover().move(rows, text.size(), how, 10, text.size()) == text.size());
    }
    CHECK(mover().move(rows, 1, motion::up, 10, text.size()) == 0);
    CHECK(mover().move(rows, 4, motion::down, 10, text.size()) == text.size());
}

TEST_CASE("mover: the ends of a row that is cut stay in that row") {
    const std::u32string text = U"abcdefgh";
    const layout rows(text, 4);
    CHECK(mover().move(rows, 1, motion::row_end, 10, text.size()) == 3);
    CHECK(mover().move(rows, 6, motion::row_start, 10, text.size()) == 4);
    CHECK(mover().move(rows, 6, motion::row_end, 10, text.size()) == 8);
}

TEST_CASE("mover: a page is one row less than the screen shows") {
    const std::u32string text(30, U'\n');
    const layout rows(text, 20);
    CHECK(mover().move(rows, 15, motion::page_up, 10, text.size()) == 6);
    CHECK(mover().move(rows, 15, motion::page_down, 10, text.size()) == 24);
    CHECK(mover().move(rows, 15, motion::page_down, 1, text.size()) == 16);
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
