#include <editor/errc.hpp>
#include <editor/options.hpp>

#include <doctest/doctest.h>

using namespace std::chrono_literals;

using editor::options;
using editor::parse_options;

namespace {

using arguments = std::vector<std::string>;

std::string problem(const arguments& given) {
    const auto parsed = parse_options(given);
    REQUIRE(parsed.has_error());
    CHECK(parsed.error().code == editor::errc::bad_usage);
    return parsed.error().where;
}

} // namespace

TEST_CASE("options: editing takes a name, addresses and files") {
    const auto parsed = parse_options({"--name", "alice", "--listen", "tcp://127.0.0.1:7001", "--connect",
                                       "ipc:///tmp/a", "--connect", "ipc:///tmp/b", "--group", "g", "--load",
                                       "in", "--save", "out", "--record", "r", "--log", "l"})
                            .value();
    CHECK(parsed.what == options::mode::interactive);
    CHECK(parsed.name == "alice");
    CHECK(parsed.group == "g");
    CHECK(parsed.listen == arguments{"tcp://127.0.0.1:7001"});
    CHECK(parsed.connect == arguments{"ipc:///tmp/a", "ipc:///tmp/b"});
    CHECK(parsed.load == "in");
    CHECK(parsed.save == "out");
    CHECK(parsed.record == "r");
    CHECK(parsed.log == "l");
    CHECK(parse_options({"--headless", "--log", "l"}).value().log == "l");
}

TEST_CASE("options: --headless with a history is a writer, with --watch or without one a watcher") {
    CHECK(parse_options({"--headless", "--replay", "h"}).value().what == options::mode::replay);
    CHECK(parse_options({"--headless", "--replay", "h", "--watch"}).value().what == options::mode::watch);
    CHECK(parse_options({"--headless"}).value().what == options::mode::watch);
    CHECK(parse_options({"--replay", "h", "--writers"}).value().what == options::mode::count_writers);
    CHECK(parse_options({"--merge-records", "a", "b", "-o", "h"}).value().records == arguments{"a", "b"});
    CHECK(parse_options({"--help"}).value().what == options::mode::help);
}

TEST_CASE("options: --until-quiet works with and without a number of seconds") {
    CHECK_FALSE(parse_options({"--headless"}).value().until_quiet);
    CHECK(parse_options({"--headless", "--until-quiet"}).value().until_quiet == 1s);
    CHECK(parse_options({"--headless", "--until-quiet", "2.5"}).value().until_quiet == 2500ms);
    CHECK(parse_options({"--headless", "--until-quiet=0"}).value().until_quiet == 0ms);
    CHECK(parse_options({"--until-quiet", "--headless"}).value().until_quiet == 1s);
}

TEST_CASE("options: the other numbers have units and defaults") {
    const auto plain = parse_options({"--headless", "--replay", "h"}).value();
    CHECK(plain.timeout == 300s);
    CHECK(plain.pace == 0ms);
    CHECK_FALSE(plain.author);
    const auto given =
        parse_options({"--headless", "--replay", "h", "--author", "2", "--pace", "5", "--timeout", "7"})
            .value();
    CHECK(given.timeout == 7s);
    CHECK(given.pace == 5ms);
    CHECK(given.author == 2);
}

TEST_CASE("options: wrong usage is an error that says what is wrong") {
    CHECK(problem({}) == "--name is missing");
    CHECK(problem({"--nmae", "x"}).find("--nmae") != std::string::npos);
    CHECK(problem({"--nam", "x"}).find("--nam") != std::string::npos);
    CHECK(problem({"--name"}).find("--name") != std::string::npos);
    CHECK(problem({"--name", "a", "b"}).find("positional") != std::string::npos);
    CHECK(problem({"--name", "a\nb"}) == "--name must be UTF-8 without control characters");
    CHECK(problem({"--name", "\xFF"}) == "--name must be UTF-8 without control characters");
    CHECK(problem({"--name", "a", "--replay", "h"}) == "--replay needs --headless");
    CHECK(problem({"--name", "a", "--until-quiet"}) == "--until-quiet needs --headless");
    CHECK(problem({"--headless", "--replay", "h", "--author", "0"}) == "--author counts from 1");
    CHECK(problem({"--headless", "--replay", "h", "--author", "x"}).find("author") != std::string::npos);
    CHECK(problem({"--headless", "--author", "1"}) == "--author does not go with watching");
    CHECK(problem({"--headless", "--expect-exact"}) == "--expect-exact needs --replay");
    CHECK(problem({"--headless", "--timeout", "-1"}) == "--timeout must be from 0 to 1000000");
    CHECK(problem({"--headless", "--timeout", "nan"}) == "--timeout must be from 0 to 1000000");
    CHECK(problem({"--headless", "--timeout", "1e7"}) == "--timeout must be from 0 to 1000000");
    CHECK(problem({"--headless", "--record", "r"}) == "--record does not go with --headless");
    CHECK(problem({"--writers"}) == "--writers needs --replay FILE");
    CHECK(problem({"--merge-records", "a"}) == "--merge-records needs -o FILE");
}
