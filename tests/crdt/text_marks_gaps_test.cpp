#include "context.hpp"

#include "specification/text_gap.hpp"
#include "specification/user.hpp"

#include <sangam/crdt/rga_text.hpp>

#include <doctest/doctest.h>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace sangam::crdt;
using sangam::crdt::test::at;
using enum mark_growth;

namespace specification = sangam::specification;

// Where text is put that is typed where characters were erased: code against specification.

namespace {

constexpr mark_growth growths[] = {none, before, after, both};

specification::intent insertion(const rga_text& text, std::size_t position, const std::string& added,
                                sangam::causality::replica_id self) {
    const rga_text::insert_op op = text.insert(position, added, self);
    return {{},
            specification::insert{op.parent, utf8::to_scalars(added)},
            {{{}, {}, rga_text::operation(op)}},
            {}};
}

specification::intent erasure(const rga_text& text, std::size_t position, std::size_t count) {
    specification::erase what;
    for (std::size_t skipped = 0; const rga_text::element& e : text.elements()) {
        if (e.visible && skipped++ >= position && what.elements.size() < count) what.elements.push_back(e.id);
    }
    return {{}, std::move(what), {{{}, {}, rga_text::operation(text.erase(position, count))}}, {}};
}

/// A text of one replica, and its history.
class recorded {
public:
    explicit recorded(const std::string& content) { done(insertion(text, 0, content, {1})); }
    recorded(const recorded& other) : text(other.text), intents_(other.intents_) { link(); }
    recorded& operator=(const recorded&) = delete;
    recorded(recorded&&) = delete;
    recorded& operator=(recorded&&) = delete;
    ~recorded() = default;

    void mark(std::size_t position, std::size_t count, const std::string& name, const value& content,
              mark_growth growth) {
        done(specification::mark_text(text, position, count, name, content, growth));
    }
    void erase(std::size_t position, std::size_t count) { done(erasure(text, position, count)); }
    [[nodiscard]] specification::history history() const {
        specification::history all;
        for (const specification::event& e : events_)
            all.push_back({&e, 0, {}, &e.steps[0].what});
        return all;
    }

    rga_text text;

private:
    void done(specification::intent what) {
        const operation_context context = at(1, intents_.size() + 1, intents_.size() + 1);
        text.apply(std::get<rga_text::operation>(what.operations[0].leaf), context);
        intents_.push_back(std::move(what.what));
        link();
    }
    void link() {
        while (events_.size() < intents_.size()) {
            const std::uint64_t n = events_.size() + 1;
            const operation_context context = at(1, n, n);
            specification::event& e = events_.emplace_back();
            e.id = context.id;
            e.time = context.time;
            e.seen.advance_to({1}, n - 1);
            e.steps.push_back({{}, {}, intents_[n - 1]});
        }
    }

    std::vector<specification::action> intents_;
    std::deque<specification::event> events_;
};

/// What several replicas do with a text. Each is the author of one transaction, which has seen some others.
class shared {
public:
    using numbers = std::vector<std::size_t>;

