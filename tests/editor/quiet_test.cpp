#include <editor/quiet.hpp>
#include <editor/status_text.hpp>
#include <editor/summary.hpp>

#include <doctest/doctest.h>

using namespace std::chrono_literals;

using editor::quiet_watch;
using sangam::causality::replica_id;
using sangam::causality::vector_clock;
using sangam::delivery::peer_state;
using sangam::engine::peer_status;
using sangam::engine::replica_status;

namespace {

constexpr replica_id self{1};
constexpr replica_id bob{2};
const quiet_watch::time_point start{};

peer_status link_to_bob(vector_clock clock, peer_state state = peer_state::streaming) {
    peer_status peer;
    peer.state = state;
    peer.replica = bob;
    peer.name = "bob";
    peer.clock = std::move(clock);
    return peer;
}

replica_status with(vector_clock delivered, std::vector<peer_status> peers) {
    replica_status status;
    status.name = "alice";
    status.delivered = std::move(delivered);
    status.peers = std::move(peers);
    return status;
}

quiet_watch expecting(std::optional<std::uint64_t> messages) {
    return quiet_watch({messages, {}, true, 1s});
}

} // namespace

TEST_CASE("quiet_watch: it is quiet when all is here, all acknowledge it, and that has lasted") {
    quiet_watch quiet = expecting(3);
    const auto settled = with({{self, 1}, {bob, 2}}, {link_to_bob({{self, 1}, {bob, 2}})});
    CHECK_FALSE(quiet.look(settled, start));
    CHECK(quiet.missing().empty());
    CHECK_FALSE(quiet.look(settled, start + 999ms));
    CHECK(quiet.look(settled, start + 1s));
}

TEST_CASE("quiet_watch: whatever is missing starts the wait anew and is named") {
    quiet_watch quiet = expecting(3);
    const vector_clock all{{self, 1}, {bob, 2}};
    const auto settled = with(all, {link_to_bob(all)});
    const auto missing = [&](const replica_status& status) {
        CHECK_FALSE(quiet.look(status, start + 500ms));
        CHECK_FALSE(quiet.look(settled, start + 1s));
        return quiet_watch(expecting(3)).look(status, start) ? "" : [&] {
            quiet_watch fresh = expecting(3);
            static_cast<void>(fresh.look(status, start));
            return fresh.missing();
        }();
    };
    CHECK_FALSE(quiet.look(settled, start));
    CHECK(missing(with({{self, 1}, {bob, 1}}, {link_to_bob(all)})) ==
          "1 of 3 messages are not delivered here, 0 are held back");
    CHECK(missing(with(all, {link_to_bob({{bob, 2}})})) == "bob acknowledges 2 messages, here are 3");
    auto holding = settled;
    holding.buffer.held_back = 4;
    CHECK(missing(holding) == "4 messages are held back");
    auto refused = settled;
    refused.peers.push_back(link_to_bob({}, peer_state::refused));
    refused.peers.back().refusal = "wrong group";
    CHECK(missing(refused) == "bob cannot be spoken with: wrong group");
}

TEST_CASE("quiet_watch: nobody was here yet is not quiet; somebody who is gone is") {
    quiet_watch quiet = expecting(1);
    const vector_clock all{{self, 1}};
    CHECK_FALSE(quiet.look(with(all, {}), start));
    CHECK(quiet.missing() == "nobody has connected");
    CHECK_FALSE(quiet.look(with(all, {link_to_bob({}, peer_state::hello)}), start));
    CHECK(quiet.missing() == "nobody has connected");
    CHECK_FALSE(quiet.look(with(all, {link_to_bob({})}), start));
    CHECK(quiet.missing() == "bob acknowledges 0 messages, here are 1");
    CHECK_FALSE(quiet.look(with(all, {link_to_bob({}, peer_state::hello)}), start + 1s));
    CHECK(quiet.look(with(all, {}), start + 2s));
}

