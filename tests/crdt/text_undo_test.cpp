#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/rga_text.hpp>
#include <sangam/crdt/text_undo.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

using namespace sangam::crdt;
using sangam::causality::replica_id;

namespace {

/// Somebody who edits, with a text of their own. Operations go to the others by hand.
struct writer {
    explicit writer(std::uint64_t number) : id{number} {}

    replica_id id;
    rga_text text;
    text_undo undone;
    std::uint64_t transactions = 0;

    using operations = std::vector<rga_text::operation>;

    operations insert(std::size_t position, std::string_view added) {
        return edit([&](const auto& context) { text.local_insert(position, added, context); });
    }
    operations erase(std::size_t position, std::size_t count) {
        return edit([&](const auto& context) { text.local_erase(position, count, context); });
    }
    operations undo() { return apply_own(undone.undo(text, id)); }
    operations redo() { return apply_own(undone.redo(text, id)); }
    void hear(const operations& theirs, const writer& from) {
        for (const auto& op : theirs) {
            REQUIRE(text.accepts(op, from.id));
            text.apply(op, {{from.id, from.transactions}, {}});
        }
    }

private:
    template <class Edit>
    operations edit(Edit&& edit) {
        const auto before = text.applied();
        edit(operation_context{{id, ++transactions}, {}});
        undone.record(text, before);
        return text.operations_since(before);
    }
    operations apply_own(operations own) {
        ++transactions;
        hear(own, *this);
        return own;
    }
};

/// Both have the text of the first.
struct pair_of_writers {
    explicit pair_of_writers(std::string_view content) { bob.hear(alice.insert(0, content), alice); }
    writer alice{1};
    writer bob{2};
};

} // namespace

TEST_CASE("text_undo: undo and redo walk through the edits of somebody alone") {
    writer alice(1);
    alice.insert(0, "hello");
    alice.erase(1, 3);
    alice.insert(1, "ipp");
    REQUIRE(alice.text.str() == "hippo");
    alice.undo();
    CHECK(alice.text.str() == "ho");
    alice.undo();
    CHECK(alice.text.str() == "hello");
    alice.undo();
    CHECK(alice.text.empty());
    CHECK(alice.undo().empty());
    CHECK_FALSE(alice.undone.can_undo());
    for (const char* expected : {"hello", "ho", "hippo", "hippo"}) {
        alice.redo();
        CHECK(alice.text.str() == expected);
    }
    CHECK_FALSE(alice.undone.can_redo());
}

TEST_CASE("text_undo: an earlier step finds characters that came back under new names") {
    writer alice(1);
    alice.insert(0, "abc");
    alice.erase(0, 3);
    for (int times = 0; times < 3; ++times) {
        alice.undo();
        CHECK(alice.text.str() == "abc");
        alice.undo();
        CHECK(alice.text.empty());
        alice.redo();
        CHECK(alice.text.str() == "abc");
        alice.redo();
        CHECK(alice.text.empty());
    }
}

TEST_CASE("text_undo: a new edit ends what could be redone") {
    writer alice(1);
    alice.insert(0, "a");
    alice.undo();
    REQUIRE(alice.undone.can_redo());
    alice.insert(0, "b");
    CHECK_FALSE(alice.undone.can_redo());
    CHECK(alice.redo().empty());
    CHECK(alice.text.str() == "b");
}

TEST_CASE("text_undo: an open group is one step, also with backspaces in it") {
    writer alice(1);
    alice.insert(0, "x");
    alice.undone.open_group();
    alice.insert(1, "t");
    alice.insert(2, "j");
    alice.erase(2, 1);
    alice.insert(2, "he");
    alice.erase(0, 1);
    alice.undone.close_group();
    alice.insert(3, "!");
    REQUIRE(alice.text.str() == "the!");
    alice.undo();
    CHECK(alice.text.str() == "the");
    alice.undo();
    CHECK(alice.text.str() == "x");
    alice.redo();
    CHECK(alice.text.str() == "the"); // the j was never seen on either side
}

TEST_CASE("text_undo: backspaces of one group come back as one insert in the right order") {
    writer alice(1);
    alice.insert(0, "a\xC3\xA9"
                    "c\xF0\x9F\x98\x80"
                    "e");
    alice.undone.open_group();
    alice.erase(4, 1);
    alice.erase(3, 1);
    alice.erase(2, 1);
    alice.erase(0, 1);
    const auto back = alice.undo();
    CHECK(alice.text.str() == "a\xC3\xA9"
                              "c\xF0\x9F\x98\x80"
                              "e");
    REQUIRE(back.size() == 2);
    CHECK(std::get<rga_text::insert_op>(back[1]).text == "c\xF0\x9F\x98\x80"
                                                         "e");
    CHECK(std::get<rga_text::insert_op>(back[1]).parent == text_id{3, alice.id});
}

TEST_CASE("text_undo: what somebody else wrote inside the text that I erased stays between what comes back") {
    pair_of_writers w("abcd");
    const auto his = w.bob.insert(2, "X");
    const auto hers = w.alice.erase(1, 2);
    w.alice.hear(his, w.bob);
    w.bob.hear(hers, w.alice);
    REQUIRE(w.alice.text.str() == "aXd");
    w.bob.hear(w.alice.undo(), w.alice);
    CHECK(w.alice.text.str() == "abXcd");
    CHECK(w.bob.text == w.alice.text);
    w.bob.hear(w.alice.redo(), w.alice);
    CHECK(w.bob.text.str() == "aXd");
}

