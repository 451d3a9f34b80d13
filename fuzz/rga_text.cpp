// The bytes are what three writers and the network do to one text, in order. Each step is one byte: its lower
// four bits say what happens, the two above them at which replica, the two above those say more (below:
// "how"). Further bytes are read as each step needs them; those that are missing count as 0, bytes after the
// 512th are ignored.
//
//   0     types (1 + a byte % 32) characters at the writer's caret; how: each in its own transaction, all in
//         one, every fourth not ASCII, all of them wide
//   1, 2  holds the backspace (1), the delete key (2) down for as many characters; how: as above
//   3     moves the caret to (a byte of 256) of the text, or to its end
//   4     pastes 1 to 1,000 characters in one step; how: which characters
//   5     erases 1 to 256 characters in one step
//   6, 7  the same as 4 and 5, but prepared and then applied
//   8     an insert that nobody prepares but everybody accepts: behind any character, with a gap in the
//         Lamport numbers
//   9     an erase that nobody prepares: some ids in any order, some of them twice or erased before; how 2
//         and 3: a restore of such ids that names 1 to 16 transactions in a row of some replica
//   10    the next operation of another replica arrives, if its causal past is here; how: of which
//   11    all that can arrive does
//   12    a crowd: as many replicas as 4 * (1 + a byte % 32) insert one character each behind the same one
//   13    a burst of 200 edits by a small generator that starts with a byte; how: all over the text, inserts
//         alone all over the text, at a few places, typed with jumps
//   14    the text is replaced by a copy of itself (how 0), by a copy of one that has all of its own
//         operations (1), by what its log gives (2); or a copy is put aside, which must stay as it is (3)
//   15    what was applied since the last 15 here is applied to what was there then
//
// Oracle: after every step, and at some places in a burst, the text of that replica is what the naive list
// (tests/specification/naive_text.hpp) is: characters, ids, patches, cursors, positions in UTF-16, and its
// invariants hold. An edit in one step gives the operation that is prepared for it. At the end all has
// arrived everywhere and the texts are equal.

#include "specification/checked_text.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <span>

namespace {

using namespace sangam;
using specification::checked_text;

constexpr std::size_t bytes_max = 512;
constexpr std::size_t steps_max = 96;
constexpr std::size_t length_max = 12'000; ///< a replica with more characters only receives
constexpr std::size_t writers = 3;
constexpr std::size_t crowd = writers; ///< the stream of what crowds send

class choices {
public:
    explicit choices(std::span<const std::uint8_t> bytes) : left_(bytes) {}

    [[nodiscard]] bool empty() const { return left_.empty(); }
    [[nodiscard]] std::uint8_t byte() {
        if (left_.empty()) return 0;
        const std::uint8_t first = left_.front();
        left_ = left_.subspan(1);
        return first;
    }
    [[nodiscard]] std::size_t below(std::size_t bound) { return byte() % bound; }
    /// A place among `size`, by one byte.
    [[nodiscard]] std::size_t place(std::size_t size) { return byte() * size / 255; }

private:
    std::span<const std::uint8_t> left_;
};

/// Positions of a burst: a linear congruential generator.
struct small_generator {
    std::uint64_t state;
    std::size_t operator()(std::size_t bound) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        return static_cast<std::size_t>(state >> 33) % bound;
    }
};

using clock = std::array<std::size_t, writers + 1>;

struct message {
    checked_text::operation op;
    crdt::operation_context context;
    clock past{};
};

struct replica {
    explicit replica(std::size_t number) : text({number + 1}) {}
    checked_text text;
    clock seen{};
    std::size_t caret = 0;
    crdt::rga_text marked;
    crdt::rga_text kept;
    std::vector<crdt::rga_text::element> kept_elements;
};

char32_t letter(std::size_t style, std::size_t n) {
    static constexpr std::u32string_view mixed = U"a\u00e9b\u20ac\uffffc\U0001F600\U00010000";
    const char32_t plain = U'a' + static_cast<char32_t>(n % 26);
    switch (style) {
    case 2:
        return n % 4 == 3 ? mixed[n % mixed.size()] : plain;
    case 3:
        return U'\U0001F600' + static_cast<char32_t>(n % 16);
    default:
        return plain;
    }
}

std::u32string letters(std::size_t style, std::size_t count) {
    std::u32string text;
    for (std::size_t n = 0; n < count; ++n)
        text += letter(style, n);
    return text;
}

class session {
public:
    explicit session(choices bytes) : bytes_(bytes) {}

