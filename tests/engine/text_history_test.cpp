#include <sangam/crdt/errc.hpp>
#include <sangam/replica.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using sangam::replica;

TEST_CASE("text_handle: a token gives the text as it was, at every replica") {
    const replica alice = replica::open({.name = "alice", .listen = {"memory://text-history-a"}}).value();
    const replica bob = replica::open({.name = "bob", .peers = {"memory://text-history-a"}}).value();
    const auto hers = alice.text("notes");
    hers.insert(0, "hello");
    const sangam::causal_token hello = alice.token();
    alice.counter("n").increment();
    hers.erase(1, 4);
    hers.insert(1, "i");
    const sangam::causal_token hi = alice.token();
    bob.wait_for(hi, 10s).value();
    bob.text("notes").insert(2, "!");
    for (const auto& text : {alice.text("notes"), bob.text("notes")}) {
        CHECK(text.str_at(hello).value() == "hello");
        CHECK(text.str_at(hi).value() == "hi");
        CHECK(text.str_at({}).value().empty());
        CHECK(text.patches_between(hello, hi).value() == std::vector<sangam::text_patch>{{1, 4, "i"}});
        CHECK(text.patches_between(hi, hello).value() == std::vector<sangam::text_patch>{{1, 1, "ello"}});
    }
}

TEST_CASE("text_handle: a slider over the transactions of a text") {
    const replica r = replica::open({.name = "r"}).value();
    const auto text = r.text("notes");
    text.insert(0, "ab");
    r.counter("n").increment();
    text.erase(0, 1);
    std::vector<std::string> shown;
    REQUIRE(text.transactions_count() == 2);
    for (std::uint64_t n = 0; n <= text.transactions_count(); ++n)
        shown.push_back(text.str_at(text.token_after(n)).value());
    CHECK(shown == std::vector<std::string>{"", "ab", "b"});
    CHECK(text.transactions().back() == sangam::text_history::transaction{{r.id(), 3}, 0, 1});
    CHECK_THROWS_AS(static_cast<void>(text.token_after(3)), sangam::exception);
}
