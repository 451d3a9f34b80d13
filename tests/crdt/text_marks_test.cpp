#include "context.hpp"

#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/object.hpp>
#include <sangam/crdt/rga_text.hpp>

#include <initializer_list>

using namespace sangam::crdt;
using sangam::crdt::test::at;
using sangam::crdt::test::error_of;
using enum mark_growth;

// The examples of the Peritext paper are named by its sections.

namespace {

/// "The <bold true|fox> jumped": runs with marks in angle brackets.
std::string shown(const rga_text& text) {
    std::string all;
    for (const formatted_run& run : text.formatted()) {
        std::string marks;
        for (const text_mark& m : run.marks) {
            marks += (marks.empty() ? "" : ", ") + m.name + " " + to_string(m.content);
        }
        const std::string part = text.str(run.position, run.length);
        all += marks.empty() ? part : "<" + marks + "|" + part + ">";
    }
    return all;
}

/// Somebody's copy of a text, and what they did to it that others have not heard of.
class writer {
public:
    explicit writer(std::uint64_t replica, const rga_text& text = {}) : text(text), replica_(replica) {}

    /// What all steps between two of these do is one transaction.
    void next(std::uint64_t ms) {
        ++sequence_;
        ms_ = ms;
    }
    void add(std::size_t position, std::string_view what) { does(text.insert(position, what, {replica_})); }
    void erase(std::size_t position, std::size_t count) { does(text.erase(position, count)); }
    void mark(std::string_view part, std::string name, value content, mark_growth growth) {
        const std::size_t position = text.str().find(part);
        REQUIRE(position != std::string::npos);
        does(text.mark(position, part.size(), std::move(name), std::move(content), growth));
    }
    void bold(std::string_view part) { mark(part, "bold", true, after); }
    void unbold(std::string_view part) { mark(part, "bold", {}, after); }
    void link(std::string_view part) { mark(part, "link", "x.org", none); }
    void does(rga_text::operation op) {
        REQUIRE(text.accepts(op, {replica_}));
        const operation_context context = at(replica_, sequence_, ms_);
        text.apply(op, context);
        made.emplace_back(std::move(op), context);
    }
    void hears(const writer& other) {
        for (const auto& [op, context] : other.made) {
            REQUIRE(text.accepts(op, context.id.replica));
            text.apply(op, context);
        }
    }

    rga_text text;
    std::vector<std::pair<rga_text::operation, operation_context>> made;

private:
    std::uint64_t replica_;
    std::uint64_t sequence_ = 1;
    std::uint64_t ms_ = 1;
};

rga_text fox() {
    writer author(9);
    author.add(0, "The fox jumped.");
    return author.text;
}

/// What two see after they heard of each other.
std::string merged(writer& alice, writer& bob) {
    alice.hears(bob);
    bob.hears(alice);
    CHECK(alice.text == bob.text);
    CHECK(shown(alice.text) == shown(bob.text));
    CHECK(alice.text.check_invariants() == "");
    return shown(alice.text);
}

struct two {
    writer alice{1, fox()};
    writer bob{2, fox()};
};

} // namespace

TEST_CASE("text_marks: a text without marks is one run, an empty one none") {
    CHECK(fox().formatted() == std::vector<formatted_run>{{0, 15, {}}});
    CHECK(rga_text().formatted().empty());
    CHECK(fox().formatted(3, 0).empty());
    CHECK(fox().marks_at(3).empty());
}

TEST_CASE("text_marks: overlapping bold ranges are bold together (2.3.1)") {
    two t;
    t.alice.bold("The fox");
    t.bob.bold("fox jumped");
    CHECK(merged(t.alice, t.bob) == "<bold true|The fox jumped>.");
}

TEST_CASE("text_marks: marks of two names overlap (2.3.1)") {
    two t;
    t.alice.bold("The fox");
    t.bob.mark("fox jumped", "italic", true, after);
    CHECK(merged(t.alice, t.bob) == "<bold true|The ><bold true, italic true|fox><italic true| jumped>.");
}

TEST_CASE("text_marks: text that somebody adds inside a mark they did not see is marked (2.2)") {
    two t;
    t.alice.bold("The fox jumped.");
    t.bob.add(4, "brown ");
    CHECK(merged(t.alice, t.bob) == "<bold true|The brown fox jumped.>");
}

