#include "batches.hpp"
#include "raw_batch.hpp"

#include <sangam/transport/errc.hpp>
#include <sangam/transport/limits.hpp>

#include <sangam/crdt/limits.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstring>

using namespace sangam;
using namespace sangam::test;
using transport::batch;
using transport::decode_batch;
using transport::encode_batch;
using transport::errc;

namespace {

/// The error of bytes that must be refused.
error refusal_of(std::string_view bytes) {
    const auto decoded = decode_batch(bytes);
    REQUIRE(!decoded.has_value());
    return decoded.error();
}

void check_round_trip(const batch& b) {
    const std::string bytes = encode_batch(b);
    const auto decoded = decode_batch(bytes);
    REQUIRE_MESSAGE(decoded.has_value(), decoded.error().message());
    CHECK(*decoded == b);
    CHECK(encode_batch(*decoded) == bytes);
}

} // namespace

TEST_CASE("batch codec: every operation and every kind of value comes back as it was") {
    for (const crdt::keyed_operation& operation : one_of_each()) {
        CAPTURE(operation.object.name);
        check_round_trip(batch_of({operation}));
    }
    check_round_trip(everything());
}

TEST_CASE("batch codec: numbers come back at both ends of their ranges") {
    using namespace crdt;
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    constexpr auto greatest = std::numeric_limits<std::int64_t>::max();
    const auto assign = [](value v) {
        return operation_on("r", lww_register::operation(lww_register::assign_op{std::move(v), {}}));
    };
    check_round_trip(batch_of(
        {operation_on("g", g_counter::operation{~std::uint64_t{0}}),
         operation_on("p", pn_counter::operation{least}), operation_on("p", pn_counter::operation{greatest}),
         assign(least), assign(greatest), assign(-0.0), assign(5e-324), assign(-1.0 / 0.0), assign("")}));
    batch late = batch_of({operation_on("t", insert(crdt::limits::lamport_max, "x"))});
    late.first = transport::limits::sequence_max;
    late.messages[0].time = causality::latest_time;
    late.messages[0].dependencies = {{bob, transport::limits::sequence_max}};
    check_round_trip(number(std::move(late)));
}

TEST_CASE("batch codec: times may go back and counters may be full") {
    batch b{bob, 1, {message_of(500, {}), message_of(499, {}), message_of(0, {}), message_of(7, {})}};
    b.messages[1].time.bits |= 0xffff;
    check_round_trip(number(std::move(b)));
}

TEST_CASE("batch codec: keys too long to be listed are written out at every use") {
    const std::string longest(crdt::limits::name_bytes_max, 'k');
    const auto typed = [](const std::string& name) {
        return std::vector{operation_on(name, insert(1, "a")), operation_on(name, insert(2, "b")),
                           operation_on("short", insert(1, "c")), operation_on(name, insert(3, "d"))};
    };
    check_round_trip(batch_of(typed(longest)));
    check_round_trip(batch_of(typed(std::string(256, 'k'))));
    CHECK(encode_batch(batch_of(typed(std::string(257, 'k')))).size() >
          encode_batch(batch_of(typed(std::string(256, 'k')))).size() + 400);
    const std::vector<std::string> deepest(crdt::limits::map_depth_max, "m");
    check_round_trip(batch_of(
        {operation_at("map", deepest, insert(1, "a")), operation_at("map", deepest, insert(2, "b"))}));
}

TEST_CASE("batch codec: a keystroke alone in a frame takes less than 100 bytes") {
    const std::string head = transport::encode_head({"default", 0xfedcba9876543210, transport::stream{}});
    const std::size_t bytes = head.size() + encode_batch(keystrokes(1, 0)).size();
    MESSAGE("one keystroke: " << bytes << " bytes, " << head.size() << " of them the head");
    CHECK(bytes < 100);
}

TEST_CASE("batch codec: a keystroke among a hundred takes less than 12 bytes") {
    for (const std::uint64_t interval_ms : std::vector<std::uint64_t>{4, 150}) {
        const std::size_t bytes = encode_batch(keystrokes(100, interval_ms)).size();
        MESSAGE(interval_ms << " ms apart: " << bytes << " bytes for 100 keystrokes");
        CHECK(bytes < 100 * 12);
    }
}

