#include "crdt/text_people.hpp"

#include <sangam/crdt/text_history.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <set>
#include <string>
#include <variant>
#include <vector>

using namespace sangam::crdt;
using sangam::causality::vector_clock;
using namespace sangam::crdt::test;

namespace {

std::string patched(const std::string& from, const std::vector<text_patch>& patches) {
    std::u32string text = utf8::to_scalars(from);
    for (const text_patch& patch : patches) {
        REQUIRE(patch.position + patch.erased <= text.size());
        text.replace(patch.position, patch.erased, utf8::to_scalars(patch.inserted));
    }
    return encoded(text);
}

/// Nothing that does nothing, and a kept character between two of them.
bool are_fewest(const std::vector<text_patch>& patches) {
    std::size_t next = 0;
    for (const text_patch& patch : patches) {
        if ((patch.erased == 0 && patch.inserted.empty()) || patch.position < next) return false;
        next = patch.position + utf8::count_scalars(patch.inserted) + 1;
    }
    return true;
}

class historians : public people {
public:
    using people::people;

    void check(std::size_t pairs) {
        std::vector<sight> all;
        for (const person& who : everybody_)
            all.insert(all.end(), who.seen.begin(), who.seen.end());
        for (const person& who : everybody_) {
            const text_history history = who.text.history();
            for (const sight& s : all) {
                REQUIRE(history.str(s.when).value() == s.shown);
                REQUIRE(history.size(s.when).value() == utf8::count_scalars(s.shown));
            }
            check_transactions(who);
            for (std::size_t i = 0; i < pairs; ++i) {
                const vector_clock from = below(2) == 0 ? all[below(all.size())].when : some_clock();
                const vector_clock to = below(2) == 0 ? all[below(all.size())].when : some_clock();
                const auto patches = history.patches(from, to).value();
                REQUIRE(patched(specified(who, from), patches) == specified(who, to));
                REQUIRE(are_fewest(patches));
                REQUIRE(history.str(from).value() == specified(who, from));
            }
        }
    }

private:
    /// In the middle of the run too: what is not delivered here yet adds nothing.
    void delivered(person& who) override {
        if (below(8) != 0) return;
        const vector_clock when = some_clock();
        REQUIRE(who.text.history().str(when).value() == specified(who, when));
        check_transactions(who);
    }

    void check_transactions(const person& who) const {
        const text_history history = who.text.history();
        REQUIRE(history.transactions() == who.applied);
        REQUIRE(history.size_in_transactions() == who.applied.size());
        std::size_t n = 0;
        for (const sight& s : who.seen) {
            if (n < who.applied.size() && s.when.contains(who.applied[n].id)) ++n;
            REQUIRE(history.str(history.version_after(n)).value() == s.shown);
        }
        REQUIRE(n == who.applied.size());
    }

    /// Closed under causality or not.
    vector_clock some_clock() {
        vector_clock clock;
        for (const person& who : everybody_) {
            std::uint64_t sent = 0;
            for (const auto& t : sent_)
                sent += t.id.replica == who.id ? 1 : 0;
            clock.advance_to(who.id, below(sent + 2));
        }
        return clock;
    }

    /// A character is there iff its insert is and every erase of it is taken back by a restore that is.
    [[nodiscard]] std::string specified(const person& who, const vector_clock& when) const {
        std::set<text_id> inserted;
        live_erases erases;
        for (const auto& t : sent_) { // in an order of delivery: a restore behind what it names
            if (!when.contains(t.id) || !who.delivered.contains(t.id)) continue;
            for (const rga_text::operation& op : t.operations) {
                erases.apply(op, t.id);
                if (const auto* insert = std::get_if<rga_text::insert_op>(&op)) {
                    for (std::uint64_t i = 0; i < utf8::count_scalars(insert->text); ++i)
                        inserted.insert({insert->first.lamport + i, insert->first.replica});
                }
            }
        }
        std::u32string text;
        for (const rga_text::element& e : elements_with_content(who.text)) {
            if (inserted.contains(e.id) && erases.visible(e.id)) text += e.scalar;
        }
        return encoded(text);
    }
};

} // namespace

TEST_CASE("text_history: in every causal history each version is what was shown, and patches lead from any "
          "to any") {
    sangam::test::for_each_seed(150, [](std::mt19937_64& rng) {
        historians all(rng);
        all.run(60);
        all.check(20);
    });
}