TEST_CASE("text_marks: of bold and not bold at once the later one counts where they overlap (2.3.2)") {
    for (const std::uint64_t ms : {5U, 7U}) {
        two t;
        t.alice.bold("The fox jumped");
        t.bob.hears(t.alice);
        t.alice.made.clear();
        t.alice.next(6);
        t.bob.next(ms);
        t.alice.unbold("fox jumped");
        t.bob.bold("jumped.");
        CHECK(merged(t.alice, t.bob) == (ms == 5 ? "<bold true|The >fox jumped<bold true|.>"
                                                 : "<bold true|The >fox <bold true|jumped.>"));
    }
}

TEST_CASE("text_marks: of two colors the later one counts where they overlap (2.3.2)") {
    two t;
    t.alice.mark("The fox", "color", "red", after);
    t.bob.next(2);
    t.bob.mark("fox jumped", "color", "blue", after);
    CHECK(merged(t.alice, t.bob) == R"(<color "red"|The ><color "blue"|fox jumped>.)");
}

TEST_CASE("text_marks: of equal times the greater replica counts, whoever hears first") {
    two t;
    t.alice.mark("fox", "color", "red", after);
    t.bob.mark("fox", "color", "blue", after);
    CHECK(merged(t.alice, t.bob) == R"(The <color "blue"|fox> jumped.)");
}

TEST_CASE("text_marks: of one transaction the last mark counts") {
    two t;
    t.alice.bold("The fox");
    t.alice.unbold("fox");
    t.alice.mark("The", "bold", 2, after);
    CHECK(merged(t.alice, t.bob) == "<bold 2|The><bold true| >fox jumped.");
}

TEST_CASE("text_marks: comments overlap, each under its own name (2.3.3)") {
    two t;
    t.alice.mark("The fox", "comment:1", "which?", none);
    t.bob.mark("fox jumped", "comment:2", "where?", none);
    CHECK(merged(t.alice, t.bob) == R"(<comment:1 "which?"|The ><comment:1 "which?", comment:2 "where?"|fox>)"
                                    R"(<comment:2 "where?"| jumped>.)");
    CHECK(t.alice.text.marks_at(5) ==
          std::vector<text_mark>{{"comment:1", "which?"}, {"comment:2", "where?"}});
}

TEST_CASE("text_marks: what is typed at an end is marked as the mark grows (2.4)") {
    struct expected {
        mark_growth growth;
        const char* shows;
    };
    for (const auto& [growth, shows] :
         {expected{none, "The {<m true|fox>} jumped."}, expected{after, "The {<m true|fox}> jumped."},
          expected{before, "The <m true|{fox>} jumped."}, expected{both, "The <m true|{fox}> jumped."}}) {
        two t;
        t.alice.mark("fox", "m", true, growth);
        t.alice.add(7, "}");
        t.alice.add(4, "{");
        CHECK(merged(t.alice, t.bob) == shows);
    }
}

TEST_CASE("text_marks: a mark that grows at the start or the end of the text takes what is typed there") {
    two t;
    t.alice.mark("The fox jumped.", "m", true, both);
    t.alice.mark("The fox jumped.", "n", true, none);
    t.bob.add(15, "!");
    t.bob.add(0, "?");
    CHECK(merged(t.alice, t.bob) == "<m true|?><m true, n true|The fox jumped.><m true|!>");
}

TEST_CASE("text_marks: a link does not grow when its last characters were erased") {
    two t;
    t.alice.link("fox");
    t.alice.erase(5, 2);
    t.alice.add(5, "at");
    CHECK(merged(t.alice, t.bob) == R"(The <link "x.org"|f>at jumped.)");
    t.alice.erase(4, 1); // nothing of it is left
    t.alice.add(4, "b");
    CHECK(shown(t.alice.text) == "The bat jumped.");
}

TEST_CASE("text_marks: bold grows when its last characters, or those behind it, were erased") {
    two t;
    t.alice.bold("fox");
    t.alice.erase(5, 2);
    t.alice.erase(5, 1); // the blank in front of which the mark ends
    t.alice.add(5, "at");
    CHECK(merged(t.alice, t.bob) == "The <bold true|fat>jumped.");
}

TEST_CASE("text_marks: a bold link whose end was erased: what is typed there is bold and no link") {
    two t;
    t.alice.bold("The fox");
    t.alice.link("fox");
    t.alice.erase(6, 1);
    t.alice.add(6, "g");
    CHECK(merged(t.alice, t.bob) == R"(<bold true|The ><bold true, link "x.org"|fo><bold true|g> jumped.)");
}

TEST_CASE("text_marks: a mark does not begin earlier when its first characters were erased") {
    two t;
    t.alice.bold("fox");
    t.alice.erase(4, 1);
    t.alice.add(4, "b");
    CHECK(merged(t.alice, t.bob) == "The b<bold true|ox> jumped.");
    t.alice.text = rga_text();
    t.alice.add(0, "abc");
    t.alice.link("a");
    t.alice.erase(0, 1);
    t.alice.add(0, "x"); // behind the link, though nothing is left in front
    CHECK(shown(t.alice.text) == "xbc");
}

