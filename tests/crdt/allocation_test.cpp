#include "context.hpp"
#include "failing_allocations.hpp"

#include <sangam/crdt/object.hpp>

#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Fails the n-th allocation, for every n: replaces operator new of the whole program, which fails only while
/// a case here says so. Not inlined, because g++ would warn of a new and a free that do not match.
thread_local std::size_t sangam::crdt::test::allocations_left = no_limit;
thread_local std::size_t sangam::crdt::test::bytes_allocated = 0;
using sangam::crdt::test::allocations_left;
using sangam::crdt::test::no_limit;

namespace {

void count_allocation(std::size_t size) {
    sangam::crdt::test::bytes_allocated += size;
    if (allocations_left == 0) {
        throw std::bad_alloc();
    }
    if (allocations_left != no_limit) {
        --allocations_left;
    }
}

void* or_throw(void* memory) {
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    return memory;
}

} // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
    count_allocation(size);
    return or_throw(std::malloc(size == 0 ? 1 : size));
}

[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
    count_allocation(size);
    const auto unit = static_cast<std::size_t>(alignment);
    return or_throw(std::aligned_alloc(unit, (size + unit - 1) / unit * unit));
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}

[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}

using namespace sangam::crdt;
using sangam::crdt::test::at;

namespace {

const value long_text(std::string(100, 'x'));
const value other_text(std::string(100, 'y'));

/// Applies `op` to a copy of `before` with the first, second, ... allocation failing, until none fails. Gives
/// the number of failures.
template <class State, class Operation>
std::size_t count_failures(const State& before, const Operation& op, const operation_context& context) {
    for (std::size_t failures = 0;; ++failures) {
        State state = before;
        bool failed = false;
        allocations_left = failures;
        try {
            state.apply(op, context);
        } catch (const std::bad_alloc&) {
            failed = true;
        }
        allocations_left = no_limit;
        if (!failed) {
            return failures;
        }
        CAPTURE(failures);
        CHECK(state == before);
    }
}

} // namespace

TEST_CASE("value: an assignment whose allocation fails leaves the value as it was") {
    for (const value& before : {value(), value(7), value("short"), long_text}) {
        value v = before;
        allocations_left = 0;
        CHECK_THROWS_AS(v = other_text, std::bad_alloc);
        allocations_left = no_limit;
        CHECK(v == before);
    }
}

TEST_CASE("value: only content past the inline size takes memory, in one block") {
    allocations_left = 0;
    const value brief(std::string_view("fourteen bytes"));
    const value copy = brief;
    allocations_left = 1;
    const value lengthy(std::string_view("fifteen bytes !"));
    const std::size_t left = std::exchange(allocations_left, no_limit);
    CHECK(copy == "fourteen bytes");
    CHECK(lengthy == "fifteen bytes !");
    CHECK(left == 0);
}

TEST_CASE("or_set: an allocation that fails leaves the set as it was") {
    or_set set;
    CHECK(count_failures(set, or_set::operation(set.add(long_text)), at(1, 1)) == 2);
    set.apply(set.add(long_text), at(1, 1));
    const auto seen = set;
    set.apply(or_set::add_op{long_text, {}}, at(2, 1));
    CHECK(count_failures(seen, or_set::operation(or_set::add_op{long_text, {}}), at(2, 1)) >= 1);
    CHECK(count_failures(set, or_set::operation(seen.add(long_text)), at(3, 1)) >= 1);
    CHECK(count_failures(set, or_set::operation(set.remove(long_text)), at(3, 1)) == 0);
    CHECK(count_failures(set, or_set::operation(set.clear()), at(3, 1)) == 0);
}

TEST_CASE("lww_register: an allocation that fails leaves the register as it was") {
    lww_register reg;
    CHECK(count_failures(reg, lww_register::operation(reg.assign(long_text)), at(1, 1)) == 1);
    reg.apply(reg.assign(long_text), at(1, 1));
    CHECK(count_failures(reg, lww_register::operation(reg.assign(other_text)), at(1, 2)) == 1);
    const auto reset = reg.reset();
    reg.apply(lww_register::assign_op{other_text, {}}, at(2, 1));
    reg.apply(lww_register::assign_op{long_text, {}}, at(3, 1));
    CHECK(count_failures(reg, lww_register::operation(lww_register::assign_op{other_text, {}}), at(4, 1)) >=
          3);
    CHECK(count_failures(reg, lww_register::operation(reset), at(4, 1)) >= 2);
}

TEST_CASE("resettable_counter: an allocation that fails leaves the counter as it was") {
    resettable_counter counter;
    const resettable_counter::operation increment = counter.increment(1, {1});
    CHECK(count_failures(counter, increment, at(1, 1)) == 0);
    counter.apply(increment, at(1, 1));
    CHECK(count_failures(counter, increment, at(2, 1)) >= 2);
}

TEST_CASE("or_map: an allocation that fails leaves no value on the way") {
    const map_key inner{"inner", object_kind::or_map};
    const map_key tags{"tags", object_kind::or_set};
    const or_map::operation add{{inner, inner, tags}, or_set::operation(or_set::add_op{long_text, {}})};
    or_map map;
    CHECK(count_failures(map, add, at(1, 1)) >= 5);
    map.apply(add, at(1, 1));
    const or_map::operation other{{inner, {"x", object_kind::or_map}, tags}, add.leaf};
    CHECK(count_failures(map, other, at(1, 2)) >= 4);
}

TEST_CASE("rw_set: an allocation that fails leaves the set as it was") {
    rw_set set;
    CHECK(count_failures(set, rw_set::operation(set.remove(long_text)), at(1, 1)) >= 1);
    set.apply(set.add(long_text), at(1, 1));
    CHECK(count_failures(set, rw_set::operation(rw_set::remove_op{long_text, {}}), at(2, 1)) == 0);
    set.apply(rw_set::remove_op{long_text, {}}, at(2, 1));
    CHECK(count_failures(set, rw_set::operation(rw_set::remove_op{long_text, {}}), at(3, 1)) >= 1);
    CHECK(count_failures(set, rw_set::operation(set.reset()), at(3, 1)) == 0);
}

TEST_CASE("sorted_set: an allocation that fails leaves the set as it was") {
    sorted_set set;
    CHECK(count_failures(set, sorted_set::operation(set.assign(long_text, 1)), at(1, 1)) >= 2);
    set.apply(set.assign(long_text, 1), at(1, 1));
    CHECK(count_failures(set, sorted_set::operation(set.assign(other_text, 2)), at(1, 2)) >= 2);
    CHECK(count_failures(set, sorted_set::operation(set.increment(long_text, 2, {1})), at(1, 2)) >= 1);
    set.apply(set.increment(long_text, 2, {1}), at(1, 2));
}

TEST_CASE("stream: an append whose allocation fails leaves the stream as it was") {
    sangam::crdt::stream log;
    const sangam::crdt::stream::operation op = log.append({{"field", long_text}});
    CHECK(count_failures(log, op, at(1, 1)) >= 2);
    log.apply(op, at(1, 1));
    CHECK(count_failures(log, op, at(1, 2)) >= 1);
    CHECK(count_failures(log, op, at(2, 1)) >= 2);
}

TEST_CASE("bounded_counter: an allocation that fails leaves the counter as it was") {
    bounded_counter counter;
    counter.apply(counter.increment(5, {1}), at(1, 1));
    CHECK(count_failures(counter, bounded_counter::operation(counter.transfer(2, {2}, {1})), at(1, 2)) >= 2);
    CHECK(count_failures(counter, bounded_counter::operation(counter.transfer(5, {2}, {1})), at(1, 2)) >= 2);
}
