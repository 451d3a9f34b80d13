#include "hexadecimal.hpp"
#include "numbers.hpp"
#include "support/seeds.hpp"
#include "zstd_frame.hpp"

#include <sangam/crdt/rga_text.hpp>
#include <sangam/transport/errc.hpp>
#include <sangam/transport/text_file.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace sangam;
using namespace sangam::transport;
using crdt::rga_text;
using crdt::text_columns;
using kind = text_columns::kind;

namespace {

constexpr std::array kinds{kind::state, kind::history};
constexpr std::array compressions{text_compression::none, text_compression::fast, text_compression::small};

crdt::operation_context at(std::uint64_t replica, std::uint64_t sequence) {
    return {{{replica}, sequence}, {}};
}

/// Three replicas, one of which only erases; characters of one to four bytes.
rga_text example() {
    rga_text text;
    text.local_insert(0, "Sangam: a confluence", at(0x1111, 1));
    text.local_insert(7, " \u00e9\u20ac\U0001F600", at(0x2222, 1));
    text.local_erase(12, 2, at(0x3333, 5));
    for (std::uint64_t n = 0; n < 3; ++n)
        text.local_erase(4 - n, 1, at(0x2222, 2 + n));
    text.local_insert(2, "ng", at(0x1111, 2));
    // Two of the backspaces are taken back by who made them, and what was erased at once in part by another.
    const std::vector<rga_text::element> all = text.elements();
    rga_text::restore_op back;
    for (const rga_text::element& e : all) {
        if (!e.visible && back.parts.size() < 4) back.parts.push_back({{e.id, 1}, {{{0x2222}, 3}, 2}});
    }
    text.apply(back, at(0x2222, 5));
    for (rga_text::erased_part& part : back.parts)
        part.erases = {{{0x3333}, 5}, 1};
    text.apply(back, at(0x1111, 3));
    return text;
}

/// The same with a mark of each kind of content, and one that was taken back by a fourth replica.
rga_text marked_example() {
    rga_text text = example();
    const std::array<std::pair<const char*, crdt::value>, 7> marks{
        {{"bold", true},
         {"comment:\u00e9", "why?"},
         {"heading", -300},
         {"hidden", false},
         {"key", crdt::bytes{std::byte{0}, std::byte{0xff}}},
         {"size", 1.5},
         {"style", {}}}};
    for (std::size_t n = 0; n < marks.size(); ++n) {
        crdt::operation_context context = at(0x1111, 4);
        context.time = causality::hybrid_time::at_ms(1000);
        text.apply(text.mark(n, 4, marks[n].first, marks[n].second, crdt::mark_growth::after), context);
    }
    crdt::operation_context later = at(0x4444, 9);
    later.time = causality::hybrid_time::at_ms(2000);
    text.apply(text.unmark(1, 1, "bold"), later);
    text.apply(
        crdt::rga_text::mark_op{
            {std::nullopt, crdt::text_bias::left}, {std::nullopt, crdt::text_bias::right}, "all", 1},
        later);
    return text;
}

rga_text random_text(std::mt19937_64& rng, std::size_t edits) {
    rga_text text;
    std::array<std::uint64_t, 3> sequence{};
    for (; edits > 0; --edits) {
        const std::size_t r = test::draw(rng, sequence.size());
        crdt::operation_context context = at(r + 1, ++sequence[r]);
        context.time = causality::hybrid_time::at_ms(test::draw(rng, 1000));
        if (!text.empty() && test::draw(rng, 5) == 0) {
            static const std::array<crdt::value, 5> contents{crdt::value(), true, -1.5, 12345,
                                                             "x.org/page/7"};
            const std::size_t position = test::draw(rng, text.size());
            text.apply(text.mark(position, 1 + test::draw(rng, text.size() - position),
                                 test::draw(rng, 2) == 0 ? "bold" : "link",
                                 contents[test::draw(rng, contents.size())],
                                 static_cast<crdt::mark_growth>(test::draw(rng, 4))),
                       context);
        } else if (!text.empty() && test::draw(rng, 6) == 0) {
            rga_text::restore_op back;
            for (const rga_text::element& e : text.elements()) {
                if (test::draw(rng, 8) != 0) continue;
                const std::size_t whose = test::draw(rng, sequence.size());
                if (sequence[whose] < 2) continue;
                const std::uint64_t first = 1 + test::draw(rng, sequence[whose] - 1);
                back.parts.push_back({{e.id, 1}, {{{whose + 1}, first}, sequence[whose] - first}});
            }
            text.apply(back, context);
        } else if (!text.empty() && test::draw(rng, 3) == 0) {
            const std::size_t position = test::draw(rng, text.size());
            text.local_erase(position, 1 + test::draw(rng, std::min<std::size_t>(text.size() - position, 5)),
                             context);
        } else {
            static constexpr std::array words{"a", "the ", "\u00e9", "\U0001F600", "confluence"};
            text.local_insert(test::draw(rng, text.size() + 1), words[test::draw(rng, words.size())],
                              context);
        }
    }
    return text;
}

std::size_t number_end(std::string_view bytes, std::size_t at, std::size_t count) {
    for (; count > 0; --count) {
        while ((bytes[at++] & 0x80) != 0) {
        }
    }
    return at;
}

/// Behind the count of the bytes of text, the last one that all kinds have.
std::size_t text_count_end(std::string_view content) {
    return number_end(content, 1, 12);
}

/// What is in the frame, and the file that has it.
std::string unpacked_content(const text_columns& columns) {
    const std::string bytes = encode_text(columns, text_compression::none);
    std::uint64_t size = 0;
    const std::size_t frame = number_end(bytes, 5, 1);
    for (std::size_t n = frame; n-- > 5;)
        size = size << 7 | (static_cast<unsigned char>(bytes[n]) & 0x7fU);
    return std::string(unpack_frame(std::string_view(bytes).substr(frame), size).value().view());
}

result<text_columns> decode_content(std::string_view content) {
    std::string bytes("SGtx\1");
    numbers::put(bytes, content.size());
    append_frame(bytes, {&content, 1}, storing_level());
    return decode_text(bytes);
}

} // namespace