TEST_CASE("text_marks: typing in place lands where a prepared insert would") {
    const auto check = [](const rga_text& text, std::size_t position) {
        rga_text typed = text;
        rga_text prepared = text;
        for (std::uint64_t i = 0; i < 3; ++i) {
            const operation_context context = at(3, 1 + i);
            prepared.apply(prepared.insert(position + i, "x", {3}), context);
            typed.local_insert(position + i, "x", context);
            CHECK(typed == prepared);
            CHECK(typed.check_invariants() == "");
        }
    };
    two t;
    t.alice.link("fox");
    t.alice.erase(5, 3);
    for (std::size_t position = 0; position <= t.alice.text.size(); ++position) {
        check(t.alice.text, position);
    }
    // Bob types behind "fo" before he hears that a link ended with the "x" that is gone.
    rga_text typed = fox();
    typed.local_insert(6, "a", at(3, 1));
    typed.local_insert(7, "b", at(3, 2));
    writer bob(2, typed);
    bob.mark("abx", "link", 1, none);
    bob.erase(8, 1);
    rga_text prepared = bob.text;
    prepared.apply(prepared.insert(8, "c", {3}), at(3, 3));
    bob.text.local_insert(8, "c", at(3, 3));
    CHECK(bob.text == prepared);
    CHECK(shown(bob.text) == "The fo<link 1|ab>c jumped.");
}

TEST_CASE("text_marks: a mark that arrives while somebody types is seen by the next keystroke") {
    writer alice(1);
    alice.add(0, "ab");
    writer bob(2, alice.text);
    bob.link("ab");
    alice.next(2);
    alice.erase(1, 1);
    for (std::uint64_t i = 0; i < 4; ++i) {
        alice.text.local_insert(1 + i, "x", at(1, 3 + i));
    }
    alice.hears(bob);
    const auto op = alice.text.insert(5, "z", {1});
    CHECK(op.parent == text_id{2, {1}}); // behind the b that is gone
    alice.text.local_insert(5, "z", at(1, 7));
    CHECK(shown(alice.text) == R"(<link "x.org"|axxxx>z)");
}

TEST_CASE("text_marks: an earlier mark that arrives late does not come through") {
    two t;
    t.alice.bold("The fox");
    t.bob.next(2);
    t.bob.unbold("The");
    t.bob.mark("fox", "bold", 3, after);
    CHECK(merged(t.alice, t.bob) == "The<bold true| ><bold 3|fox> jumped.");
}

TEST_CASE("text_marks: a mark that others cover is forgotten, an unmark is not") {
    two t;
    t.alice.bold("fox");
    t.alice.next(2);
    t.alice.mark("The fox jumped", "bold", 2, after);
    t.bob.next(2);
    t.bob.mark("The fox jumped", "bold", 2, after);
    CHECK(shown(t.alice.text) == shown(t.bob.text));
    CHECK_FALSE(t.alice.text == t.bob.text); // different transactions
    writer alice(1, fox());
    alice.next(2);
    alice.mark("The fox jumped", "bold", 2, after);
    CHECK(alice.text == t.alice.text);
    alice.next(3);
    alice.unbold("The fox jumped");
    CHECK(shown(alice.text) == "The fox jumped.");
    CHECK_FALSE(alice.text == fox());
}

TEST_CASE("text_marks: a range that ends before it begins covers nothing") {
    two t;
    const text_id a{1, {9}};
    const text_id b{2, {9}};
    const auto check = [&](text_cursor begin, text_cursor end, const char* shows) {
        rga_text text = fox();
        const rga_text::operation op(rga_text::mark_op{begin, end, "m", true});
        REQUIRE(text.accepts(op, {1}));
        text.apply(op, at(1, 1));
        CHECK(shown(text) == shows);
        CHECK(text.check_invariants() == "");
    };
    using enum text_bias;
    check({a, right}, {a, left}, "<m true|T>he fox jumped.");
    check({a, left}, {a, right}, "The fox jumped.");
    check({a, left}, {a, left}, "The fox jumped.");
    check({a, left}, {b, right}, "The fox jumped.");
    check({b, right}, {a, left}, "The fox jumped.");
    check({b, right}, {{}, right}, "T<m true|he fox jumped.>");
    check({{}, left}, {b, right}, "<m true|T>he fox jumped.");
    check({{}, right}, {{}, left}, "The fox jumped.");
    check({{}, right}, {b, left}, "The fox jumped.");
    check({b, right}, {{}, left}, "The fox jumped.");
}

