#include <sangam/causality/errc.hpp>
#include <sangam/causality/history.hpp>
#include <sangam/causality/limits.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace sangam::causality;
using groups = std::vector<std::vector<std::size_t>>;

namespace {

constexpr std::string_view question = "replicas alice bob carol\n"
                                      "alice: asks -> m1 = {question}\n"
                                      "bob: <- m1\n"
                                      "bob: answers -> m2 = {question, answer}\n"
                                      "carol: is away\n"
                                      "carol: <- m1 = {question}\n"
                                      "carol: <- m2 reads = {question, answer}\n";

history parsed(std::string_view text) {
    return parse_history(text).value();
}

std::string problem(std::string_view text) {
    const auto run = parse_history(text);
    REQUIRE(!run);
    return run.error().message();
}

} // namespace

TEST_CASE("history: a message is sent before it is received, and so is all that its sender knew") {
    const history run = parsed(question);
    REQUIRE(run.events().size() == 6);
    CHECK(run.order(0, 1) == causal_order::before);
    CHECK(run.order(0, 5) == causal_order::before);
    CHECK(run.order(5, 1) == causal_order::after);
    CHECK(run.order(3, 2) == causal_order::concurrent);
    CHECK(run.order(2, 4) == causal_order::concurrent);
    CHECK(run.order(4, 4) == causal_order::equal);
    CHECK(run.events()[5].clock == vector_clock{{replica_id{1}, 1}, {replica_id{2}, 2}, {replica_id{3}, 3}});
}

TEST_CASE("history: events are found by replica and number") {
    const history run = parsed(question);
    CHECK(run.name_of(2) == "bob:2");
    CHECK(run.find("bob:2").value() == 2);
    for (const char* const name : {"bob:0", "bob:3", "bob:", "bob", "dave:1", "bob:2x", "bob:-1", ""}) {
        CAPTURE(name);
        REQUIRE(!run.find(name));
        CHECK(run.find(name).error().code == errc::unknown_event);
    }
}

TEST_CASE("history: what is concurrent stands in one group, also through a third event") {
    // carol's first event is concurrent to all of the others' until she reads.
    CHECK(parsed(question).concurrent_groups() == groups{{0, 1, 2, 3, 4}, {5}});
    CHECK(parsed("replicas a b\na: x -> m\nb: <- m\nb: y -> n\na: <- n\na: z\nb: w\n").concurrent_groups() ==
          groups{{0}, {1}, {2}, {3, 4, 5}});
    CHECK(history().concurrent_groups().empty());
}

TEST_CASE("history: its text form gives the same history back") {
    const history run = parsed(question);
    CHECK(to_text(run) == question);
    CHECK(parsed(to_text(run)) == run);
    // Blanks, comments and the endings of lines do not count.
    CHECK(parsed("# a run\r\n\r\nreplicas  a\tb\r\n a :  x  ->  m  =  {1 = 2}\r\nb:<- m") ==
          parsed("replicas a b\na: x -> m = {1 = 2}\nb: <- m\n"));
}

TEST_CASE("history: a text that is none is refused with its line") {
    CHECK(problem("") == "causality: not a history: no line names the replicas");
    CHECK(problem("replicas\n") == "causality: not a history: line 1: expected replicas NAME...");
    CHECK(problem("# none\na: x\n") == "causality: not a history: line 2: expected replicas NAME...");
    CHECK(problem("replicas a a\n") == "causality: invalid name: line 1: replica 'a' is there already");
    CHECK(problem("replicas a/b\n") == "causality: invalid name: line 1: replica 'a/b'");
    CHECK(problem("replicas a\nx\n") == "causality: not a history: line 2: expected REPLICA: EVENT");
    CHECK(problem("replicas a\nb: x\n") == "causality: unknown replica: line 2: 'b'");
    CHECK(problem("replicas a\na:\n") == "causality: invalid text: line 2: label of a local event is empty");
    CHECK(problem("replicas a b\nb: <- m\na: -> m\n") ==
          "causality: unknown message: line 2: 'm' has not been sent");
    CHECK(problem("replicas a\na: -> m\na: <- m\n") == "causality: received by its own sender: line 3: 'm'");
    CHECK(problem("replicas a\na: -> m\na: -> m\n") ==
          "causality: invalid name: line 3: message 'm' was sent before");
    CHECK(problem("replicas a\na: ->\n") == "causality: invalid name: line 2: message ''");
    CHECK(problem("replicas a b\na: -> m\nb: <- m -> n\n") ==
          "causality: not a history: line 3: an event that receives and sends: write two");
    CHECK(problem("replicas a\na: x\xff\n") ==
          "causality: invalid text: line 2: label has no printable UTF-8 at byte 1");
    CHECK(problem("replicas a\na: x = \x01\n") ==
          "causality: invalid text: line 2: state has no printable UTF-8 at byte 0");
}