TEST_CASE("text_file: what is encoded is decoded, of both kinds, with every compression") {
    test::for_each_seed(40, [](std::mt19937_64& rng) {
        const rga_text text = random_text(rng, test::draw(rng, 400));
        for (const kind what : kinds) {
            const text_columns columns = text.columns(what);
            for (const text_compression compression : compressions) {
                const auto decoded = decode_text(encode_text(columns, compression));
                REQUIRE_MESSAGE(decoded.has_value(), decoded.error());
                const bool equal = *decoded == columns;
                REQUIRE(equal);
                const bool same_text = rga_text::from_columns(*decoded).value() == text;
                REQUIRE(same_text);
            }
        }
    });
}

TEST_CASE("text_file: the empty text has a file, too") {
    for (const kind what : kinds) {
        for (const text_compression compression : compressions) {
            const text_columns columns = rga_text().columns(what);
            CHECK(decode_text(encode_text(columns, compression)).value() == columns);
        }
    }
}

TEST_CASE("text_file: the bytes of tests/wire are read as what they were written from") {
    for (const kind what : kinds) {
        const std::string name = what == kind::state ? "text_state" : "text_history";
        const text_columns columns = example().columns(what);
        test::write_if_wanted(name, encode_text(columns, text_compression::none));
        // What zstd makes of the columns may change with its version, what it reads may not.
        CHECK(decode_text(test::read_golden(name)).value() == columns);
        const text_columns marked = marked_example().columns(what);
        test::write_if_wanted(name + "_marked", encode_text(marked, text_compression::none));
        CHECK(decode_text(test::read_golden(name + "_marked")).value() == marked);
    }
}

