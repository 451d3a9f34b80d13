#include <sangam/causality/assert.hpp>
#include <sangam/causality/error.hpp>

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

namespace example {

enum class errc { out_of_ink = 1, out_of_paper };

struct errc_names {
    static constexpr const char* name = "printer";
    static std::string text(int code) { return code == 1 ? "out of ink" : "out of paper"; }
};

boost::system::error_code make_error_code(errc code) noexcept {
    return {static_cast<int>(code), sangam::causality::enum_category<errc_names>::instance()};
}

} // namespace example

template <>
struct boost::system::is_error_code_enum<example::errc> : std::true_type {};

TEST_CASE("error: its message says which layer, what and where") {
    const sangam::error problem{example::errc::out_of_ink, "tray 2, page 7"};
    CHECK(problem.message() == "printer: out of ink: tray 2, page 7");
    CHECK(sangam::error{example::errc::out_of_paper, ""}.message() == "printer: out of paper");
}

TEST_CASE("error: its code compares with the enumerators of its layer") {
    const sangam::error problem{example::errc::out_of_ink, "tray 2"};
    CHECK(problem.code == example::errc::out_of_ink);
    CHECK(problem.code != example::errc::out_of_paper);
}

TEST_CASE("result: value() of an error throws an exception that carries it") {
    const sangam::result<int> none = sangam::error{example::errc::out_of_paper, "tray 1"};
    REQUIRE(none.has_error());
    try {
        (void)none.value();
        FAIL("value() of an error must throw");
    } catch (const sangam::exception& thrown) {
        CHECK(thrown.code() == example::errc::out_of_paper);
        CHECK(thrown.reason().where == "tray 1");
        CHECK(std::string(thrown.what()) == "printer: out of paper: tray 1");
    }
    CHECK_THROWS_AS((void)none.value(), std::runtime_error);
}

TEST_CASE("result: value() gives the value when there is one") {
    const sangam::result<int> some = 42;
    CHECK(some.value() == 42);
}

namespace {

struct broken_invariant {
    std::string expression;
    int line = 0;
};

[[noreturn]] void throw_instead(const char* expression, const char*, int line) {
    throw broken_invariant{expression, line};
}

struct handler_for_this_case {
    sangam::causality::invariant_handler before = sangam::causality::set_invariant_handler(&throw_instead);
    handler_for_this_case() = default;
    handler_for_this_case(const handler_for_this_case&) = delete;
    handler_for_this_case& operator=(const handler_for_this_case&) = delete;
    ~handler_for_this_case() { sangam::causality::set_invariant_handler(before); }
};

} // namespace

TEST_CASE("SANGAM_INVARIANT: tells the handler the expression that does not hold") {
    const handler_for_this_case installed;
    CHECK_NOTHROW(SANGAM_INVARIANT(1 + 1 == 2));
    try {
        SANGAM_INVARIANT(1 + 1 == 3);
        FAIL("the handler must be called");
    } catch (const broken_invariant& broken) {
        CHECK(broken.expression == "1 + 1 == 3");
        CHECK(broken.line > 0);
    }
}

TEST_CASE("set_invariant_handler: returns the handler before it") {
    const handler_for_this_case installed;
    CHECK((sangam::causality::set_invariant_handler(nullptr) == &throw_instead));
    CHECK((sangam::causality::set_invariant_handler(&throw_instead) == nullptr));
}
