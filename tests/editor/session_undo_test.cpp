#include "replicas.hpp"

#include <editor/session.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

using namespace std::chrono_literals;

using editor::session;
using editor::test::open_replica;
using editor::test::text_of;

namespace {

/// Types one key every 100 ms.
class typist {
public:
    explicit typist(session& into) : session_(into) {}
    void type(std::string_view keys) {
        for (const char key : keys)
            session_.insert({&key, 1}, tick());
    }
    void backspace(int times) {
        for (; times > 0; --times)
            session_.erase_before(tick());
    }
    void wait() { now_ += 5s; }

private:
    session::time_point tick() { return now_ += 100ms; }
    session& session_;
    session::time_point now_ = session::time_point() + 1h;
};

} // namespace

TEST_CASE("session: what was typed in one go is undone in one go, and the cursor is there") {
    const auto alone = open_replica("alice", "session-undo-1");
    session editing(alone);
    typist keys(editing);
    keys.type("one\ntwo");
    keys.wait();
    keys.type(" three");
    editing.place_cursor(0);
    keys.type("> ");
    keys.backspace(2);
    REQUIRE(text_of(alone) == "one\ntwo three");
    struct step {
        const char* text;
        std::size_t cursor;
    };
    for (const step& s : {step{"> one\ntwo three", 2}, step{"one\ntwo three", 0}, step{"one\ntwo", 7},
                          step{"one\n", 4}, step{"", 0}}) {
        CHECK(editing.undo());
        CHECK(text_of(alone) == s.text);
        CHECK(editing.look({}).cursor == s.cursor);
    }
    CHECK_FALSE(editing.undo());
    for (const step& s : {step{"one\n", 4}, step{"one\ntwo", 7}, step{"one\ntwo three", 13},
                          step{"> one\ntwo three", 2}, step{"one\ntwo three", 0}}) {
        CHECK(editing.redo());
        CHECK(text_of(alone) == s.text);
        CHECK(editing.look({}).cursor == s.cursor);
    }
    CHECK_FALSE(editing.redo());
}

TEST_CASE("session: typing goes on at the place of an undo, as a step of its own") {
    const auto alone = open_replica("alice", "session-undo-2");
    session editing(alone);
    typist keys(editing);
    keys.type("ab");
    editing.undo();
    editing.redo();
    keys.type("cd");
    CHECK(text_of(alone) == "abcd");
    editing.undo();
    CHECK(text_of(alone) == "ab");
}

TEST_CASE("session: the text that the editor starts with cannot be undone") {
    const auto alone = open_replica("alice", "session-undo-3");
    session editing(alone);
    editing.start_with("from a file");
    CHECK_FALSE(editing.undo());
    CHECK(text_of(alone) == "from a file");
    CHECK(editing.look({}).cursor == 0);
    CHECK(editing.edits() == 1);
}

TEST_CASE("session: undo leaves what others typed into the same line") {
    const auto alice = open_replica("alice", "session-undo-4a");
    const auto bob = open_replica("bob", "session-undo-4b", "session-undo-4a");
    session hers(alice);
    session his(bob);
    typist keys(hers);
    keys.type("hello");
    bob.wait_for(alice.token(), 10s).value();
    his.place_cursor(2);
    his.insert("-his-");
    alice.wait_for(bob.token(), 10s).value();
    keys.type("!");
    hers.undo();
    CHECK(text_of(alice) == "-his-");
    hers.redo();
    CHECK(text_of(alice) == "he-his-llo!");
    CHECK(hers.edits() == 8);
}
