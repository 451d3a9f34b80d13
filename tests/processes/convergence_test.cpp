#include "remote_replica.hpp"

#include <doctest/doctest.h>

#include <string>

using sangam::test::remote_replica;

namespace {

void check_same_everywhere(remote_replica& a, remote_replica& b, const char* read) {
    CAPTURE(read);
    CHECK(a.ask(read) == b.ask(read));
}

void meet(remote_replica& a, remote_replica& b) {
    a.catch_up_with(b);
    b.catch_up_with(a);
}

} // namespace

TEST_CASE("processes: concurrent edits of two processes converge") {
    remote_replica asha;
    remote_replica bela;
    asha.open("asha", "tcp://127.0.0.1:*");
    bela.open("bela", "-", {asha.address()});
    asha.start("increment visits 1 5000");
    bela.start("increment visits 3 5000");
    asha.finish();
    bela.finish();
    for (int i = 0; i < 50; ++i) {
        asha.start("insert notes 0 a" + std::to_string(i));
        bela.start("insert notes 0 b" + std::to_string(i));
        asha.finish();
        bela.finish();
        asha.start("add tags from-asha-" + std::to_string(i));
        bela.start((i % 2 == 0 ? "add" : "remove") + std::string(" tags from-asha-") + std::to_string(i - 1));
        asha.finish();
        bela.finish();
    }
    meet(asha, bela);
    CHECK(asha.counter("visits") == 20'000);
    CHECK(asha.ask("text notes").size() == 280);
    check_same_everywhere(asha, bela, "counter visits");
    check_same_everywhere(asha, bela, "text notes");
    check_same_everywhere(asha, bela, "set tags");
}

TEST_CASE("processes: a change is heard of without asking for it") {
    remote_replica writer;
    remote_replica reader;
    writer.open("writer", "tcp://127.0.0.1:*");
    reader.open("reader", "-", {writer.address()});
    reader.start("until_counter visits 3000 20000");
    writer.ask("increment visits 3 1000");
    CHECK(reader.finish() == "3000");
}

TEST_CASE("processes: a concurrent add beats the remove of another process") {
    remote_replica asha;
    remote_replica bela;
    asha.open("asha", "tcp://127.0.0.1:*");
    bela.open("bela", "-", {asha.address()});
    asha.ask("add tags kept");
    asha.ask("add tags gone");
    bela.catch_up_with(asha);
    bela.ask("online 0");
    bela.ask("remove tags kept");
    bela.ask("remove tags gone");
    asha.ask("add tags kept");
    bela.ask("online 1");
    meet(asha, bela);
    CHECK(asha.ask("set tags") == "kept");
    CHECK(bela.ask("set tags") == "kept");
}
