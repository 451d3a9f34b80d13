#pragma once

#include <sangam/causality/assert.hpp>
#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/operation_context.hpp>
#include <sangam/crdt/value.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <stdexcept>

namespace sangam::crdt::test {

/// The `sequence`-th transaction of `replica`, at `ms`.
[[nodiscard]] inline operation_context at(std::uint64_t replica, std::uint64_t sequence,
                                          std::uint64_t ms = 0) {
    return {{{replica}, sequence}, causality::hybrid_time::at_ms(ms)};
}

/// The error that `call` throws; one without a code when it throws none.
template <class Call>
[[nodiscard]] error error_of(Call&& call) {
    try {
        call();
    } catch (const exception& thrown) {
        return thrown.reason();
    }
    return {};
}

/// While one lives, a broken invariant throws std::logic_error instead of ending the program.
class invariants_throw {
public:
    invariants_throw() : before_(causality::set_invariant_handler(&fail)) {}
    invariants_throw(const invariants_throw&) = delete;
    invariants_throw& operator=(const invariants_throw&) = delete;
    ~invariants_throw() { causality::set_invariant_handler(before_); }

private:
    [[noreturn]] static void fail(const char* expression, const char*, int) {
        throw std::logic_error(expression);
    }

    causality::invariant_handler before_;
};

} // namespace sangam::crdt::test

template <>
struct doctest::StringMaker<sangam::crdt::value> {
    static String convert(const sangam::crdt::value& v) { return sangam::crdt::to_string(v).c_str(); }
};