TEST_CASE("text_file: a text without marks pays nothing for them, and there is no other form of it") {
    for (const kind what : kinds) {
        std::string content = unpacked_content(example().columns(what));
        CHECK(content.front() == (what == kind::state ? 'S' : 'H'));
        const std::string marked = unpacked_content(marked_example().columns(what));
        CHECK(marked.front() == (what == kind::state ? 's' : 'h'));
        // Behind the kind and twelve counts: no tracks, no segments.
        content.front() = marked.front();
        content.insert(text_count_end(content), 2, '\0');
        CHECK(decode_content(content).error().message() == "transport: invalid value: marks[0]: none");
    }
}

TEST_CASE("text_file: what is wrong with marks is found whatever the checksum says") {
    for (const kind what : kinds) {
        const text_columns columns = marked_example().columns(what);
        const std::string content = unpacked_content(columns);
        REQUIRE(decode_content(content).value() == columns);
        for (std::size_t size = 0; size < content.size(); ++size) {
            CAPTURE(size);
            CHECK(!decode_content(content.substr(0, size)).has_value());
        }
        for (std::size_t bit = 0; bit < 8 * content.size(); ++bit) {
            CAPTURE(bit);
            std::string flipped = content;
            flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
            const auto decoded = decode_content(flipped);
            if (!decoded) {
                CHECK(!decoded.error().where.empty());
                continue;
            }
            const auto text = rga_text::from_columns(*decoded);
            if (!text) continue;
            CHECK(text->check_invariants() == "");
            const bool same = text->columns(what) == *decoded;
            CHECK(same);
        }
    }
}

TEST_CASE(
    "text_file: contents of marks that no value can have, and counts that nothing follows, are refused") {
    const std::string content = unpacked_content(marked_example().columns(kind::state));
    const auto changed = [&](std::string_view from, std::string_view to) {
        std::string bytes = content;
        const std::size_t found = bytes.find(from);
        REQUIRE(found != std::string::npos);
        bytes.replace(found, from.size(), to);
        const auto decoded = decode_content(bytes);
        return decoded ? "nothing" : decoded.error().message();
    };
    using namespace std::string_view_literals;
    CHECK(changed("", "") == "nothing");
    CHECK(changed("why?", "wh\xff?") == "transport: not UTF-8: marks.content[0]: not UTF-8");
    CHECK(changed("\0\0\0\0\0\0\xf8\x3f"sv, "\0\0\0\0\0\0\xf8\x7f"sv) ==
          "transport: invalid value: marks.content[2]: not a number");
    std::string many = content;
    const std::size_t counts = text_count_end(content);
    many.replace(counts, 1, "\xff\xff\xff\xff\x0f");
    CHECK(decode_content(many).error().message() ==
          "transport: the bytes end too early: marks[0]: 4294967295 entries");
    many = content;
    many.replace(counts + 1, 1, "\xff\xff\xff\xff\x0f");
    CHECK(decode_content(many).error().message() ==
          "transport: the bytes end too early: segments[0]: 4294967295 entries");
    many = content;
    ++many[counts + 1];
    CHECK(decode_content(many).error().message() ==
          "transport: invalid value: marks.segments[7]: 1 segments of no name");
    --many[counts + 1];
    --many[counts + 1];
    CHECK(decode_content(many).error().code == errc::invalid_value);
}

TEST_CASE("text_file: a file that was cut anywhere is refused") {
    for (const kind what : kinds) {
        for (const text_compression compression : compressions) {
            const std::string bytes = encode_text(marked_example().columns(what), compression);
            for (std::size_t size = 0; size < bytes.size(); ++size) {
                CAPTURE(size);
                CHECK(!decode_text(bytes.substr(0, size)).has_value());
            }
            CHECK(decode_text(bytes + '\0').error().code == errc::trailing_bytes);
        }
    }
}

