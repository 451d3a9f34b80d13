/// The example of docs/lamport-and-vector-clocks.md, number by number.

#include <sangam/causality/frontier.hpp>
#include <sangam/causality/vector_clock.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

using namespace sangam::causality;

namespace {

struct event {
    dot id;
    std::uint64_t lamport = 0;
    vector_clock clock;
};

/// One person's device, with both clocks side by side.
class device {
public:
    explicit device(replica_id id) : id_(id) {}

    event write() {
        lamport_ += 1;
        clock_.advance_to(id_, clock_[id_] + 1);
        event made{{id_, clock_[id_]}, lamport_, clock_};
        seen_.deliver(made.id, seen_.dependencies_for(id_));
        return made;
    }

    /// Reading is no event here: only writes are counted, as in the library.
    void read(const event& other, const std::vector<dot>& dependencies) {
        lamport_ = std::max(lamport_, other.lamport);
        clock_.merge(other.clock);
        seen_.deliver(other.id, dependencies);
    }

    [[nodiscard]] std::vector<dot> dependencies() const { return seen_.dependencies_for(id_); }

private:
    replica_id id_;
    std::uint64_t lamport_ = 0;
    vector_clock clock_;
    frontier seen_;
};

constexpr replica_id asha{0xa};
constexpr replica_id ben{0xb};
constexpr replica_id chen{0xc};

} // namespace

TEST_CASE("lamport example: Lamport time orders two events that vector clocks show to be concurrent") {
    device asha_phone(asha);
    device ben_laptop(ben);
    device chen_tablet(chen);

    const event a1 = asha_phone.write();
    const event a2 = asha_phone.write();
    const event b1 = ben_laptop.write();
    chen_tablet.read(b1, {});
    const event c1 = chen_tablet.write();
    const event c2 = chen_tablet.write();
    asha_phone.read(b1, {});
    const std::vector<dot> dependencies_of_a3 = asha_phone.dependencies();
    const event a3 = asha_phone.write();

    SUBCASE("the table of the page") {
        CHECK(a1.lamport == 1);
        CHECK(a2.lamport == 2);
        CHECK(b1.lamport == 1);
        CHECK(c1.lamport == 2);
        CHECK(c2.lamport == 3);
        CHECK(a3.lamport == 3);
        CHECK(a1.clock == vector_clock{{asha, 1}});
        CHECK(a2.clock == vector_clock{{asha, 2}});
        CHECK(b1.clock == vector_clock{{ben, 1}});
        CHECK(c1.clock == vector_clock{{ben, 1}, {chen, 1}});
        CHECK(c2.clock == vector_clock{{ben, 1}, {chen, 2}});
        CHECK(a3.clock == vector_clock{{asha, 3}, {ben, 1}});
    }

    SUBCASE("a1 and c2: 1 < 3, yet neither saw the other") {
        CHECK(a1.lamport < c2.lamport);
        CHECK(a1.clock.compare(c2.clock) == causal_order::concurrent);
    }

    SUBCASE("b1 and c2: 1 < 3 as well, and here c2 really saw b1") {
        CHECK(b1.lamport < c2.lamport);
        CHECK(b1.clock.compare(c2.clock) == causal_order::before);
        CHECK(a1.lamport == b1.lamport);
    }

    SUBCASE("a3 and c2: equal Lamport times are always concurrent") {
        CHECK(a3.lamport == c2.lamport);
        CHECK(a3.clock.compare(c2.clock) == causal_order::concurrent);
    }

    SUBCASE("happened-before implies a smaller Lamport time, never the other way round") {
        const std::vector<event> all{a1, a2, a3, b1, c1, c2};
        int smaller = 0;
        int before = 0;
        for (const event& x : all) {
            for (const event& y : all) {
                const bool happened_before = x.clock.compare(y.clock) == causal_order::before;
                smaller += x.lamport < y.lamport ? 1 : 0;
                before += happened_before ? 1 : 0;
                CHECK((!happened_before || x.lamport < y.lamport));
            }
        }
        CHECK(smaller == 12);
        CHECK(before == 7);
    }

    SUBCASE("what travels with a3 is one dot, because Asha's own earlier writes are implied") {
        CHECK(dependencies_of_a3 == std::vector<dot>{{ben, 1}});
        CHECK(std::string_view(to_string(a3.clock.compare(b1.clock))) == "after");
    }
}
