#include "crdt/context.hpp"
#include "specification/checked_text.hpp"
#include "support/seeds.hpp"

#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/rga_text.hpp>
#include <sangam/crdt/text_columns.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace sangam::crdt;
using sangam::causality::replica_id;
using sangam::specification::checked_text;
using sangam::specification::naive_text;
using sangam::test::draw;

namespace {

std::u32string letters(std::mt19937_64& rng, std::size_t count, bool ascii) {
    static constexpr std::u32string_view mixed = U"abcdefgh\u00e9\u20ac\U00010000\U0001F600";
    std::u32string text(count, U' ');
    for (char32_t& c : text)
        c = mixed[draw(rng, ascii ? 8 : mixed.size())];
    return text;
}

/// What a writer does: mostly the next keystroke, at times something else.
class writer {
public:
    struct edit {
        std::size_t position = 0;
        std::size_t erased = 0; ///< 0: an insert
        std::u32string inserted;
    };

    explicit writer(std::mt19937_64& rng) : rng_(rng) {}

    edit next(std::size_t size) {
        caret_ = std::min(caret_, size);
        if (draw(rng_, 9) == 0) habit_ = draw(rng_, 6);
        if (draw(rng_, 14) == 0) caret_ = draw(rng_, size + 1);
        switch (habit_) {
        case 1: // backspace
            if (caret_ > 0) return {--caret_, 1, {}};
            break;
        case 2: // delete
            if (caret_ < size) return {caret_, 1, {}};
            break;
        case 3:
            if (caret_ < size) return {caret_, 1 + draw(rng_, std::min<std::size_t>(size - caret_, 90)), {}};
            break;
        case 4: {
            const edit paste{caret_, 0, letters(rng_, 1 + draw(rng_, 120), draw(rng_, 2) == 0)};
            caret_ += draw(rng_, 2) * paste.inserted.size();
            return paste;
        }
        default:
            break;
        }
        return {caret_++, 0, letters(rng_, 1, draw(rng_, 10) != 0)};
    }

private:
    std::mt19937_64& rng_;
    std::size_t caret_ = 0;
    std::uint64_t habit_ = 0;
};

/// Somebody else's insert behind any character, in front of greater siblings too.
rga_text::insert_op other_insert(std::mt19937_64& rng, const rga_text& text, std::uint64_t& last) {
    rga_text::insert_op op{{1, {9}}, std::nullopt, "(other)"};
    const auto elements = text.elements();
    if (!elements.empty()) op.parent = elements[draw(rng, elements.size())].id;
    op.first.lamport = std::max(op.parent ? op.parent->lamport : 0, last) + 1;
    last = op.first.lamport + op.text.size() - 1;
    return op;
}

/// One text that is edited in one step, beside one whose operations are prepared and applied and one that
/// receives them and is asked for patches at times.
struct two_ways {
    rga_text local;
    rga_text prepared;
    rga_text received;

    void edit(const writer::edit& e, const operation_context& context, bool watched) {
        if (e.erased == 0) {
            const std::string text = checked_text::encoded(e.inserted);
            local.local_insert(e.position, text, context);
            apply_prepared(prepared.insert(e.position, text, context.id.replica), context, watched);
        } else {
            local.local_erase(e.position, e.erased, context);
            apply_prepared(prepared.erase(e.position, e.erased), context, watched);
        }
    }
    void apply(const rga_text::operation& op, const operation_context& context, bool watched) {
        local.apply(op, context);
        apply_prepared(op, context, watched);
    }
    void apply_prepared(const rga_text::operation& op, const operation_context& context, bool watched) {
        prepared.apply(op, context);
        if (!watched) return received.apply(op, context);
        std::u32string shown = utf8::to_scalars(received.str());
        std::vector<text_patch> patches;
        received.apply(op, context, &patches);
        for (const text_patch& p : patches)
            shown.replace(p.position, p.erased, utf8::to_scalars(p.inserted));
        REQUIRE(checked_text::encoded(shown) == received.str());
    }
    void check_since(const rga_text::log_position& since) const {
        REQUIRE(local.applied() == prepared.applied());
        const bool same_log = local.operations_since(since) == prepared.operations_since(since);
        REQUIRE(same_log);
    }
    void check_all() const {
        REQUIRE(local.check_invariants() == "");
        REQUIRE(prepared.check_invariants() == "");
        REQUIRE(received.check_invariants() == "");
        const bool same = local == prepared && local == received;
        REQUIRE(same);
        check_since({});
    }
};

} // namespace

