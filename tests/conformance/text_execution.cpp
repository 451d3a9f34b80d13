#include "conformance/text_execution.hpp"

#include "conformance/message.hpp"

#include <algorithm>
#include <limits>
#include <random>

namespace sangam::conformance {

namespace {

namespace json = boost::json;
using crdt::rga_text;

struct text_message {
    message sent;
    std::vector<rga_text::operation> operations;
};

[[nodiscard]] crdt::text_id text_id_of(const json::value& pair) {
    return {pair.at(0).to_number<std::uint64_t>(), id_of(pair.at(1).as_int64())};
}

/// Characters that continue the insert before them are one insert, as when a user types.
[[nodiscard]] bool continues(const std::vector<rga_text::operation>& before, const crdt::text_id& id,
                             const std::optional<crdt::text_id>& parent) {
    const auto* const last = before.empty() ? nullptr : std::get_if<rga_text::insert_op>(&before.back());
    if (last == nullptr || !parent) {
        return false;
    }
    const crdt::text_id end{last->first.lamport + last->text.size() - 1, last->first.replica};
    return *parent == end && id == crdt::text_id{end.lamport + 1, end.replica};
}

[[nodiscard]] std::vector<rga_text::operation> operations_of(const json::array& ops) {
    std::vector<rga_text::operation> operations;
    for (const json::value& entry : ops) {
        const json::object& op = entry.as_object();
        if (op.contains("ins")) {
            const crdt::text_id id = text_id_of(op.at("ins"));
            std::optional<crdt::text_id> parent;
            if (!op.at("after").is_null()) {
                parent = text_id_of(op.at("after"));
            }
            const std::string text(op.at("ch").as_string());
            require(text.size() == 1, "a character is not ASCII");
            if (continues(operations, id, parent)) {
                std::get<rga_text::insert_op>(operations.back()).text += text;
            } else {
                operations.emplace_back(rga_text::insert_op{id, parent, text});
            }
        } else if (op.contains("del")) {
            operations.emplace_back(rga_text::erase_op{{{text_id_of(op.at("del")), 1}}});
        } else {
            require(op.contains("make"), "an operation is not known");
        }
    }
    return operations;
}

/// The dependencies are dots of earlier lines, so `seen` follows from theirs.
[[nodiscard]] std::vector<text_message> messages_of(const json::array& transactions) {
    std::vector<text_message> messages;
    for (const json::value& entry : transactions) {
        const json::object& t = entry.as_object();
        text_message m;
        m.sent.id = {id_of(t.at("r").as_int64()), t.at("seq").to_number<std::uint64_t>()};
        m.sent.size_bytes = 1;
        for (const json::value& index : t.at("deps").as_array()) {
            const message& before = messages.at(index.to_number<std::size_t>()).sent;
            m.sent.seen.merge(before.seen);
            m.sent.seen.advance_to(before.id.replica, before.id.sequence);
            if (before.id.replica != m.sent.id.replica) {
                m.sent.dependencies.push_back(before.id);
            }
        }
        std::ranges::sort(m.sent.dependencies);
        m.operations = operations_of(t.at("ops").as_array());
        messages.push_back(std::move(m));
    }
    return messages;
}

/// A text that takes Automerge's numbers. Automerge counts erases, too, so the numbers of characters have
/// gaps, which a text does not accept. Characters of a replica of its own fill them, and are erased at once:
/// beside those at the start they change no order, because siblings are ordered among themselves.
class filled_text {
public:
    void apply(const text_message& m) {
        for (const rga_text::operation& op : m.operations) {
            if (const auto* const insert = std::get_if<rga_text::insert_op>(&op)) {
                fill_up_to(insert->first.lamport);
                greatest_ = std::max(greatest_, insert->first.lamport + insert->text.size() - 1);
            }
            require(text_.accepts(op, m.sent.id.replica),
                    "an operation of " + to_string(m.sent.id) + " is not accepted");
            text_.apply(op, {m.sent.id, {}});
        }
    }

    void require_equal(const std::string& expected, const std::string& order) const {
        require(text_.str() == expected,
                "the text is \"" + text_.str() + "\" " + order + ", not \"" + expected + "\"");
        require(text_.check_invariants().empty(), text_.check_invariants());
    }

private:
    static constexpr causality::replica_id filler{std::numeric_limits<std::uint64_t>::max()};

    void fill_up_to(std::uint64_t number) {
        if (number <= greatest_ + 1) {
            return;
        }
        const std::uint64_t count = number - greatest_ - 1;
        const crdt::text_id first{greatest_ + 1, filler};
        const causality::dot id{filler, ++fillings_};
        text_.apply(rga_text::insert_op{first, std::nullopt, std::string(count, '-')}, {id, {}});
        text_.apply(rga_text::erase_op{{{first, count}}}, {id, {}});
        greatest_ = number - 1;
    }

    rga_text text_;
    std::uint64_t greatest_ = 0;
    std::uint64_t fillings_ = 0;
};

/// Every message twice, in a random order.
void replay_shuffled(const std::vector<text_message>& messages, const std::string& expected,
                     std::mt19937_64& rng) {
    std::vector<std::size_t> arrivals;
    std::map<causality::dot, std::size_t> index;
    causality::vector_clock all;
    for (std::size_t n = 0; n < messages.size(); ++n) {
        arrivals.insert(arrivals.end(), {n, n});
        index[messages[n].sent.id] = n;
        all.advance_to(messages[n].sent.id.replica, messages[n].sent.id.sequence);
    }
    for (std::size_t left = arrivals.size(); left > 1; --left) {
        std::swap(arrivals[left - 1], arrivals[rng() % left]);
    }
    checked_buffer buffer;
    filled_text text;
    for (const std::size_t n : arrivals) {
        const message& m = messages[n].sent;
        const bool deliverable = !buffer.delivered().contains(m.id) && buffer.delivered().dominates(m.seen) &&
                                 buffer.delivered()[m.id.replica] + 1 == m.id.sequence;
        const auto delivered =
            buffer.offer(m, [&](const message& d) { text.apply(messages[index.at(d.id)]); });
        require(deliverable == !delivered.empty(), to_string(m.id) + " is not delivered when it can be");
    }
    buffer.require_drained(all);
    text.require_equal(expected, "in a random causal order");
}

} // namespace

void replay_text(const json::object& execution) {
    const std::vector<text_message> messages = messages_of(execution.at("txns").as_array());
    const std::string expected(execution.at("final").as_string());
    require(!messages.empty(), "there are no transactions");
    filled_text text;
    for (const text_message& m : messages) {
        text.apply(m);
    }
    text.require_equal(expected, "in the order of the file");
    std::mt19937_64 rng(execution.at("case").to_number<std::uint64_t>());
    for (int replica = 0; replica < 3; ++replica) {
        replay_shuffled(messages, expected, rng);
    }
}

} // namespace sangam::conformance