TEST_CASE("history: what is refused changes nothing") {
    history run = parsed("replicas a b\na: x -> m\n");
    const history before = run;
    CHECK(run.add_replica("a").error().code == errc::invalid_name);
    CHECK(run.local(0, "x -> y").error().code == errc::invalid_text);
    CHECK(run.local(0, "x =").error().code == errc::invalid_text);
    CHECK(run.local(0, "<- m").error().code == errc::invalid_text);
    CHECK(run.local(0, " x").error().code == errc::invalid_text);
    CHECK(run.local(2, "x").error().code == errc::unknown_replica);
    CHECK(run.send(2, "n").error().code == errc::unknown_replica);
    CHECK(run.send(0, "n", "tab\there").error().code == errc::invalid_text);
    CHECK(run.send(0, "m").error().code == errc::invalid_name);
    CHECK(run.receive(1, "n").error().code == errc::unknown_message);
    CHECK(run.receive(0, "m").error().code == errc::own_message);
    CHECK(run.receive(2, "m").error().code == errc::unknown_replica);
    CHECK(run == before);
    CHECK(run.receive(1, "m").has_value());
    CHECK(run.receive(1, "m").has_value()); // A network may repeat a message.
}

TEST_CASE("history: replicas and events have limits") {
    history run;
    for (std::size_t i = 0; i < limits::history_replicas_max; ++i) {
        REQUIRE(run.add_replica("r" + std::to_string(i)));
    }
    CHECK(run.add_replica("more").error().code == errc::too_large);
    for (std::size_t i = 0; i < limits::history_events_max; ++i) {
        REQUIRE(run.local(0, "x"));
    }
    CHECK(run.local(0, "x").error().code == errc::too_large);
    CHECK(run.send(0, "m").error().code == errc::too_large);
    CHECK(run.events().size() == limits::history_events_max);
    CHECK(run.messages().empty());
}

TEST_CASE("history: drawings escape what their formats give a meaning to") {
    const history run = parsed("replicas a\na: say \"<&>\\\" = {\"x\"}\n");
    CHECK(to_svg(run).find(">say \"&lt;&amp;&gt;\\\"</text>") != std::string::npos);
    CHECK(to_graphviz(run).find(R"(label="say \"<&>\\\"\n{\"x\"}")") != std::string::npos);
}

TEST_CASE("history: its graph has a node an event, an edge a message, and rows for replicas") {
    CHECK(to_graphviz(parsed("replicas a b\na: x -> m\nb: <- m = 1\n")) == R"(digraph history {
  rankdir=LR;
  node [shape=box, fontname=monospace];
  replica0 [shape=plaintext, group=replica0, label="a"];
  replica1 [shape=plaintext, group=replica1, label="b"];
  event0 [group=replica0, label="x"];
  replica0 -> event0;
  event1 [group=replica1, label="receive m\n1"];
  replica1 -> event1;
  event0 -> event1 [style=dashed, label="m"];
}
)");
}

TEST_CASE("history: a receive is drawn to the right of its send, and rows below each other") {
    const std::string svg = to_svg(parsed("replicas a b\na: xxxx\na: yyyy -> m\nb: <- m = s\n"));
    // Left of the columns: 24 + 8 + 24. Columns are 32 wide for 4 characters, 72 for "receive m", 40 apart.
    CHECK(svg.find(R"(<circle cx="72" cy="48" r="5"/>)") != std::string::npos);
    CHECK(svg.find(R"(<circle cx="144" cy="48" r="5"/>)") != std::string::npos);
    CHECK(svg.find(R"(<circle cx="236" cy="144" r="5"/>)") != std::string::npos);
    CHECK(svg.find(R"(<line class="message" x1="144" y1="48" x2="236" y2="144"/>)") != std::string::npos);
    CHECK(svg.find(R"(<text class="label" x="236" y="128">receive m</text>)") != std::string::npos);
    CHECK(svg.find(R"(<text class="state" x="236" y="160">s</text>)") != std::string::npos);
    CHECK(svg.find(R"(width="312" height="192")") != std::string::npos);
}