    void run() {
        for (std::size_t step = 0; step < steps_max && !bytes_.empty(); ++step) {
            const std::uint8_t b = bytes_.byte();
            const std::size_t number = (b >> 4 & 3U) % writers;
            do_one(b & 15U, number, b >> 6);
            check(replicas_[number]);
        }
        for (std::size_t number = 0; number < writers; ++number) {
            receive_all(number);
            replica& r = replicas_[number];
            check(r);
            checked_text::require(r.seen == sent_counts(), "something never arrives");
            checked_text::require(r.text.text() == replicas_[0].text.text(), "the texts differ");
            checked_text::require(r.kept.elements() == r.kept_elements, "a copy has changed");
        }
    }

private:
    void do_one(unsigned what, std::size_t number, std::size_t how) {
        replica& r = replicas_[number];
        const bool full = r.text.length() > length_max;
        switch (full && what != 14 && what != 15 ? 11 : what) {
        case 0:
            for (std::size_t n = 1 + bytes_.below(32); n > 0; --n)
                put(number, letters(how, 1 + n).substr(n), how == 1);
            break;
        case 1:
            for (std::size_t n = 1 + bytes_.below(32); n > 0 && r.caret > 0; --n)
                take(number, r.caret - 1, 1, how == 1);
            break;
        case 2:
            for (std::size_t n = 1 + bytes_.below(32); n > 0 && r.caret < r.text.size(); --n)
                take(number, r.caret, 1, how == 1);
            break;
        case 3:
            r.caret = how == 3 ? r.text.size() : bytes_.place(r.text.size());
            break;
        case 4:
            put(number, letters(how, 1 + bytes_.place(999)), false);
            break;
        case 5:
            if (const std::size_t count = count_to_erase(r)) take(number, r.caret, count, how == 1);
            break;
        case 6: {
            const std::u32string added = letters(how, 1 + bytes_.place(999));
            send(number, r.text.prepared_insert(r.caret, added, context_ = r.text.next_transaction()));
            break;
        }
        case 7:
            if (const std::size_t count = count_to_erase(r))
                send(number, r.text.prepared_erase(r.caret, count, context_ = r.text.next_transaction()));
            break;
        case 8:
            crafted_insert(number, how);
            break;
        case 9:
            if (how >= 2) {
                crafted_restore(number);
            } else {
                crafted_erase(number);
            }
            break;
        case 10:
            receive(number, how);
            break;
        case 11:
            receive_all(number);
            break;
        case 12:
            gather(number);
            break;
        case 13:
            burst(number, how);
            break;
        case 14:
            copy(number, how);
            break;
        default:
            r.text.check_operations_since(r.marked.applied(), r.marked);
            r.marked = r.text.text();
        }
        r.caret = std::min(r.caret, r.text.size());
    }

    std::size_t count_to_erase(const replica& r) {
        const std::size_t count = 1 + bytes_.byte();
        return std::min(count, r.text.size() - r.caret);
    }

    void put(std::size_t number, const std::u32string& added, bool same_transaction) {
        replica& r = replicas_[number];
        context_ = r.text.next_transaction(same_transaction);
        send(number, r.text.local_insert(r.caret, added, context_));
        r.caret += added.size();
    }
    void take(std::size_t number, std::size_t position, std::size_t count, bool same_transaction) {
        replica& r = replicas_[number];
        context_ = r.text.next_transaction(same_transaction);
        send(number, r.text.local_erase(position, count, context_));
        r.caret = position;
    }

    void send(std::size_t number, checked_text::operation op) {
        sent_[number].push_back({std::move(op), context_, replicas_[number].seen});
        ++replicas_[number].seen[number];
    }

    void crafted_insert(std::size_t number, std::size_t gap) {
        checked_text& text = replicas_[number].text;
        const auto& elements = text.elements();
        context_ = text.next_transaction();
        crdt::rga_text::insert_op op{{1, context_.id.replica}, std::nullopt, {}};
        op.text = checked_text::encoded(letters(2, 1 + bytes_.below(4)));
        for (const auto& e : elements)
            if (e.id.replica == op.first.replica)
                op.first.lamport = std::max(op.first.lamport, e.id.lamport + 1);
        if (!elements.empty()) {
            op.parent = elements[bytes_.place(elements.size() - 1)].id;
            op.first.lamport = std::max(op.first.lamport, op.parent->lamport + 1);
        }
        if (gap > 0) { // greater than need be, as of who has seen more
            std::uint64_t greatest = 0;
            for (const auto& e : elements)
                greatest = std::max(greatest, e.id.lamport);
            op.first.lamport = std::min(op.first.lamport + gap, greatest + 1);
        }
        text.apply(op, context_);
        send(number, op);
    }

    void crafted_erase(std::size_t number) {
        checked_text& text = replicas_[number].text;
        const auto& elements = text.elements();
        if (elements.empty()) return;
        crdt::rga_text::erase_op op;
        for (std::size_t n = 1 + bytes_.below(3); n > 0; --n)
            op.ranges.push_back(some_range(elements));
        context_ = text.next_transaction();
        text.apply(op, context_);
        send(number, op);
    }

    crdt::text_id_range some_range(const std::vector<crdt::rga_text::element>& elements) {
        const std::size_t from = bytes_.place(elements.size() - 1);
        std::size_t end = from + 1;
        while (end < elements.size() && end < from + 40 &&
               elements[end].id ==
                   crdt::text_id{elements[from].id.lamport + (end - from), elements[from].id.replica})
            ++end;
        return {elements[from].id, end - from};
    }

