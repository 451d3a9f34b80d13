#include "crdt/text_people.hpp"

#include <sangam/crdt/text_undo.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace sangam::crdt;
using sangam::causality::dot;
using sangam::causality::replica_id;
using namespace sangam::crdt::test;

namespace {

/// What undo means, character by character.
class undo_meaning {
public:
    struct group {
        std::set<text_id> shown;
        std::set<text_id> erased;
        std::set<dot> erases;
    };

    void record(const rga_text::change& change, bool joins) {
        if (!joins) done_.emplace_back();
        for_each_id(change.inserted, [&](const text_id& id) { done_.back().shown.insert(id); });
        for_each_id(change.erased, [&](const text_id& id) { done_.back().erased.insert(id); });
        done_.back().erases.insert(change.transaction);
        undone_.clear();
    }

    /// What is erased after that. A group that erased just what it inserted is nothing.
    live_erases take_back(bool undo, const live_erases& before, const dot& transaction) {
        std::vector<group>& from = undo ? done_ : undone_;
        live_erases after = before;
        for (bool something = false; !something;) {
            REQUIRE(!from.empty());
            const group g = std::move(from.back());
            from.pop_back();
            group inverse{minus(g.erased, g.shown), minus(g.shown, g.erased), {transaction}};
            for (const text_id& id : inverse.erased)
                after.erase(id, transaction);
            for (const text_id& id : inverse.shown) {
                for (const dot& erase : g.erases)
                    after.restore(id, erase);
            }
            something = !inverse.shown.empty() || !inverse.erased.empty();
            if (something) (undo ? undone_ : done_).push_back(std::move(inverse));
        }
        last_inverse_ = undo ? &undone_.back() : &done_.back();
        return after;
    }
    /// The last one is made by this transaction, too.
    void piece(const dot& transaction) { last_inverse_->erases.insert(transaction); }

private:
    static std::set<text_id> minus(const std::set<text_id>& from, const std::set<text_id>& without) {
        std::set<text_id> left;
        std::ranges::set_difference(from, without, std::inserter(left, left.end()));
        return left;
    }

    std::vector<group> done_;
    std::vector<group> undone_;
    group* last_inverse_ = nullptr;
};

operation_context context_of(const person& who) {
    return {{who.id, who.delivered[who.id] + 1}, {}};
}

/// What shows in a text besides its characters: marks, and where each cursor is, by the order of the
/// elements.
struct look {
    std::vector<formatted_run> marks;
    std::vector<std::optional<std::size_t>> cursors;

    explicit look(const rga_text& text) : marks(text.formatted()) {
        for (const rga_text::element& e : text.elements()) {
            for (const text_bias bias : {text_bias::left, text_bias::right})
                cursors.push_back(text.position_of({e.id, bias}));
        }
    }
    friend bool operator==(const look&, const look&) = default;
};

class undoers : public people {
public:
    using people::people;
    [[nodiscard]] std::size_t undone() const noexcept { return undone_; }
    [[nodiscard]] std::size_t pieces() const noexcept { return pieces_; }
    [[nodiscard]] std::size_t marked() const noexcept { return marked_; }
    [[nodiscard]] std::size_t cursors() const noexcept { return cursors_; }

private:
    void edited(person& who, const done_edit& done) override {
        meaning_of(who).record(done.change, done.joins);
        if (!done.joins && done.before != who.text.str()) check_alone(who.text, who.undo, done.before, who);
    }

    /// While nobody does anything else, undo and redo go back and forth between two texts.
    static void check_alone(rga_text text, text_undo undo, const std::string& before, const person& who) {
        const std::string after = text.str();
        operation_context context = context_of(who);
        const auto apply = [&](const std::vector<rga_text::operation>& operations) {
            for (const auto& op : operations)
                text.apply(op, context);
            undo.applied(context.id);
            ++context.id.sequence;
            REQUIRE(text.check_invariants() == "");
        };
        for (int times = 0; times < 3; ++times) {
            apply(undo.undo());
            REQUIRE(text.str() == before);
            apply(undo.redo());
            REQUIRE(text.str() == after);
        }
        REQUIRE_FALSE(undo.can_redo());
    }

