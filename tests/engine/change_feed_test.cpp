#include <sangam/engine/change_feed.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace sangam::engine;

namespace {

change change_of(const std::string& key, std::string inserted = {}) {
    change c;
    c.object = {key, sangam::crdt::object_kind::rga_text};
    if (!inserted.empty()) {
        c.patches.push_back({0, 0, std::move(inserted)});
    }
    return c;
}

/// "key" of each notice, with "!" where changes were missed.
std::vector<std::string> told(change_feed& feed) {
    std::vector<std::string> all;
    for (const notice& n : feed.take(1000, 1 << 20)) {
        all.push_back(std::to_string(n.to->number) + n.what->object.name + (n.what->missed ? "!" : ""));
    }
    return all;
}

using words = std::vector<std::string>;

} // namespace

TEST_CASE("change_feed: notices come in the order of changes and then of listeners, and of their keys only") {
    change_feed feed;
    feed.push(change_of("a"));
    const auto first = feed.add("a", {});
    const auto second = feed.add("b", {});
    const auto third = feed.add("a", {});
    feed.push(change_of("b"));
    feed.push(change_of("a"));
    feed.push(change_of("c"));
    feed.push(change_of("b"));
    CHECK(feed.waiting() == 4);
    CHECK(told(feed) == words{"2b", "1a", "3a", "2b"});
    CHECK(feed.empty());
    CHECK(feed.waiting_bytes() == 0);
    feed.push(change_of("a"));
    feed.remove(first->number);
    CHECK(told(feed) == words{"3a"});
    feed.remove(third->number);
    CHECK(!feed.anybody_listens_to("a"));
    CHECK(feed.anybody_listens_to("b"));
}

TEST_CASE("change_feed: as many changes as allowed wait; one more and the longest queue is given up") {
    change_feed feed({.changes_max = 4});
    const auto slow = feed.add("a", {});
    const auto other = feed.add("b", {});
    feed.push(change_of("b"));
    for (int i = 0; i < 3; ++i) {
        feed.push(change_of("a"));
    }
    CHECK(feed.waiting() == 4);
    CHECK(feed.given_up() == 0);
    feed.push(change_of("a"));
    CHECK(feed.waiting() == 1);
    CHECK(feed.given_up() == 4);
    feed.push(change_of("a")); // what is read anew has it
    CHECK(feed.waiting() == 1);
    CHECK(told(feed) == words{"2b", "1a!"});
    CHECK(feed.empty());
    feed.push(change_of("a"));
    CHECK(told(feed) == words{"1a"});
}

TEST_CASE("change_feed: as many bytes as allowed wait; one more and the longest queue is given up") {
    const std::size_t each = memory_of(change_of("a", "x"));
    change_feed feed({.bytes_max = 2 * each});
    const auto slow = feed.add("a", {});
    feed.push(change_of("a", "x"));
    feed.push(change_of("a", "x"));
    CHECK(feed.waiting_bytes() == 2 * each);
    CHECK(told(feed) == words{"1a", "1a"});
    feed.push(change_of("a", "x"));
    feed.push(change_of("a", "xy"));
    CHECK(feed.waiting_bytes() == 0);
    CHECK(told(feed) == words{"1a!"});
}

TEST_CASE("change_feed: what a listener has read by itself can be forgotten") {
    change_feed feed;
    const auto one = feed.add("a", {});
    const auto two = feed.add("a", {});
    feed.push(change_of("a"));
    feed.push(change_of("a"));
    CHECK(feed.waiting_for(one->number) == 2);
    feed.push(change_of("a"));
    feed.forget_oldest(one->number, 2);
    CHECK(told(feed) == words{"2a", "2a", "1a", "2a"});
}
