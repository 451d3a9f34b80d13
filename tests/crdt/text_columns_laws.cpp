#include "support/seeds.hpp"

#include <sangam/crdt/rga_text.hpp>
#include <sangam/crdt/text_history.hpp>
#include <sangam/crdt/utf8.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <vector>

using namespace sangam::crdt;
using sangam::test::draw;
using sangam::test::for_each_seed;
using kind = text_columns::kind;

namespace {

constexpr std::size_t replica_count = 3;

/// Three replicas whose operations arrive elsewhere later: at each in another order, causes first.
class cluster {
public:
    /// What a state has erased is erased for ever, so who loads states does without `restores`.
    explicit cluster(std::mt19937_64& rng, bool restores = true) : rng_(rng), restores_(restores) {}

    void step() {
        const std::size_t r = draw(rng_, replica_count);
        if (draw(rng_, 2) == 0) {
            edit(r);
        } else {
            deliver(r);
        }
    }
    void deliver_all() {
        for (std::size_t r = 0; r < replica_count; ++r) {
            while (deliver(r)) {
            }
        }
    }
    [[nodiscard]] rga_text& text(std::size_t r) { return replicas_[r].text; }

private:
    struct message {
        rga_text::operation op;
        operation_context context;
    };
    struct replica {
        rga_text text;
        std::size_t seen = 0; ///< of all messages, in the order in which they were sent
        std::uint64_t sequence = 0;
    };

    std::string random_text() {
        static constexpr std::array letters{"a", "b", "\u00e9", "\u20ac", "\U0001F600", "\n"};
        std::string text;
        for (std::size_t left = 1 + draw(rng_, draw(rng_, 4) == 0 ? 40 : 3); left > 0; --left)
            text += letters[draw(rng_, draw(rng_, 2) == 0 ? 2 : letters.size())];
        return text;
    }

    /// Of what is visible, or from any place to any other.
    rga_text::operation random_mark(const rga_text& text) {
        static constexpr std::array names{"bold", "", "comment:\u00e9"};
        static const std::array<value, 6> contents{value(), value(),     value(true),
                                                   7,       "x.org/...", "a content that is not held inline"};
        const std::string name = names[draw(rng_, names.size())];
        const value& content = contents[draw(rng_, contents.size())];
        const std::size_t size = text.size();
        if (size > 0 && draw(rng_, 2) == 0) {
            const std::size_t position = draw(rng_, size);
            return text.mark(position, 1 + draw(rng_, size - position), name, content,
                             static_cast<mark_growth>(draw(rng_, 4)));
        }
        const std::vector<rga_text::element> all = text.elements();
        const auto place = [&](text_bias without) -> text_cursor {
            if (all.empty() || draw(rng_, 4) == 0) return {std::nullopt, without};
            return {all[draw(rng_, all.size())].id, static_cast<text_bias>(draw(rng_, 2))};
        };
        return rga_text::mark_op{place(text_bias::left), place(text_bias::right), name, content};
    }

    /// Takes back what some transaction has erased, of all or of some characters.
    rga_text::operation random_restore(const rga_text& text) {
        dot_range erases;
        for (const text_history::transaction& t : text.history().transactions()) {
            if (t.erased > 0 && (erases.count == 0 || draw(rng_, 3) == 0)) erases = {t.id, 1};
        }
        if (erases.count == 0) return random_mark(text);
        const std::vector<rga_text::element> all = text.elements();
        const std::size_t first = draw(rng_, 2) == 0 ? 0 : draw(rng_, all.size());
        rga_text::restore_op op;
        for (std::size_t n = first; n < all.size(); ++n)
            op.parts.push_back({{all[n].id, 1}, erases});
        return op;
    }

    void edit(std::size_t r) {
        replica& here = replicas_[r];
        const sangam::causality::replica_id self{0x9000 - r * 0x100}; // not in the order of first inserts
        const operation_context context{{self, ++here.sequence},
                                        sangam::causality::hybrid_time::at_ms(draw(rng_, 4))};
        const std::size_t size = here.text.size();
        rga_text::operation op;
        if (draw(rng_, 4) == 0) {
            op = random_mark(here.text);
        } else if (restores_ && draw(rng_, 5) == 0) {
            op = random_restore(here.text);
        } else if (size > 0 && draw(rng_, 5) < 2) {
            const std::size_t position = draw(rng_, size);
            op = here.text.erase(position, 1 + draw(rng_, std::min<std::size_t>(size - position, 6)));
        } else {
            op = here.text.insert(draw(rng_, size + 1), random_text(), self);
        }
        here.text.apply(op, context);
        sent_.push_back({std::move(op), context});
    }

    bool deliver(std::size_t r) {
        replica& here = replicas_[r];
        const sangam::causality::replica_id self{0x9000 - r * 0x100};
        while (here.seen < sent_.size() && sent_[here.seen].context.id.replica == self)
            ++here.seen;
        if (here.seen == sent_.size()) return false;
        const message& next = sent_[here.seen++];
        REQUIRE(here.text.accepts(next.op, next.context.id.replica));
        here.text.apply(next.op, next.context);
        return true;
    }

