#include <sangam/replica.hpp>

#include <chrono>
#include <iostream>

int main() {
    auto alice = sangam::replica::open({.name = "alice", .listen = {"tcp://127.0.0.1:7001"}}).value();
    auto bob = sangam::replica::open({.name = "bob", .peers = {"tcp://127.0.0.1:7001"}}).value();

    alice.counter("visits").increment();
    alice.set("tags").add("c++");
    alice.map("user:1").put("name", "Asha");
    alice.text("notes").insert(0, "hello");
    alice.transact([](sangam::transaction& t) { // one dot: everywhere all of it or nothing
        t.set("tags").add("crdt");
        t.counter("edits").increment(2);
    });

    sangam::causal_token seen = alice.token();           // all that alice has seen and done
    bob.wait_for(seen, std::chrono::seconds(1)).value(); // bob has it too
    std::cout << bob.text("notes").str() << '\n';
}
