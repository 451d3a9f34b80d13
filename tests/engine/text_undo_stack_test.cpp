#include <sangam/crdt/errc.hpp>
#include <sangam/engine/errc.hpp>
#include <sangam/engine/limits.hpp>
#include <sangam/replica.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using sangam::replica;
using sangam::text_undo_stack;
using sangam::transaction;

namespace {

/// The code of what the call throws; no error if nothing.
template <class Call>
boost::system::error_code code_of(Call call) {
    try {
        call();
    } catch (const sangam::exception& e) {
        return e.code();
    }
    return {};
}

} // namespace

TEST_CASE("text_undo_stack: undo and redo are one transaction each, and change what others have too") {
    const replica alice = replica::open({.name = "alice", .listen = {"memory://undo-1"}}).value();
    const replica bob = replica::open({.name = "bob", .peers = {"memory://undo-1"}}).value();
    const text_undo_stack undo = alice.text("notes").undo_stack();
    undo.text().insert(0, "hello");
    undo.text().edit(std::vector<sangam::text_patch>{{0, 1, "J"}, {5, 0, " there"}});
    bob.wait_for(alice.token(), 10s).value();
    bob.text("notes").insert(5, "?!");
    alice.wait_for(bob.token(), 10s).value();
    REQUIRE(alice.text("notes").str() == "Jello?! there");

    const auto before = alice.token().clock()[alice.id()];
    const auto place = undo.undo();
    CHECK(alice.token().clock()[alice.id()] == before + 1);
    CHECK(alice.text("notes").str() == "hello?!");
    REQUIRE(place);
    CHECK(alice.text("notes").position_of(*place) == 1); // behind the h
    undo.redo();
    CHECK(alice.text("notes").str() == "Jello?! there");
    undo.undo();
    undo.undo();
    CHECK(alice.text("notes").str() == "?!");
    CHECK_FALSE(undo.can_undo());
    CHECK_FALSE(undo.undo().has_value());
    bob.wait_for(alice.token(), 10s).value();
    CHECK(bob.text("notes").str() == "?!");
}

// A recorded text that nobody had written to yet crashed the program when an edit changed nothing.
TEST_CASE("text_undo_stack: an edit that changes nothing of a new text records nothing") {
    const replica r = replica::open({.name = "r"}).value();
    const text_undo_stack undo = r.text("notes").undo_stack();
    undo.text().insert(0, "");
    undo.text().erase(0, 0);
    undo.text().clear();
    undo.text().erase_before({});
    CHECK_FALSE(undo.can_undo());
    undo.text().insert(0, "a");
    CHECK(undo.undo().has_value());
    CHECK(r.text("notes").str().empty());
}

TEST_CASE("text_undo_stack: nothing but what is edited through recorded handles is undone") {
    const replica r = replica::open({.name = "r"}).value();
    const text_undo_stack undo = r.text("notes").undo_stack();
    r.text("notes").insert(0, "by the program ");
    const auto recorded = r.text("notes").recorded_by(undo);
    recorded.insert(15, "by me");
    r.text("notes").insert(20, "; more by the program");
    undo.undo();
    CHECK(r.text("notes").str() == "by the program ; more by the program");
    CHECK_FALSE(undo.can_undo());
    recorded.clear();
    undo.undo();
    CHECK(r.text("notes").str() == "by the program ; more by the program");
    CHECK(undo.can_redo());
    recorded.clear();
    CHECK_FALSE(undo.can_redo());
    undo.clear();
    CHECK_FALSE(undo.undo().has_value());
}

TEST_CASE("text_undo_stack: a transaction is a group when it is committed, and nothing when it is given up") {
    const replica r = replica::open({.name = "r"}).value();
    const text_undo_stack undo = r.text("notes").undo_stack();
    r.transact([&](transaction& t) {
        const auto text = t.text("notes").recorded_by(undo);
        text.insert(0, "ab");
        text.insert(2, "cd");
        CHECK_FALSE(undo.can_undo());
    });
    CHECK(undo.can_undo());
    const auto give_up = [&] {
        r.transact([&](transaction& t) {
            t.text("notes").recorded_by(undo).insert(0, "x");
            throw std::runtime_error("given up");
        });
    };
    CHECK_THROWS_WITH(give_up(), "given up");
    r.text("notes").insert(0, "y"); // has the id that the x would have had
    undo.undo();
    CHECK(r.text("notes").str() == "y");
    CHECK_FALSE(undo.can_undo());
    undo.redo();
    CHECK(r.text("notes").str() == "yabcd");
}

