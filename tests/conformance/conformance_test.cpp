#include "conformance/report.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

using namespace sangam;

namespace {

const std::string set_line =
    R"({"type":"set_aw","case":1,"replicas":3,"steps":[{"op":{"r":0,"seq":1,"do":["add","a"]}},)"
    R"({"arrive":{"r":1,"from":0,"seq":1,"delivers":[[0,1]]}},{"op":{"r":1,"seq":1,"do":["remove","a"]}},)"
    R"({"arrive":{"r":2,"from":1,"seq":1,"delivers":[]}},{"arrive":{"r":2,"from":0,"seq":1,"delivers":[[0,1],[1,1]]}},)"
    R"({"arrive":{"r":2,"from":0,"seq":1,"delivers":[]}},{"arrive":{"r":0,"from":1,"seq":1,"delivers":[[1,1]]}}],)"
    R"("mid":[["a"],[],[]],"final":[]})";

const std::string text_line =
    R"({"type":"rga_text","case":1,"txns":[{"r":0,"seq":1,"deps":[],"ops":[{"ins":[1,0],"after":null,"ch":"a"}]},)"
    R"({"r":1,"seq":1,"deps":[0],"ops":[{"ins":[2,1],"after":[1,0],"ch":"b"}]},)"
    R"({"r":2,"seq":1,"deps":[0],"ops":[{"ins":[2,2],"after":[1,0],"ch":"c"},{"del":[1,0]}]}],"final":"cb"})";

const std::string flag_line =
    R"({"type":"flag_ew","case":1,"replicas":3,"steps":[{"op":{"r":0,"seq":1,"do":["enable"]}},)"
    R"({"arrive":{"r":1,"from":0,"seq":1,"delivers":[[0,1]]}},{"arrive":{"r":2,"from":0,"seq":1,"delivers":[[0,1]]}}],)"
    R"("mid":[true,false,false],"final":true})";

[[nodiscard]] conformance::report replayed(const std::string& lines) {
    std::istringstream input(lines);
    return conformance::replay(input, "x.jsonl");
}

/// The line with the first `from` replaced, which must be there.
[[nodiscard]] std::string changed(std::string line, const std::string& from, const std::string& to) {
    const std::size_t at = line.find(from);
    REQUIRE(at != std::string::npos);
    return line.replace(at, from.size(), to);
}

[[nodiscard]] std::string failure_of(const std::string& line) {
    const conformance::report r = replayed(line);
    return r.failed == 1 && r.failures.size() == 1 ? r.failures.front() : "";
}

[[nodiscard]] bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("conformance: executions that agree pass, one result a line") {
    const conformance::report r = replayed(set_line + "\n" + text_line + "\n" + flag_line + "\n");
    CHECK(r.failures.empty());
    CHECK(r.passed == 3);
    CHECK(conformance::summary(r) == "x.jsonl: 3 passed, 0 failed");
}

TEST_CASE("conformance: a wrong final value fails with file and line and says both values") {
    const std::string wrong = failure_of(changed(set_line, R"("final":[])", R"("final":["a"])"));
    CHECK(wrong == R"(x.jsonl:1: the value is [], not ["a"])");
    CHECK(contains(failure_of(changed(text_line, R"("final":"cb")", R"("final":"bc")")),
                   "in the order of the file"));
}

TEST_CASE("conformance: values in the middle that no moment shows fail") {
    CHECK(contains(failure_of(changed(set_line, R"("mid":[["a"],[],[]])", R"("mid":[["a"],["a"],[]])")),
                   "never shown"));
}

TEST_CASE("conformance: a delivery more or less than expected fails") {
    CHECK(contains(failure_of(changed(set_line, "[[0,1],[1,1]]", "[[0,1]]")), "delivers"));
    CHECK(contains(failure_of(changed(set_line, R"("seq":1,"delivers":[]}},{"arrive":{"r":2,"from":0)",
                                      R"("seq":1,"delivers":[[1,1]]}},{"arrive":{"r":2,"from":0)")),
                   "delivers"));
}

TEST_CASE("conformance: a message that never arrives fails at the end") {
    CHECK(contains(
        failure_of(changed(set_line, R"(,{"arrive":{"r":0,"from":1,"seq":1,"delivers":[[1,1]]}})", "")),
        "not everything is delivered"));
    CHECK(contains(
        failure_of(changed(flag_line, R"(,{"arrive":{"r":2,"from":0,"seq":1,"delivers":[[0,1]]}})", "")),
        "not everything is delivered"));
}

TEST_CASE("conformance: a refused operation makes no message, and must be refused") {
    const std::string bounded =
        R"({"type":"counter_b","case":1,"replicas":1,"steps":[{"op":{"r":0,"seq":1,"do":["increment",2]}},)"
        R"({"op":{"r":0,"error":"no_permissions","do":["decrement",3]}},)"
        R"({"op":{"r":0,"seq":2,"do":["decrement",2]}}],"mid":[0],"final":0})";
    CHECK(failure_of(bounded).empty());
    CHECK(replayed(bounded).passed == 1);
    CHECK(
        contains(failure_of(changed(bounded, R"(["decrement",3])", R"(["decrement",1])")), "is not refused"));
}

TEST_CASE("conformance: a type that nobody knows fails") {
    CHECK(contains(failure_of(changed(set_line, "set_aw", "set_xy")), "no such type: set_xy"));
}

TEST_CASE("conformance: a map that only grows shows every key that was written") {
    CHECK(replayed(R"({"type":"map_go","case":1,"replicas":1,"steps":[)"
                   R"({"op":{"r":0,"seq":1,"do":["update","k","set_aw",["add","a"]]}},)"
                   R"({"op":{"r":0,"seq":2,"do":["update","k","set_aw",["reset"]]}}],)"
                   R"("mid":[{"k:set_aw":[]}],"final":{"k:set_aw":[]}})")
              .passed == 1);
}

TEST_CASE(
    "conformance: a line that is not an execution fails with file and line, and the others are replayed") {
    const conformance::report r =
        replayed(set_line + "\n{\"type\":\n" + set_line + "\n[]\n{\"type\":\"set_aw\"}\n");
    CHECK(r.passed == 2);
    REQUIRE(r.failed == 3);
    CHECK(contains(r.failures[0], "x.jsonl:2: "));
    CHECK(contains(r.failures[1], "x.jsonl:4: "));
    CHECK(contains(r.failures[2], "x.jsonl:5: "));
}

TEST_CASE("conformance: a file that is empty or missing fails") {
    CHECK(failure_of("") == "x.jsonl: is empty");
    const conformance::report missing = conformance::replay_file("/no/such/file.jsonl");
    CHECK(missing.failed == 1);
    CHECK(missing.failures.front() == "/no/such/file.jsonl: cannot be opened");
}