    std::mt19937_64& rng_;
    bool restores_;
    std::array<replica, replica_count> replicas_;
    std::vector<message> sent_;
};

rga_text loaded(const rga_text& text, kind what) {
    const text_columns columns = text.columns(what);
    auto made = rga_text::from_columns(columns);
    REQUIRE_MESSAGE(made.has_value(), made.error());
    REQUIRE(made->check_invariants() == "");
    const bool equal = *made == text;
    REQUIRE(equal);
    REQUIRE(made->str() == text.str());
    REQUIRE(made->utf16_size() == text.utf16_size());
    const bool same_marks = made->formatted() == text.formatted();
    REQUIRE(same_marks);
    const bool same_columns = made->columns(what) == columns;
    REQUIRE(same_columns);
    return *std::move(made);
}

} // namespace

TEST_CASE("text_columns: a text that was taken apart and made again is equal, at every step of any history") {
    for_each_seed(60, [](std::mt19937_64& rng) {
        cluster replicas(rng);
        for (int step = 0; step < 60; ++step) {
            replicas.step();
            for (std::size_t r = 0; r < replica_count; ++r) {
                loaded(replicas.text(r), kind::state);
                const rga_text again = loaded(replicas.text(r), kind::history);
                REQUIRE(again.applied() == replicas.text(r).applied());
                const bool same_history = again.operations_since({}) == replicas.text(r).operations_since({});
                REQUIRE(same_history);
            }
        }
    });
}

TEST_CASE("text_columns: replicas that go on with what they loaded converge with those that did not") {
    for_each_seed(150, [](std::mt19937_64& rng) {
        const bool restores = draw(rng, 2) == 0;
        cluster replicas(rng, restores);
        for (int step = 0; step < 120; ++step) {
            replicas.step();
            if (draw(rng, 10) != 0) continue;
            rga_text& text = replicas.text(1 + draw(rng, replica_count - 1));
            text = loaded(text, !restores && draw(rng, 3) == 0 ? kind::state : kind::history);
        }
        replicas.deliver_all();
        for (std::size_t r = 0; r < replica_count; ++r) {
            REQUIRE(replicas.text(r).check_invariants() == "");
            const bool converged = replicas.text(r) == replicas.text(0);
            REQUIRE(converged);
            loaded(replicas.text(r), kind::history);
            const bool equal_state =
                replicas.text(r).columns(kind::state) == replicas.text(0).columns(kind::state);
            REQUIRE_MESSAGE(equal_state, "equal texts have unequal states");
        }
    });
}

TEST_CASE("text_columns: what was applied since a state was loaded brings another copy of it up to date") {
    for_each_seed(60, [](std::mt19937_64& rng) {
        cluster replicas(rng, false);
        for (int step = 0; step < 40; ++step)
            replicas.step();
        replicas.deliver_all();
        rga_text& text = replicas.text(0);
        text = loaded(text, kind::state);
        rga_text copy = text;
        const rga_text::log_position since = text.applied();
        for (int step = 0; step < 40; ++step)
            replicas.step();
        replicas.deliver_all();
        // Marks are not in what was applied.
        std::uint64_t sequence = 1000;
        for (const rga_text::operation& op : text.operations_since(since)) {
            const auto* const inserted = std::get_if<rga_text::insert_op>(&op);
            const sangam::causality::replica_id origin =
                inserted != nullptr ? inserted->first.replica : sangam::causality::replica_id{1};
            REQUIRE(copy.accepts(op, origin));
            copy.apply(op, {{origin, ++sequence}, {}});
        }
        const bool up_to_date = copy.elements() == text.elements();
        REQUIRE(up_to_date);
    });
}

TEST_CASE("text_columns: the same holds for a text of many leaves, which was torn up everywhere") {
    for_each_seed(3, [](std::mt19937_64& rng) {
        cluster replicas(rng);
        for (int step = 0; step < 4000; ++step)
            replicas.step();
        replicas.deliver_all();
        for (const kind what : {kind::state, kind::history}) {
            rga_text again = loaded(replicas.text(0), what);
            rga_text original = replicas.text(0);
            for (std::uint64_t n = 1; n <= 200; ++n) {
                const operation_context context{{{7}, n}, {}};
                for (rga_text* text : {&again, &original})
                    text->local_insert(n % 2 == 0 ? text->size() : text->size() / n, "x\u00e9", context);
            }
            REQUIRE(again.check_invariants() == "");
            const bool equal = again == original;
            REQUIRE(equal);
        }
    });
}

TEST_CASE(
    "text_columns: where single characters stand everywhere, the index is right before and after an edit") {
    for_each_seed(3, [](std::mt19937_64& rng) {
        rga_text text;
        std::uint64_t sequence = 0;
        std::size_t last = 0;
        for (int n = 0; n < 5000; ++n) {
            last = draw(rng, text.size() + 1);
            text.local_insert(last, "x", {{{7}, ++sequence}, {}});
        }
        for (const kind what : {kind::state, kind::history}) {
            rga_text again = loaded(text, what);
            again.local_insert(last + 1, "y", {{{8}, 1}, {}}); // in the leaf of the last one
            REQUIRE(again.check_invariants() == "");
        }
    });
}