    void
    add(const numbers& seen,
        const std::function<specification::intent(const rga_text&, sangam::causality::replica_id)>& use) {
        const std::uint64_t replica = intents_.size() + 1;
        specification::event& e = events_.emplace_back();
        e.id = {{replica}, 1};
        e.time = at(replica, 1, replica).time;
        for (const std::size_t n : seen)
            e.seen.advance_to(events_[n].id.replica, 1);
        intents_.push_back(use(after(seen), {replica}));
        e.steps.push_back({{}, {}, intents_.back().what});
    }
    /// Precondition: each comes behind all that it has seen.
    [[nodiscard]] rga_text after(const numbers& order) const {
        rga_text text;
        for (const std::size_t n : order) {
            const auto& op = std::get<rga_text::operation>(intents_[n].operations[0].leaf);
            REQUIRE(text.accepts(op, events_[n].id.replica));
            text.apply(op, {events_[n].id, events_[n].time});
        }
        return text;
    }
    [[nodiscard]] specification::history history(const numbers& of) const {
        specification::history all;
        for (const std::size_t n : of)
            all.push_back({&events_[n], 0, {}, &events_[n].steps[0].what});
        return all;
    }
    [[nodiscard]] std::optional<text_id> parent_of(std::size_t n) const {
        return std::get<specification::insert>(intents_[n].what).after;
    }

private:
    std::vector<specification::intent> intents_;
    std::deque<specification::event> events_;
};

/// What one shows that is typed at a position, with the names of its marks.
std::string typed_at(const rga_text& text, std::size_t position) {
    rga_text typed = text;
    typed.local_insert(position, "x", at(2, 1, 100));
    std::string names;
    for (const text_mark& m : typed.marks_at(position))
        names += m.name + " ";
    return names;
}

struct tally {
    std::size_t positions = 0;
    std::size_t elsewhere = 0; ///< inserts that stand elsewhere than the specification says
    std::size_t apart = 0;     ///< next keystrokes that do not stand directly behind the last one
};

void check_places(const recorded& r, tally& counted) {
    const specification::history all = r.history();
    for (std::size_t position = 0; position <= r.text.size(); ++position, ++counted.positions) {
        rga_text typed = r.text;
        const rga_text::insert_op op = typed.insert(position, "x", {2});
        counted.elsewhere += op.parent != specification::inserted_behind(all, position) ? 1 : 0;
        // What is typed next goes on there, whether it is looked for or not.
        typed.apply(op, at(2, 1, 100));
        counted.apart += typed.insert(position + 1, "y", {2}).parent != op.first ? 1 : 0;
    }
}

} // namespace

// A word was erased whose bold grew, with a link inside: what was typed there next was bold, because it was
// kept out of the link alone. Only a mark that covers every place of the gap cannot be kept out.
TEST_CASE("text_marks: what is typed where a marked word was erased is plain") {
    struct range {
        std::size_t position;
        std::size_t count;
    };
    for (const auto [first, second] : {std::pair(range{1, 3}, range{2, 1}),    // nested
                                       std::pair(range{1, 2}, range{3, 1}),    // adjacent
                                       std::pair(range{1, 2}, range{2, 2})}) { // crossing
        for (const mark_growth grows : growths) {
            for (const mark_growth other : growths) {
                recorded r("abcde");
                r.mark(first.position, first.count, "bold", true, grows);
                r.mark(second.position, second.count, "link", "x.org", other);
                r.erase(1, 3);
                CAPTURE(first.count);
                CAPTURE(second.position);
                CAPTURE(static_cast<int>(grows));
                CAPTURE(static_cast<int>(other));
                if (first.count == 3 && grows == both) {
                    CHECK(typed_at(r.text, 1) == "bold "); // from behind the a to the e
                } else if (first.count == 3 || !(grows == before || grows == both) ||
                           !(other == after || other == both)) {
                    CHECK(typed_at(r.text, 1) == "");
                } else if (second.position == 3 && grows == before && other == after) {
                    CHECK(typed_at(r.text, 1) == ""); // between the two: neither grows towards the other
                } else {
                    // Bold begins behind the a, the link ends in front of the e, and they touch: of places
                    // that are wrong for one name each, the first counts.
                    CHECK(typed_at(r.text, 1) == "bold ");
                }
            }
        }
    }
}

// The same in front of everything.
TEST_CASE("text_marks: what is typed where the ends of two marks were erased is plain") {
    recorded r("The Peritext editor");
    r.mark(4, 8, "link", "x.org", none);
    r.mark(8, 4, "bold", true, both);
    r.erase(3, 10);
    CHECK(typed_at(r.text, 3) == "");
}

// The text of a key that was removed and used again was bold.
TEST_CASE("text_marks: a text that is written anew has no marks of the old one") {
    for (const mark_growth grows : {none, before, after}) {
        recorded r("hello");
        r.mark(0, 5, "bold", true, grows);
        r.mark(0, 5, "link", "x.org", none);
        r.text.apply(r.text.reset(), at(1, 9, 9));
        rga_text text = r.text;
        text.local_insert(0, "new", at(1, 10, 10));
        CHECK(text.formatted() == std::vector<formatted_run>{{0, 3, {}}});
        CHECK(typed_at(text, 0) == "");
        CHECK(typed_at(text, 3) == "");
    }
}

