#include "../support/seeds.hpp"

#include <sangam/causality/frontier.hpp>
#include <sangam/causality/vector_clock.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <vector>

using namespace sangam::causality;

namespace {

using sangam::test::draw;
using past = std::set<dot>;

/// What a message's author declares that it depends on.
enum class dependency_style { all_seen, chosen };

struct message {
    dot id;
    std::vector<dot> dependencies;
};

/// Causal broadcast over a network that reorders, between replicas that remember everything that they
/// delivered.
class causal_broadcast {
public:
    causal_broadcast(std::size_t replica_count, dependency_style style) : style_(style) {
        for (std::size_t i = 0; i < replica_count; ++i) {
            members_.push_back(
                {.id = {10 * (i + 1)}, .delivered = {}, .clock = {}, .maximal = {}, .inbox = {}});
        }
    }

    /// One step: somebody says something, or something that may be delivered is.
    void step(std::mt19937_64& rng) {
        member& who = members_[draw(rng, members_.size())];
        if (draw(rng, 3) == 0 || !deliver_one(who, rng)) {
            say(who, rng);
        }
        check(who);
    }

    void drain(std::mt19937_64& rng) {
        for (member& who : members_) {
            while (deliver_one(who, rng)) {
                check(who);
            }
            CHECK(who.inbox.empty());
        }
        for (const member& who : members_) {
            CHECK(who.maximal == members_.front().maximal);
        }
    }

private:
    struct member {
        replica_id id;
        past delivered;
        vector_clock clock;
        frontier maximal;
        std::vector<message> inbox;
    };

    void say(member& who, std::mt19937_64& rng) {
        message said{{who.id, who.clock[who.id] + 1}, dependencies_of(who, rng)};
        past& before = past_of_[said.id];
        if (said.id.sequence > 1) {
            include(before, {who.id, said.id.sequence - 1});
        }
        for (const dot& dependency : said.dependencies) {
            include(before, dependency);
        }
        if (style_ == dependency_style::all_seen) {
            CHECK(before == who.delivered);
        }
        deliver(who, said);
        for (member& other : members_) {
            if (other.id != who.id) {
                other.inbox.push_back(said);
            }
        }
    }

    [[nodiscard]] std::vector<dot> dependencies_of(const member& who, std::mt19937_64& rng) const {
        if (style_ == dependency_style::all_seen || draw(rng, 3) == 0) {
            return who.maximal.dependencies_for(who.id);
        }
        std::vector<dot> chosen;
        for (const dot& seen : who.delivered) {
            if (seen.replica != who.id && draw(rng, 6) == 0) {
                chosen.push_back(seen);
            }
        }
        return chosen;
    }

    void include(past& before, const dot& d) const {
        before.insert(d);
        const past& earlier = past_of_.at(d);
        before.insert(earlier.begin(), earlier.end());
    }

    bool deliver_one(member& who, std::mt19937_64& rng) {
        std::ranges::shuffle(who.inbox, rng);
        const auto ready = std::ranges::find_if(who.inbox, [&](const message& waiting) {
            return waiting.id.sequence == who.clock[waiting.id.replica] + 1 &&
                   std::ranges::all_of(waiting.dependencies,
                                       [&](const dot& d) { return who.clock.contains(d); });
        });
        if (ready == who.inbox.end()) {
            return false;
        }
        const message next = *ready;
        who.inbox.erase(ready);
        deliver(who, next);
        return true;
    }

    static void deliver(member& who, const message& next) {
        who.delivered.insert(next.id);
        who.clock.advance_to(next.id.replica, next.id.sequence);
        who.maximal.deliver(next.id, next.dependencies);
    }

    /// The delivered dots that are in no other delivered dot's past.
    [[nodiscard]] std::vector<dot> maximal_by_definition(const member& who) const {
        past dominated;
        for (const dot& d : who.delivered) {
            const past& earlier = past_of_.at(d);
            dominated.insert(earlier.begin(), earlier.end());
        }
        std::vector<dot> maximal;
        std::ranges::set_difference(who.delivered, dominated, std::back_inserter(maximal));
        return maximal;
    }

    void check(const member& who) const {
        const std::vector<dot> dots(who.maximal.dots().begin(), who.maximal.dots().end());
        CHECK(dots == maximal_by_definition(who));
    }

    dependency_style style_;
    std::vector<member> members_;
    std::map<dot, past> past_of_;
};

void run(std::uint64_t seeds, dependency_style style) {
    sangam::test::for_each_seed(seeds, [&](std::mt19937_64& rng) {
        causal_broadcast group(2 + draw(rng, 4), style);
        for (int i = 0; i < 60; ++i) {
            group.step(rng);
        }
        group.drain(rng);
    });
}

} // namespace

TEST_CASE("frontier: equals the maximal dots of the causal past in every causal broadcast") {
    run(60, dependency_style::all_seen);
}

TEST_CASE("frontier: equals the maximal dots also when messages name dependencies of their own choice") {
    run(60, dependency_style::chosen);
}
