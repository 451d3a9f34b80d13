#include <sangam/transport/codec.hpp>
#include <sangam/transport/errc.hpp>
#include <sangam/transport/limits.hpp>

#include <doctest/doctest.h>

using namespace sangam;
using transport::errc;
using transport::join_frame;
using transport::split_frame;

TEST_CASE(
    "frame bytes: a frame is the length of its head in four bytes, lowest first, the head and the body") {
    CHECK(join_frame("head", "body") == std::string("\x04\0\0\0headbody", 12));
    CHECK(join_frame("", "") == std::string(4, '\0'));
    CHECK(join_frame(std::string(0x1234, 'h'), "").starts_with(std::string("\x34\x12\0\0h", 5)));
}

TEST_CASE("frame bytes: what was joined is split again, with empty parts too") {
    for (const std::string& head :
         {std::string(), std::string("h"), std::string("h\0d", 3), std::string(300, 'h')}) {
        for (const std::string& body : {std::string(), std::string("b"), std::string("\0", 1)}) {
            const std::string frame = join_frame(head, body);
            CHECK(split_frame(frame).value() == transport::frame_parts{head, body});
        }
    }
}

TEST_CASE("frame bytes: a frame that is too short for its head is refused") {
    const std::string frame = join_frame("head", "");
    for (std::size_t size = 0; size < frame.size(); ++size) {
        const auto parts = split_frame(std::string_view(frame).substr(0, size));
        REQUIRE(!parts.has_value());
        CHECK(parts.error().code == errc::truncated);
        CHECK(parts.error().where.starts_with("frame: "));
    }
    const auto lie = split_frame(std::string("\xff\xff\xff\xffhead", 8));
    REQUIRE(!lie.has_value());
    CHECK(lie.error().code == errc::truncated);
    CHECK(lie.error().where == "frame: its head has 4294967295 bytes, and there are 4");
}

TEST_CASE("frame bytes: a frame at the limit is split, and one byte more is too much") {
    std::string frame = join_frame("head", std::string(transport::limits::frame_bytes_max - 8, 'b'));
    REQUIRE(frame.size() == transport::limits::frame_bytes_max);
    CHECK(split_frame(frame).has_value());
    frame += 'b';
    const auto parts = split_frame(frame);
    REQUIRE(!parts.has_value());
    CHECK(parts.error().code == errc::too_large);
}

TEST_CASE("frame bytes: the greatest body goes with the longest head that has one") {
    transport::head h;
    h.group = std::string(transport::limits::name_bytes_max, 'g');
    h.session = ~std::uint64_t{0};
    for (const auto& content :
         {decltype(h.content){transport::stream{}},
          decltype(h.content){transport::range_answer{
              {causality::replica_id{~std::uint64_t{0}}, 1, transport::limits::sequence_max}, true}}}) {
        h.content = content;
        const std::string bytes = encode_head(h);
        CHECK(bytes.size() <= transport::limits::head_beside_body_bytes_max);
        CHECK(
            split_frame(join_frame(bytes, std::string(transport::limits::body_bytes_max, 'b'))).has_value());
    }
}
