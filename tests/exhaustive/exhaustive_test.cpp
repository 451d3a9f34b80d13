#include "exhaustive/objects.hpp"
#include "specification/observed.hpp"
#include "specification/or_map.hpp"

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <set>

// The checker is itself checked: types that are wrong in the ways that types are wrong must not get past it.
namespace {

using namespace sangam;
using exhaustive::choice;
using exhaustive::findings;
using exhaustive::scope;

/// What every wrong type below has in common: operations that are numbers, and nothing to say about itself.
template <class State>
struct wrong_type {
    using state = State;
    using operation = std::pair<int, int>; ///< what to do, and with what

    [[nodiscard]] state new_state() const { return {}; }
    [[nodiscard]] std::string misplaced(const state&, const choice<operation>&) const { return {}; }
    [[nodiscard]] std::string wrong(const state&, const specification::history&) const { return {}; }
    [[nodiscard]] std::string show(const state&) const { return "a state"; }
};

/// A register that keeps whatever arrives last.
struct last_arrival : wrong_type<int> {
    [[nodiscard]] std::vector<choice<operation>> menu(const state&, const crdt::operation_context&) const {
        return {{{}, {{0, 1}}, {}, 0}, {{}, {{0, 2}}, {}, 0}};
    }
    [[nodiscard]] std::string apply(state& to, const choice<operation>& done,
                                    const crdt::operation_context&) const {
        to = done.operations[0].second;
        return {};
    }
};

/// A set without dots: a remove takes the element away from whoever added it.
struct set_without_dots : wrong_type<std::set<int>> {
    enum { addition, removal };
    [[nodiscard]] std::vector<choice<operation>> menu(const state& seen,
                                                      const crdt::operation_context&) const {
        std::vector<choice<operation>> all{{{}, {{addition, 1}}, {}, 0}};
        if (seen.contains(1)) {
            all.push_back({{}, {{removal, 1}}, {}, 0});
        }
        return all;
    }
    [[nodiscard]] std::string apply(state& to, const choice<operation>& done,
                                    const crdt::operation_context&) const {
        if (done.operations[0].first == addition) {
            to.insert(1);
        } else {
            to.erase(1);
        }
        return {};
    }
};

/// A list that orders its elements by their dots, and so converges, but not to what its users did.
struct list_by_dots : wrong_type<std::map<causality::dot, int>> {
    [[nodiscard]] std::vector<choice<operation>> menu(const state& seen,
                                                      const crdt::operation_context&) const {
        std::vector<choice<operation>> all;
        for (int position = 0; position <= static_cast<int>(seen.size()); ++position) {
            all.push_back({{}, {{position, 0}}, {}, 0});
        }
        return all;
    }
    [[nodiscard]] std::string apply(state& to, const choice<operation>& done,
                                    const crdt::operation_context& context) const {
        to.emplace(context.id, done.operations[0].first);
        newest = context.id;
        return {};
    }
    [[nodiscard]] std::string misplaced(const state& after, const choice<operation>& done) const {
        const auto at = std::distance(after.begin(), after.find(newest));
        return at == done.operations[0].first ? "" : "elsewhere";
    }
    mutable causality::dot newest;
};

/// Agrees with itself in every order, and refuses the third transaction.
struct refusing : wrong_type<int> {
    [[nodiscard]] std::vector<choice<operation>> menu(const state&, const crdt::operation_context&) const {
        return {{{}, {{0, 0}}, {}, 0}};
    }
    [[nodiscard]] std::string apply(state& to, const choice<operation>&,
                                    const crdt::operation_context&) const {
        return ++to == 3 ? "refused" : "";
    }
};

/// A set that means something else than it says: concurrent removes win.
struct remove_wins : exhaustive::objects {
    using objects::objects;
    [[nodiscard]] std::string wrong(const state& shown, const specification::history& all) const {
        const specification::meaning expected = specification::specified(crdt::object_kind::or_set, all);
        return specification::observed(shown).content == expected.content ? "" : "not what was meant";
    }
};

/// The smallest number of transactions that shows a fault, and what it is; 0 if four do not.
template <class Type>
[[nodiscard]] std::pair<std::size_t, std::string> fault_of(const Type& type) {
    const findings found = check_all(type, scope{4, 3});
    return {found.problem.empty() ? 0 : found.histories.size(), found.problem};
}

[[nodiscard]] const exhaustive::checked_kind& named(std::string_view name) {
    return *std::ranges::find(exhaustive::checked_kinds(), name, &exhaustive::checked_kind::name);
}

TEST_CASE("exhaustive: a state that depends on the order of delivery is found in two transactions") {
    const auto [size, problem] = fault_of(last_arrival());
    CHECK(size == 2);
    CHECK(problem.starts_with("the order of delivery makes a difference"));
    CHECK(problem.find("in the history") != std::string::npos);
}

TEST_CASE("exhaustive: a set without dots is found in three transactions") {
    const auto [size, problem] = fault_of(set_without_dots());
    CHECK(size == 3);
    CHECK(problem.starts_with("the order of delivery makes a difference"));
}

TEST_CASE("exhaustive: a fault comes with a history that can be drawn") {
    const auto [size, problem] = fault_of(set_without_dots());
    static constexpr std::string_view sign = "\nfor sangam-history:\n";
    REQUIRE(problem.find(sign) != std::string::npos);
    const auto run = causality::parse_history(problem.substr(problem.find(sign) + sign.size()));
    REQUIRE_MESSAGE(run.has_value(), problem);
    REQUIRE(run->messages().size() == size);
    // The shortest such history: an add is seen by a remove or not, and another add is concurrent to it.
    const auto related = [&](std::size_t a, std::size_t b) {
        return run->order(run->messages()[a].sent, run->messages()[b].sent);
    };
    CHECK(related(0, 1) == causality::causal_order::before);
    CHECK((related(0, 2) == causality::causal_order::concurrent ||
           related(1, 2) == causality::causal_order::concurrent));
}

TEST_CASE("exhaustive: a list that converges elsewhere is found in two transactions") {
    const auto [size, problem] = fault_of(list_by_dots());
    CHECK(size == 2);
    CHECK(problem.starts_with("elsewhere"));
}

TEST_CASE("exhaustive: an operation that is refused is a fault") {
    const auto [size, problem] = fault_of(refusing());
    CHECK(size == 3);
    CHECK(problem.starts_with("refused"));
}

TEST_CASE("exhaustive: a meaning other than the specified one is found") {
    const auto [size, problem] = fault_of(remove_wins(crdt::object_kind::rw_set, named("rw_set").menu));
    CHECK(size == 2);
    CHECK(problem.starts_with("not what was meant"));
}

TEST_CASE("exhaustive: every history is counted once") {
    // Of the g_counter every transaction has two choices, so that what is left is the number of shapes: of
    // two transactions at two replicas one after the other in 2 ways at one of them (2), one having seen the
    // other (2), and neither (1).
    const auto counted = [](std::string_view name, const scope& within) {
        const exhaustive::checked_kind& k = named(name);
        const findings found = check_all(exhaustive::objects(k.kind, k.menu), within);
        CHECK(found.problem == "");
        return found.histories;
    };
    CHECK(counted("g_counter", {2, 1}) == std::vector<std::uint64_t>{2, 4});
    CHECK(counted("g_counter", {2, 2}) == std::vector<std::uint64_t>{2 * 2, 4 * 5});
    // A rule that forbids only to swap two neighbours makes some of those of four twice.
    CHECK(counted("rga_text", {4, 3}) == std::vector<std::uint64_t>{3, 30, 514, 13773});
}

TEST_CASE("exhaustive: every kind that objects can have is checked") {
    for (const crdt::object_kind kind : crdt::all_kinds) {
        CAPTURE(static_cast<int>(kind));
        CHECK(std::ranges::any_of(exhaustive::checked_kinds(),
                                  [kind](const exhaustive::checked_kind& k) { return k.kind == kind; }));
    }
}

TEST_CASE("exhaustive: transactions of two steps") {
    for (const std::string_view name : {"or_set", "rga_text", "map_of_counters", "lww_register"}) {
        const exhaustive::checked_kind& k = named(name);
        const findings found = check_all(exhaustive::objects(k.kind, k.menu, 2), scope{2, 3});
        CHECK_MESSAGE(found.problem.empty(), name << ": " << found.problem);
    }
}

} // namespace
