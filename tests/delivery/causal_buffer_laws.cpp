#include "test_message.hpp"

#include <sangam/delivery/causal_buffer.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <utility>
#include <vector>

using namespace sangam::test;
using sangam::causality::dot;
using sangam::causality::replica_id;
using sangam::causality::vector_clock;
using sangam::delivery::buffer_limits;
using sangam::delivery::causal_buffer;
using sangam::delivery::offer_outcome;

namespace {

using dots = std::set<dot>;

struct sent_message {
    test_message message;
    dots past; ///< all that happened before it
};

struct replica {
    replica_id id;
    causal_buffer<test_message> buffer;
    std::vector<std::size_t> inbox; ///< indexes into the history, in any order
    dots delivered;
};

/// A group that broadcasts messages over a full mesh which repeats and reorders them, and that knows the true
/// order.
class execution {
public:
    execution(std::uint64_t seed, buffer_limits limits, bool name_dependencies)
        : random_(seed), name_dependencies_(name_dependencies) {
        const std::uint64_t members = 2 + random_() % 4;
        for (std::uint64_t n = 1; n <= members; ++n) {
            replicas_.push_back({replica_id{n}, causal_buffer<test_message>(limits), {}, {}});
        }
    }

    void run(int steps) {
        for (int step = 0; step < steps; ++step) {
            replica& r = replicas_[random_() % replicas_.size()];
            if (random_() % 3 == 0) {
                send(r);
            } else if (!r.inbox.empty()) {
                receive(r);
            }
            check(r);
        }
    }

    /// Every message comes to every replica, again and again until nothing new is delivered.
    void finish() {
        for (replica& r : replicas_) {
            std::size_t before = 0;
            do {
                before = r.delivered.size();
                for (std::size_t n = 0; n < history_.size(); ++n) {
                    r.inbox.push_back(n);
                }
                while (!r.inbox.empty()) {
                    receive(r);
                    check(r);
                }
            } while (r.delivered.size() != before);
            CHECK(r.delivered.size() == history_.size());
            CHECK(r.buffer.counters().held_back == 0);
            CHECK(r.buffer.counters().held_back_bytes == 0);
            CHECK(r.buffer.delivered() == replicas_.front().buffer.delivered());
        }
    }

private:
    void send(replica& r) {
        const dot id{r.id, r.buffer.delivered()[r.id] + 1};
        std::vector<dot> dependencies = r.buffer.frontier().dependencies_for(r.id);
        if (name_dependencies_) {
            dependencies.clear();
            for (const dot& d : r.delivered) {
                if (d.replica != r.id && random_() % (r.delivered.size() + 1) < 2) {
                    dependencies.push_back(d);
                }
            }
        }
        sent_message sent{message(id, dependencies, 0, 1 + random_() % 100), {}};
        dots direct(dependencies.begin(), dependencies.end());
        if (id.sequence > 1) {
            direct.insert({r.id, id.sequence - 1});
        }
        for (const dot& d : direct) {
            const dots& past = find(d).past;
            sent.past.insert(d);
            sent.past.insert(past.begin(), past.end());
        }
        if (!name_dependencies_) {
            CHECK(sent.past == r.delivered);
        }
        r.buffer.deliver_local(id, dependencies);
        r.delivered.insert(id);
        history_.push_back(std::move(sent));
        for (replica& other : replicas_) {
            for (std::uint64_t copies = &other == &r ? 0 : 1 + random_() % 2; copies > 0; --copies) {
                other.inbox.push_back(history_.size() - 1);
            }
        }
    }

    void receive(replica& r) {
        const std::size_t at = random_() % r.inbox.size();
        const sent_message& sent = history_[r.inbox[at]];
        r.inbox.erase(r.inbox.begin() + static_cast<std::ptrdiff_t>(at));
        const bool known = r.delivered.contains(sent.message.id);
        const bool ready = std::ranges::includes(r.delivered, sent.past);
        const auto outcome = r.buffer.offer(sent.message, [&](test_message&& m) {
            CHECK(std::ranges::includes(r.delivered, find(m.id).past));
            CHECK(r.delivered.insert(m.id).second);
        });
        CHECK((outcome == offer_outcome::delivered) == (ready && !known));
        CHECK((!known || outcome == offer_outcome::duplicate));
    }

    void check(const replica& r) {
        CHECK(r.buffer.check_invariants() == "");
        CHECK(r.buffer.delivered().total() == r.delivered.size());
        dots maximal = r.delivered;
        for (const dot& d : r.delivered) {
            for (const dot& earlier : find(d).past) {
                maximal.erase(earlier);
            }
        }
        CHECK(std::ranges::equal(r.buffer.frontier().dots(), maximal));
    }

    const sent_message& find(const dot& id) const {
        const auto same = [&](const sent_message& sent) { return sent.message.id == id; };
        const auto at = std::ranges::find_if(history_, same);
        REQUIRE(at != history_.end());
        return *at;
    }

    std::mt19937_64 random_;
    bool name_dependencies_;
    std::vector<replica> replicas_;
    std::vector<sent_message> history_;
};

} // namespace

TEST_CASE(
    "causal_buffer: every order of delivery is a linear extension, and in the end everybody has everything") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        execution e(seed, {}, false);
        e.run(120);
        e.finish();
    }
}

TEST_CASE("causal_buffer: the same holds for dependencies that the application names") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        execution e(seed, {}, true);
        e.run(120);
        e.finish();
    }
}

TEST_CASE("causal_buffer: the same holds when budgets are so small that most messages must come again") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        buffer_limits limits;
        limits.messages_per_origin_max = seed % 4;
        limits.bytes_per_origin_max = 150;
        limits.messages_max = 6;
        limits.bytes_max = 200;
        execution e(seed, limits, seed % 2 == 0);
        e.run(100);
        e.finish();
    }
}
