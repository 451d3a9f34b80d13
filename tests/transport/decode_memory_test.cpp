#include "../support/peak_allocation.hpp"
#include "batches.hpp"
#include "decode_memory.hpp"
#include "raw_batch.hpp"

#include <sangam/transport/errc.hpp>

#include <sangam/crdt/limits.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sangam;
using namespace sangam::test;

namespace {

/// Decodes and returns whether the bytes were a batch. Whatever they are, memory is bounded.
bool decode_within_bounds(const std::string& bytes) {
    start_peak();
    const bool accepted = transport::decode_batch(bytes).has_value();
    const std::size_t most = peak();
    MESSAGE(bytes.size() << " bytes " << std::string(accepted ? "accepted" : "refused") << ", at most "
                         << most << " bytes of memory");
    CHECK(most <= decoding_may_take(bytes.size()));
    return accepted;
}

/// Not for another reason, which would hide that it costs nothing.
bool refused_for_its_cost(const std::string& bytes) {
    CHECK(!decode_within_bounds(bytes));
    const auto decoded = transport::decode_batch(bytes);
    CAPTURE(decoded.error().message());
    CHECK(decoded.error().where.find("raises the cost of the message") != std::string::npos);
    return decoded.error().code == transport::errc::too_large;
}

/// The packing of Cap'n Proto: 255 further words of zeros for each two bytes.
std::string packed_zeros(std::size_t words) {
    std::string packed;
    for (std::size_t run = 0; run < words / 256; ++run) {
        packed += std::string("\x00\xff", 2);
    }
    return packed;
}

/// One message whose operations all name one key of the greatest weight that may be referred to.
raw_batch references(std::size_t count) {
    raw_batch raw;
    raw.put(1).put(0).put(0).put(count + 1);
    raw.put_new_object(1, std::string(256, 'n')).put(1);
    for (std::size_t i = 1; i < count; ++i) {
        raw.put(1).put(1);
    }
    return raw;
}

} // namespace

