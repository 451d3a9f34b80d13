#include "cluster.hpp"

#include <sangam/transport/codec.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

using sangam::causality::replica_id;
using sangam::crdt::object_kind;
using sangam::engine::executor;
using sangam::engine::object_address;
using sangam::engine::operation_list;
using sangam_tests::cluster;
namespace transport = sangam::transport;

namespace {

const object_address counter{{"n", object_kind::pn_counter}, {}};
constexpr int writes = 100'000;

/// How long a newcomer takes to get everything from one member, beside so many links whose other sides greet,
/// claim to have it all, and then say nothing more.
std::uint64_t catching_up_ms(std::size_t liars) {
    cluster c(2 + liars, 80);
    const executor::preparer step = [](const auto&, replica_id, operation_list& operations) {
        operations.add(sangam::crdt::pn_counter::operation{1});
    };
    for (int i = 0; i < writes; ++i) {
        c.state(0).write(counter, std::span(&step, 1), c.wall_ms());
    }
    c.run(100);
    for (std::size_t liar = 2; liar < c.size(); ++liar) {
        c.connect(1, liar);
        c.cut(1, liar, true);
    }
    c.connect(1, 0);
    for (std::size_t liar = 2; liar < c.size(); ++liar) {
        const transport::hello claim{replica_id{1000 + liar}, "liar", c.log(0).clock(), false};
        c.inject(1, liar - 2, transport::encode_head({"default", 5000 + liar, claim}), "");
    }
    std::uint64_t ms = 0;
    while (c.state(1).delivered() != c.log(0).clock() && ms < 60'000) {
        c.run(10);
        ms += 10;
    }
    return ms;
}

} // namespace

// Ten idle peers that claim what they do not give: catching up with 100,000 messages took over 40 s.
TEST_CASE("synchronizer: peers that claim messages and do not give them cost at most one time-out") {
    const std::uint64_t alone_ms = catching_up_ms(0);
    CHECK(alone_ms < 1000);
    CHECK(catching_up_ms(10) <= alone_ms + sangam::delivery::protocol_timing{}.request_timeout_ms);
    CHECK(catching_up_ms(100) <= alone_ms + sangam::delivery::protocol_timing{}.request_timeout_ms);
}
