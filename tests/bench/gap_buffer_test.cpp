#include "support/seeds.hpp"

#include <text/byte_positions.hpp>
#include <text/gap_buffer.hpp>

#include <sangam/crdt/utf8.hpp>

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>

using bench::edit_list;
using bench::gap_buffer;
using sangam::test::draw;

namespace {

/// One to `length_max` characters of one to four bytes each.
std::u32string some_text(std::mt19937_64& rng, std::size_t length_max) {
    constexpr std::u32string_view alphabet = U"abc \u00f7\u2019\u6587\U0001F600";
    std::u32string text(1 + draw(rng, length_max), U' ');
    for (char32_t& c : text) {
        c = alphabet[draw(rng, alphabet.size())];
    }
    return text;
}

std::string to_utf8(std::u32string_view scalars) {
    std::string bytes;
    for (const char32_t c : scalars) {
        sangam::crdt::utf8::append(bytes, c);
    }
    return bytes;
}

} // namespace

TEST_CASE("gap_buffer: random edits end in the text that a string ends in, after every one") {
    sangam::test::for_each_seed(20, [](std::mt19937_64& rng) {
        std::string model;
        gap_buffer text;
        for (int i = 0; i < 500; ++i) {
            const std::size_t position = draw(rng, model.size() + 1);
            const std::size_t erased = draw(rng, std::min<std::size_t>(model.size() - position, 8) + 1);
            const std::string inserted(draw(rng, i % 50 == 0 ? 5'000 : 4), static_cast<char>('a' + i % 26));
            text.erase(position, erased);
            text.insert(position, inserted);
            model.replace(position, erased, inserted);
            REQUIRE(text.size() == model.size());
            REQUIRE(text.str() == model);
        }
    });
}

TEST_CASE("gap_buffer: an erasure on both sides of the gap takes from both") {
    gap_buffer text;
    text.insert(0, "abcdef");
    text.insert(3, "-");
    text.erase(2, 3);
    CHECK(text.str() == "abef");
}

TEST_CASE("with_byte_positions: a gap buffer of bytes ends in the text of characters") {
    sangam::test::for_each_seed(20, [](std::mt19937_64& rng) {
        std::u32string model;
        edit_list edits;
        for (int i = 0; i < 300; ++i) {
            const std::size_t position = draw(rng, model.size() + 1);
            const std::size_t erased = draw(rng, std::min<std::size_t>(model.size() - position, 4) + 1);
            const std::u32string inserted = some_text(rng, 5);
            edits.add(position, erased, to_utf8(inserted));
            model.replace(position, erased, inserted);
        }
        const edit_list in_bytes = bench::with_byte_positions(edits);
        gap_buffer text;
        for (const bench::edit& e : in_bytes.edits()) {
            text.erase(e.position, e.erased);
            text.insert(e.position, in_bytes.inserted_by(e));
        }
        REQUIRE(text.str() == to_utf8(model));
    });
}
