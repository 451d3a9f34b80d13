#include "conformance/execution.hpp"

#include "conformance/message.hpp"

#include <boost/json/serialize.hpp>

namespace sangam::conformance {

namespace {

namespace json = boost::json;

struct replica {
    checked_buffer buffer;
    model state;
};

/// One execution: its replicas, and the messages they have made.
class execution {
public:
    execution(std::string_view type, std::size_t replicas) : replicas_(replicas, replica{{}, model(type)}) {}

    /// A refused operation makes no message.
    void operate(const json::object& op) {
        if (op.contains("error")) {
            return;
        }
        const causality::replica_id id = id_of(op.at("r").as_int64());
        replica& r = at(op);
        message m;
        m.id = {id, op.at("seq").to_number<std::uint64_t>()};
        require(m.id.sequence == r.buffer.delivered()[id] + 1,
                to_string(m.id) + " is not the next operation");
        m.seen = r.buffer.delivered();
        m.dependencies = r.buffer.dependencies_for(id);
        m.size_bytes = 1;
        std::tie(m.operations, m.time) = r.state.perform(op.at("do").as_array(), m.id);
        r.buffer.deliver_local(m);
        all_.advance_to(id, m.id.sequence);
        const causality::dot made = m.id;
        messages_.emplace(made, std::move(m));
    }

    void arrive(const json::object& arrival) {
        std::vector<causality::dot> expected;
        for (const json::value& pair : arrival.at("delivers").as_array()) {
            expected.push_back({id_of(pair.at(0).as_int64()), pair.at(1).to_number<std::uint64_t>()});
        }
        std::ranges::sort(expected);
        replica& r = at(arrival);
        const causality::dot id{id_of(arrival.at("from").as_int64()),
                                arrival.at("seq").to_number<std::uint64_t>()};
        const auto delivered = r.buffer.offer(messages_.at(id), [&](const message& m) {
            for (const operation& op : m.operations) {
                r.state.apply(op, {m.id, m.time});
            }
        });
        require(delivered == expected, "the arrival of " + to_string(id) + " delivers " + listed(delivered) +
                                           ", not " + listed(expected));
    }

    void require_drained() const {
        for (const replica& r : replicas_) {
            r.buffer.require_drained(all_);
        }
    }

    [[nodiscard]] bool has_values() const { return replicas_.front().state.has_values(); }

    [[nodiscard]] json::array values() const {
        json::array shown;
        for (const replica& r : replicas_) {
            shown.push_back(r.state.value());
        }
        return shown;
    }

private:
    [[nodiscard]] replica& at(const json::object& step) {
        return replicas_.at(step.at("r").to_number<std::size_t>());
    }

    [[nodiscard]] static std::string listed(const std::vector<causality::dot>& dots) {
        std::string list;
        for (const causality::dot& d : dots) {
            list += (list.empty() ? "" : " ") + to_string(d);
        }
        return "[" + list + "]";
    }

    std::vector<replica> replicas_;
    std::map<causality::dot, message> messages_;
    causality::vector_clock all_;
};

/// The expected values of the three replicas, as far as the library has their types.
[[nodiscard]] std::pair<json::array, bool> expected_values(std::string_view type, const json::array& values) {
    json::array known;
    bool in_part = false;
    for (const json::value& value : values) {
        auto [kept, reduced] = without_unknown_types(type, value);
        known.push_back(std::move(kept));
        in_part = in_part || reduced;
    }
    return {std::move(known), in_part};
}

} // namespace

checked replay_steps(const json::object& line) {
    const std::string type(line.at("type").as_string());
    const json::array& steps = line.at("steps").as_array();
    require(!steps.empty(), "there are no steps");
    execution run(type, line.at("replicas").to_number<std::size_t>());
    const auto [mid, mid_in_part] = expected_values(type, line.at("mid").as_array());
    const auto [final_value, final_in_part] = expected_values(type, {line.at("final")});

    std::size_t after_operations = 0; // the index behind the last operation
    for (std::size_t n = 0; n < steps.size(); ++n) {
        after_operations = steps[n].as_object().contains("op") ? n + 1 : after_operations;
    }
    bool mid_seen = false;
    for (std::size_t n = 0; n < steps.size(); ++n) {
        const json::object& step = steps[n].as_object();
        if (step.contains("op")) {
            run.operate(step.at("op").as_object());
        } else {
            run.arrive(step.at("arrive").as_object());
        }
        // The vectors do not say where the drain of the network begins: at some moment after the last
        // operation.
        mid_seen = mid_seen || (run.has_values() && n + 1 >= after_operations && run.values() == mid);
    }
    run.require_drained();
    if (!run.has_values()) {
        return checked::deliveries_only;
    }
    require(mid_seen, "the values " + json::serialize(mid) + " are never shown after the last operation");
    for (const json::value& value : run.values()) {
        require(value == final_value.front(),
                "the value is " + json::serialize(value) + ", not " + json::serialize(final_value.front()));
    }
    return mid_in_part || final_in_part ? checked::values_in_part : checked::values;
}

} // namespace sangam::conformance
