#include <editor/typing.hpp>

#include <doctest/doctest.h>

#include <chrono>

using namespace std::chrono_literals;
using editor::typing;
using kind = editor::typing::kind;

namespace {

typing::time_point at(std::chrono::milliseconds time) {
    return typing::time_point() + 1h + time;
}

} // namespace

TEST_CASE("typing: edits of a kind go on until a pause") {
    typing keys(1000ms);
    CHECK_FALSE(keys.goes_on(kind::insert, "a", at(0ms)));
    CHECK(keys.goes_on(kind::insert, "b", at(999ms)));
    CHECK(keys.goes_on(kind::insert, "c", at(1998ms)));
    CHECK_FALSE(keys.goes_on(kind::insert, "d", at(2998ms)));
}

TEST_CASE("typing: another kind of edit begins anew") {
    typing keys(1000ms);
    CHECK_FALSE(keys.goes_on(kind::insert, "a", at(0ms)));
    CHECK_FALSE(keys.goes_on(kind::erase_before, "", at(1ms)));
    CHECK(keys.goes_on(kind::erase_before, "", at(2ms)));
    CHECK_FALSE(keys.goes_on(kind::erase_after, "", at(3ms)));
    CHECK_FALSE(keys.goes_on(kind::insert, "a", at(4ms)));
}

TEST_CASE("typing: a newline ends what it belongs to") {
    typing keys(1000ms);
    CHECK_FALSE(keys.goes_on(kind::insert, "a", at(0ms)));
    CHECK(keys.goes_on(kind::insert, "\n", at(1ms)));
    CHECK_FALSE(keys.goes_on(kind::insert, "b", at(2ms)));
}

TEST_CASE("typing: an interrupted one begins anew") {
    typing keys(1000ms);
    CHECK_FALSE(keys.goes_on(kind::insert, "a", at(0ms)));
    keys.interrupt();
    CHECK_FALSE(keys.goes_on(kind::insert, "b", at(1ms)));
}
