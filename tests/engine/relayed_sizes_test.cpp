#include "cluster.hpp"

#include <sangam/transport/codec.hpp>
#include <sangam/transport/limits.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

using sangam::causality::replica_id;
using sangam::crdt::lww_register;
using sangam::crdt::object_kind;
using sangam_tests::cluster;
namespace transport = sangam::transport;

namespace {

constexpr replica_id stranger{77};
constexpr sangam::transport::link_id link_of_stranger = 500;

sangam::crdt::keyed_operation assignment(std::string bytes) {
    return {{"r", object_kind::lww_register},
            {},
            lww_register::operation(
                lww_register::assign_op{sangam::crdt::value(std::as_bytes(std::span(bytes))), {}})};
}

/// `stranger`'s first messages.
transport::batch batch_of(std::vector<transport::message> messages) {
    transport::batch b{stranger, 1, std::move(messages)};
    for (std::size_t i = 0; i < b.messages.size(); ++i) {
        b.messages[i].id = {stranger, 1 + i};
        b.messages[i].time = sangam::causality::hybrid_time::at_ms(1'700'000'000'000);
        b.messages[i].size_bytes = transport::memory_of(b.messages[i]);
    }
    return b;
}

/// Eight zeros in sixteen bytes: packed they take 10 bytes when a word ends in the middle of the zeros, and
/// 12 when one ends where they do.
std::string sparse(std::size_t bytes) {
    std::string s(bytes, 'x');
    for (std::size_t i = 0; i < bytes; ++i) {
        if (i % 16 >= 7 && i % 16 < 15) s[i] = '\0';
    }
    return s;
}

/// Replica 1 has a link to replica 0, and a stranger streams a batch to 0: whether 1 gets it.
void check_relayed(const transport::batch& b) {
    cluster c(2, 91);
    c.connect(1, 0);
    c.run(100);
    const std::string bytes = transport::encode_batch(b);
    const transport::hello hello{stranger, "stranger", {{stranger, b.last()}}, false};
    c.inject(0, link_of_stranger, transport::encode_head({"default", 77, hello}), "");
    c.inject(0, link_of_stranger, transport::encode_head({"default", 77, transport::stream{}}), bytes);
    CHECK(c.state(0).delivered()[stranger] == b.last());
    CHECK(c.settle(10'000));
    CHECK(c.state(1).delivered()[stranger] == b.last());
    CHECK(c.sync(0).counters().frames_rejected + c.sync(1).counters().frames_rejected == 0);
    CHECK(c.sync(1).peers().at(0).state == sangam::delivery::peer_state::streaming);
    const transport::message& last = b.messages.back();
    const std::size_t alone = transport::encode_batch({stranger, last.id.sequence, {last}}).size();
    MESSAGE(bytes.size() << " bytes came, its last message went on alone in " << alone);
    CHECK(std::ranges::count(c.body_sizes_sent, alone) == 1);
}

} // namespace

// A relay encoded the second message alone, in more bytes than the batch in which it came and than a frame
// could have: honest replicas dropped their link and tried again, for ever and without a word.
TEST_CASE("synchronizer: a message that takes more bytes alone than the batch it came in is passed on") {
    transport::message first;
    first.operations.push_back(assignment(std::string(4, 'x')));
    transport::message second;
    for (int i = 0; i < 7; ++i) {
        second.operations.push_back(assignment(sparse(914'400)));
    }
    const transport::batch both = batch_of({first, second});
    const std::size_t together = transport::encode_batch(both).size();
    const std::size_t alone = transport::encode_batch({stranger, 2, {both.messages[1]}}).size();
    CHECK(together < 4'100'000);
    CHECK(alone > 4'650'000);
    check_relayed(both);
}

TEST_CASE("synchronizer: a message of the greatest cost is passed on") {
    constexpr std::size_t of_operation = 208 + 1;
    transport::message greatest;
    std::size_t left = transport::limits::message_cost_max - transport::memory_of(greatest);
    while (left > of_operation) {
        const std::size_t bytes = std::min<std::size_t>(left - of_operation, 1'000'000);
        greatest.operations.push_back(assignment(std::string(bytes, 'x')));
        left -= bytes + of_operation;
    }
    REQUIRE(transport::memory_of(greatest) == transport::limits::message_cost_max);
    check_relayed(batch_of({greatest}));
}
