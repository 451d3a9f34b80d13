#include "random_batch.hpp"

#include <sangam/transport/errc.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace sangam;
using namespace sangam::test;
using transport::batch;
namespace limits = transport::limits;

namespace {

std::size_t cost_of(const batch& b) {
    std::size_t cost = 0;
    for (const transport::message& m : b.messages) {
        cost += transport::memory_of(m);
    }
    return cost;
}

/// The bytes are bounded by the cost, and the batch comes back.
void check_fits(const batch& b) {
    const std::string bytes = transport::encode_batch(b);
    CHECK(bytes.size() <= cost_of(b) + cost_of(b) / 16 + 2);
    const auto decoded = transport::decode_batch(bytes);
    REQUIRE_MESSAGE(decoded.has_value(), decoded.error().message());
    CHECK(*decoded == b);
}

/// Messages `from` to `to` of a batch as a batch of their own.
batch part(const batch& whole, std::size_t from, std::size_t to) {
    const auto at = whole.messages.begin();
    return {whole.origin,
            whole.first + from,
            {at + static_cast<std::ptrdiff_t>(from), at + static_cast<std::ptrdiff_t>(to)}};
}

void check_every_company(const batch& whole) {
    check_fits(whole);
    for (std::size_t from = 0; from < whole.messages.size(); ++from) {
        for (std::size_t to = from + 1; to <= whole.messages.size(); ++to) {
            check_fits(part(whole, from, to));
        }
    }
}

/// Replicas whose ids have no byte that is 0, nor have their distances.
causality::replica_id replica_number(std::uint64_t i) {
    return {0xf1f1'f1f1'0101'0101 + i * 0x0101'0101};
}

/// A message that removes an element which so many replicas have added, each the `sequence`-th time.
transport::message removal(std::size_t dots, std::uint64_t sequence) {
    crdt::or_set::dots observed;
    for (std::size_t i = 0; i < dots; ++i) {
        observed.push_back({replica_number(i), sequence});
    }
    return message_of(
        1, {operation_on("s", crdt::or_set::operation(crdt::or_set::remove_op{1, std::move(observed)}))});
}

constexpr std::uint64_t far = limits::sequence_max - 0x0102'0304'0506;

} // namespace

TEST_CASE("cost: every message of a batch fits alone and in any company, and comes back") {
    for_each_seed(150, [](std::mt19937_64& rng) {
        batch whole = batch_maker(rng).batch();
        check_every_company(whole);
        // Joined with what the same origin says elsewhere: other objects, other replicas.
        batch_maker more(rng);
        for (int i = 0; i < 4; ++i) {
            const batch other = more.batch();
            if (other.origin == whole.origin) {
                whole.messages.insert(whole.messages.end(), other.messages.begin(), other.messages.end());
            }
        }
        check_fits(number(whole));
    });
}