TEST_CASE("batch codec: packed zeros are refused before they are unpacked, whatever stands in front") {
    CHECK(!decode_within_bounds(packed_zeros(2'000'000)));
    start_peak();
    CHECK(!transport::decode_batch(packed_zeros(400'000)).has_value());
    CHECK(peak() < 64 << 10);

    // A text of zeros, honestly framed, in words that are packed as tightly as Cap'n Proto can.
    raw_batch raw = raw_batch::of_one_operation();
    raw.put_new_object(10, "t").put(2).put(0).put(1 << 20);
    raw.content += std::string(1 << 20, '\0');
    CHECK(decode_within_bounds(raw.bytes()));
    std::vector<std::uint64_t> words = raw.words();
    words.resize(words.size() - (1 << 17));
    CHECK(!decode_within_bounds(raw_batch::pack(words) + packed_zeros(1 << 17)));
}

TEST_CASE("batch codec: what our packing makes of zeros is taken") {
    const transport::batch zeros = batch_of({operation_on("t", insert(1, std::string(1 << 20, '\0')))});
    const std::string bytes = transport::encode_batch(zeros);
    CHECK(bytes.size() >= (1 << 20) / transport::limits::unpacked_ratio_max);
    CHECK(bytes.size() <= (1 << 20) / transport::limits::unpacked_ratio_max + 100);
    CHECK(decode_within_bounds(bytes));
}

TEST_CASE("batch codec: names that are referred to many times take what a message may cost and no more") {
    CHECK(decode_within_bounds(references(30'000).bytes()));
    CHECK(!decode_within_bounds(references(65'536).bytes()));
}

TEST_CASE("batch codec: many of each thing take what the batch may cost and no more") {
    const auto many = [](std::uint64_t code, std::size_t count, const std::string& item,
                         const std::string& before = "") {
        raw_batch raw = raw_batch::of_one_operation();
        raw.put_new_object(code, "s").numbers += before;
        raw.put(count);
        for (std::size_t i = 0; i < count; ++i) {
            raw.numbers += item;
        }
        return raw.bytes();
    };
    /// The same with items that each name another replica first.
    const auto of_replicas = [](std::uint64_t code, std::size_t count, const std::string& before,
                                const std::string& rest, const std::string& content_of_each,
                                const std::string& content_before = "") {
        raw_batch raw = raw_batch::of_one_operation();
        raw.put_new_object(code, "s").numbers += before;
        raw.put(count).content += content_before;
        for (std::size_t i = 0; i < count; ++i) {
            raw.put(i + 1).numbers += rest;
            raw.content += content_of_each;
            if (i > 0) raw.replicas.push_back(raw.origin + i);
        }
        return raw.bytes();
    };
    const std::string zero(1, '\0');
    const std::string score(8, '\0');
    const std::string totals(16, '\0'); // of one replica
    SUBCASE("messages") {
        raw_batch raw;
        raw.put(65'536).numbers += std::string(2 * 65'536, '\0') + std::string(65'536, '\x01');
        CHECK(decode_within_bounds(raw.bytes()));
    }
    SUBCASE("operations of many messages") {
        raw_batch raw;
        raw.put(4).numbers += std::string(8, '\0');
        for (int i = 0; i < 4; ++i)
            raw.put(65'537);
        raw.put_new_object(1, "n").put(1);
        for (std::size_t i = 1; i < 4 * 65'536; ++i)
            raw.put(1).put(1);
        CHECK(!decode_within_bounds(raw.bytes()));
    }
    SUBCASE("dependencies") {
        raw_batch raw;
        raw.put(1'000).numbers += std::string(1'000, '\0');
        for (int i = 0; i < 1'000; ++i)
            raw.put(4'096);
        raw.numbers += std::string(2 * 4'096 * 1'000, '\x02');
        CHECK(!decode_within_bounds(raw.bytes()));
    }
    SUBCASE("elements of a clear") {
        CHECK(!decode_within_bounds(many(7, 1'000'000, "\x01" + zero)));
    }
    SUBCASE("members of a clear") {
        CHECK(!decode_within_bounds(many(34, 1'000'000, "\x01" + zero + zero)));
    }
    SUBCASE("values") {
        CHECK(!decode_within_bounds(many(29, 65'537, "\x01")));
    }
    SUBCASE("dots") {
        CHECK(!decode_within_bounds(many(9, 1'000'000, "\x01\x02")));
    }
    SUBCASE("ranges") {
        CHECK(!decode_within_bounds(many(11, 1'000'000, "\x01\x02\x01")));
    }
    SUBCASE("prefixes") {
        CHECK(!decode_within_bounds(many(4, 1'000'000, "\x01\x01\x01")));
    }
    SUBCASE("claimed entries") {
        raw_batch raw = raw_batch::of_one_operation();
        raw.put_new_object(37, "s").put(0).put(0).put(1'000'000);
        for (std::size_t i = 0; i < 1'000'000; ++i)
            raw.put(1).put(1).put(0);
        CHECK(!decode_within_bounds(raw.bytes()));
    }
    SUBCASE("fields of an entry") {
        raw_batch raw;
        raw.put(1).put(0).put(0).put(1'001);
        for (int i = 0; i < 1'000; ++i) {
            (i == 0 ? raw.put_new_object(35, "s") : raw.put(15).put(35)).put(1'024);
            for (int field = 0; field < 1'024; ++field)
                raw.put(0).put(1);
        }
        CHECK(!decode_within_bounds(raw.bytes()));
    }
    SUBCASE("keys of paths") {
        raw_batch raw;
        raw.put(1).put(0).put(0).put(20'001);
        for (int i = 0; i < 20'000; ++i) {
            raw.put(16 | 9).put(32).put(0).numbers += std::string(33, '\0');
        }
        CHECK(!decode_within_bounds(raw.bytes()));
    }
    SUBCASE("objects") {
        raw_batch raw;
        raw.put(1).put(0).put(0).put(60'001);
        for (int i = 0; i < 60'000; ++i)
            raw.put_new_object(1, "").put(1);
        CHECK(decode_within_bounds(raw.bytes()));
    }
    SUBCASE("restored parts") {
        const std::string part("\x01\x02\x01\x01\x02\x01");
        CHECK(decode_within_bounds(many(42, 260'000, part)));
        CHECK(refused_for_its_cost(many(42, 1'000'000, part)));
    }
    SUBCASE("ends of a trim") {
        CHECK(decode_within_bounds(of_replicas(36, 500'000, "", "\x01", "")));
        CHECK(refused_for_its_cost(many(36, 1'000'000, "\x01\x01")));
    }
    SUBCASE("acknowledged entries") {
        CHECK(decode_within_bounds(many(38, 690'000, "\x01\x01", std::string(1, '\0'))));
        CHECK(refused_for_its_cost(many(38, 1'000'000, "\x01\x01", std::string(1, '\0'))));
    }
    SUBCASE("what an assignment of a score has seen") {
        const std::string null_and_no_dots("\x01\x00", 2);
        CHECK(decode_within_bounds(of_replicas(31, 400'000, null_and_no_dots, "\x01", totals, score)));
        CHECK(refused_for_its_cost(of_replicas(31, 450'000, null_and_no_dots, "\x01", totals, score)));
    }
    SUBCASE("what a removal of a score has seen") {
        const std::string null_and_no_dots("\x01\x00", 2);
        CHECK(decode_within_bounds(of_replicas(33, 400'000, null_and_no_dots, "\x01", totals)));
        CHECK(refused_for_its_cost(of_replicas(33, 450'000, null_and_no_dots, "\x01", totals)));
    }
    SUBCASE("replicas that nothing names") {
        raw_batch raw = raw_batch::of_one_operation();
        raw.put_new_object(1, "n").put(1);
        raw.replicas.resize(2'000'000);
        CHECK(!decode_within_bounds(raw.bytes()));
    }
}

TEST_CASE("head codec: decoding a clock takes a few times its bytes") {
    causality::vector_clock clock;
    for (std::uint64_t i = 1; i <= transport::limits::clock_entries_max; ++i) {
        clock.advance_to(causality::replica_id{i}, 1);
    }
    const std::string bytes =
        transport::encode_head({"default", 1, transport::hello{alice, "a", clock, true}});
    start_peak();
    CHECK(transport::decode_head(bytes, "default").has_value());
    CHECK(peak() <= decoding_may_take(bytes.size()));
    start_peak();
    CHECK(!transport::decode_head(packed_zeros(400'000), "default").has_value());
    CHECK(peak() < 64 << 10);
}
