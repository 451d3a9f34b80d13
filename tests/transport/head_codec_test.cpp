#include "batches.hpp"
#include "raw_batch.hpp"

#include <sangam/transport/errc.hpp>
#include <sangam/transport/limits.hpp>

#include <doctest/doctest.h>

using namespace sangam;
using namespace sangam::test;
using transport::decode_head;
using transport::encode_head;
using transport::errc;

namespace {

constexpr std::uint64_t hash_of_default = 0xebada5168620c5fe;

/// The head of a frame with these words: data (version and kind, session, group) and one pointer, then what
/// it points to.
std::string raw_head(std::uint64_t version_and_kind, std::uint64_t group,
                     std::vector<std::uint64_t> pointed = {}, std::uint64_t pointer = 0) {
    std::vector<std::uint64_t> words{0, 0x0001'0003'0000'0000, version_and_kind, 5, group, pointer};
    words.insert(words.end(), pointed.begin(), pointed.end());
    words[0] = static_cast<std::uint64_t>(words.size() - 1) << 32;
    return raw_batch::pack(words);
}

error refusal_of(std::string_view bytes, std::string_view group = "default") {
    const auto decoded = decode_head(bytes, group);
    REQUIRE(!decoded.has_value());
    return decoded.error();
}

transport::head heartbeat_with(causality::vector_clock clock) {
    return {"default", 1, transport::heartbeat{{2, 1, 0, std::move(clock)}}};
}

} // namespace

TEST_CASE("head codec: every kind of head comes back as it was") {
    for (const transport::head& h : heads()) {
        const auto decoded = decode_head(encode_head(h), h.group);
        REQUIRE_MESSAGE(decoded.has_value(), decoded.error().message());
        CHECK(*decoded == h);
    }
}

TEST_CASE("head codec: the group travels as its FNV-1a hash") {
    const auto decoded = decode_head(raw_head(1 | 2 << 16, hash_of_default), "default");
    REQUIRE_MESSAGE(decoded.has_value(), decoded.error().message());
    CHECK(*decoded == transport::head{"default", 5, transport::stream{}});
}

TEST_CASE("head codec: another version is told before another group, and that before an unknown kind") {
    CHECK(refusal_of(raw_head(9 | 77 << 16, 1)).code == errc::unknown_version);
    CHECK(refusal_of(raw_head(9 | 77 << 16, 1)).where == "head.version is 9, this is 1");
    CHECK(refusal_of(raw_head(1 | 77 << 16, 1)).code == errc::wrong_group);
    CHECK(refusal_of(raw_head(1 | 77 << 16, hash_of_default)).code == errc::unknown_kind);
    CHECK(refusal_of(raw_head(1 | 77 << 16, hash_of_default)).where ==
          "head.kind is 77, this version knows 0 to 5");
}

TEST_CASE("head codec: a frame of another group is refused with both groups") {
    for (const transport::head& h : heads()) {
        const error e = refusal_of(encode_head(h), "other");
        CHECK(e.code == errc::wrong_group);
        CHECK(e.where.find("\"other\"") != std::string::npos);
    }
}

TEST_CASE("head codec: a hello is refused when its group has the hash but not the name") {
    std::string bytes = encode_head(heads().at(0));
    REQUIRE(bytes.find("default") != std::string::npos);
    bytes.replace(bytes.find("default"), 7, "defaulu");
    CHECK(refusal_of(bytes).code == errc::wrong_group);
    CHECK(refusal_of(bytes).where == "head.hello.group is \"defaulu\", this is \"default\"");
}

TEST_CASE("head codec: a clock whose replicas are not in increasing order is refused") {
    for (const std::size_t kind : std::vector<std::size_t>{0, 1}) {
        std::string bytes = encode_head(heads().at(kind));
        const std::string first_replica = "\x44\x44\x33\x33\x22\x22\x11\x11";
        // In a hello the sender's own id comes before those of its clock.
        const std::size_t at = bytes.rfind(first_replica);
        REQUIRE(at != std::string::npos);
        bytes.replace(at, first_replica.size(), std::string(8, '\xff'));
        CHECK(refusal_of(bytes).code == errc::malformed);
        CHECK(refusal_of(bytes).where.ends_with("[1] is not in increasing order"));
    }
}

TEST_CASE("head codec: a kind without its content is refused") {
    for (const std::uint64_t kind : std::vector<std::uint64_t>{0, 1, 3, 4}) {
        CHECK(refusal_of(raw_head(1 | kind << 16, hash_of_default)).code == errc::malformed);
    }
}

TEST_CASE("head codec: names are UTF-8 and as long as the limit allows") {
    const auto hello_of = [](std::string name) {
        return encode_head({"default", 1, transport::hello{alice, std::move(name), {}, false}});
    };
    CHECK(decode_head(hello_of(std::string(transport::limits::name_bytes_max, 'n')), "default").has_value());
    CHECK(refusal_of(hello_of(std::string(transport::limits::name_bytes_max + 1, 'n'))).code ==
          errc::too_large);
    CHECK(refusal_of(hello_of("al\xff"
                              "ce"))
              .where == "head.hello.name at byte 2");
}

TEST_CASE("head codec: the reason of a refusal is cut at its limit, between two characters") {
    const std::string longest(transport::limits::reason_bytes_max - 1, 'r');
    const auto decoded =
        decode_head(encode_head({"default", 1, transport::refusal{longest + "\xc3\xbc"}}), "default");
    REQUIRE(decoded.has_value());
    CHECK(std::get<transport::refusal>(decoded->content).reason == longest);
}

TEST_CASE("head codec: clocks have as many entries as the limit allows, none of them past the last sequence "
          "number") {
    causality::vector_clock clock;
    for (std::uint64_t i = 0; i < transport::limits::clock_entries_max; ++i) {
        clock.advance_to({i}, transport::limits::sequence_max);
    }
    CHECK(decode_head(encode_head(heartbeat_with(clock)), "default").has_value());
    clock.advance_to({~std::uint64_t{0}}, 1);
    CHECK(refusal_of(encode_head(heartbeat_with(clock))).code == errc::too_large);
    CHECK(refusal_of(encode_head(heartbeat_with({{alice, transport::limits::sequence_max + 1}}))).code ==
          errc::invalid_value);
}

TEST_CASE("head codec: announcements are later than their base") {
    CHECK(refusal_of(encode_head({"default", 1, transport::heartbeat{{3, 3, 0, {}}}})).code ==
          errc::invalid_value);
    CHECK(refusal_of(encode_head({"default", 1, transport::heartbeat{{0, 0, 0, {}}}})).code ==
          errc::invalid_value);
}

TEST_CASE("head codec: ranges are not empty and within the sequence numbers") {
    const auto range_of = [](std::uint64_t first, std::uint64_t last) {
        return encode_head({"default", 1, transport::range_request{{bob, first, last}}});
    };
    CHECK(decode_head(range_of(1, 1), "default").has_value());
    CHECK(refusal_of(range_of(0, 4)).where == "head.range_request is 0 to 4");
    CHECK(refusal_of(range_of(5, 4)).code == errc::invalid_value);
    CHECK(refusal_of(range_of(1, transport::limits::sequence_max + 1)).code == errc::invalid_value);
}
