// The bytes are the choices of three users and of the network, in order. While bytes are left, one byte
// modulo 4 is:
//   0, 1  a transaction at replica (byte % 3) of 1 + (byte % 3) steps: each step picks an object (one of
//   every kind, and
//         a map that nests all that maps may hold), then what is done with it, as in
//         tests/specification/user.hpp;
//   2     any message sent so far (byte % their number) arrives at replica (byte % 3), again or for the first
//   time; 3     the oldest message that replica (byte % 3) lacks arrives there.
// Bytes that are missing count as 0, bytes after the 2048th are ignored. After 64 transactions 0 and 1
// mean 3. At the end every message arrives everywhere, the newest first, and then once more.
//
// Oracle: after every step the objects of the replica are what the specifications in tests/specification say
// of what it has delivered, texts and their patches and cursors included; replicas that delivered the same
// are equal; nothing is delivered twice or before its predecessors; at the end all have delivered all, are
// equal, and hold nothing back.

#include "specification/replica.hpp"

#include <sangam/delivery/causal_buffer.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>

namespace {

using namespace sangam;

constexpr std::size_t transactions_max = 64;
constexpr std::size_t bytes_max = 2048;

class choices {
public:
    choices(const std::uint8_t* data, std::size_t size) : left_(data, size) {}

    [[nodiscard]] bool empty() const { return left_.empty(); }

    [[nodiscard]] std::size_t below(std::size_t bound) {
        if (left_.empty()) {
            return 0;
        }
        const std::uint8_t first = left_.front();
        left_ = left_.subspan(1);
        return first % bound;
    }

private:
    std::span<const std::uint8_t> left_;
};

struct posted : delivery::envelope {
    const specification::message* content = nullptr;
};

void require(bool holds, const std::string& what) {
    if (!holds) {
        std::fprintf(stderr, "converge: %s\n", what.c_str());
        std::abort();
    }
}

/// A replica behind a causal buffer.
class member {
public:
    explicit member(causality::replica_id id) : state_(id) {}

    [[nodiscard]] const specification::replica& state() const { return state_; }

    void transact(std::span<const crdt::object_key> menu, choices& bytes,
                  std::deque<specification::message>& sent, std::deque<posted>& network) {
        posted p;
        p.dependencies = buffer_.frontier().dependencies_for(state_.id());
        const std::size_t steps = 1 + bytes.below(3);
        state_.transact(
            menu, steps, 1 + bytes.below(4), [&](std::size_t bound) { return bytes.below(bound); }, sent);
        p.content = &sent.back(); // a deque keeps its elements where they are
        p.id = p.content->meant.id;
        p.time = p.content->meant.time;
        p.size_bytes = 1;
        buffer_.deliver_local(p.id, p.dependencies);
        network.push_back(std::move(p));
        check();
    }

    void arrive(const posted& p) {
        const bool known = state_.delivered().contains(p.id);
        const bool deliverable = state_.delivered().dominates(p.content->meant.seen);
        const delivery::offer_outcome outcome = buffer_.offer(p, [&](posted&& delivered) {
            const specification::event& meant = delivered.content->meant;
            require(!state_.delivered().contains(meant.id), "delivered twice: " + to_string(meant));
            require(state_.delivered().dominates(meant.seen), "delivered too early: " + to_string(meant));
            state_.deliver(*delivered.content);
        });
        using enum delivery::offer_outcome;
        if (known || deliverable) {
            require(outcome == (known ? duplicate : delivered),
                    "neither delivered nor known: " + to_string(p.content->meant));
        } else {
            require(outcome == duplicate || outcome == held_back,
                    "not held back: " + to_string(p.content->meant));
        }
        check();
    }

    void compare_with(const member& other) {
        state_.compare_with(other.state_);
        check();
    }

    void check() const {
        require(state_.problem().empty(), state_.problem());
        require(buffer_.delivered() == state_.delivered(),
                "the clock of the buffer is not what was delivered");
        require(buffer_.check_invariants().empty(), buffer_.check_invariants());
    }

    [[nodiscard]] bool holds_back() const { return buffer_.counters().held_back != 0; }

private:
    specification::replica state_;
    delivery::causal_buffer<posted> buffer_;
};

void run(choices bytes) {
    static const std::vector<crdt::object_key> menu = [] {
        std::vector<crdt::object_key> keys{{"y", crdt::object_kind::or_map}};
        for (const crdt::object_kind kind : crdt::all_kinds) {
            keys.push_back({"x", kind});
        }
        return keys;
    }();
    std::array<member, 3> members{member({0x20}), member({0x10}), member({0x30})};
    std::deque<specification::message> sent;
    std::deque<posted> network;
    while (!bytes.empty()) {
        const std::size_t kind = bytes.below(4);
        member& chosen = members[bytes.below(members.size())];
        if (kind < 2 && network.size() < transactions_max) {
            chosen.transact(menu, bytes, sent, network);
        } else if (kind == 2 && !network.empty()) {
            chosen.arrive(network[bytes.below(network.size())]);
        } else if (const auto next = std::ranges::find_if(
                       network, [&](const posted& p) { return !chosen.state().delivered().contains(p.id); });
                   next != network.end()) {
            chosen.arrive(*next);
        }
        for (const member& other : members) {
            chosen.compare_with(other);
        }
    }
    for (int round = 0; round < 2; ++round) {
        for (member& m : members) {
            std::for_each(network.rbegin(), network.rend(), [&](const posted& p) { m.arrive(p); });
        }
    }
    for (member& m : members) {
        require(m.state().delivered().total() == network.size(), "not everything is delivered");
        require(!m.holds_back(), "something is held back after everything is delivered");
        m.compare_with(members.front());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    run(choices(data, std::min(size, bytes_max)));
    return 0;
}
