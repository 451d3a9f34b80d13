#include <sangam/engine/event_log.hpp>
#include <sangam/engine/limits.hpp>
#include <sangam/engine/missing_watch.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

using sangam::causality::dot;
using sangam::causality::replica_id;
using sangam::engine::event_log;
using sangam::engine::log_event;
using sangam::engine::log_level;
using sangam::engine::missing_dot;
using sangam::engine::missing_watch;
namespace limits = sangam::engine::limits;

TEST_CASE("log_event: it reads as one line") {
    CHECK(log_event{log_level::error, "the disk is full", {}}.message() == "error: the disk is full");
    CHECK(log_event{log_level::info, "a peer was greeted", {{"peer", "bob"}, {"address", "x"}}}.message() ==
          "info: a peer was greeted (peer: \"bob\", address: \"x\")");
}

TEST_CASE("event_log: of one text so many are handed over in an interval, and the others are counted") {
    std::vector<log_event> heard;
    event_log events([&](const log_event& e) { heard.push_back(e); });
    for (std::size_t i = 0; i < limits::events_per_interval_max + 7; ++i) {
        events.report({log_level::warning, "flood", {{"number", std::to_string(i)}}}, 1000);
    }
    CHECK(heard.size() == limits::events_per_interval_max);
    CHECK(heard.back().fields.size() == 1);
    events.report({log_level::warning, "another", {}}, 1000); // another text has a count of its own
    CHECK(heard.back().text == "another");

    events.report({log_level::warning, "flood", {}}, 1000 + limits::event_interval_ms - 1);
    CHECK(heard.back().text == "another");
    events.report({log_level::warning, "flood", {}}, 1000 + limits::event_interval_ms);
    CHECK(heard.back().fields == std::vector<log_event::field>{{"left out", "8"}});
    events.report({log_level::warning, "flood", {}}, 1000 + limits::event_interval_ms);
    CHECK(heard.back().fields.empty());
}

TEST_CASE("event_log: a callback that throws, or that causes an event, harms nobody") {
    int calls = 0;
    event_log* self = nullptr;
    event_log events([&](const log_event&) {
        ++calls;
        CHECK(event_log::in_callback());
        self->report({log_level::info, "inside", {}}, 0);
        throw std::runtime_error("the disk is full");
    });
    self = &events;
    events.report({log_level::info, "outside", {}}, 0);
    events.report({log_level::info, "outside", {}}, 0);
    CHECK(calls == 2);
    CHECK(!event_log::in_callback());
    event_log silent({});
    silent.report({log_level::info, "nobody listens", {}}, 0);
}

TEST_CASE("missing_watch: a dot is overdue once, after it was missing for the whole of the patience") {
    missing_watch watch(5000);
    std::set<dot> here;
    const missing_dot first{{replica_id{1}, 7}, {replica_id{2}, 3}, 0};
    const missing_dot second{{replica_id{4}, 1}, {replica_id{2}, 4}, 0};
    const auto look = [&](std::vector<missing_dot> missing, std::uint64_t steady_ms) {
        return watch.look(missing, [&](const dot& id) { return here.contains(id); },
                          {steady_ms + 1'000'000, steady_ms});
    };
    CHECK(look({first}, 100).overdue.empty());
    CHECK(look({first, second}, 5099).overdue.empty());
    const auto overdue = look({first, second}, 5100).overdue;
    REQUIRE(overdue.size() == 1);
    CHECK(overdue.front().missing == first.missing);
    CHECK(overdue.front().waiting == first.waiting);
    CHECK(overdue.front().since_ms == 1'000'100);
    CHECK(look({first, second}, 9000).overdue.empty());
    CHECK(watch.all().size() == 2);

    here = {first.missing, second.missing};
    CHECK(look({}, 9500).arrived.size() == 1); // the second one was never overdue
    CHECK(watch.empty());
    here.clear();
    CHECK(look({first}, 20'000).overdue.empty()); // its time begins anew
    CHECK(look({first}, 24'999).overdue.empty());
    CHECK(look({first}, 25'000).overdue.size() == 1);
    CHECK(look({}, 26'000).arrived.empty()); // what waited for it was dropped
    CHECK(watch.empty());
}