TEST_CASE("rga_text: an edit in one step is the same as one that is prepared and applied") {
    sangam::test::for_each_seed(40, [](std::mt19937_64& rng) {
        two_ways texts;
        writer w(rng);
        std::uint64_t self = 1; // at times another replica goes on with the text, at the very same place
        std::uint64_t sequence = 0;
        std::uint64_t others = 0;
        std::uint64_t other_last = 0;
        bool watched = false;
        for (int step = 0; step < 300; ++step) {
            const rga_text::log_position before = texts.local.applied();
            if (draw(rng, 4) == 0) watched = !watched;
            if (draw(rng, 40) == 0) {
                texts.apply(other_insert(rng, texts.local, other_last), {{{9}, ++others}, {}}, watched);
            } else {
                if (sequence == 0 || draw(rng, 12) != 0) ++sequence; // else: in the same transaction
                if (draw(rng, 25) == 0) self = 3 - self;
                texts.edit(w.next(texts.local.size()), {{{self}, sequence}, {}}, watched);
            }
            texts.check_since(before);
            REQUIRE(texts.local.str() == texts.prepared.str());
            REQUIRE(texts.local.str() == texts.received.str());
            REQUIRE(texts.local.utf16_size() == texts.prepared.utf16_size());
            if (step % 50 == 49) texts.check_all();
        }
    });
}

TEST_CASE("rga_text: what was applied since any moment leads from the text of then to that of now") {
    sangam::test::for_each_seed(25, [](std::mt19937_64& rng) {
        std::vector<checked_text> texts{checked_text({1}), checked_text({2})};
        std::vector<writer> writers{writer(rng), writer(rng)};
        std::vector<std::pair<checked_text::operation, operation_context>> on_the_way[2];
        std::vector<std::pair<rga_text::log_position, rga_text>> moments[2];
        for (int step = 0; step < 200; ++step) {
            const std::size_t r = draw(rng, 2);
            if (draw(rng, 10) == 0) moments[r].emplace_back(texts[r].text().applied(), texts[r].text());
            if (draw(rng, 30) == 0) {
                for (auto& [op, context] : std::exchange(on_the_way[r], {}))
                    texts[r].apply(op, context);
                continue;
            }
            const writer::edit e = writers[r].next(texts[r].size());
            const operation_context context = texts[r].next_transaction(draw(rng, 6) == 0);
            on_the_way[1 - r].emplace_back(e.erased == 0
                                               ? texts[r].local_insert(e.position, e.inserted, context)
                                               : texts[r].local_erase(e.position, e.erased, context),
                                           context);
        }
        for (std::size_t r = 0; r < 2; ++r) {
            texts[r].check([&](std::size_t bound) { return draw(rng, bound); });
            for (const auto& [position, text] : moments[r])
                texts[r].check_operations_since(position, text);
            texts[r].check_operations_since({}, {});
            REQUIRE(texts[r].text().operations_since(texts[r].text().applied()).empty());
        }
    });
}