TEST_CASE("batch codec: bytes may start at any address") {
    const batch b = everything();
    const std::string bytes = encode_batch(b);
    for (std::size_t offset = 0; offset < 8; ++offset) {
        std::vector<char> moved(bytes.size() + offset);
        std::memcpy(moved.data() + offset, bytes.data(), bytes.size());
        const auto decoded = decode_batch({moved.data() + offset, bytes.size()});
        REQUIRE(decoded.has_value());
        CHECK(*decoded == b);
    }
}

TEST_CASE("batch codec: the bytes that the tests write by hand are those of the library") {
    raw_batch raw = raw_batch::of_one_operation();
    raw.put_new_object(1, "visits").put(12);
    const auto decoded = decode_batch(raw.bytes());
    REQUIRE_MESSAGE(decoded.has_value(), decoded.error().message());
    batch expected = batch_of({operation_on("visits", crdt::g_counter::operation{12})});
    expected.messages[0].time.bits = 0;
    CHECK(*decoded == expected);
}

TEST_CASE("batch codec: another version is refused by its number") {
    raw_batch raw = raw_batch::of_one_operation();
    raw.put_new_object(1, "visits").put(12);
    raw.version = 9;
    const error e = refusal_of(raw.bytes());
    CHECK(e.code == errc::unknown_version);
    CHECK(e.where == "batch.version is 9, this is 1");
}

TEST_CASE("batch codec: an unknown operation or value is refused, not skipped") {
    for (const std::uint64_t code : std::vector<std::uint64_t>{0, 43, 255, 300}) {
        raw_batch raw = raw_batch::of_one_operation();
        raw.put_new_object(code, "x").put(0);
        const error e = refusal_of(raw.bytes());
        CHECK(e.code == errc::unknown_kind);
        CHECK(e.where == "batch.message[0].operation[0].code is " + std::to_string(code));
    }
    raw_batch long_form = raw_batch::of_one_operation();
    long_form.put(16 | 15).put(1).put(0).put(1).put(5);
    long_form.content += "x";
    CHECK(refusal_of(long_form.bytes()).where ==
          "batch.message[0].operation[0].code is 1 but not written short");
    for (const std::uint64_t kind : std::vector<std::uint64_t>{0, 8, 257}) {
        raw_batch raw = raw_batch::of_one_operation();
        raw.put_new_object(8, "x").put(kind).put(0);
        const error e = refusal_of(raw.bytes());
        CHECK(e.code == errc::unknown_kind);
        CHECK(e.where == "batch.message[0].operation[0].content has the kind " + std::to_string(kind));
    }
}

TEST_CASE("batch codec: a restore names ranges and transactions that can be") {
    const auto restored = [](std::uint64_t length, std::uint64_t sequence, std::uint64_t count) {
        raw_batch raw = raw_batch::of_one_operation();
        raw.put_new_object(42, "x").put(1);
        raw.put(1).put(10).put(length); // of the origin, from 5 on
        raw.put(1).put(sequence).put(count);
        return raw.bytes();
    };
    const auto decoded = decode_batch(restored(2, 4, 3));
    REQUIRE(decoded.has_value());
    const auto& op = std::get<crdt::rga_text::operation>(decoded->messages[0].operations[0].leaf);
    const auto& part = std::get<crdt::rga_text::restore_op>(op).parts.at(0);
    CHECK(part.ids == crdt::text_id_range{{5, decoded->origin}, 2});
    CHECK(part.erases == crdt::dot_range{{decoded->origin, decoded->first + 2}, 3});
    CHECK(refusal_of(restored(0, 4, 3)).code == errc::invalid_value);
    CHECK(refusal_of(restored(2, 4, 0)).where == "batch.message[0].operation[0].parts is 0");
    CHECK(decode_batch(restored(2, 4, transport::limits::sequence_max - decoded->first - 1)).has_value());
    CHECK(refusal_of(restored(2, 4, transport::limits::sequence_max - decoded->first)).code ==
          errc::invalid_value);
}

