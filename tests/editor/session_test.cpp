#include "replicas.hpp"

#include <editor/recorder.hpp>
#include <editor/session.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>

using namespace std::chrono_literals;

using editor::session;
using editor::snapshot;
using editor::test::open_replica;
using editor::test::text_of;

namespace {

/// Each has all that the other has.
void exchange(const sangam::replica& a, const sangam::replica& b) {
    b.wait_for(a.token(), 10s).value();
    a.wait_for(b.token(), 10s).value();
}

} // namespace

TEST_CASE("session: typing and erasing happen at the cursor") {
    const auto alone = open_replica("alice", "session-1");
    session typing(alone);
    typing.insert("he\xC3\xA4lo");
    CHECK(typing.look({}).cursor == 5);
    typing.place_cursor(3);
    typing.erase_before();
    typing.insert("l");
    CHECK(text_of(alone) == "hello");
    CHECK(typing.look({}).cursor == 3);
    typing.erase_after();
    CHECK(text_of(alone) == "helo");
    CHECK(typing.edits() == 4);
}

TEST_CASE("session: erasing before the start and behind the end does nothing") {
    const auto alone = open_replica("alice", "session-2");
    session typing(alone);
    typing.erase_before();
    typing.erase_after();
    typing.insert("");
    CHECK(typing.edits() == 0);
    CHECK(alone.token().clock().empty());
    typing.insert("a");
    typing.place_cursor(99);
    CHECK(typing.look({}).cursor == 1);
}

TEST_CASE("session: the cursor keeps its place while others type before and exactly at it") {
    const auto alice = open_replica("alice", "session-3a");
    const auto bob = open_replica("bob", "session-3b", "session-3a");
    session hers(alice);
    session his(bob);
    hers.insert("ab");
    hers.place_cursor(1);
    exchange(alice, bob);
    his.place_cursor(0);
    his.insert("xyz");
    exchange(alice, bob);
    CHECK(hers.look({}).cursor == 4);
    his.place_cursor(4);
    his.insert("!");
    exchange(alice, bob);
    CHECK(hers.look({}).cursor == 4);
    hers.insert("?");
    CHECK(text_of(alice) == "xyza?!b");
}

TEST_CASE("session: a cursor is seen by others while it is shared and its replica connected") {
    const auto alice = open_replica("alice", "session-4a");
    const auto bob = open_replica("bob", "session-4b", "session-4a");
    session hers(alice);
    session his(bob);
    hers.insert("abc");
    hers.place_cursor(2);
    hers.share_cursor(std::chrono::steady_clock::now());
    exchange(alice, bob);
    const snapshot seen = his.look({alice.id()});
    REQUIRE(seen.people.size() == 1);
    CHECK(seen.people[0].name == "alice");
    CHECK(seen.people[0].position == 2);
    CHECK(text_of(bob) == "abc");
    CHECK(his.look({}).people.empty());
    hers.leave();
    exchange(alice, bob);
    CHECK(his.look({alice.id()}).people.empty());
}

TEST_CASE("session: what two people typed is recorded as a history with the same end") {
    const auto alice = open_replica("alice", "session-5a");
    const auto bob = open_replica("bob", "session-5b", "session-5a");
    editor::recorder for_alice(alice.id());
    editor::recorder for_bob(bob.id());
    const auto heard_by_alice = alice.on_change(editor::text_key, [&](const auto& c) { for_alice.hear(c); });
    const auto heard_by_bob = bob.on_change(editor::text_key, [&](const auto& c) { for_bob.hear(c); });
    session hers(alice);
    session his(bob);
    hers.insert("one\n\ntwo");
    hers.place_cursor(3);
    hers.share_cursor(std::chrono::steady_clock::now());
    exchange(alice, bob);
    REQUIRE(bob.set_online(false).has_value());
    his.place_cursor(8);
    for (const char* typed : {"x", "y", "z"}) {
        hers.insert(typed);
        his.insert(typed);
    }
    REQUIRE(bob.set_online(true).has_value());
    exchange(alice, bob);
    his.erase_before();
    exchange(alice, bob);
    REQUIRE(for_alice.wait_for(4, 10s));
    REQUIRE(for_bob.wait_for(4, 10s));

    // The last remote change is told at some time after it is delivered.
    editor::record a = for_alice.finish("alice");
    for (int i = 0; i < 1000 && a.seen != for_bob.finish("bob").seen; ++i) {
        std::this_thread::sleep_for(10ms);
        a = for_alice.finish("alice");
    }
    const editor::record both[] = {a, for_bob.finish("bob")};
    const auto merged = editor::merge_records(both).value();
    CHECK(merged.end_content == text_of(alice));
    CHECK(merged.end_content == "onexyz\n\ntwoxy");
    REQUIRE(merged.transactions.size() == 8);
    CHECK(merged.transactions.back().parents.size() == 2);
}

