#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/rga_text.hpp>
#include <sangam/crdt/text_history.hpp>
#include <sangam/crdt/text_undo.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
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
    operations undo() { return apply_own(undone.undo()); }
    operations redo() { return apply_own(undone.redo()); }
    /// The same in transactions of at most so many ranges.
    void undo(std::size_t ranges_max) {
        last_pieces = 1;
        for (apply_own(undone.undo(ranges_max)); undone.undo_goes_on(); ++last_pieces)
            apply_own(undone.undo(ranges_max));
    }
    void redo(std::size_t ranges_max) {
        for (apply_own(undone.redo(ranges_max)); undone.redo_goes_on();)
            apply_own(undone.redo(ranges_max));
    }
    bool undo_piece(std::size_t ranges_max) { return !apply_own(undone.undo(ranges_max)).empty(); }

    int last_pieces = 0;
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
        undone.applied({id, transactions});
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

TEST_CASE("text_undo: an earlier step finds characters that came back") {
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

TEST_CASE("text_undo: backspaces of one group come back by one restore that names ranges") {
    writer alice(1);
    alice.insert(0, "a\xC3\xA9"
                    "c\xF0\x9F\x98\x80"
                    "e");
    alice.undone.open_group();
    alice.erase(4, 1);
    alice.erase(3, 1);
    alice.erase(2, 1);
    alice.erase(0, 1);
    const auto before = alice.text.elements();
    const auto back = alice.undo();
    CHECK(alice.text.str() == "a\xC3\xA9"
                              "c\xF0\x9F\x98\x80"
                              "e");
    CHECK(alice.text.elements().size() == before.size());
    REQUIRE(back.size() == 1);
    const auto& restored = std::get<rga_text::restore_op>(back[0]);
    CHECK(restored.parts == std::vector<rga_text::erased_part>{{{{3, alice.id}, 3}, {{alice.id, 2}, 3}},
                                                               {{{1, alice.id}, 1}, {{alice.id, 5}, 1}}});
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

TEST_CASE("text_undo: what both erased comes back, once, when both have undone") {
    pair_of_writers w("abc");
    const auto hers = w.alice.erase(1, 1);
    const auto his = w.bob.erase(1, 1);
    w.alice.hear(his, w.bob);
    w.bob.hear(hers, w.alice);
    w.bob.hear(w.alice.undo(), w.alice);
    w.alice.hear(w.bob.undo(), w.bob);
    CHECK(w.alice.text.str() == "abc");
    CHECK(w.alice.text == w.bob.text);
    w.bob.hear(w.alice.redo(), w.alice);
    CHECK(w.bob.text.str() == "ac");
}

TEST_CASE("text_undo: what I undid and somebody else had erased stays away when that erase is taken back") {
    pair_of_writers w("abc");
    w.alice.hear(w.bob.erase(1, 1), w.bob);
    w.bob.hear(w.alice.undo(), w.alice);
    w.alice.hear(w.bob.undo(), w.bob);
    CHECK(w.alice.text.empty());
    w.bob.hear(w.alice.redo(), w.alice);
    CHECK(w.bob.text.str() == "abc");
}

TEST_CASE("text_undo: a step of which nothing can be seen is a step, and stays undone") {
    pair_of_writers w("abc");
    w.bob.hear(w.alice.insert(3, "d"), w.alice);
    w.alice.hear(w.bob.erase(3, 1), w.bob);
    w.bob.hear(w.alice.undo(), w.alice); // the d, which cannot be seen
    CHECK(w.alice.text.str() == "abc");
    w.alice.hear(w.bob.undo(), w.bob);
    CHECK(w.alice.text.str() == "abc"); // she has undone it
    w.bob.hear(w.alice.redo(), w.alice);
    CHECK(w.bob.text.str() == "abcd");
    CHECK(w.alice.text == w.bob.text);
}

TEST_CASE("text_undo: a step that erased all that it inserted is passed over") {
    writer alice(1);
    alice.insert(0, "abc");
    alice.undone.open_group();
    alice.insert(3, "d");
    alice.erase(3, 1);
    alice.undo();
    CHECK(alice.text.empty());
    CHECK(alice.undo().empty());
    alice.redo();
    CHECK(alice.text.str() == "abc");
    CHECK_FALSE(alice.undone.can_redo());
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
    for (const auto& op : undo.undo())
        text.apply(op, {{{1}, 3}, {}});
    undo.applied({{1}, 3});
    CHECK(text.str() == "xx");
    for (const auto& op : undo.undo())
        text.apply(op, {{{1}, 4}, {}});
    undo.applied({{1}, 4});
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

// Undo made inserts of what had been erased: 4 MB did not fit into a transaction, and the steps before it
// could not be reached any more.
TEST_CASE("text_undo: what comes back costs ranges of ids, however much it is") {
    writer alice(1);
    const std::string page = "\xE2\x82\xAC" + std::string(limits::text_insert_bytes_max - 4, 'x');
    for (int n = 0; n < 4; ++n)
        alice.insert(alice.text.size(), page);
    const std::string all = alice.text.str();
    alice.erase(0, alice.text.size());
    const auto back = alice.undo();
    REQUIRE(back.size() == 1);
    CHECK(std::get<rga_text::restore_op>(back[0]).parts.size() == 1);
    CHECK((alice.text.str() == all));
    CHECK(alice.text.check_invariants() == "");
    alice.undo();
    CHECK((alice.text.str().size() == 3 * page.size()));
}

// Each part of a restore looked through all erases of its transactions: what a clear of scattered pieces had
// taken came back in time that grew with their square.
TEST_CASE("text_undo: a text of 200,000 scattered pieces comes back") {
    writer alice(1);
    for (std::size_t n = 0; n < 200'000; ++n)
        alice.insert(n * 2'654'435'761 % (alice.text.size() + 1), "x");
    const std::size_t all = alice.text.size();
    alice.erase(0, all);
    REQUIRE(alice.text.size() == 0);
    const auto back = alice.undo();
    REQUIRE(back.size() == 1);
    CHECK(std::get<rga_text::restore_op>(back[0]).parts.size() > 100'000);
    CHECK(alice.text.size() == all);
    CHECK(alice.text.check_invariants() == "");
}

// A transaction holds 16 MiB: the undo of an erase of more pieces than half of these threw for ever, and hid
// the steps before it.
TEST_CASE(
    "text_undo: a step of more ranges than one transaction may have is made in several, and is one step") {
    writer alice(1);
    alice.insert(0, "abcdefghij");
    for (std::size_t position = 1; position <= 5; ++position)
        alice.erase(position, 1); // "acegi", whose ids lie apart
    alice.undone.clear();
    alice.insert(5, "!");
    alice.undone.open_group();
    alice.insert(0, "<");
    alice.erase(1, 5);
    alice.insert(2, ">");
    alice.undone.close_group();
    REQUIRE(alice.text.str() == "<!>");
    // One range goes away and five parts come back.
    for (const auto& [ranges_max, pieces] :
         {std::pair<std::size_t, int>{2, 6}, {3, 5}, {4, 3}, {5, 3}, {10, 2}, {11, 1}}) {
        CAPTURE(ranges_max);
        alice.undo(ranges_max);
        CHECK(alice.text.str() == "acegi!");
        CHECK(alice.last_pieces == pieces);
        CHECK_FALSE(alice.undone.undo_goes_on());
        alice.redo(ranges_max);
        CHECK(alice.text.str() == "<!>");
        CHECK_FALSE(alice.undone.can_redo());
    }
    alice.undo(2);
    alice.undo(); // the step before it
    CHECK(alice.text.str() == "acegi");
    CHECK_FALSE(alice.undone.can_undo());
    alice.redo();
    alice.redo();
    CHECK(alice.text.str() == "<!>");
}

TEST_CASE("text_undo: a new edit makes what is left of a step a step of its own") {
    writer alice(1);
    alice.insert(0, "abc");
    alice.erase(1, 1);
    alice.erase(0, 2); // a and c
    REQUIRE(alice.undo_piece(2));
    REQUIRE(alice.undone.undo_goes_on());
    CHECK(alice.text.str() == "a");
    alice.insert(1, "!");
    CHECK_FALSE(alice.undone.undo_goes_on());
    alice.undo();
    CHECK(alice.text.str() == "a");
    alice.undo();
    CHECK(alice.text.str() == "ac");
    alice.redo();
    CHECK(alice.text.str() == "a");
    alice.redo();
    CHECK(alice.text.str() == "a!");
}

// Parts that named the same erases again and again took the product of both in time and memory, for ever.
TEST_CASE("text_undo: a restore that says the same 100,000 times takes back what it names once") {
    writer alice(1);
    alice.insert(0, "abcdef");
    constexpr std::uint64_t erases = 2000;
    for (std::uint64_t n = 0; n < erases; ++n) {
        const sangam::crdt::operation_context context{{alice.id, ++alice.transactions}, {}};
        alice.text.apply(rga_text::erase_op{{{{1, alice.id}, 6}}}, context);
    }
    REQUIRE(alice.text.size() == 0);
    const rga_text::restore_op once{{{{{1, alice.id}, 6}, {{alice.id, 2}, erases}}}};
    rga_text::restore_op often;
    often.parts.assign(100'000, once.parts.front());
    alice.text.apply(often, {{alice.id, ++alice.transactions}, {}});
    CHECK(alice.text.str() == "abcdef");
    CHECK(alice.text.check_invariants() == "");
}

// The same with 30,000 ranges of transactions that overlap and differ: each was looked through by itself.
TEST_CASE("text_undo: a restore of many ranges of transactions that overlap looks at each erase once") {
    writer alice(1);
    alice.insert(0, "abcdef");
    constexpr std::uint64_t erases = 30'000;
    for (std::uint64_t n = 0; n < erases; ++n) {
        // Not in the order of the text, so that they are as many runs.
        const text_id_range one{{1 + 2 * n % 5, alice.id}, 1};
        alice.text.apply(rga_text::erase_op{{one}}, {{alice.id, ++alice.transactions}, {}});
    }
    REQUIRE(alice.text.str() == "f");
    rga_text::restore_op nested;
    for (std::uint64_t n = 0; n < erases; ++n)
        nested.parts.push_back({{{1 + n % 2, alice.id}, 4}, {{alice.id, 2 + n / 2}, erases - n}});
    alice.text.apply(nested, {{alice.id, ++alice.transactions}, {}});
    CHECK(alice.text.str() == "abcdef");
    CHECK(alice.text.check_invariants() == "");
    CHECK(alice.text.history().transactions().back().restored == erases);
}

// Undo inserted new characters behind the first erased one: they had no marks, or those of a neighbour.
TEST_CASE("text_undo: characters come back with the marks that others put on them") {
    pair_of_writers w("my own words");
    w.alice.undone.clear();
    const auto comment = w.bob.text.mark(3, 3, "comment", "really?");
    const writer::operations his{comment};
    ++w.bob.transactions;
    w.bob.hear(his, w.bob);
    w.alice.hear(his, w.bob);
    w.alice.insert(12, "!");
    w.alice.undo();
    w.alice.redo();
    w.alice.erase(0, 9);
    w.alice.undo();
    CHECK(w.alice.text.covered(comment) == text_range{3, 3});
    CHECK(w.alice.text.marks_at(3) == std::vector<text_mark>{{"comment", "really?"}});
    CHECK(w.alice.text.marks_at(2).empty());
}

TEST_CASE("text_undo: an undone insert comes back with the comment that somebody put on it") {
    pair_of_writers w("hello");
    const writer::operations his{w.bob.text.mark(1, 3, "comment", 7)};
    ++w.bob.transactions;
    w.bob.hear(his, w.bob);
    w.alice.hear(his, w.bob);
    w.alice.undo();
    REQUIRE(w.alice.text.empty());
    w.alice.redo();
    CHECK(w.alice.text.formatted(1, 3) == std::vector<formatted_run>{{1, 3, {{"comment", 7}}}});
}

TEST_CASE("text_undo: erasing across the edge of a link and undoing links what was linked, and no more") {
    for (const auto& [position, count] :
         {std::pair<std::size_t, std::size_t>{6, 8}, {2, 12}, {4, 8}, {0, 20}}) {
        CAPTURE(position);
        writer alice(1);
        alice.insert(0, "The Peritext editor!");
        const auto link = alice.text.mark(4, 8, "link", "x");
        ++alice.transactions;
        alice.hear({link}, alice);
        alice.erase(position, count);
        alice.undo();
        CHECK(alice.text.covered(link) == text_range{4, 8});
        CHECK(alice.text.formatted() ==
              std::vector<formatted_run>{{0, 4, {}}, {4, 8, {{"link", "x"}}}, {12, 8, {}}});
        alice.redo();
        alice.undo();
        CHECK(alice.text.covered(link) == text_range{4, 8});
    }
}

TEST_CASE("text_undo: what somebody typed between erased characters is there before and after the undo") {
    for (const bool late : {false, true}) {
        CAPTURE(late);
        pair_of_writers w("abcd");
        const auto his = w.bob.insert(2, "X");
        const auto hers = w.alice.erase(0, 4);
        w.bob.hear(hers, w.alice);
        if (!late) w.alice.hear(his, w.bob);
        w.bob.hear(w.alice.undo(), w.alice);
        if (late) w.alice.hear(his, w.bob);
        CHECK(w.alice.text.str() == "abXcd");
        CHECK(w.bob.text == w.alice.text);
    }
}

TEST_CASE("text_undo: a cursor inside what was erased is back in its place") {
    writer alice(1);
    alice.insert(0, "abcdef");
    const text_cursor behind_c = alice.text.cursor_at(3, text_bias::left);
    const text_cursor before_e = alice.text.cursor_at(4, text_bias::right);
    alice.erase(1, 5);
    REQUIRE(alice.text.position_of(behind_c) == 1);
    alice.undo();
    CHECK(alice.text.position_of(behind_c) == 3);
    CHECK(alice.text.position_of(before_e) == 4);
}

TEST_CASE("text_undo: what comes back are the very characters, and no others") {
    writer alice(1);
    alice.insert(0, "abcdef");
    const auto before = alice.text.elements();
    for (int times = 0; times < 10; ++times) {
        alice.erase(2, 2);
        alice.undo();
    }
    CHECK(alice.text.elements() == before);
}

TEST_CASE("text_undo: two stacks of one replica do not take back each other's erases") {
    writer alice(1);
    alice.insert(0, "abc");
    alice.erase(1, 1);
    alice.undo(); // now "abc", and she could redo
    const auto mine = alice.undone;
    alice.undone = text_undo();
    alice.erase(1, 1); // by another stack
    auto other = std::exchange(alice.undone, mine);
    alice.redo(); // erases the hidden b again
    alice.undo();
    CHECK(alice.text.str() == "ac"); // the other stack's erase is not hers to undo
    std::swap(alice.undone, other);
    alice.undo();
    CHECK(alice.text.str() == "abc");
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