TEST_CASE("quiet_watch: every address to connect to must have been reached") {
    quiet_watch quiet({std::nullopt, {"tcp://127.0.0.1:1"}, true, 0s});
    CHECK_FALSE(quiet.look(with({}, {link_to_bob({})}), start));
    CHECK(quiet.missing() == "nobody was reached at tcp://127.0.0.1:1");
    auto outgoing = link_to_bob({});
    outgoing.address = "tcp://127.0.0.1:1";
    CHECK(quiet.look(with({}, {outgoing}), start));
    CHECK(quiet.look(with({}, {}), start));
}

TEST_CASE("quiet_watch: without a known total, new messages start the wait anew") {
    quiet_watch quiet = expecting(std::nullopt);
    const vector_clock one{{bob, 1}};
    const vector_clock two{{bob, 2}};
    CHECK_FALSE(quiet.look(with(one, {link_to_bob(one)}), start));
    CHECK_FALSE(quiet.look(with(two, {link_to_bob(two)}), start + 900ms));
    CHECK_FALSE(quiet.look(with(two, {link_to_bob(two)}), start + 1800ms));
    CHECK(quiet.look(with(two, {link_to_bob(two)}), start + 1900ms));
}

TEST_CASE("quiet_watch: of two links to one replica both together tell what it has") {
    quiet_watch quiet({std::nullopt, {}, true, 0s});
    CHECK(
        quiet.look(with({{self, 1}, {bob, 2}}, {link_to_bob({{self, 1}}), link_to_bob({{bob, 2}})}), start));
}

TEST_CASE("acknowledged_by_all: it is what everybody has, and nothing where nobody is") {
    const auto own = [](std::vector<peer_status> peers) {
        auto status = with({{self, 9}}, std::move(peers));
        status.id = self;
        return editor::acknowledged_by_all(status);
    };
    CHECK(own({}) == std::nullopt);
    CHECK(own({link_to_bob({}, peer_state::hello)}) == std::nullopt); // nobody yet
    CHECK(own({link_to_bob({{self, 3}}), link_to_bob({{self, 5}})}) == 5U);
    auto carol = link_to_bob({{self, 2}});
    carol.replica = {3};
    CHECK(own({link_to_bob({{self, 5}}), carol}) == 2U);
    auto away = link_to_bob({{self, 4}}, peer_state::hello);
    away.address = "ipc:///carol";
    CHECK(own({link_to_bob({{self, 5}}), away}) == 4U);
    CHECK(own({link_to_bob({}, peer_state::refused)}) == std::nullopt);
}

TEST_CASE("status line: it names who is connected once, and who is far behind") {
    CHECK(editor::describe(with({}, {})) == "online alone");
    CHECK(editor::describe(with({}, {link_to_bob({}), link_to_bob({})})) == "online with bob");
    auto carol = link_to_bob({});
    carol.replica = replica_id{3};
    carol.name = "carol";
    carol.lag = 40;
    auto status = with({}, {link_to_bob({}), carol});
    status.buffer.held_back = 2;
    CHECK(editor::describe(status) == "online with bob and carol (40 behind), 2 held back");
    status.online = false;
    CHECK(editor::describe(status) == "OFFLINE, 2 held back");
}

TEST_CASE("status line: of two links the one that knows more tells how far behind somebody is") {
    auto stale = link_to_bob({});
    stale.lag = 1000;
    CHECK(editor::describe(with({}, {stale, link_to_bob({})})) == "online with bob");
    CHECK(editor::describe(with({}, {link_to_bob({}), stale})) == "online with bob");
}

TEST_CASE("status line: somebody alone reads where others are welcome") {
    auto status = with({}, {});
    status.listening = {"tcp://127.0.0.1:7001"};
    CHECK(editor::describe(status) == "online alone, others are welcome at tcp://127.0.0.1:7001");
}

TEST_CASE("summary: the digest is what sha256sum prints") {
    CHECK(editor::sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(editor::sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(editor::sha256_hex(std::string(1'000'000, 'a')) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("summary: the line counts characters, not bytes") {
    auto status = with({{self, 1}, {bob, 2}}, {});
    status.buffer.held_back_most = 7;
    status.network.bytes_sent = 99;
    CHECK(editor::summary_line(status, "\xC3\xA4z") ==
          "alice: 2 characters, sha256 " + editor::sha256_hex("\xC3\xA4z") +
              ", 3 messages, held back at most 7, 99 bytes sent");
}
