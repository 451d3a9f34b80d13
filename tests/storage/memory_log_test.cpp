#include <sangam/causality/assert.hpp>
#include <sangam/storage/memory_log.hpp>

#include <doctest/doctest.h>

#include <cstdint>

using sangam::causality::replica_id;
using sangam::causality::vector_clock;
using sangam::storage::log_record;
using sangam::storage::memory_log;

namespace {

constexpr replica_id ana{1};
constexpr replica_id bob{2};

/// Ana's messages 1 to 3 and 4, and Bob's 1.
memory_log three_records() {
    memory_log log;
    log.append({ana, 1, 3, "abc"}).value();
    log.append({bob, 1, 1, "x"}).value();
    log.append({ana, 4, 4, "d"}).value();
    return log;
}

struct invariant_broken {};

[[noreturn]] void throw_instead(const char*, const char*, int) {
    throw invariant_broken{};
}

} // namespace

TEST_CASE("memory_log: an empty log has nothing") {
    memory_log log;
    CHECK(log.clock().empty());
    CHECK(log.size_bytes() == 0);
    CHECK(log.find(ana, 1).value() == nullptr);
}

TEST_CASE("memory_log: its clock counts the messages of each origin") {
    const memory_log log = three_records();
    CHECK(log.clock() == vector_clock{{ana, 4}, {bob, 1}});
    CHECK(log.size_bytes() == 5);
}

TEST_CASE("memory_log: finds the record that contains a message, wherever in the record it is") {
    memory_log log = three_records();
    for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) {
        CAPTURE(sequence);
        const log_record* const found = log.find(ana, sequence).value();
        REQUIRE(found != nullptr);
        CHECK(found->bytes == "abc");
    }
    CHECK(log.find(ana, 4).value()->bytes == "d");
    CHECK(log.find(bob, 1).value()->bytes == "x");
}

TEST_CASE("memory_log: a message that it does not have is not found") {
    memory_log log = three_records();
    CHECK(log.find(ana, 0).value() == nullptr);
    CHECK(log.find(ana, 5).value() == nullptr);
    CHECK(log.find(replica_id{3}, 1).value() == nullptr);
}

TEST_CASE(
    "memory_log: a record that leaves a gap, overlaps or is empty breaks an invariant and changes nothing") {
    memory_log log = three_records();
    const auto before = sangam::causality::set_invariant_handler(&throw_instead);
    CHECK_THROWS_AS((void)log.append({ana, 6, 6, "gap"}), invariant_broken);
    CHECK_THROWS_AS((void)log.append({ana, 4, 5, "overlap"}), invariant_broken);
    CHECK_THROWS_AS((void)log.append({ana, 5, 4, "backwards"}), invariant_broken);
    CHECK_THROWS_AS((void)log.append({replica_id{3}, 2, 2, "no first"}), invariant_broken);
    sangam::causality::set_invariant_handler(before);
    CHECK(log.clock() == vector_clock{{ana, 4}, {bob, 1}});
    CHECK(log.size_bytes() == 5);
    CHECK(log.find(replica_id{3}, 2).value() == nullptr);
}
