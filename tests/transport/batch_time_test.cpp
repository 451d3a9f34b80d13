#include "raw_batch.hpp"

#include <sangam/causality/limits.hpp>
#include <sangam/transport/codec.hpp>
#include <sangam/transport/errc.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

using namespace sangam;
using namespace sangam::test;

namespace {

/// One message without operations.
std::string message_at(std::uint64_t ms) {
    raw_batch raw;
    raw.put(1).put(ms << 1).put(0).put(1);
    return raw.bytes();
}

} // namespace

TEST_CASE("batch codec: a time up to the end of the year 9999 is read, a later one is refused") {
    const auto last = transport::decode_batch(message_at(causality::limits::time_ms_max));
    REQUIRE(last.has_value());
    CHECK(last->messages.at(0).time.ms() == causality::limits::time_ms_max);
    const auto later = transport::decode_batch(message_at(causality::limits::time_ms_max + 1));
    REQUIRE(!later.has_value());
    CHECK(later.error().code == transport::errc::invalid_value);
    CHECK(later.error().where == "batch.message[0].time is 253402300800000, the limit is 253402300799999");
}