TEST_CASE("text_undo_stack: keystrokes of an open group go together") {
    const replica r = replica::open({.name = "r"}).value();
    const text_undo_stack undo = r.text("notes").undo_stack();
    undo.open_group();
    for (const char* key : {"a", "b", "c"})
        undo.text().insert(r.text("notes").size(), key);
    undo.close_group();
    undo.text().insert(3, "d");
    undo.undo();
    CHECK(r.text("notes").str() == "abc");
    undo.undo();
    CHECK(r.text("notes").str().empty());
}

TEST_CASE("text_undo_stack: what is refused changes neither text nor stack") {
    const replica r = replica::open({.name = "r"}).value();
    const text_undo_stack undo = r.text("notes").undo_stack();
    CHECK(code_of([&] { undo.text().insert(1, "x"); }) == sangam::crdt::errc::position_past_end);
    CHECK_FALSE(undo.can_undo());
    CHECK(code_of([&] { static_cast<void>(r.text("other").recorded_by(undo)); }) ==
          sangam::engine::errc::bad_option);
    undo.text().insert(0, "x");
    CHECK(code_of([&] { r.transact([&](transaction&) { undo.undo(); }); }) ==
          sangam::engine::errc::would_deadlock);
    CHECK(r.text("notes").str() == "x");
    CHECK(undo.undo());
}

// What came back was inserted again: more than a transaction holds was refused for ever, and the steps before
// it could not be reached.
TEST_CASE("text_undo_stack: more text than a transaction holds comes back at once") {
    constexpr int pages = 17; // of 1 MiB: a transaction holds 16
    const replica r = replica::open({.name = "r"}).value();
    const text_undo_stack undo = r.text("notes").undo_stack();
    const std::string page(std::size_t{1} << 20, 'x');
    undo.text().insert(0, "before");
    for (int i = 0; i < pages; ++i)
        undo.text().insert(6, page);
    undo.text().clear();
    REQUIRE(undo.undo());
    CHECK(r.text("notes").size() == 6 + pages * page.size());
    undo.open_group();
    for (int i = 0; i < pages; ++i)
        undo.text().erase(0, page.size());
    undo.close_group();
    REQUIRE(undo.undo());
    CHECK(r.text("notes").size() == 6 + pages * page.size());
    for (int i = 0; i < pages; ++i)
        REQUIRE(undo.undo());
    CHECK(r.text("notes").str() == "before");
}

// The cursor stood behind the character with the greatest number of each range, which is not the rightmost
// one: after "ac", "b" between them and "!" behind, an undo of the erase of "abc" put it behind "ab".
TEST_CASE("text_undo_stack: the cursor stands behind what came back, or where it went") {
    const replica r = replica::open({.name = "r"}).value();
    const auto text = r.text("notes");
    const text_undo_stack undo = text.undo_stack();
    const auto at = [&](const std::optional<sangam::crdt::text_cursor>& place) {
        REQUIRE(place);
        return text.position_of(*place).value();
    };
    text.insert(0, "ac");
    text.insert(1, "b");
    text.insert(3, "!");
    undo.text().erase(0, 3);
    CHECK(at(undo.undo()) == 3);
    CHECK(at(undo.redo()) == 0);
    CHECK(at(undo.undo()) == 3);
    undo.clear();

    undo.open_group(); // backspaces
    for (std::size_t left = 3; left > 1; --left)
        undo.text().erase(left - 1, 1);
    undo.close_group();
    CHECK(at(undo.undo()) == 3);
    CHECK(at(undo.redo()) == 1);
    CHECK(at(undo.undo()) == 3);
    undo.clear();

    undo.text().edit(std::vector<sangam::text_patch>{{1, 1, "BB"}}); // "aBBc!"
    CHECK(at(undo.undo()) == 2);
    CHECK(at(undo.redo()) == 3);
    undo.clear();

    undo.text().insert(0, "1"); // typed from right to left, at one place
    undo.text().insert(0, "2");
    undo.text().erase(0, 2);
    CHECK(at(undo.undo()) == 2);
    CHECK(at(undo.undo()) == 0);
    CHECK(at(undo.redo()) == 1);
    undo.clear();

    REQUIRE(text.str() == "21aBBc!");
    undo.text().erase(1, 3);
    text.insert(1, "|");
    CHECK(text.str() == "2|Bc!");
    CHECK(at(undo.undo()) == 5);
    CHECK(text.str() == "2|1aBBc!");
}

