#include "support/seeds.hpp"

#include <sangam/crdt/rga_text.hpp>
#include <sangam/crdt/utf8.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

using namespace sangam::crdt;
using sangam::causality::replica_id;

namespace {

constexpr std::size_t replica_count = 3;
using insert_op = rga_text::insert_op;
using erase_op = rga_text::erase_op;

/// One operation with its causal past: how many operations of each replica it saw.
struct message {
    rga_text::operation op;
    std::size_t origin = 0;
    std::array<std::size_t, replica_count> past{};
};

replica_id id_of(std::size_t replica) {
    return {replica + 1};
}
operation_context context_of(const message& m) {
    return {{id_of(m.origin), m.past[m.origin] + 1}, {}};
}

/// What a text means: the depth-first walk of the tree of parents, children by descending id.
class specification {
public:
    void add(const rga_text::operation& op) {
        if (const auto* inserted = std::get_if<insert_op>(&op)) {
            text_id parent = inserted->parent.value_or(text_id{});
            text_id id = inserted->first;
            for (const char32_t scalar : utf8::to_scalars(inserted->text)) {
                children_[parent].emplace(id, scalar);
                parent = id;
                ++id.lamport;
            }
            return;
        }
        for (const text_id_range& range : std::get<erase_op>(op).ranges) {
            for (std::uint64_t i = 0; i < range.length; ++i) {
                erased_.insert({range.first.lamport + i, range.first.replica});
            }
        }
    }

    [[nodiscard]] std::vector<rga_text::element> elements() const {
        std::vector<rga_text::element> walk;
        std::vector<rga_text::element> open{{}};
        while (!open.empty()) {
            const rga_text::element here = open.back();
            open.pop_back();
            if (here.id != text_id{}) walk.push_back(here);
            if (!children_.contains(here.id)) continue;
            for (const auto& [id, scalar] : children_.at(here.id)) {
                const bool is_visible = !erased_.contains(id);
                open.push_back({id, is_visible ? scalar : 0, is_visible});
            }
        }
        return walk;
    }

private:
    std::map<text_id, std::map<text_id, char32_t>> children_; ///< of the start: under the id {}
    std::set<text_id> erased_;
};

std::u32string visible(const std::vector<rga_text::element>& elements) {
    std::u32string text;
    for (const auto& e : elements) {
        if (e.visible) text += e.scalar;
    }
    return text;
}

std::string encoded(const std::u32string& scalars) {
    std::string text;
    for (const char32_t scalar : scalars)
        utf8::append(text, scalar);
    return text;
}

/// A replica's text beside what it should be, and beside an editor that knows only the patches.
struct replica {
    rga_text text;
    specification meaning;
    std::u32string editor;
    std::array<std::size_t, replica_count> seen{};
};

class history {
public:
    history(std::uint64_t seed, std::size_t steps, std::size_t paste_max)
        : random_(seed), steps_(steps), paste_max_(paste_max) {}

    void run() {
        for (std::size_t step = 0; step < steps_; ++step) {
            if (below(2) == 0 || !deliver_one(below(replica_count))) edit(below(replica_count));
        }
        for (std::size_t r = 0; r < replica_count; ++r) {
            while (deliver_one(r)) {
            }
            REQUIRE(replicas_[r].seen == sent_counts());
            REQUIRE(replicas_[r].text == replicas_[0].text);
        }
    }

private:
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }

    [[nodiscard]] std::array<std::size_t, replica_count> sent_counts() const {
        std::array<std::size_t, replica_count> counts{};
        for (std::size_t r = 0; r < replica_count; ++r)
            counts[r] = sent_[r].size();
        return counts;
    }

    std::u32string random_text() {
        static constexpr std::u32string_view letters = U"abcdefgh\u00e9\u20ac\uffff\U00010000\U0001F600";
        std::u32string text(1 + below(below(4) == 0 ? paste_max_ : 2), U' ');
        for (char32_t& c : text)
            c = letters[below(letters.size())];
        return text;
    }

    /// Often near the start, so that replicas meet.
    std::size_t random_position(std::size_t size) {
        return below(1 + (below(2) == 0 ? std::min<std::size_t>(size, 2) : size));
    }

    void edit(std::size_t origin) {
        const rga_text& text = replicas_[origin].text;
        const std::u32string before = replicas_[origin].editor;
        std::u32string after = before;
        switch (below(8)) {
        case 0:
            issue(origin, crafted_insert(origin));
            return;
        case 1:
            issue(origin, crafted_erase(origin));
            return;
        case 2:
        case 3:
        case 4: {
            if (text.empty()) return;
            const std::size_t position = random_position(text.size() - 1);
            const std::size_t count = 1 + below(std::min(text.size() - position, paste_max_));
            issue(origin, text.erase(position, count));
            after.erase(position, count);
            break;
        }
        default: {
            const std::size_t position = random_position(text.size());
            const std::u32string added = random_text();
            issue(origin, text.insert(position, encoded(added), id_of(origin)));
            after.insert(position, added);
        }
        }
        const bool landed_where_it_was_put = replicas_[origin].text.str() == encoded(after);
        REQUIRE(landed_where_it_was_put);
    }