// End and Enter made files of mixed line ends.
TEST_CASE("session: a line break of two is erased as one, and new lines get the one around them") {
    const auto alone = open_replica("alice", "session-6");
    session typing(alone);
    typing.start_with("one\r\ntwo\nthree\r\n");
    typing.place_cursor(1);
    typing.type("\n");
    CHECK(text_of(alone) == "o\r\nne\r\ntwo\nthree\r\n");
    CHECK(typing.look({}).cursor == 3);
    typing.erase_before();
    CHECK(text_of(alone) == "one\r\ntwo\nthree\r\n");
    typing.place_cursor(7);
    typing.type("x\ny");
    CHECK(text_of(alone) == "one\r\ntwx\nyo\nthree\r\n");
    typing.place_cursor(3);
    typing.erase_after();
    CHECK(text_of(alone) == "onetwx\nyo\nthree\r\n");
    typing.place_cursor(99);
    typing.type("\n\n");
    CHECK(text_of(alone) == "onetwx\nyo\nthree\r\n\r\n\r\n");
}

TEST_CASE("session: a cursor between the two characters of a line break types in front of both") {
    const auto alone = open_replica("alice", "session-7");
    session typing(alone);
    typing.insert("a\r");
    alone.text(editor::text_key).insert(2, "\nb");
    typing.type("x");
    CHECK(text_of(alone) == "ax\r\nb");
    typing.place_cursor(3);
    CHECK(typing.look({}).cursor == 2);
}

TEST_CASE("session: an empty text that was loaded has newlines, and a byte order mark stays in front") {
    const auto alone = open_replica("alice", "session-8");
    session typing(alone);
    typing.start_with("\xEF\xBB\xBFx");
    typing.erase_before();
    typing.type("\ny");
    CHECK(text_of(alone) == "\xEF\xBB\xBF\nyx");
}

TEST_CASE("session: a paste is one edit and one step of undo") {
    const auto alone = open_replica("alice", "session-9");
    session typing(alone);
    typing.start_with("a\r\nb");
    typing.type("1");
    typing.paste("one\ntwo\nthree");
    CHECK(typing.edits() == 3);
    CHECK(text_of(alone) == "1one\r\ntwo\r\nthreea\r\nb");
    REQUIRE(typing.undo());
    CHECK(text_of(alone) == "1a\r\nb");
}

TEST_CASE("session: to take another text erases and inserts what differs, and can be undone") {
    const auto alone = open_replica("alice", "session-10");
    session typing(alone);
    const std::string before = "the same \xC3\xA4 and the same";
    for (const std::string& after : {std::string("the same \xC3\xB6 and the same"), std::string(),
                                     std::string("the same the same"), before + before}) {
        CAPTURE(after);
        typing.replace_with(before);
        const std::size_t edits = typing.edits();
        typing.replace_with(after);
        CHECK(text_of(alone) == after);
        typing.replace_with(after);
        CHECK(typing.edits() == edits + 1);
        REQUIRE(typing.undo());
        CHECK(text_of(alone) == before);
    }
}
