#include <editor/session.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <new>
#include <string>

/// Counts the bytes that a thread takes: replaces operator new of the whole program. Not inlined, because g++
/// would warn of a new and a free that do not match.
namespace {

thread_local std::size_t bytes_taken = 0;

void* or_throw(void* memory) {
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

} // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
    bytes_taken += size;
    return or_throw(std::malloc(std::max<std::size_t>(size, 1)));
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace {

/// The bytes that the cheapest of some calls takes: now and then one makes room for many.
template <class Edit>
std::size_t bytes_of(Edit edit) {
    std::size_t least = std::numeric_limits<std::size_t>::max();
    for (int i = 0; i < 10; ++i) {
        const std::size_t before = bytes_taken;
        edit();
        least = std::min(least, bytes_taken - before);
    }
    return least;
}

} // namespace

// Every key that was pressed copied the whole text.
TEST_CASE("session: a key costs the same in a long text as in a short one") {
    const auto alone = sangam::replica::open({.name = "alice"}).value();
    editor::session editing(alone);
    editing.start_with(std::string(1'000'000, 'x'));
    editing.place_cursor(500'000);
    CHECK(bytes_of([&] { editing.insert("y"); }) < 10'000);
    CHECK(bytes_of([&] { editing.erase_before(); }) < 10'000);
    CHECK(bytes_of([&] { editing.erase_after(); }) < 10'000);
}