    /// An insert that nobody prepares but everybody accepts: behind any element, with gaps in the Lamport
    /// numbers.
    insert_op crafted_insert(std::size_t origin) {
        const auto elements = replicas_[origin].text.elements();
        insert_op op{{1, id_of(origin)}, std::nullopt, encoded(random_text())};
        for (const auto& e : elements) {
            if (e.id.replica == op.first.replica)
                op.first.lamport = std::max(op.first.lamport, e.id.lamport + 1);
        }
        if (!elements.empty()) {
            op.parent = elements[below(elements.size())].id;
            op.first.lamport = std::max(op.first.lamport, op.parent->lamport + 1);
        }
        std::uint64_t greatest = 0;
        for (const auto& e : elements)
            greatest = std::max(greatest, e.id.lamport);
        op.first.lamport = std::min(op.first.lamport + below(3), greatest + 1);
        return op;
    }

    /// The same for an erase: any known ids, in any order, some of them twice or erased already.
    erase_op crafted_erase(std::size_t origin) {
        const auto elements = replicas_[origin].text.elements();
        erase_op op;
        for (std::size_t i = below(4); i > 0 && !elements.empty(); --i) {
            text_id_range range{elements[below(elements.size())].id, 1};
            while (below(8) != 0 && std::ranges::any_of(elements, [&](const auto& e) {
                       return e.id == text_id{range.first.lamport + range.length, range.first.replica};
                   })) {
                ++range.length;
            }
            op.ranges.push_back(range);
        }
        return op;
    }

    void issue(std::size_t origin, rga_text::operation op) {
        sent_[origin].push_back({std::move(op), origin, replicas_[origin].seen});
        deliver(origin, sent_[origin].back());
    }

    /// Delivers the next message of a random replica whose causal past is here; false if there is none.
    bool deliver_one(std::size_t r) {
        const std::size_t start = below(replica_count);
        for (std::size_t i = 0; i < replica_count; ++i) {
            const std::size_t origin = (start + i) % replica_count;
            auto& seen = replicas_[r].seen;
            if (seen[origin] == sent_[origin].size()) continue;
            const message& next = sent_[origin][seen[origin]];
            if (!std::equal(seen.begin(), seen.end(), next.past.begin(), std::greater_equal<>{})) continue;
            deliver(r, next);
            return true;
        }
        return false;
    }

    void deliver(std::size_t r, const message& m) {
        replica& here = replicas_[r];
        REQUIRE(here.text.accepts(m.op, id_of(m.origin)));
        rga_text without_patches = here.text;
        without_patches.apply(m.op, context_of(m));
        std::vector<text_patch> patches;
        here.text.apply(m.op, context_of(m), &patches);
        const bool same_without_patches = without_patches == here.text;
        REQUIRE(same_without_patches);
        show(here.editor, patches);
        here.meaning.add(m.op);
        ++here.seen[m.origin];
        check(here);
    }

    static void show(std::u32string& editor, const std::vector<text_patch>& patches) {
        for (const text_patch& patch : patches) {
            REQUIRE((patch.erased > 0 || !patch.inserted.empty()));
            REQUIRE(patch.position + patch.erased <= editor.size());
            editor.replace(patch.position, patch.erased, utf8::to_scalars(patch.inserted));
        }
    }

    void check(const replica& here) {
        const rga_text& text = here.text;
        REQUIRE(text.check_invariants() == "");
        const auto expected = here.meaning.elements();
        const bool means_what_it_should = text.elements() == expected;
        REQUIRE(means_what_it_should);
        REQUIRE(text.str() == encoded(visible(expected)));
        REQUIRE(text.str() == encoded(here.editor));
        check_positions(text, here.editor);
        if (!expected.empty()) check_cursors(text, expected, below(expected.size()));
    }

    void check_positions(const rga_text& text, const std::u32string& shown) {
        const std::size_t position = below(text.size() + 1);
        std::size_t units = 0;
        for (const char32_t scalar : shown.substr(0, position))
            units += utf8::utf16_units(scalar);
        REQUIRE(text.to_utf16(position) == units);
        REQUIRE(text.from_utf16(units) == position);
        const std::size_t count = below(text.size() - position + 1);
        REQUIRE(text.str(position, count) == encoded(shown.substr(position, count)));
        REQUIRE(text.position_of(text.cursor_at(position, text_bias::left)) == position);
        REQUIRE(text.position_of(text.cursor_at(position, text_bias::right)) == position);
    }

    static void check_cursors(const rga_text& text, const std::vector<rga_text::element>& elements,
                              std::size_t anchor) {
        const std::size_t before =
            visible({elements.begin(), elements.begin() + static_cast<std::ptrdiff_t>(anchor)}).size();
        const text_id id = elements[anchor].id;
        REQUIRE(text.position_of({id, text_bias::right}) == before);
        REQUIRE(text.position_of({id, text_bias::left}) == before + (elements[anchor].visible ? 1 : 0));
    }

    std::mt19937_64 random_;
    std::size_t steps_;
    std::size_t paste_max_;
    std::array<replica, replica_count> replicas_;
    std::array<std::vector<message>, replica_count> sent_;
};

void run_histories(std::uint64_t first, std::uint64_t last, std::size_t steps, std::size_t paste_max) {
    sangam::test::for_seeds(first, last, [&](std::uint64_t seed) { history(seed, steps, paste_max).run(); });
}

} // namespace

TEST_CASE("rga_text: in every causal history of three replicas the text, its patches and cursors are as "
          "specified") {
    run_histories(1, 300, 40, 6);
}

TEST_CASE("rga_text: the same holds for pastes that are longer than any piece of the structure") {
    run_histories(1001, 1010, 40, 700);
}
