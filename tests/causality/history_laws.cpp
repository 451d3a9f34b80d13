#include "../support/seeds.hpp"

#include <sangam/causality/history.hpp>

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using namespace sangam::causality;

namespace {

using sangam::test::draw;

/// A history beside the relation that defines happened-before: the transitive closure of steps and messages.
struct pair_of_both {
    history run;
    std::vector<std::vector<bool>> before; ///< [a][b]
};

pair_of_both random_history(std::mt19937_64& rng) {
    pair_of_both made;
    const std::size_t replicas = 1 + draw(rng, 4);
    for (std::size_t r = 0; r < replicas; ++r) {
        REQUIRE(made.run.add_replica("r" + std::to_string(r)));
    }
    const auto& events = made.run.events();
    std::vector<std::pair<std::size_t, std::size_t>> edges;
    for (std::size_t steps = draw(rng, 20); steps > 0; --steps) {
        const std::size_t replica = draw(rng, replicas);
        const std::size_t at = events.size();
        const auto& messages = made.run.messages();
        const std::size_t what = draw(rng, 4);
        if (what == 0) {
            REQUIRE(made.run.local(replica, "works", draw(rng, 2) == 0 ? "" : "a = b -> c"));
        } else if (what == 1 || messages.empty()) {
            REQUIRE(made.run.send(replica, "m" + std::to_string(messages.size()),
                                  draw(rng, 2) == 0 ? "" : "says \u0905"));
        } else {
            const history::message& m = messages[draw(rng, messages.size())];
            if (events[m.sent].replica == replica) continue;
            edges.emplace_back(m.sent, at);
            REQUIRE(made.run.receive(replica, m.name));
        }
        for (std::size_t earlier = at; earlier-- > 0;) {
            if (events[earlier].replica == replica) {
                edges.emplace_back(earlier, at);
                break;
            }
        }
    }
    const std::size_t n = events.size();
    made.before.assign(n, std::vector<bool>(n, false));
    for (const auto& [a, b] : edges) {
        made.before[a][b] = true;
    }
    for (std::size_t between = 0; between < n; ++between) {
        for (std::size_t a = 0; a < n; ++a) {
            for (std::size_t b = 0; b < n; ++b) {
                made.before[a][b] = made.before[a][b] || (made.before[a][between] && made.before[between][b]);
            }
        }
    }
    return made;
}

/// The components of "concurrent", found by joining until nothing changes.
std::vector<std::vector<std::size_t>> components(const std::vector<std::vector<bool>>& before) {
    const std::size_t n = before.size();
    std::vector<std::size_t> of(n);
    for (std::size_t i = 0; i < n; ++i) {
        of[i] = i;
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t a = 0; a < n; ++a) {
            for (std::size_t b = 0; b < n; ++b) {
                if (a != b && !before[a][b] && !before[b][a] && of[b] > of[a]) {
                    of[b] = of[a];
                    changed = true;
                }
            }
        }
    }
    std::vector<std::vector<std::size_t>> groups;
    for (std::size_t first = 0; first < n; ++first) {
        std::vector<std::size_t> group;
        for (std::size_t i = 0; i < n; ++i) {
            if (of[i] == first) group.push_back(i);
        }
        if (!group.empty()) groups.push_back(std::move(group));
    }
    return groups;
}

} // namespace

TEST_CASE("history: orders events as the closure of steps and messages does") {
    sangam::test::for_each_seed(500, [](std::mt19937_64& rng) {
        const pair_of_both both = random_history(rng);
        for (std::size_t a = 0; a < both.before.size(); ++a) {
            for (std::size_t b = 0; b < both.before.size(); ++b) {
                const causal_order expected = a == b              ? causal_order::equal
                                              : both.before[a][b] ? causal_order::before
                                              : both.before[b][a] ? causal_order::after
                                                                  : causal_order::concurrent;
                REQUIRE(both.run.order(a, b) == expected);
            }
        }
        REQUIRE(both.run.concurrent_groups() == components(both.before));
    });
}

TEST_CASE("history: a text is refused, or is a history whose text gives it back") {
    sangam::test::for_each_seed(500, [](std::mt19937_64& rng) {
        std::string text = to_text(random_history(rng).run);
        REQUIRE(to_text(parse_history(text).value()) == text);
        static constexpr std::string_view bytes = " \n:=<->#\xff\x01"
                                                  "arm0";
        for (std::size_t changes = 1 + draw(rng, 4); changes > 0; --changes) {
            const std::size_t at = draw(rng, text.size());
            const char byte = bytes[draw(rng, bytes.size())];
            draw(rng, 2) == 0 ? void(text[at] = byte) : void(text.insert(at, 1, byte));
        }
        if (const auto run = parse_history(text)) {
            REQUIRE(parse_history(to_text(*run)).value() == *run);
        }
    });
}