// Splitting a node of the tree moved counts to the wrong side, which shows beyond 32 leaves only.
TEST_CASE("rga_text: a history of 40,000 edits all over the text, three levels of nodes deep") {
    std::mt19937_64 rng(1);
    rga_text text;
    std::u32string editor;
    for (std::uint64_t edit = 1; edit <= 40'000; ++edit) {
        const std::size_t position = draw(rng, editor.size() + 1);
        const operation_context context{{{1}, edit}, {}};
        if (draw(rng, 10) < 2 && position < editor.size()) {
            const std::size_t count = 1 + draw(rng, std::min<std::size_t>(editor.size() - position, 2));
            text.local_erase(position, count, context);
            editor.erase(position, count);
        } else {
            const std::u32string added = letters(rng, 1 + draw(rng, 2), draw(rng, 20) != 0);
            text.local_insert(position, checked_text::encoded(added), context);
            editor.insert(position, added);
        }
        if (edit % 1000 != 0) continue;
        REQUIRE(text.check_invariants() == "");
        REQUIRE(text.str() == checked_text::encoded(editor));
        for (int sample = 0; sample < 50; ++sample) {
            const std::size_t at = draw(rng, editor.size());
            REQUIRE(text.str(at, 1) == checked_text::encoded(editor.substr(at, 1)));
            REQUIRE(text.position_of(text.cursor_at(at, text_bias::right)) == at);
            REQUIRE(text.from_utf16(text.to_utf16(at)) == at);
        }
    }
    naive_text naive;
    rga_text again;
    std::uint64_t sequence = 0;
    for (const rga_text::operation& op : text.operations_since({})) {
        if (sequence < 8'000) naive.apply(op, {});
        REQUIRE(again.accepts(op, {1}));
        again.apply(op, {{{1}, ++sequence}, {}});
        if (sequence != 8'000) continue;
        const bool as_the_naive = again.elements() == naive.elements();
        REQUIRE(as_the_naive);
    }
    REQUIRE(sequence > 30'000);
    REQUIRE(again.check_invariants() == "");
    const bool again_the_same = again == text;
    REQUIRE(again_the_same);
}

// A key that was held down took characters of two UTF-16 units away as if they had one: every position that a
// browser gave was wrong from then on.
TEST_CASE("rga_text: a key that is held down erases wide characters like any others") {
    for (const bool backward : {true, false}) {
        checked_text text({1});
        const auto same = [](std::size_t) { return std::size_t{0}; };
        text.local_insert(0, U"abc\U0001F600\U0001F601d\U0001F602efghi", text.next_transaction());
        for (int n = 0; n < 10; ++n) {
            text.local_erase(backward ? text.size() - 1 : 0, 1, text.next_transaction());
            text.check(same);
        }
        text.local_insert(text.size(), U"\U0001F603", text.next_transaction());
        text.check(same);
    }
}

TEST_CASE("rga_text: a key that is held down does not lengthen a tombstone that merely stands beside") {
    checked_text text({1});
    const auto same = [](std::size_t) { return std::size_t{0}; };
    text.local_insert(0, U"abcdef", text.next_transaction());
    text.local_insert(5, U"X", text.next_transaction());
    for (const std::size_t position : {5U, 5U, 4U, 3U}) { // X, f, e, d
        text.local_erase(position, 1, text.next_transaction());
        text.check(same);
    }
}

TEST_CASE("rga_text: a key that is held down elsewhere erases the ids it names, whatever stands between them "
          "here") {
    const auto insert = [](std::uint64_t replica, std::uint64_t lamport, std::string text) {
        rga_text::insert_op op{{lamport, {replica}}, std::nullopt, std::move(text)};
        if (lamport > 1) op.parent = text_id{lamport - 1, {1}};
        return op;
    };
    for (const bool backward : {true, false}) {
        rga_text text;
        text.apply(insert(1, 1, "abcde"), test::at(1, 1));
        text.apply(insert(2, 6, "Y"), test::at(2, 1)); // which 1 has not seen yet
        text.apply(insert(1, 6, "fghij"), test::at(1, 2));
        REQUIRE(text.str() == "abcdeYfghij");
        for (std::uint64_t n = 1; n <= 10; ++n) {
            const text_id id{backward ? 11 - n : n, {1}};
            text.apply(rga_text::erase_op{{{id, 1}}}, test::at(1, 2 + n));
            REQUIRE(text.check_invariants() == "");
        }
        REQUIRE(text.str() == "Y");
    }
}

TEST_CASE("rga_text: what does not fit into one operation comes in several, each behind the one before") {
    rga_text text;
    std::string part(limits::text_insert_bytes_max / 4, 'a');
    for (std::uint64_t n = 1; n <= 3; ++n) {
        part.front() = static_cast<char>('a' + n);
        text.local_insert(text.size(), part, test::at(1, n));
    }
    rga_text again;
    const auto operations = text.operations_since({});
    CHECK(operations.size() == 3);
    for (std::uint64_t n = 0; n < operations.size(); ++n)
        again.apply(operations[n], test::at(1, n + 1));
    const bool same = again == text && again.str() == text.str();
    CHECK(same);
}

TEST_CASE("rga_text: the next keystroke is expected at a place that is known, and by an id that there is") {
    // Received keystrokes, whose place nobody asked for; then the same replica writes here, past the end.
    rga_text text;
    for (std::uint64_t n = 1; n <= 5; ++n) {
        rga_text::insert_op op{{n, {1}}, std::nullopt, "a"};
        if (n > 1) op.parent = text_id{n - 1, {1}};
        text.apply(op, test::at(1, n));
    }
    constexpr std::size_t behind_unknown = std::size_t{UINT32_MAX} + 5; // a serial that there is not
    for (const std::size_t position : {std::size_t{6}, behind_unknown, SIZE_MAX / 2, SIZE_MAX})
        CHECK(test::error_of([&] { text.local_insert(position, "x", test::at(1, 6)); }).code ==
              errc::position_past_end);

    // Keystrokes here, then an erase by id of what a replica with the number 0 wrote.
    rga_text other;
    other.apply(rga_text::insert_op{{1, {0}}, std::nullopt, "zzz"}, test::at(0, 1));
    other.local_insert(3, "abcdefgh", test::at(1, 1));
    for (std::uint64_t n = 0; n < 4; ++n)
        other.local_erase(3, 1, test::at(1, 2 + n));
    other.apply(rga_text::erase_op{{{{2, {0}}, 1}}}, test::at(1, 6));
    CHECK(other.str() == "zzefgh");
    CHECK(other.check_invariants() == "");
}

TEST_CASE("rga_text: an edit in one step that is refused changes nothing, not even the next keystroke") {
    rga_text text;
    for (std::uint64_t n = 1; n <= 5; ++n)
        text.local_insert(n - 1, "a", test::at(1, n));
    const rga_text before = text;
    CHECK(test::error_of([&] { text.local_insert(6, "x", test::at(1, 6)); }).code == errc::position_past_end);
    for (const char* invalid : {"\xff", "\xc3", "a\xf0", "\xe2\x82", "\x80"})
        CHECK(test::error_of([&] { text.local_insert(5, invalid, test::at(1, 6)); }).code ==
              errc::invalid_utf8);
    CHECK(test::error_of([&] { text.local_erase(5, 1, test::at(1, 6)); }).code == errc::position_past_end);
    CHECK(test::error_of([&] { text.local_erase(2, 4, test::at(1, 6)); }).code == errc::position_past_end);
    CHECK(test::error_of([&] { rga_text().local_erase(0, 1, test::at(1, 1)); }).code ==
          errc::position_past_end);
    CHECK(text == before);
    CHECK(text.applied() == before.applied());
    text.local_insert(5, "b", test::at(1, 6));
    CHECK(text.str() == "aaaaab");
    CHECK(text.check_invariants() == "");
}

TEST_CASE("rga_text: typing ends where the numbers do") {
    text_columns long_one;
    long_one.replicas = {{1}};
    long_one.ids = {{1, limits::sequence_elements_max - 4, 0}};
    long_one.shown = {0, limits::sequence_elements_max - 4};
    rga_text text = rga_text::from_columns(long_one).value();
    text.local_insert(0, "x", test::at(1, 1));
    for (std::uint64_t n = 2; n <= 4; ++n)
        text.local_insert(text.size(), "y", test::at(1, n));
    CHECK(test::error_of([&] { text.local_insert(4, "z", test::at(1, 5)); }).code == errc::too_large);
    CHECK(text.str() == "xyyy");
    // Nor does it go on behind what came from elsewhere meanwhile.
    std::vector<text_patch> patches;
    text.apply(
        rga_text::insert_op{{limits::sequence_elements_max + std::uint64_t{1}, {1}}, std::nullopt, "z"},
        test::at(1, 5), &patches);
    CHECK(text.str() == "zxyyy");
    CHECK(test::error_of([&] { text.local_insert(1, "z", test::at(1, 6)); }).code == errc::too_large);
    CHECK(text.str() == "zxyyy");
}

TEST_CASE("rga_text: between keystrokes, every way to ask for a position counts all of them") {
    sangam::test::for_each_seed(10, [](std::mt19937_64& rng) {
        rga_text text;
        std::u32string editor;
        std::uint64_t sequence = 0;
        const auto insert = [&](std::size_t position, const std::u32string& added) {
            text.local_insert(position, checked_text::encoded(added), {{{1}, ++sequence}, {}});
            editor.insert(position, added);
        };
        // Torn up, so that there are many leaves.
        for (int n = 0; n < 600; ++n)
            insert(draw(rng, editor.size() + 1), letters(rng, 1 + draw(rng, 3), draw(rng, 4) != 0));
        for (int burst = 0; burst < 60; ++burst) {
            std::size_t position = draw(rng, editor.size() + 1);
            for (std::size_t left = 1 + draw(rng, 6); left > 0; --left)
                insert(position++, U"x");
            for (std::size_t left = draw(rng, 6); left > 0 && position > 0; --left) {
                text.local_erase(--position, 1, {{{1}, ++sequence}, {}});
                editor.erase(position, 1);
            }
            std::size_t units = 0;
            for (std::size_t at = 0; at < editor.size(); ++at) {
                REQUIRE(text.to_utf16(at) == units);
                REQUIRE(text.from_utf16(units) == at);
                REQUIRE(text.str(at, 1) == checked_text::encoded(editor.substr(at, 1)));
                REQUIRE(text.position_of(text.cursor_at(at, text_bias::right)) == at);
                units += editor[at] >= 0x10000 ? 2 : 1;
            }
            REQUIRE(text.check_invariants() == "");
        }
    });
}