TEST_CASE("text_file: a file with a flipped bit is refused, or nothing that matters was flipped") {
    for (const kind what : kinds) {
        for (const text_compression compression : compressions) {
            const text_columns columns = marked_example().columns(what);
            const std::string bytes = encode_text(columns, compression);
            for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
                CAPTURE(bit);
                std::string flipped = bytes;
                flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
                const auto decoded = decode_text(flipped);
                CHECK((!decoded || *decoded == columns));
            }
        }
    }
}

TEST_CASE("text_file: a run of ids goes on where a near one ended, however its replica's numbers run") {
    test::for_each_seed(20, [](std::mt19937_64& rng) {
        text_columns columns;
        columns.replicas = {{1}, {2}, {3}};
        // Runs that were cut, whose parts stand near or far from each other, and others.
        const bool far = test::draw(rng, 2) == 0; // further than a text accepts
        std::array<std::uint64_t, 3> next{1, far ? std::uint64_t{1} << 40 : 1, 7};
        std::vector<text_columns::id_run> cut;
        for (std::uint32_t n = 0; n < 500; ++n) {
            const auto replica = static_cast<std::uint32_t>(n < 3 ? n : test::draw(rng, 3));
            const auto length = static_cast<std::uint32_t>(1 + test::draw(rng, 200));
            text_columns::id_run run{next[replica], length, replica};
            const std::size_t back = test::draw(rng, 100);
            if (n > 3 && back < cut.size() && test::draw(rng, 2) == 0) {
                const auto from = cut.end() - 1 - static_cast<std::ptrdiff_t>(back);
                run = *from;
                cut.erase(from);
            } else {
                next[replica] += 2 * length + test::draw(rng, 3);
                cut.push_back({run.lamport + length, length, replica});
            }
            const text_columns::id_run* const last = columns.ids.empty() ? nullptr : &columns.ids.back();
            if (last != nullptr && last->replica == run.replica &&
                last->lamport + last->length == run.lamport)
                continue;
            columns.ids.push_back(run);
        }
        std::uint32_t total = 0;
        for (const text_columns::id_run& run : columns.ids)
            total += run.length;
        columns.shown = {0, total};
        const auto decoded = decode_text(encode_text(columns, text_compression::none));
        REQUIRE_MESSAGE(decoded.has_value(), decoded.error());
        const bool equal = *decoded == columns;
        REQUIRE(equal);
        if (far) {
            REQUIRE(!rga_text::from_columns(*decoded).has_value());
        } else {
            REQUIRE(rga_text::from_columns(*decoded).value().check_invariants() == "");
        }
    });
}

TEST_CASE("text_file: a run of ids that goes on where nothing ended is refused") {
    text_columns columns;
    columns.replicas = {{1}};
    columns.ids = {{1, 2, 0}, {9, 1, 0}, {3, 2, 0}};
    columns.shown = {0, 5};
    std::string content = unpacked_content(columns);
    // The code of the third: no run between it and the first.
    const std::size_t code = number_end(content, text_count_end(content) + 8, 2);
    REQUIRE(content[code] == 1 - 1);
    CHECK(decode_content(content).value() == columns);
    content[code] = 1;
    CHECK(decode_content(content).error().message() ==
          "transport: invalid value: ids.lamport[2]: it goes on where nothing ended");
}

TEST_CASE("text_file: an error says what is wrong and where") {
    const std::string bytes = encode_text(example().columns(kind::state), text_compression::none);
    CHECK(decode_text("").error().message() == "transport: the bytes end too early: head: 0 bytes");
    CHECK(decode_text("hello, world").error().message() == "transport: malformed: head: not a text");
    std::string other = bytes;
    other[4] = 9;
    CHECK(decode_text(other).error().message() == "transport: unknown version: head: version 9");
    other = bytes;
    other.back() = static_cast<char>(other.back() ^ 1);
    CHECK(decode_text(other).error().code == errc::malformed);
    CHECK(decode_text(other).error().where.find("checksum") != std::string::npos);
    const std::string claim = bytes.substr(0, 5) + "\xff\xff\xff\xff\x7f" + bytes.substr(6);
    CHECK(decode_text(claim).error().code == errc::too_large);
}
