#include "crdt/text_people.hpp"

#include <sangam/crdt/text_undo.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace sangam::crdt;
using sangam::causality::replica_id;
using namespace sangam::crdt::test;

namespace {

template <class Function>
void for_each_id(const std::vector<text_id_range>& ranges, Function&& function) {
    for (const text_id_range& range : ranges) {
        for (std::uint64_t i = 0; i < range.length; ++i)
            function(text_id{range.first.lamport + i, range.first.replica});
    }
}

/// What undo means, character by character. A character that came back is the same one under a new name, so
/// that groups never change.
class undo_meaning {
public:
    struct group {
        std::set<text_id> inserted; ///< by the name that each had first
        std::set<text_id> erased;
    };

    void record(const rga_text::change& change, bool joins) {
        if (!joins) done_.emplace_back();
        for_each_id(change.inserted, [&](const text_id& id) { done_.back().inserted.insert(id); });
        for_each_id(change.erased, [&](const text_id& id) { done_.back().erased.insert(first_name(id)); });
        undone_.clear();
    }

    /// What the text becomes; groups that have nothing left to take back are passed over.
    std::string take_back(bool undo, const std::vector<rga_text::element>& elements, replica_id self,
                          std::uint64_t next_lamport) {
        std::vector<group>& from = undo ? done_ : undone_;
        std::vector<group>& to = undo ? undone_ : done_;
        while (true) {
            REQUIRE(!from.empty());
            const group g = std::move(from.back());
            from.pop_back();
            group inverse;
            std::u32string text;
            std::uint64_t lamport = next_lamport;
            std::map<text_id, text_id> renamed;
            for (const rga_text::element& e : elements) {
                const text_id first = first_name(e.id);
                const bool mine = g.inserted.contains(first);
                const bool erased = g.erased.contains(first);
                if (e.visible && mine) {
                    inverse.erased.insert(first);
                } else if (e.visible) {
                    text += e.scalar;
                } else if (erased && !mine && latest_name(first) == e.id) {
                    inverse.inserted.insert(first);
                    text += e.scalar;
                    renamed[first] = {lamport++, self};
                }
            }
            if (inverse.inserted.empty() && inverse.erased.empty()) continue;
            for (const auto& [first, now] : renamed) {
                first_names_[now] = first;
                latest_names_[first] = now;
            }
            to.push_back(std::move(inverse));
            return encoded(text);
        }
    }

private:
    [[nodiscard]] text_id first_name(const text_id& id) const {
        const auto found = first_names_.find(id);
        return found == first_names_.end() ? id : found->second;
    }
    [[nodiscard]] text_id latest_name(const text_id& first) const {
        const auto found = latest_names_.find(first);
        return found == latest_names_.end() ? first : found->second;
    }

    std::vector<group> done_;
    std::vector<group> undone_;
    std::map<text_id, text_id> first_names_;
    std::map<text_id, text_id> latest_names_;
};

operation_context context_of(const person& who) {
    return {{who.id, who.delivered[who.id] + 1}, {}};
}

class undoers : public people {
public:
    using people::people;
    [[nodiscard]] std::size_t undone() const noexcept { return undone_; }

private:
    void edited(person& who, const done_edit& done) override {
        meaning_of(who).record(done.change, done.joins);
        if (!done.joins && done.before != who.text.str()) check_alone(who.text, who.undo, done.before, who);
    }

    /// While nobody does anything else, undo and redo go back and forth between two texts.
    static void check_alone(rga_text text, text_undo undo, const std::string& before, const person& who) {
        const std::string after = text.str();
        for (int times = 0; times < 3; ++times) {
            for (const auto& op : undo.undo(text, who.id))
                text.apply(op, context_of(who));
            REQUIRE(text.str() == before);
            for (const auto& op : undo.redo(text, who.id))
                text.apply(op, context_of(who));
            REQUIRE(text.str() == after);
        }
        REQUIRE_FALSE(undo.can_redo());
    }

    void takes_back(person& who, bool undo) override {
        const std::uint64_t lamport = who.text.next_id(1, who.id).lamport;
        visible_ = visible(who);
        expected_ = meaning_of(who).take_back(undo, elements_with_content(who.text), who.id, lamport);
    }
    void took_back(person& who) override {
        ++undone_;
        REQUIRE(who.text.str() == expected_);
        const std::set<text_id> now = visible(who);
        for (const text_id& id : visible_)
            REQUIRE((id.replica == who.id || now.contains(id)));
    }

    undo_meaning& meaning_of(const person& who) { return meaning_[who.id]; }
    [[nodiscard]] static std::set<text_id> visible(const person& who) {
        std::set<text_id> ids;
        for (const rga_text::element& e : who.text.elements()) {
            if (e.visible) ids.insert(e.id);
        }
        return ids;
    }

    std::map<replica_id, undo_meaning> meaning_;
    std::set<text_id> visible_;
    std::string expected_;
    std::size_t undone_ = 0;
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
    sangam::test::for_each_seed(300, [&](std::mt19937_64& rng) {
        undoers all(rng);
        all.run(70);
        undone += all.undone();
    });
    CHECK(undone > 0);
}

TEST_CASE("text_undo: of somebody alone every undo and redo gives exactly the text of that time") {
    sangam::test::for_each_seed(300, [](std::mt19937_64& rng) { hermit(rng).run(60); });
}