    void takes_back(person& who, bool undo) override {
        expected_ = meaning_of(who).take_back(undo, who.erases, context_of(who).id);
        order_ = elements_with_content(who.text);
        back_.clear();
        before_.emplace(who.text);
        undo_ = undo;
    }
    void piece(person& who, const dot& transaction,
               const std::vector<rga_text::operation>& operations) override {
        meaning_of(who).piece(transaction);
        for (const rga_text::operation& op : operations) {
            const auto* const back = std::get_if<rga_text::restore_op>(&op);
            for (std::size_t n = 0; back != nullptr && n < back->parts.size(); ++n)
                back_.push_back(back->parts[n].ids);
        }
    }
    void took_back(person& who) override {
        ++undone_;
        std::u32string text;
        for (const rga_text::element& e : order_)
            if (expected_.visible(e.id)) text += e.scalar;
        REQUIRE(who.text.str() == encoded(text));
        check_cursor(who.text);
        for (rga_text::element& e : order_) {
            e.visible = expected_.visible(e.id);
            e.scalar = e.visible ? e.scalar : 0;
        }
        const bool same_places = who.text.elements() == order_; // the very characters
        REQUIRE(same_places);
        check_look(who.text, who.undo, context_of(who));
    }

    /// Taken back again, and done again: marks and cursors are as they were.
    void check_look(rga_text text, text_undo undo, operation_context context) {
        const look after(text);
        for (const bool back : {true, false}) {
            for (const auto& op : undo_ == back ? undo.redo() : undo.undo())
                text.apply(op, context);
            undo.applied(context.id);
            ++context.id.sequence;
            const bool as_before = look(text) == (back ? *before_ : after);
            REQUIRE(as_before);
        }
        marked_ += after.marks.size() > 1 ? 1 : 0;
    }

    /// Where one stretch came back, and nothing else, the cursor is right behind it.
    void check_cursor(const rga_text& text) {
        std::size_t position = 0; // in the new text
        std::size_t stretches = 0;
        std::size_t behind = 0;
        bool went = false;
        bool came_before = false;
        for (const rga_text::element& e : order_) {
            const bool shows = expected_.visible(e.id);
            went = went || (e.visible && !shows);
            if (!shows) continue;
            ++position;
            const bool came = !e.visible;
            if (came && !came_before) ++stretches;
            if (came) behind = position;
            came_before = came;
        }
        if (stretches != 1 || went) return;
        ++cursors_;
        const auto cursor = text.cursor_behind(back_);
        REQUIRE(cursor);
        REQUIRE(text.position_of(*cursor) == behind);
    }

    undo_meaning& meaning_of(const person& who) { return meaning_[who.id]; }

    std::map<replica_id, undo_meaning> meaning_;
    live_erases expected_;
    std::vector<rga_text::element> order_;
    std::vector<text_id_range> back_; ///< what an undo names to come back
    std::size_t undone_ = 0;
    std::size_t cursors_ = 0;
    std::optional<look> before_; ///< the undo (or redo)
    bool undo_ = false;
    std::size_t marked_ = 0;
};

/// Somebody alone: the text of every step can be written down, as in any editor.
class hermit : public people {
public:
    explicit hermit(std::mt19937_64& rng) : people(rng, 1) {}

private:
    struct group {
        std::string other; ///< the text on the other side
        std::set<text_id> inserted;
        std::set<text_id> erased;
        bool by_edits = false;

        /// It inserted just what it erased: then it is passed over.
        [[nodiscard]] bool is_nothing() const { return by_edits && inserted == erased; }
    };

    void edited(person&, const done_edit& done) override {
        if (!done.joins) undo_.push_back({done.before, {}, {}, true});
        for_each_id(done.change.inserted, [&](const text_id& id) { undo_.back().inserted.insert(id); });
        for_each_id(done.change.erased, [&](const text_id& id) { undo_.back().erased.insert(id); });
        redo_.clear();
    }
    void takes_back(person& who, bool undo) override {
        std::vector<group>& from = undo ? undo_ : redo_;
        std::vector<group>& to = undo ? redo_ : undo_;
        while (from.back().is_nothing())
            from.pop_back();
        to.push_back({who.text.str(), {}, {}});
        expected_ = from.back().other;
        from.pop_back();
    }
    void took_back(person& who) override { REQUIRE(who.text.str() == expected_); }

    std::vector<group> undo_;
    std::vector<group> redo_;
    std::string expected_;
};

} // namespace

TEST_CASE("text_undo: in every causal history undo and redo do what their meaning says, and all converge") {
    std::size_t undone = 0;
    std::size_t pieces = 0;
    std::size_t cursors = 0;
    std::size_t marked = 0;
    sangam::test::for_each_seed(300, [&](std::mt19937_64& rng) {
        undoers all(rng);
        all.run(70);
        undone += all.undone();
        pieces += all.pieces();
        cursors += all.cursors();
        marked += all.marked();
    });
    CHECK(undone > 0);
    CHECK(pieces > 0);
    CHECK(cursors > 0);
    CHECK(marked > 0);
}

TEST_CASE("text_undo: of somebody alone every undo and redo gives exactly the text of that time") {
    sangam::test::for_each_seed(300, [](std::mt19937_64& rng) { hermit(rng).run(60); });
}