TEST_CASE("batch codec: a mark's places are the start, the end, or beside a character that can be") {
    const auto marked = [](std::uint64_t begin, std::uint64_t ahead) {
        raw_batch raw = raw_batch::of_one_operation();
        raw.put_new_object(41, "x").put(begin);
        if (begin >= 2) raw.put(ahead);
        raw.put(1).put(1).put(3);
        raw.content += "m";
        return raw.bytes();
    };
    CHECK(decode_batch(marked(0, 0)).has_value());
    CHECK(decode_batch(marked(2, 2)).has_value());
    CHECK(decode_batch(marked(3, 2)).has_value());
    const error lamport = refusal_of(marked(2, 0));
    CHECK(lamport.code == errc::invalid_value);
    CHECK(lamport.where == "batch.message[0].operation[0].places has 1 Lamport numbers from 0");
    CHECK(refusal_of(marked(4, 2)).where == "batch.message[0].operation[0].places names replica 2 of 1");
}

TEST_CASE("batch codec: a double that is no number is refused") {
    raw_batch raw = raw_batch::of_one_operation();
    raw.put_new_object(8, "x").put(5).put(0);
    raw.content += std::string("\x00\x00\x00\x00\x00\x00\xf8\x7f", 8);
    CHECK(refusal_of(raw.bytes()).code == errc::invalid_value);
}

TEST_CASE("batch codec: text that is not UTF-8 is refused with the offset of its first bad byte") {
    raw_batch inserted = raw_batch::of_one_operation();
    inserted.put_new_object(10, "notes").put(2).put(0).put(4);
    inserted.content += "ab\xff"
                        "d";
    CHECK(refusal_of(inserted.bytes()).code == errc::invalid_text);
    CHECK(refusal_of(inserted.bytes()).where == "batch.message[0].operation[0].insert.text at byte 2");

    raw_batch assigned = raw_batch::of_one_operation();
    assigned.put_new_object(8, "title").put(6).put(2).put(0);
    assigned.content += "\xed\xa0";
    CHECK(refusal_of(assigned.bytes()).code == errc::invalid_text);

    raw_batch named = raw_batch::of_one_operation();
    named.put_new_object(1, "a\x80").put(1);
    CHECK(refusal_of(named.bytes()).where == "batch.message[0].operation[0].name at byte 1");
}

TEST_CASE("batch codec: an insert of nothing, and Lamport numbers of 0 or past the limit, are refused") {
    const auto insert_of = [](std::uint64_t lamport, const std::string& text) {
        raw_batch raw = raw_batch::of_one_operation();
        raw.put_new_object(10, "notes").put(lamport << 1).put(0).put(text.size());
        raw.content += text;
        return raw.bytes();
    };
    CHECK(decode_batch(insert_of(1, "a")).has_value());
    CHECK(refusal_of(insert_of(1, "")).code == errc::invalid_value);
    CHECK(refusal_of(insert_of(1, "")).where == "batch.message[0].operation[0].insert.text is empty");
    CHECK(refusal_of(insert_of(0, "a")).code == errc::invalid_value);
    CHECK(decode_batch(insert_of(crdt::limits::lamport_max - 1, "ab")).has_value());
    CHECK(refusal_of(insert_of(crdt::limits::lamport_max - 1, "abc")).code == errc::invalid_value);
}

TEST_CASE("batch codec: a range of characters whose end overflows is refused") {
    raw_batch raw = raw_batch::of_one_operation();
    raw.put_new_object(11, "notes").put(1).put(1).put(2).put(~std::uint64_t{0});
    CHECK(refusal_of(raw.bytes()).code == errc::invalid_value);
}

TEST_CASE("batch codec: sequence numbers of 0 or past the limit are refused") {
    raw_batch raw = raw_batch::of_one_operation();
    raw.put_new_object(1, "visits").put(12);
    for (const std::uint64_t first :
         {std::uint64_t{0}, transport::limits::sequence_max + 1, ~std::uint64_t{0}}) {
        raw.first = first;
        CHECK(refusal_of(raw.bytes()).code == errc::invalid_value);
    }
    raw_batch depends;
    depends.replicas = {bob.bits};
    depends.put(1).put(0).put(1).put(2).put(0).put(1);
    CHECK(refusal_of(depends.bytes()).code == errc::invalid_value);
}

