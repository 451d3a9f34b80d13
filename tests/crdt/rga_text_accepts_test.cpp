#include <sangam/causality/error.hpp>
#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>
#include <sangam/crdt/rga_list.hpp>
#include <sangam/crdt/rga_text.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace sangam::crdt;
using sangam::causality::replica_id;

namespace {

constexpr replica_id alice{1};
constexpr replica_id bob{2};
constexpr replica_id carol{3};

using ranges_t = std::vector<text_id_range>;

operation_context of(replica_id origin) {
    return {{origin, 1}, {}};
}

void type(rga_text& text, std::size_t position, std::string_view added, replica_id origin) {
    text.apply(text.insert(position, added, origin), of(origin));
}

rga_text holding(std::string_view content) {
    rga_text text;
    type(text, 0, content, alice);
    return text;
}

bool too_large(const rga_text& text, std::string_view added) {
    try {
        static_cast<void>(text.insert(0, added, bob));
    } catch (const sangam::exception& e) {
        return e.code() == errc::too_large;
    }
    return false;
}

} // namespace

TEST_CASE("rga_text: an insert is accepted iff its ids are new and its parent is known and older") {
    rga_text text = holding("abc");
    type(text, 3, "de", bob);
    const auto accepts = [&text](text_id first, std::optional<text_id> parent, std::string added,
                                 replica_id origin) {
        return text.accepts(rga_text::insert_op{first, parent, std::move(added)}, origin);
    };
    CHECK(accepts({6, bob}, text_id{5, bob}, "x", bob));
    CHECK(accepts({1, carol}, std::nullopt, "x", carol));
    CHECK(accepts({4, alice}, text_id{3, alice}, "x", alice));
    CHECK_FALSE(accepts({6, bob}, text_id{5, bob}, "x", alice));
    CHECK_FALSE(accepts({0, carol}, std::nullopt, "x", carol));
    CHECK_FALSE(accepts({5, bob}, std::nullopt, "x", bob));
    CHECK_FALSE(accepts({3, alice}, std::nullopt, "x", alice));
    CHECK_FALSE(accepts({4, carol}, text_id{4, bob}, "x", carol));
    CHECK_FALSE(accepts({9, carol}, text_id{6, bob}, "x", carol));
    CHECK_FALSE(accepts({9, carol}, text_id{3, bob}, "x", carol));
    CHECK_FALSE(accepts({9, carol}, text_id{8, carol}, "x", carol));
    CHECK_FALSE(accepts({9, carol}, text_id{0, alice}, "x", carol));
    CHECK_FALSE(accepts({6, bob}, std::nullopt, "", bob));
    CHECK_FALSE(accepts({6, bob}, std::nullopt, "\xED\xA0\x80", bob));
}

TEST_CASE("rga_text: an erase is accepted iff it knows every id") {
    rga_text text = holding("abc");
    text.apply(rga_text::insert_op{{1, bob}, std::nullopt, "xxxxxx"}, of(bob));
    text.apply(rga_text::insert_op{{7, alice}, text_id{3, alice}, "gh"}, of(alice));
    const auto accepts = [&text](ranges_t ranges) {
        return text.accepts(rga_text::erase_op{std::move(ranges)}, bob);
    };
    CHECK(accepts({}));
    CHECK(accepts({{{1, alice}, 3}}));
    CHECK(accepts({{{7, alice}, 2}, {{2, alice}, 1}, {{2, alice}, 1}}));
    CHECK_FALSE(accepts({{{1, alice}, 0}}));
    CHECK_FALSE(accepts({{{1, alice}, 4}}));
    CHECK_FALSE(accepts({{{1, alice}, 8}}));
    CHECK_FALSE(accepts({{{0, alice}, 2}}));
    CHECK_FALSE(accepts({{{8, alice}, 2}}));
    CHECK_FALSE(accepts({{{1, carol}, 1}}));
    CHECK_FALSE(accepts({{{1, alice}, 1}, {{5, alice}, 1}}));
    CHECK_FALSE(accepts({{{2, alice}, std::numeric_limits<std::uint64_t>::max()}}));
    CHECK_FALSE(accepts({{{std::numeric_limits<std::uint64_t>::max(), alice}, 2}}));
}

