#include "support/seeds.hpp"
#include "text_bytes.hpp"

#include <sangam/crdt/utf8.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

using namespace sangam::crdt;
using sangam::test::draw;

namespace {

std::string encoded(std::u32string_view scalars) {
    std::string text;
    for (const char32_t scalar : scalars)
        utf8::append(text, scalar);
    return text;
}

/// The bytes beside a string of scalar values.
struct checked_bytes {
    text_bytes bytes;
    std::u32string scalars;

    void append(const std::u32string& added) {
        bytes.append(encoded(added), static_cast<std::uint32_t>(added.size()));
        scalars += added;
    }
    void type(char c) {
        if (bytes.room_for_ascii() > 0) {
            bytes.append_ascii(c);
        } else {
            bytes.append({&c, 1}, 1);
        }
        scalars += static_cast<char32_t>(c);
    }
    void take_back(std::size_t characters) {
        bytes.take_back(static_cast<std::uint32_t>(characters));
        scalars.resize(scalars.size() - characters);
    }
    [[nodiscard]] bool agrees() const {
        if (bytes.size() != scalars.size() || bytes.all() != encoded(scalars)) return false;
        std::size_t offset = 0;
        for (serial_t serial = 0; serial < scalars.size(); ++serial) {
            const std::string one = encoded({&scalars[serial], 1});
            if (offset_of(serial) != offset || bytes.view(serial, 1) != one) return false;
            offset += one.size();
        }
        return bytes.all().size() == offset && bytes.view(0, bytes.size()) == bytes.all();
    }
    [[nodiscard]] std::size_t offset_of(serial_t serial) const {
        return static_cast<std::size_t>(bytes.view(serial, 1).data() - bytes.all().data());
    }
};

std::u32string letters(std::mt19937_64& rng, std::size_t most, bool ascii) {
    static constexpr std::u32string_view mixed = U"abcde\u00e9\u20ac\U0001F600";
    std::u32string text(1 + draw(rng, most), U' ');
    for (char32_t& c : text)
        c = mixed[draw(rng, ascii ? 5 : mixed.size())];
    return text;
}

} // namespace

TEST_CASE("text_bytes: every character is found, whatever is appended and taken back") {
    sangam::test::for_each_seed(60, [](std::mt19937_64& rng) {
        checked_bytes x;
        const std::uint64_t ascii_in_8 = draw(rng, 9); // some texts have nothing else
        for (int step = 0; step < 120; ++step) {
            switch (draw(rng, 4)) {
            case 0:
                x.type(static_cast<char>('a' + draw(rng, 26)));
                break;
            case 1: {
                const std::uint64_t most = x.scalars.size();
                x.take_back(draw(rng, 1 + (draw(rng, 8) == 0 ? most : most / 16)));
                break;
            }
            default:
                x.append(letters(rng, draw(rng, 8) == 0 ? 200 : 9, draw(rng, 8) < ascii_in_8));
            }
            REQUIRE(x.agrees());
        }
    });
}

TEST_CASE("text_bytes: the first character that is not ASCII may come at any place of a stride") {
    for (std::size_t before = 0; before <= 130; ++before) {
        checked_bytes x;
        if (before > 0) x.append(std::u32string(before, U'a'));
        x.append(U"\U0001F600");
        REQUIRE(x.agrees());
        x.take_back(1); // what is left is ASCII, and marked
        REQUIRE(x.agrees());
        x.append(std::u32string(130, U'b'));
        x.append(U"\u20ac");
        REQUIRE(x.agrees());
    }
}
