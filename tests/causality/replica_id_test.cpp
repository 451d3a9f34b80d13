#include <sangam/causality/dot.hpp>
#include <sangam/causality/replica_id.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string_view>

using namespace sangam::causality;

TEST_CASE("replica_id: is written as sixteen lower-case digits") {
    CHECK(to_string(replica_id{0}) == "0000000000000000");
    CHECK(to_string(replica_id{0xABCDEF}) == "0000000000abcdef");
    CHECK(to_string(replica_id{std::numeric_limits<std::uint64_t>::max()}) == "ffffffffffffffff");
}

TEST_CASE("replica_id: is read back from what it was written as") {
    for (int bit = 0; bit < 64; ++bit) {
        const replica_id id{std::uint64_t{1} << bit};
        CHECK(parse_replica_id(to_string(id)) == id);
    }
    CHECK(parse_replica_id("0123456789ABCDEF") == replica_id{0x0123456789abcdef});
}

TEST_CASE("replica_id: any other text is no id") {
    for (const std::string_view text :
         {"", "0", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeg", " 123456789abcdef",
          "+123456789abcdef", "-123456789abcdef", "0x23456789abcdef", "0123456789abcde\n"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_replica_id(text).has_value());
    }
}

TEST_CASE("dot: is ordered by replica, then by sequence") {
    CHECK(dot{{1}, 9} < dot{{2}, 1});
    CHECK(dot{{2}, 1} < dot{{2}, 2});
    CHECK(dot{{2}, 2} == dot{{2}, 2});
}

TEST_CASE("dot: is written as its replica and its sequence") {
    CHECK(to_string(dot{{0x0123456789abcdef}, 7}) == "0123456789abcdef:7");
}