TEST_CASE("rga_text: an operation may refer to what earlier operations of its transaction insert") {
    const rga_text text = holding("abc");
    const ranges_t pending{{{4, bob}, 2}, {{8, bob}, 3}};
    const auto inserts = [&](text_id first, text_id parent) {
        return text.accepts(rga_text::insert_op{first, parent, "x"}, bob, pending);
    };
    CHECK(inserts({11, bob}, {3, alice}));
    CHECK(inserts({11, bob}, {10, bob}));
    CHECK(inserts({11, bob}, {4, bob}));
    CHECK(inserts({11, bob}, {5, bob}));
    CHECK_FALSE(inserts({10, bob}, {3, alice}));
    CHECK_FALSE(inserts({11, bob}, {6, bob}));
    CHECK_FALSE(inserts({11, bob}, {3, bob}));
    CHECK_FALSE(inserts({11, bob}, {8, alice}));
    CHECK_FALSE(inserts({11, bob}, {9, alice}));
    const auto erases = [&](text_id first, std::uint64_t length) {
        return text.accepts(rga_text::erase_op{{{first, length}}}, bob, pending);
    };
    CHECK(erases({4, bob}, 2));
    CHECK(erases({9, bob}, 2));
    CHECK_FALSE(erases({4, bob}, 3));
    CHECK_FALSE(erases({9, bob}, 3));
    CHECK_FALSE(erases({7, bob}, 1));

    rga_text known = text;
    type(known, 0, "xy", bob);
    CHECK(known.accepts(rga_text::erase_op{{{{4, bob}, 4}}}, bob, ranges_t{{{6, bob}, 2}}));
    CHECK_FALSE(known.accepts(rga_text::erase_op{{{{4, bob}, 5}}}, bob, ranges_t{{{6, bob}, 2}}));
}

// One character at a number near the end, and nobody could type again.
TEST_CASE("rga_text: the number of an insert is at most one more than the greatest") {
    rga_text text = holding("ab");
    type(text, 2, "cd", bob);
    const auto accepts = [&text](std::uint64_t lamport, const ranges_t& pending = {}) {
        return text.accepts(rga_text::insert_op{{lamport, bob}, text_id{1, alice}, "XY"}, bob, pending);
    };
    CHECK(accepts(5));
    CHECK_FALSE(accepts(6));
    CHECK_FALSE(accepts(std::uint64_t{1} << 61));
    CHECK_FALSE(accepts(limits::lamport_max - 1));
    CHECK_FALSE(accepts(limits::lamport_max));
    CHECK_FALSE(accepts(std::numeric_limits<std::uint64_t>::max()));
    CHECK(accepts(8, {{{5, bob}, 3}}));
    CHECK_FALSE(accepts(9, {{{5, bob}, 3}}));
    const rga_text empty;
    CHECK(empty.accepts(rga_text::insert_op{{1, bob}, std::nullopt, "x"}, bob));
    CHECK_FALSE(empty.accepts(rga_text::insert_op{{2, bob}, std::nullopt, "x"}, bob));
    const rga_list list;
    CHECK(list.accepts(rga_list::insert_op{{1, bob}, std::nullopt, {7}}, bob));
    CHECK_FALSE(list.accepts(rga_list::insert_op{{2, bob}, std::nullopt, {7}}, bob));
}

TEST_CASE("rga_text: an insert may have as many bytes as the limit says and no more") {
    rga_text text = holding("abc");
    std::string added(limits::text_insert_bytes_max, 'x');
    type(text, 1, added, bob);
    CHECK(text.size() == limits::text_insert_bytes_max + 3);
    CHECK(text.check_invariants().empty());
    added += 'x';
    CHECK(too_large(text, added));
    CHECK_FALSE(text.accepts(
        rga_text::insert_op{{limits::text_insert_bytes_max + 4, bob}, std::nullopt, added}, bob));
    added.pop_back();
    CHECK(text.accepts(rga_text::insert_op{{limits::text_insert_bytes_max + 4, bob}, std::nullopt, added},
                       bob));
}