TEST_CASE("batch codec: dependencies are of others and in increasing order") {
    const auto depends_on = [](std::vector<std::uint64_t> replicas, std::vector<std::uint64_t> numbers) {
        raw_batch raw;
        raw.replicas = std::move(replicas);
        raw.put(1).put(0).put(numbers.size());
        for (const std::uint64_t replica : numbers) {
            raw.put(replica).put(4);
        }
        raw.put(1);
        return raw.bytes();
    };
    CHECK(decode_batch(depends_on({carol.bits, bob.bits}, {2, 3})).has_value());
    CHECK(refusal_of(depends_on({bob.bits, carol.bits}, {2, 3})).code == errc::malformed);
    CHECK(refusal_of(depends_on({}, {1})).code == errc::invalid_value);
    CHECK(refusal_of(depends_on({bob.bits}, {3})).code == errc::malformed);
    CHECK(refusal_of(depends_on({alice.bits}, {2})).code == errc::malformed);
}

// Such a batch meant the same as one of other bytes.
TEST_CASE("batch codec: a replica that is listed twice is refused, wherever the second one stands") {
    const auto resets = [](std::vector<std::uint64_t> replicas) {
        raw_batch raw = raw_batch::of_one_operation();
        raw.replicas = std::move(replicas);
        raw.put_new_object(9, "r").put(raw.replicas.size());
        for (std::uint64_t i = 0; i < raw.replicas.size(); ++i) {
            raw.put(2 + i).put(2 * (5 + i));
        }
        return raw.bytes();
    };
    CHECK(decode_batch(resets({carol.bits, bob.bits})).has_value());
    const auto side_by_side = refusal_of(resets({carol.bits, bob.bits, bob.bits}));
    CHECK(side_by_side.code == errc::malformed);
    CHECK(side_by_side.where == "batch.replicas has " + to_string(bob) + " twice");
    CHECK(refusal_of(resets({bob.bits, bob.bits})).code == errc::malformed);
}

TEST_CASE("batch codec: what nothing refers to is refused") {
    raw_batch raw = raw_batch::of_one_operation();
    raw.put_new_object(1, "visits").put(12);
    raw_batch more_numbers = raw;
    more_numbers.put(1);
    CHECK(refusal_of(more_numbers.bytes()).code == errc::trailing_bytes);
    raw_batch more_content = raw;
    more_content.content += "x";
    CHECK(refusal_of(more_content.bytes()).code == errc::trailing_bytes);
    raw_batch more_replicas = raw;
    more_replicas.replicas.push_back(bob.bits);
    CHECK(refusal_of(more_replicas.bytes()).code == errc::trailing_bytes);
    std::vector<std::uint64_t> more_words = raw.words();
    more_words.push_back(1);
    CHECK(refusal_of(raw_batch::pack(more_words)).code == errc::trailing_bytes);
    more_words[0] += std::uint64_t{1} << 32;
    CHECK(refusal_of(raw_batch::pack(more_words)).code == errc::trailing_bytes);
}

TEST_CASE("batch codec: there is one way to write a thing") {
    SUBCASE("no operations, which are written as 1") {
        raw_batch raw;
        raw.put(1).put(0).put(0).put(0);
        CHECK(refusal_of(raw.bytes()).code == errc::malformed);
    }
    SUBCASE("a number in more bytes than it needs") {
        raw_batch raw = raw_batch::of_one_operation();
        raw.put_new_object(1, "visits");
        raw.numbers += std::string("\x81\x00", 2);
        CHECK(refusal_of(raw.bytes()).code == errc::malformed);
    }
    SUBCASE("a number of more than 64 bits") {
        raw_batch raw = raw_batch::of_one_operation();
        raw.put_new_object(1, "visits");
        raw.numbers += "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02";
        CHECK(refusal_of(raw.bytes()).code == errc::malformed);
    }
    SUBCASE("the same object named by its number") {
        raw_batch raw;
        raw.put(1).put(0).put(0).put(3).put_new_object(1, "visits").put(1).put(2 << 4 | 1).put(1);
        CHECK(refusal_of(raw.bytes()).code == errc::malformed);
    }
    SUBCASE("an insert that continues the one before it but is written in full") {
        raw_batch raw;
        raw.put(1).put(0).put(0).put(3).put_new_object(10, "notes").put(2).put(0).put(1);
        raw.put(10).put(0).put(1).put(2).put(1);
        raw.content += "ab";
        CHECK(refusal_of(raw.bytes()).code == errc::malformed);
    }
}

