#include "conformance/execution.hpp"

#include "conformance/message.hpp"

#include <sangam/causality/error.hpp>

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

    void operate(const json::object& op) {
        const causality::replica_id id = id_of(op.at("r").as_int64());
        replica& r = at(op);
        if (op.contains("error")) {
            require_refused(r, op.at("do").as_array(), {id, r.buffer.delivered()[id] + 1});
            return;
        }
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

    [[nodiscard]] json::array values() const {
        json::array shown;
        for (const replica& r : replicas_) {
            shown.push_back(r.state.value());
        }
        return shown;
    }

private:
    /// A refused operation changes nothing and makes no message.
    static void require_refused(replica& r, const json::array& what, const causality::dot& id) {
        const json::value before = r.state.value();
        bool refused = false;
        try {
            (void)r.state.perform(what, id);
        } catch (const exception&) {
            refused = true;
        }
        require(refused, json::serialize(what) + " is not refused");
        require(r.state.value() == before, json::serialize(what) + " is refused and yet changes the value");
    }

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

} // namespace

void replay_steps(const json::object& line) {
    const std::string type(line.at("type").as_string());
    const json::array& steps = line.at("steps").as_array();
    require(!steps.empty(), "there are no steps");
    execution run(type, line.at("replicas").to_number<std::size_t>());
    const json::array& mid = line.at("mid").as_array();
    const json::value& final_value = line.at("final");

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
        mid_seen = mid_seen || (n + 1 >= after_operations && run.values() == mid);
    }
    run.require_drained();
    require(mid_seen, "the values " + json::serialize(mid) + " are never shown after the last operation");
    for (const json::value& value : run.values()) {
        require(value == final_value,
                "the value is " + json::serialize(value) + ", not " + json::serialize(final_value));
    }
}

} // namespace sangam::conformance
