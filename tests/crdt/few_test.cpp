#include <sangam/crdt/few.hpp>
#include <sangam/crdt/value.hpp>

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace sangam::crdt;

namespace {

/// A value that owns memory, so that a sanitizer sees what is lost or freed twice.
value number(std::size_t n) {
    return value("a text that is too long to be inline: " + std::to_string(n));
}

bool same(const few<value>& a, const std::vector<value>& b) {
    return std::vector<value>(a.begin(), a.end()) == b;
}

} // namespace

TEST_CASE("few: it takes 8 bytes more than its element") {
    CHECK(sizeof(few<value>) == sizeof(value) + 8);
}

TEST_CASE("few: one element is in the object itself, also after more have gone") {
    few<value> items;
    const auto is_inside = [&] {
        const auto* const first = reinterpret_cast<const char*>(items.data());
        const auto* const object = reinterpret_cast<const char*>(&items);
        return first >= object && first < object + sizeof(items);
    };
    items.push_back(number(1));
    CHECK(is_inside());
    items.push_back(number(2));
    items.push_back(number(3));
    CHECK_FALSE(is_inside());
    items.erase(items.begin() + 1);
    items.erase(items.begin());
    CHECK(is_inside());
    CHECK(items == few<value>{number(3)});
}

TEST_CASE("few: the last of several may go at once") {
    few<value> items{number(1), number(2)};
    items.erase(items.begin());
    items.erase(items.begin());
    CHECK(items.empty());
    items.push_back(number(3));
    CHECK(items == few<value>{number(3)});
}

TEST_CASE("few: an element of its own may be inserted") {
    few<value> items{number(1), number(2)};
    items.insert(items.begin(), items[1]);
    CHECK(items == few<value>{number(2), number(1), number(2)});
}

TEST_CASE("few: room that was asked for changes nothing that is there") {
    few<value> items{number(1)};
    items.reserve(0);
    items.reserve(5);
    CHECK(items == few<value>{number(1)});
    few<value> none;
    none.reserve(5);
    CHECK(none == few<value>());
    none = items;
    CHECK(none == items);
}

TEST_CASE("few: it does what a vector does, whatever the order of changes, copies and moves") {
    std::mt19937_64 rng(1);
    few<value> items;
    std::vector<value> expected;
    for (std::size_t step = 0; step < 20'000; ++step) {
        const auto place = static_cast<std::ptrdiff_t>(rng() % (expected.size() + 1));
        switch (rng() % 8) {
        case 0:
        case 1:
        case 2:
            items.insert(items.begin() + place, number(step));
            expected.insert(expected.begin() + place, number(step));
            break;
        case 3:
        case 4:
        case 5:
            if (place < static_cast<std::ptrdiff_t>(expected.size())) {
                items.erase(items.begin() + place);
                expected.erase(expected.begin() + place);
            }
            break;
        case 6: {
            few<value> copy = items;
            REQUIRE(copy == items);
            items = few<value>{number(0)};
            items = std::as_const(copy);
            break;
        }
        default: {
            few<value> moved = std::move(items);
            items = few<value>{number(0), number(1)};
            items = std::move(moved);
            REQUIRE(moved.empty()); // NOLINT(bugprone-use-after-move): a moved one is as a new one
            break;
        }
        }
        REQUIRE(same(items, expected));
    }
}