TEST_CASE("batch codec: an object is used as what it is") {
    raw_batch raw;
    raw.put(1).put(0).put(0).put(3).put_new_object(1, "visits").put(1).put(2).put(1);
    CHECK(refusal_of(raw.bytes()).code == errc::malformed);

    raw_batch unknown = raw_batch::of_one_operation();
    unknown.put(5 << 4 | 1).put(1);
    CHECK(refusal_of(unknown.bytes()).code == errc::malformed);

    raw_batch nested = raw_batch::of_one_operation();
    nested.put(16 | 1).put(1).put(1).put(1).put(1);
    nested.content += "mk";
    CHECK(refusal_of(nested.bytes()).code == errc::invalid_value);

    raw_batch orphan = raw_batch::of_one_operation();
    orphan.put_new_object(12, "notes").put(1);
    orphan.content += "a";
    CHECK(refusal_of(orphan.bytes()).code == errc::malformed);
}

TEST_CASE("batch codec: a path is as deep as the limit and no deeper") {
    const auto path_of = [](std::size_t depth) {
        raw_batch raw = raw_batch::of_one_operation();
        raw.put(16 | 9).put(depth).put(1);
        for (std::size_t i = 0; i < depth; ++i) {
            raw.put(1);
        }
        raw.put(0);
        raw.content.assign(depth + 1, 'm');
        return raw.bytes();
    };
    CHECK(decode_batch(path_of(crdt::limits::map_depth_max)).has_value());
    CHECK(refusal_of(path_of(crdt::limits::map_depth_max + 1)).code == errc::too_large);
}

TEST_CASE("batch codec: names and texts are as long as their limits and no longer") {
    const auto named = [](std::size_t size) {
        raw_batch raw = raw_batch::of_one_operation();
        raw.put_new_object(1, std::string(size, 'n')).put(1);
        return raw.bytes();
    };
    CHECK(decode_batch(named(crdt::limits::name_bytes_max)).has_value());
    CHECK(refusal_of(named(crdt::limits::name_bytes_max + 1)).code == errc::too_large);
    const auto typed = [](std::size_t size) {
        raw_batch raw = raw_batch::of_one_operation();
        raw.put_new_object(10, "t").put(2).put(0).put(size);
        raw.content += std::string(size, 't');
        return raw.bytes();
    };
    CHECK(decode_batch(typed(crdt::limits::text_insert_bytes_max)).has_value());
    CHECK(refusal_of(typed(crdt::limits::text_insert_bytes_max + 1)).code == errc::too_large);
}

TEST_CASE(
    "batch codec: a batch has as many messages, and a message as many operations, as the limits allow") {
    batch messages{alice, 1, std::vector<transport::message>(transport::limits::batch_messages_max)};
    check_round_trip(number(messages));
    messages.messages.emplace_back();
    CHECK(refusal_of(encode_batch(number(messages))).code == errc::too_large);

    std::vector<crdt::keyed_operation> operations(transport::limits::message_operations_max,
                                                  operation_on("c", crdt::pn_counter::operation{1}));
    check_round_trip(batch_of(operations));
    operations.push_back(operations.back());
    CHECK(refusal_of(encode_batch(batch_of(operations))).code == errc::too_large);
}

TEST_CASE("batch codec: a message names as many dependencies as the limit allows and no more") {
    std::vector<causality::dot> dependencies;
    for (std::uint64_t i = 1; i <= transport::limits::message_dependencies_max; ++i) {
        dependencies.push_back({causality::replica_id{i}, i});
    }
    const auto depends_on = [](const std::vector<causality::dot>& named) {
        return number({alice, 7, {message_of(1'700'000'000'000, {}, named)}});
    };
    check_round_trip(depends_on(dependencies));
    dependencies.push_back({causality::replica_id{dependencies.size() + 1}, 1});
    CHECK(refusal_of(encode_batch(depends_on(dependencies))).code == errc::too_large);
}