// Marks that grow at both ends cover every place of the gap: what was typed there before the erase was
// marked, too.
TEST_CASE("text_marks: a mark that grows at both ends holds what is typed where all of it was erased") {
    recorded r("abcde");
    r.mark(1, 3, "bold", true, both);
    CHECK(typed_at(r.text, 1) == "bold ");
    CHECK(typed_at(r.text, 4) == "bold ");
    r.erase(1, 3);
    CHECK(typed_at(r.text, 1) == "bold ");
    recorded whole("abc");
    whole.mark(0, 3, "bold", true, both);
    whole.erase(0, 3);
    CHECK(typed_at(whole.text, 0) == "bold ");
}

TEST_CASE("text_marks: in a gap that others mark meanwhile an insert stands where its author saw it belong") {
    std::size_t moved = 0; // by the mark that arrived
    for (const mark_growth grows : growths) {
        for (const mark_growth other : growths) {
            for (const bool same_name : {false, true}) {
                shared all;
                const auto type = [&](const rga_text& text, sangam::causality::replica_id self) {
                    return insertion(text, text.empty() ? 0 : 1, text.empty() ? "abcde" : "x", self);
                };
                const auto mark = [](std::size_t position, const std::string& name, mark_growth growth) {
                    return [=](const rga_text& text, sangam::causality::replica_id) {
                        return specification::mark_text(text, position, 2, name, 1, growth);
                    };
                };
                all.add({}, type);
                all.add({0}, mark(1, "m", grows));
                all.add({0, 1}, [](const rga_text& text, sangam::causality::replica_id) {
                    return erasure(text, 1, 3);
                });
                all.add({0, 1, 2}, type);
                all.add({0}, mark(2, same_name ? "m" : "n", other));
                all.add({0, 1, 2, 4}, type);
                CAPTURE(static_cast<int>(grows));
                CAPTURE(static_cast<int>(other));
                CAPTURE(same_name);
                CHECK(all.parent_of(3) == specification::inserted_behind(all.history({0, 1, 2}), 1));
                CHECK(all.parent_of(5) == specification::inserted_behind(all.history({0, 1, 2, 4}), 1));
                moved += all.parent_of(3) != all.parent_of(5) ? 1 : 0;

                const rga_text text = all.after({0, 1, 2, 3, 4, 5});
                for (const shared::numbers& order : {shared::numbers{0, 1, 2, 4, 3, 5},
                                                     {0, 1, 2, 4, 5, 3},
                                                     {0, 1, 4, 2, 3, 5},
                                                     {0, 4, 1, 2, 5, 3}}) {
                    CHECK(all.after(order) == text);
                    CHECK(all.after(order).formatted() == text.formatted());
                }
                std::size_t position = 0;
                for (const auto& e : specification::rga_text(all.history({0, 1, 2, 3, 4, 5}))) {
                    if (e.visible) CHECK(text.marks_at(position++) == e.marks);
                }
                CHECK(position == text.size());
            }
        }
    }
    CHECK(moved > 0);
}

TEST_CASE("text_marks: two marks, an erase, an insert: it stands where the rule says") {
    constexpr std::size_t size = 4;
    tally counted;
    for (std::size_t mask = 0; mask < size * size * size * size; ++mask) {
        const std::size_t first = mask % size;
        const std::size_t first_count = 1 + mask / size % size;
        const std::size_t second = mask / (size * size) % size;
        const std::size_t second_count = 1 + mask / (size * size * size);
        if (first + first_count > size || second + second_count > size) continue;
        for (const mark_growth grows : growths) {
            for (const mark_growth other : growths) {
                for (const int kind : {0, 1, 2}) { // of another name, of the same, taken away
                    recorded marked("abcd");
                    marked.mark(first, first_count, "m", 1, grows);
                    marked.mark(second, second_count, kind == 0 ? "n" : "m", kind == 2 ? value() : value(2),
                                other);
                    for (std::size_t from = 0; from < size; ++from) {
                        for (std::size_t count = 2; from + count <= size; ++count) {
                            recorded r(marked);
                            r.erase(from, count);
                            check_places(r, counted);
                        }
                    }
                }
            }
        }
    }
    CHECK(counted.positions == 67200);
    CHECK(counted.elsewhere == 0);
    CHECK(counted.apart == 0);
}