TEST_CASE("cost: no part of an operation takes more bytes than it costs, at the ends of its numbers") {
    using namespace crdt;
    constexpr std::size_t many = 20'000;
    const auto check = [](keyed_operation op) { check_fits(batch_of({std::move(op)})); };
    const auto every_other = [](std::size_t i) { return i % 2 == 0 ? far : std::uint64_t{0x0102'0304}; };
    or_set::dots dots;
    rga_text::erase_op erased;
    resettable_counter::reset_op reset;
    crdt::stream::trim_op trim;
    crdt::stream::claim_op claim{"g", "c", {}};
    sorted_set::remove_op scored{"m", {}, {}};
    or_set::clear_op clear;
    rga_text::restore_op restored;
    sorted_set::assign_op assigned{"m", -1.2345678901234567e-89, {}, {}};
    crdt::stream::acknowledge_op acknowledged{"g", {}};
    for (std::size_t i = 0; i < many; ++i) {
        const causality::replica_id id = replica_number(i);
        dots.push_back({id, every_other(i)});
        erased.ranges.push_back(
            {{every_other(i), id}, i % 2 == 0 ? 0x0102'0304 : std::uint64_t{0x0203'0405'0607'0809}});
        reset.seen.push_back({id, far, std::numeric_limits<std::int64_t>::min() + 5});
        trim.up_to.push_back({id, far});
        claim.entries.push_back({{id, far}, {{id, far}}});
        scored.seen.push_back({id, far, {-1.2345678901234567e-89, 1.2345678901234567e-189}});
        assigned.seen.push_back(scored.seen.back());
        acknowledged.entries.push_back({id, every_other(i)});
        // Each id is 8 bytes of its own: of the characters as well as of who erased them.
        restored.parts.push_back(
            {{{every_other(i), id}, i % 2 == 0 ? 0x0102'0304 : std::uint64_t{0x0203'0405'0607'0809}},
             {{replica_number(many + i), every_other(i + 1)},
              i % 2 == 0 ? far : std::uint64_t{0x0102'0304'0506}}});
        clear.elements.push_back(
            {value(std::numeric_limits<std::int64_t>::min() + std::int64_t(i)), {{id, far}}});
    }
    check(operation_on("s", or_set::operation(or_set::remove_op{1, dots})));
    check(operation_on("t", rga_text::operation(erased)));
    check(operation_on("c", resettable_counter::operation(reset)));
    check(operation_on("x", crdt::stream::operation(trim)));
    check(operation_on("x", crdt::stream::operation(claim)));
    check(operation_on("z", sorted_set::operation(scored)));
    check(operation_on("s", or_set::operation(clear)));
    check(operation_on("t", rga_text::operation(restored)));
    check(operation_on("z", sorted_set::operation(assigned)));
    check(operation_on("x", crdt::stream::operation(acknowledged)));

    std::vector<keyed_operation> places;
    for (std::size_t i = 0; i < 10'000; ++i) {
        places.push_back(operation_on(std::to_string(i),
                                      rga_text::operation(rga_text::mark_op{
                                          {text_id{far, replica_number(2 * i)}, text_bias::right},
                                          {text_id{0x0102'0304, replica_number(2 * i + 1)}, text_bias::left},
                                          "n",
                                          value(-1.2345678901234567e-89)})));
    }
    check_fits(batch_of(std::move(places)));
}

/// A batch whose second message was longer alone than with the first, which names the replicas for both: a
/// relay that wrote it alone made a frame that nobody took, for ever.
TEST_CASE("cost: a message that needs more bytes alone than in company is taken in both") {
    constexpr std::size_t dots = 300'000;
    const batch both = number({alice, 7, {removal(dots, far), removal(dots, far + 1)}});
    const std::size_t together = transport::encode_batch(both).size();
    const std::size_t second = transport::encode_batch(part(both, 1, 2)).size();
    MESSAGE(together << " bytes together, the second alone " << second);
    CHECK(second > together / 2 + (1 << 20));
    check_every_company(both);
}

TEST_CASE("cost: a message costs as much as the limit and no more") {
    const auto of_cost = [](std::size_t cost) {
        std::vector<crdt::keyed_operation> operations;
        const auto assigned = [&](std::size_t bytes) {
            operations.push_back(operation_on(
                "r",
                crdt::lww_register::operation(crdt::lww_register::assign_op{std::string(bytes, 'x'), {}})));
        };
        constexpr std::size_t envelope = 128, operation = 208 + 1, longest = 1 << 20;
        cost -= envelope;
        while (cost > operation + longest + operation) {
            assigned(longest - operation);
            cost -= longest;
        }
        assigned(std::min(cost / 2, longest) - operation);
        assigned(cost - std::min(cost / 2, longest) - operation);
        return batch_of(std::move(operations));
    };
    const batch most = of_cost(limits::message_cost_max);
    REQUIRE(cost_of(most) == limits::message_cost_max);
    check_fits(most);
    const auto refused =
        transport::decode_batch(transport::encode_batch(of_cost(limits::message_cost_max + 1)));
    REQUIRE(!refused.has_value());
    CHECK(refused.error().code == transport::errc::too_large);
    CHECK(refused.error().where.find("raises the cost of the message to 16777217, the limit is 16777216") !=
          std::string::npos);

    batch two = of_cost(limits::batch_cost_max - 128);
    two.messages.emplace_back();
    check_fits(number(two));
    two = of_cost(limits::batch_cost_max - 127);
    two.messages.emplace_back();
    CHECK(!transport::decode_batch(transport::encode_batch(number(two))).has_value());
}