// What is erased costs 32 bytes a range, and what comes back 64: of an erase that was allowed, the undo threw
// for ever, and hid the steps before it.
TEST_CASE("text_undo_stack: the greatest erase that a transaction holds is undone and redone") {
    // Every second character is erased, so that each of the others is a range of its own.
    constexpr std::size_t most = (sangam::engine::limits::message_bytes_max - 682) / 32;
    const replica r = replica::open({.name = "r"}).value();
    const text_undo_stack undo = r.text("notes").undo_stack();
    undo.text().insert(0, "before");
    r.text("notes").insert(0, std::string(2 * (most + 1), 'x'));
    for (std::size_t left = most + 1; left > 0;) {
        std::vector<sangam::text_patch> patches;
        for (std::size_t n = 0; n < 30'000 && left > 0; ++n)
            patches.push_back({2 * --left, 1, {}});
        r.text("notes").edit(patches);
    }
    REQUIRE(r.text("notes").size() == most + 7);
    const auto token = [&] { return r.token().clock()[r.id()]; };
    const auto before = token();
    CHECK(code_of([&] { undo.text().erase(0, most + 1); }) == sangam::crdt::errc::too_large);
    undo.text().erase(0, most);
    CHECK(token() == before + 1);
    const std::string gone = r.text("notes").str();
    for (int times = 0; times < 2; ++times) {
        const auto place = undo.undo();
        REQUIRE(place);
        CHECK(r.text("notes").size() == most + 7);
        CHECK(r.text("notes").position_of(*place) == most);
        REQUIRE(undo.redo());
        CHECK(r.text("notes").str() == gone);
        CHECK_FALSE(undo.can_redo());
    }
    CHECK(token() == before + 7); // two for each undo, whose parts cost twice as much, and one for each redo
    undo.undo();
    undo.undo();
    CHECK(r.text("notes").size() == most + 1);
    CHECK_FALSE(undo.can_undo());
}

TEST_CASE("text_undo_stack: what comes back has the marks that others put on it, and each undoes their own") {
    const replica alice = replica::open({.name = "alice", .listen = {"memory://undo-2"}}).value();
    const replica bob = replica::open({.name = "bob", .peers = {"memory://undo-2"}}).value();
    const text_undo_stack hers = alice.text("notes").undo_stack();
    const text_undo_stack his = bob.text("notes").undo_stack();
    const auto meet = [&] {
        bob.wait_for(alice.token(), 10s).value();
        alice.wait_for(bob.token(), 10s).value();
    };
    hers.text().insert(0, "hello world");
    meet();
    bob.text("notes").mark(6, 5, "comment:1", "which?");
    meet();
    alice.set_online(false).value();
    hers.text().erase(5, 6);
    his.text().erase(6, 5);
    alice.set_online(true).value();
    meet();
    REQUIRE(bob.text("notes").str() == "hello");
    hers.undo();
    meet();
    CHECK(bob.text("notes").str() == "hello ");
    his.undo();
    meet();
    for (const replica* const r : {&alice, &bob}) {
        CHECK(r->text("notes").str() == "hello world");
        CHECK(r->text("notes").formatted().back() ==
              sangam::crdt::formatted_run{6, 5, {{"comment:1", "which?"}}});
    }
    hers.redo();
    meet();
    CHECK(bob.text("notes").str() == "hello");
}

// Removing a key erases what its text shows. An undo takes back its own erase and no other.
TEST_CASE("text_undo_stack: an undo does not bring back what the removal of a key took away") {
    const replica r = replica::open({.name = "r"}).value();
    const text_undo_stack undo = r.map("page").text("body").undo_stack();
    undo.text().insert(0, "abc");
    undo.text().erase(2, 1);
    r.map("page").remove("body");
    undo.undo();
    CHECK(r.map("page").text("body").str() == "c"); // the removal did not see it
    undo.undo();
    CHECK(r.map("page").text("body").str().empty());
    undo.redo();
    CHECK(r.map("page").text("body").str() == "c");
}

TEST_CASE("text_undo_stack: texts inside maps have one as well") {
    const replica r = replica::open({.name = "r"}).value();
    const text_undo_stack undo = r.map("page").text("body").undo_stack();
    undo.text().insert(0, "abc");
    undo.text().erase(0, 3);
    undo.undo();
    CHECK(r.map("page").text("body").str() == "abc");
}

TEST_CASE("text_undo_stack: may be used from several threads") {
    const replica r = replica::open({.name = "r"}).value();
    const text_undo_stack undo = r.text("notes").undo_stack();
    const auto work = [&] {
        for (int i = 0; i < 200; ++i) {
            undo.text().insert(0, "x");
            r.transact([&](transaction& t) { t.text("notes").recorded_by(undo).insert(0, "y"); });
            undo.undo();
            static_cast<void>(undo.can_redo());
        }
    };
    std::thread other(work);
    work();
    other.join();
    while (undo.undo()) {
    }
    CHECK(r.text("notes").str().empty());
}