TEST_CASE("text_undo: what somebody else wrote inside my text stays when mine goes and comes back") {
    pair_of_writers w("abcd");
    w.alice.hear(w.bob.insert(2, "X"), w.bob);
    w.bob.hear(w.alice.undo(), w.alice);
    CHECK(w.bob.text.str() == "X");
    w.bob.hear(w.alice.redo(), w.alice);
    CHECK(w.bob.text.str() == "abXcd");
    CHECK(w.alice.text == w.bob.text);
}

TEST_CASE("text_undo: what somebody else erased of mine stays erased, by undo and by redo") {
    pair_of_writers w("abcd");
    w.alice.hear(w.bob.erase(1, 2), w.bob);
    w.alice.undo();
    CHECK(w.alice.text.empty());
    w.alice.redo();
    CHECK(w.alice.text.str() == "ad");
}

TEST_CASE("text_undo: what both erased comes back once for each who undoes") {
    pair_of_writers w("abc");
    const auto hers = w.alice.erase(1, 1);
    const auto his = w.bob.erase(1, 1);
    w.alice.hear(his, w.bob);
    w.bob.hear(hers, w.alice);
    w.bob.hear(w.alice.undo(), w.alice);
    CHECK(w.bob.text.str() == "abc");
    w.alice.hear(w.bob.undo(), w.bob);
    CHECK(w.alice.text.str() == "abbc");
    CHECK(w.alice.text == w.bob.text);
}

TEST_CASE("text_undo: a step of which nothing is left is passed over") {
    pair_of_writers w("abc");
    w.alice.insert(3, "d");
    w.alice.erase(3, 1);
    w.alice.undo();
    const auto again = w.alice.redo();
    REQUIRE(w.alice.text.str() == "abc");
    w.bob.hear(w.alice.text.operations_since({3, 0}), w.alice);
    // Bob erases all that she would take back next.
    w.alice.hear(w.bob.erase(0, 3), w.bob);
    w.alice.undo(); // brings the d back
    CHECK(w.alice.text.str() == "d");
    w.alice.undo(); // takes it away
    CHECK(w.alice.text.empty());
    CHECK(w.alice.undo().empty()); // "abc" is gone already
    CHECK_FALSE(w.alice.undone.can_undo());
    CHECK(w.alice.undone.can_redo());
    CHECK_FALSE(again.empty());
}

TEST_CASE("text_undo: what comes back beside other erased text is in its place when that comes back too") {
    writer alice(1);
    alice.insert(0, "abcde");
    alice.erase(2, 1);
    alice.erase(1, 2);
    alice.undo();
    CHECK(alice.text.str() == "abde");
    alice.undo();
    CHECK(alice.text.str() == "abcde");
}

TEST_CASE("text_undo: several changes of one transaction are one step, the next transaction is another") {
    rga_text text;
    text_undo undo;
    for (const std::uint64_t transaction : {1U, 1U, 2U}) {
        const auto before = text.applied();
        text.local_insert(text.size(), "x", {{{1}, transaction}, {}});
        undo.record(text, before);
    }
    for (const auto& op : undo.undo(text, {1}))
        text.apply(op, {{{1}, 3}, {}});
    CHECK(text.str() == "xx");
    for (const auto& op : undo.undo(text, {1}))
        text.apply(op, {{{1}, 4}, {}});
    CHECK(text.empty());
    CHECK_FALSE(undo.can_undo());
}

TEST_CASE("text_undo: only the latest groups are kept") {
    writer alice(1);
    alice.undone = text_undo(2);
    for (const char* letter : {"a", "b", "c"})
        alice.insert(alice.text.size(), letter);
    alice.undo();
    alice.undo();
    CHECK(alice.undo().empty());
    CHECK(alice.text.str() == "a");
    alice.undone = text_undo(0);
    alice.undone.open_group();
    alice.insert(1, "b");
    alice.insert(2, "c");
    CHECK(alice.undo().empty());
}

TEST_CASE("text_undo: more than one insert may hold comes back in several") {
    writer alice(1);
    const std::string page = "\xE2\x82\xAC" + std::string(limits::text_insert_bytes_max - 4, 'x');
    alice.insert(0, page);
    alice.insert(alice.text.size(), page);
    const std::string all = alice.text.str();
    alice.erase(0, alice.text.size());
    const auto back = alice.undo();
    CHECK(back.size() == 2);
    CHECK((alice.text.str() == all));
    CHECK(alice.text.check_invariants() == "");
    alice.undo();
    CHECK((alice.text.str() == page));
}

TEST_CASE("rga_text: fragments tell the content, order and state of characters, erased ones too") {
    writer alice(1);
    alice.insert(0, "abcdef");
    alice.insert(3, "XY");
    alice.erase(1, 3); // b, c, X
    const std::vector<text_id_range> asked{
        {{5, alice.id}, 1}, {{1, alice.id}, 3}, {{2, alice.id}, 1}, {{7, alice.id}, 1}};
    const auto found = alice.text.fragments(asked);
    REQUIRE(found.size() == 4);
    CHECK((found[0].text == "a" && found[0].visible && !found[0].joined));
    CHECK((found[1].text == "bc" && !found[1].visible && found[1].joined));
    CHECK(found[1].ids == text_id_range{{2, alice.id}, 2});
    CHECK((found[2].text == "X" && !found[2].visible && found[2].joined));
    CHECK((found[3].text == "e" && found[3].visible && !found[3].joined));
    CHECK(alice.text.fragments({}).empty());
}

TEST_CASE("rga_text: nothing was done to a text that is new") {
    const rga_text::change nothing = rga_text().change_since({});
    CHECK(nothing.inserted.empty());
    CHECK(nothing.erased.empty());
    CHECK(nothing.transaction == sangam::causality::dot());
    text_undo undo;
    undo.record(nothing);
    CHECK_FALSE(undo.can_undo());
}
