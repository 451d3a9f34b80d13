#include "hexadecimal.hpp"
#include "support/seeds.hpp"

#include <sangam/crdt/rga_text.hpp>
#include <sangam/transport/errc.hpp>
#include <sangam/transport/text_file.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>

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
    return text;
}

rga_text random_text(std::mt19937_64& rng, std::size_t edits) {
    rga_text text;
    std::array<std::uint64_t, 3> sequence{};
    for (; edits > 0; --edits) {
        const std::size_t r = test::draw(rng, sequence.size());
        const crdt::operation_context context = at(r + 1, ++sequence[r]);
        if (!text.empty() && test::draw(rng, 3) == 0) {
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
    }
}

TEST_CASE("text_file: a file that was cut anywhere is refused") {
    for (const kind what : kinds) {
        for (const text_compression compression : compressions) {
            const std::string bytes = encode_text(example().columns(what), compression);
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
            const text_columns columns = example().columns(what);
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