TEST_CASE("batch codec: counts larger than what follows are refused before anything is made") {
    constexpr std::uint64_t huge = ~std::uint64_t{0};
    for (const std::uint64_t count : {std::uint64_t{1000}, std::uint64_t{1} << 32, huge}) {
        raw_batch messages;
        messages.put(count);
        raw_batch dependencies;
        dependencies.put(1).put(0).put(count).put(1);
        raw_batch operations;
        operations.put(1).put(0).put(0).put(count);
        raw_batch elements = raw_batch::of_one_operation();
        elements.put_new_object(7, "s").put(count);
        raw_batch dots = raw_batch::of_one_operation();
        dots.put_new_object(9, "r").put(count);
        raw_batch seen = raw_batch::of_one_operation();
        seen.put_new_object(4, "c").put(count);
        raw_batch ranges = raw_batch::of_one_operation();
        ranges.put_new_object(11, "t").put(count);
        raw_batch text = raw_batch::of_one_operation();
        text.put_new_object(10, "t").put(2).put(0).put(count);
        for (const raw_batch* raw :
             {&messages, &dependencies, &operations, &elements, &dots, &seen, &ranges, &text}) {
            const error e = refusal_of(raw->bytes());
            const bool expected = e.code == errc::truncated || e.code == errc::too_large;
            CHECK_MESSAGE(expected, e.message());
        }
    }
}

TEST_CASE("batch codec: a few bytes that announce much are refused at once") {
    using words = std::vector<std::uint64_t>;
    constexpr std::uint64_t header = std::uint64_t{2} << 32;
    const std::vector<std::string> hostile{
        // A root that is a list of 2^29 - 1 structs without content.
        raw_batch::pack(words{header, 0x0000'0007'0000'0001 | std::uint64_t{1} << 35, 0x0000'0000'7fff'fffc}),
        // A root with one pointer, to itself.
        raw_batch::pack(words{header, 0x0001'0000'0000'0000, 0x0001'0000'ffff'fffc}),
        // A segment table of 2^32 segments.
        raw_batch::pack(words{0xffff'ffff, 0, 0}),
        // 255 * 8 bytes of zeros for every two bytes, past the limit of a part.
        std::string(2 * (transport::limits::frame_bytes_max / 8 / 256 + 2), '\0').replace(1, 1, "\xff"),
    };
    const auto start = std::chrono::steady_clock::now();
    for (const std::string& bytes : hostile) {
        CHECK(!decode_batch(bytes).has_value());
        CHECK(!transport::decode_head(bytes, "default").has_value());
    }
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(500));
    std::string zeros;
    for (std::size_t i = 0; i < transport::limits::frame_bytes_max / 8 / 256 + 1; ++i) {
        zeros += std::string("\x00\xff", 2);
    }
    CHECK(refusal_of(zeros).code == errc::too_large);
}

TEST_CASE("batch codec: operations that a few bytes stand for are bounded by the memory they take") {
    raw_batch raw;
    constexpr std::size_t messages = 4, operations = transport::limits::message_operations_max;
    raw.put(messages).put(0).put(0).put(0).put(0).put(0).put(0).put(0).put(0);
    for (std::size_t i = 0; i < messages; ++i) {
        raw.put(operations + 1);
    }
    raw.put_new_object(1, std::string(256, 'n')).put(1);
    for (std::size_t i = 1; i < messages * operations; ++i) {
        raw.put(1).put(1);
    }
    const error e = refusal_of(raw.bytes());
    CHECK(e.code == errc::too_large);
    CHECK(e.where.find("raises the cost of the batch to ") != std::string::npos);
}

TEST_CASE("batch codec: elements of clears are bounded by the memory they take") {
    raw_batch raw = raw_batch::of_one_operation();
    constexpr std::size_t elements = 1'000'000;
    raw.put_new_object(7, "s").put(elements);
    raw.numbers.append(2 * elements, '\x01');
    CHECK(refusal_of(raw.bytes()).code == errc::too_large);
}

TEST_CASE("batch codec: an empty body is refused") {
    CHECK(refusal_of("").code == errc::truncated);
    raw_batch raw;
    raw.put(0);
    CHECK(refusal_of(raw.bytes()).code == errc::invalid_value);
}