    /// Of transactions that are here as a whole: the last one may go on.
    void crafted_restore(std::size_t number) {
        checked_text& text = replicas_[number].text;
        const auto& elements = text.elements();
        if (elements.empty()) return;
        crdt::rga_text::restore_op op;
        for (std::size_t n = 1 + bytes_.below(3); n > 0; --n) {
            const causality::replica_id whose{bytes_.below(writers) + 1};
            const std::size_t seen = replicas_[number].seen[whose.bits - 1];
            if (seen == 0) continue;
            const std::uint64_t last = sent_[whose.bits - 1][seen - 1].context.id.sequence - 1;
            if (last == 0) continue;
            const std::uint64_t count = std::min<std::uint64_t>(last, 1 + bytes_.below(16));
            const std::uint64_t back = bytes_.place(last - count);
            op.parts.push_back({some_range(elements), {{whose, last - count + 1 - back}, count}});
        }
        if (op.parts.empty()) return;
        context_ = text.next_transaction();
        text.apply(op, context_);
        send(number, op);
    }

    /// Each member is a replica of its own that has seen what `number` has, or only a part of it.
    void gather(std::size_t number) {
        replica& r = replicas_[number];
        const std::size_t members = 4 * (1 + bytes_.below(32));
        const auto& elements = r.text.elements();
        crdt::rga_text::insert_op op{{1, {}}, std::nullopt, "x"};
        if (!elements.empty()) {
            op.parent = elements[bytes_.place(elements.size() - 1)].id;
            op.first.lamport = op.parent->lamport + 1;
        }
        // One stream for all crowds: every message of it follows the one before.
        while (r.seen[crowd] < sent_[crowd].size()) {
            if (!receive_from(number, crowd)) return;
        }
        for (std::size_t member = 0; member < members; ++member) {
            op.first.replica = {1000 + (crowd_members_++ * 7919) % 65'521};
            sent_[crowd].push_back({op, {{op.first.replica, 1}, {}}, r.seen});
            r.text.apply(op, sent_[crowd].back().context);
            ++r.seen[crowd];
        }
    }

    void burst(std::size_t number, std::size_t how) {
        replica& r = replicas_[number];
        small_generator random{bytes_.byte()};
        for (std::size_t edit = 0; edit < 200; ++edit) {
            if (how == 2) {
                r.caret = std::min(random(4), r.text.size());
            } else if (how != 3 || random(8) == 0) {
                r.caret = random(r.text.size() + 1);
            }
            if (how != 1 && r.caret > 0 && random(3) == 0) {
                take(number, r.caret - 1, 1, false);
            } else {
                put(number, letters(random(16) == 0 ? 3 : 0, 1 + random(2)), random(8) == 0);
            }
            if (edit % 64 == 63) check(r);
        }
    }

    void copy(std::size_t number, std::size_t how) {
        replica& r = replicas_[number];
        if (how == 0) {
            const checked_text same = r.text;
            r.text = same;
        } else if (how == 1) {
            const replica& other = replicas_[bytes_.below(writers)];
            if (other.seen[number] < sent_[number].size()) return;
            const crdt::operation_context last = r.text.next_transaction();
            r.text = other.text;
            r.text.belong_to(last.id);
            r.marked = r.text.text();
            r.seen = other.seen;
        } else if (how == 2) {
            r.text.check_operations_since({}, {});
        } else {
            checked_text::require(r.kept.elements() == r.kept_elements, "a copy has changed");
            r.kept = r.text.text();
            r.kept_elements = r.kept.elements();
        }
    }

    bool receive_from(std::size_t number, std::size_t origin) {
        replica& r = replicas_[number];
        if (r.seen[origin] == sent_[origin].size()) return false;
        const message& next = sent_[origin][r.seen[origin]];
        for (std::size_t n = 0; n < next.past.size(); ++n) {
            if (next.past[n] > r.seen[n]) return false;
        }
        r.text.apply(next.op, next.context);
        ++r.seen[origin];
        return true;
    }
    void receive(std::size_t number, std::size_t first) {
        for (std::size_t n = 0; n < sent_.size(); ++n) {
            if (receive_from(number, (first + n) % sent_.size())) return;
        }
    }
    void receive_all(std::size_t number) {
        for (bool some = true; some;) {
            some = false;
            for (std::size_t origin = 0; origin < sent_.size(); ++origin) {
                while (receive_from(number, origin))
                    some = true;
            }
        }
    }

    [[nodiscard]] clock sent_counts() const {
        clock counts{};
        for (std::size_t n = 0; n < sent_.size(); ++n)
            counts[n] = sent_[n].size();
        return counts;
    }

    void check(const replica& r) {
        r.text.check([this](std::size_t bound) { return samples_(bound); });
    }

    choices bytes_;
    small_generator samples_{1};
    std::array<replica, writers> replicas_{replica(0), replica(1), replica(2)};
    std::array<std::deque<message>, writers + 1> sent_;
    crdt::operation_context context_;
    std::size_t crowd_members_ = 0;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    session(choices({data, std::min(size, bytes_max)})).run();
    return 0;
}