TEST_CASE("text_marks: errors of mark") {
    const rga_text text = fox();
    CHECK(error_of([&] { (void)text.mark(10, 6, "m", true); }).code == errc::position_past_end);
    CHECK(error_of([&] { (void)text.unmark(16, 1, "m"); }).code == errc::position_past_end);
    CHECK(error_of([&] { (void)text.mark(0, 1, "\xff", true); }).code == errc::invalid_utf8);
    CHECK(error_of([&] { (void)text.mark(0, 1, std::string(limits::name_bytes_max + 1, 'm'), true); }).code ==
          errc::too_large);
    CHECK(text.accepts(text.mark(0, 1, std::string(limits::name_bytes_max, 'm'), true), {1}));
    CHECK(error_of([&] { (void)text.marks_at(15); }).code == errc::position_past_end);
    CHECK(error_of([&] { (void)text.formatted(15, 1); }).code == errc::position_past_end);
}

TEST_CASE("text_marks: accepted is what names known characters, or those of its transaction") {
    const rga_text text = fox();
    const auto accepts = [&](text_cursor begin, text_cursor end, std::string name,
                             std::initializer_list<text_id_range> pending = {}) {
        return text.accepts(rga_text::mark_op{begin, end, std::move(name), true}, {1}, pending);
    };
    using enum text_bias;
    const text_cursor known{text_id{15, {9}}, left};
    const text_cursor unknown{text_id{16, {9}}, left};
    const text_cursor start{{}, left};
    CHECK(accepts(start, known, "m"));
    CHECK_FALSE(accepts(start, unknown, "m"));
    CHECK_FALSE(accepts(unknown, known, "m"));
    CHECK(accepts(start, unknown, "m", {{{16, {9}}, 1}}));
    CHECK_FALSE(accepts(start, {text_id{0, {9}}, left}, "m"));
    CHECK_FALSE(accepts(start, {text_id{limits::lamport_max + 1, {9}}, left}, "m"));
    CHECK_FALSE(accepts(start, known, "\xc0"));
    CHECK(accepts(start, known, std::string(limits::name_bytes_max, 'm')));
    CHECK_FALSE(accepts(start, known, std::string(limits::name_bytes_max + 1, 'm')));
}

TEST_CASE("text_marks: a text of marks alone shows nothing and is not new") {
    using enum text_bias;
    object text(object_kind::rga_text);
    object map(object_kind::or_map);
    const rga_text::operation op(rga_text::mark_op{{{}, left}, {{}, right}, "m", true});
    const std::vector<map_key> path{{"t", object_kind::rga_text}};
    text.apply({}, op, at(1, 1));
    map.apply(path, op, at(1, 1));
    CHECK(text.empty());
    CHECK_FALSE(text.is_new());
    CHECK_FALSE(text == object(object_kind::rga_text));
    // Wherever it arrives first, the text that comes beside it is marked.
    map.apply(path, rga_text::operation(rga_text::insert_op{{1, {2}}, {}, "a"}), at(2, 1));
    CHECK(shown(*map.as<or_map>()->find(path)->as<rga_text>()) == "<m true|a>");
}

TEST_CASE("text_marks: a reset leaves nothing that shows marks") {
    two t;
    t.alice.bold("fox");
    t.alice.does(t.alice.text.reset());
    t.bob.add(6, "i");
    CHECK(merged(t.alice, t.bob) == "<bold true|i>");
    t.alice.add(1, "!");
    t.alice.erase(0, 1);
    CHECK(t.alice.text.formatted().size() == 1);
}

TEST_CASE("text_marks: texts with other marks are not equal") {
    rga_text marked = fox();
    const rga_text plain = marked;
    marked.apply(marked.mark(4, 3, "m", true, after), at(1, 1));
    CHECK_FALSE(marked == plain);
    rga_text other = plain;
    other.apply(other.mark(4, 3, "m", false, after), at(1, 1));
    CHECK_FALSE(marked == other);
    other = plain;
    other.apply(other.mark(4, 3, "m", true, after), at(1, 1));
    CHECK(marked == other);
}

TEST_CASE("text_marks: what a mark covers is told in visible characters") {
    rga_text text = fox();
    const rga_text::mark_op op = text.mark(4, 3, "m", true, after);
    CHECK(text.covered(op) == text_range{4, 3});
    text.apply(text.erase(0, 6), at(1, 1));
    CHECK(text.covered(op) == text_range{0, 1});
    text.apply(text.erase(0, 1), at(1, 2));
    CHECK(text.covered(op) == text_range{0, 0});
}
