#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/rga_text.hpp>
#include <sangam/replica.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace std::chrono_literals;
using sangam::replica;
using sangam::text_bias;
using sangam::text_cursor;
using sangam::text_handle;
using sangam::transaction;

namespace {

/// A text with this in it, and nobody else.
struct fixture {
    explicit fixture(const std::string& start) { text.insert(0, start); }
    [[nodiscard]] std::uint64_t transactions() const { return text.transactions_count(); }

    replica alone = replica::open({.name = "r"}).value();
    text_handle text = alone.text("notes");
};

} // namespace

TEST_CASE("text_handle: an insert at a cursor returns the cursor behind what was inserted") {
    const fixture f("held");
    for (const text_bias bias : {text_bias::left, text_bias::right}) {
        const auto after = f.text.insert(f.text.cursor_at(3, bias), "\xC3\xA4\xC3\xB6");
        REQUIRE(after);
        CHECK(after->bias == bias);
        CHECK(f.text.position_of(*after) == 5);
    }
    CHECK(f.text.str() == "hel\xC3\xA4\xC3\xB6\xC3\xA4\xC3\xB6"
                          "d");
    CHECK(f.transactions() == 3);
}

TEST_CASE("text_handle: an erase beside a cursor takes as many characters as there are") {
    const fixture f("abcdef");
    const auto one = f.text.erase_before(f.text.cursor_at(4));
    REQUIRE(one);
    CHECK(f.text.str() == "abcef");
    CHECK(f.text.position_of(*one) == 3);
    const auto next = f.text.erase_after(*one);
    REQUIRE(next);
    CHECK(f.text.str() == "abcf");
    CHECK(f.text.position_of(*next) == 3);
    const auto all_before = f.text.erase_before(*next, 99);
    REQUIRE(all_before);
    CHECK(*all_before == text_cursor());
    const auto all_after = f.text.erase_after(*all_before, 99);
    REQUIRE(all_after);
    CHECK(f.text.str().empty());
    CHECK(f.transactions() == 5);
}

TEST_CASE("text_handle: an edit at a cursor that changes nothing returns nothing and sends nothing") {
    const fixture f("ab");
    const text_cursor start = f.text.cursor_at(0);
    const text_cursor end = f.text.cursor_at(2);
    CHECK_FALSE(f.text.insert(end, ""));
    CHECK_FALSE(f.text.erase_before(start));
    CHECK_FALSE(f.text.erase_before(end, 0));
    CHECK_FALSE(f.text.erase_after(end));
    CHECK_FALSE(f.text.erase_after(start, 0));
    CHECK(f.transactions() == 1);
}

TEST_CASE("text_handle: at a cursor whose character has not arrived nothing is edited") {
    const fixture here("ab");
    const fixture elsewhere("cd");
    const text_cursor unknown = elsewhere.text.cursor_at(1);
    CHECK_FALSE(here.text.insert(unknown, "x"));
    CHECK_FALSE(here.text.erase_before(unknown));
    CHECK_FALSE(here.text.erase_after(unknown));
    CHECK(here.text.str() == "ab");
    CHECK(here.transactions() == 1);
}

TEST_CASE("text_handle: an edit at a cursor finds its place after others have edited") {
    const replica alice = replica::open({.name = "alice", .listen = {"memory://cursor-edit"}}).value();
    const replica bob = replica::open({.name = "bob", .peers = {"memory://cursor-edit"}}).value();
    alice.text("notes").insert(0, "one two");
    const text_cursor behind_one = alice.text("notes").cursor_at(3);
    bob.wait_for(alice.token(), 10s).value();
    bob.text("notes").insert(0, "zero ");
    bob.text("notes").erase(6, 2); // of "one" only the o is left
    alice.wait_for(bob.token(), 10s).value();
    REQUIRE(alice.text("notes").str() == "zero o two");
    const auto after = alice.text("notes").insert(behind_one, "ld");
    CHECK(alice.text("notes").str() == "zero old two");
    REQUIRE(after);
    CHECK(alice.text("notes").erase_before(*after, 3));
    CHECK(alice.text("notes").str() == "zero  two");
}

TEST_CASE("text_handle: edits at a cursor are recorded for undo and work in a transaction") {
    const fixture f("ab");
    const sangam::text_undo_stack undo = f.text.undo_stack();
    const text_cursor middle = f.text.cursor_at(1);
    undo.text().insert(middle, "-");
    undo.text().erase_after(f.text.cursor_at(2));
    REQUIRE(f.text.str() == "a-");
    undo.undo();
    CHECK(f.text.str() == "a-b");
    undo.undo();
    CHECK(f.text.str() == "ab");
    f.alone.transact([&](const transaction& t) {
        const text_handle text = t.text("notes").recorded_by(undo);
        const auto after = text.insert(middle, "<>");
        REQUIRE(after);
        CHECK(text.position_of(*after) == 3);
        text.insert(*text.erase_before(*after), "]");
    });
    CHECK(f.text.str() == "a<]b");
    undo.undo();
    CHECK(f.text.str() == "ab");
    CHECK_FALSE(undo.can_undo());
}

TEST_CASE("text_handle: an insert at a cursor refuses what an insert at a position refuses") {
    const fixture f("ab");
    const auto refused = [&](const std::string& text) -> boost::system::error_code {
        try {
            static_cast<void>(f.text.insert(f.text.cursor_at(1), text));
        } catch (const sangam::exception& e) {
            return e.code();
        }
        return {};
    };
    CHECK(refused("\xFF") == sangam::crdt::errc::invalid_utf8);
    CHECK(refused(std::string(sangam::crdt::limits::text_insert_bytes_max + 1, 'x')) ==
          sangam::crdt::errc::too_large);
    CHECK(f.text.str() == "ab");
    CHECK(f.transactions() == 1);
}

TEST_CASE("text_handle: an edit at a cursor is what is found in the text of that moment") {
    const fixture f("ab\r\ncd");
    const auto erase_break = [](const sangam::crdt::rga_text& text, std::size_t position) {
        const bool at_break = position >= 2 && text.str(position - 2, 2) == "\r\n";
        return at_break ? sangam::text_patch{position - 2, 2, {}} : sangam::text_patch{};
    };
    CHECK_FALSE(f.text.edit_at(f.text.cursor_at(1), erase_break));
    CHECK(f.transactions() == 1);
    const auto left = f.text.edit_at(f.text.cursor_at(4), erase_break);
    REQUIRE(left);
    CHECK(f.text.position_of(*left) == 2);
    CHECK(f.text.str() == "abcd");
    const auto after = f.text.edit_at(*left, [](const sangam::crdt::rga_text&, std::size_t position) {
        return sangam::text_patch{position - 1, 0, "<>"};
    });
    REQUIRE(after);
    CHECK(f.text.position_of(*after) == 3);
    CHECK(f.text.str() == "a<>bcd");
}
