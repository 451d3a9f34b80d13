#pragma once

#include "conformance/model.hpp"

#include <sangam/delivery/causal_buffer.hpp>

#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace sangam::conformance {

/// What the vectors expect does not happen.
class disagreement : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

inline void require(bool holds, const std::string& what) {
    if (!holds) {
        throw disagreement(what);
    }
}

/// A message with the whole of its causal past, which a causal buffer does not see.
struct message : delivery::envelope {
    causality::vector_clock seen;
    std::vector<operation> operations;
};

/// A causal buffer whose deliveries are checked one by one.
class checked_buffer {
public:
    [[nodiscard]] const causality::vector_clock& delivered() const { return delivered_; }

    [[nodiscard]] std::vector<causality::dot> dependencies_for(causality::replica_id origin) const {
        return buffer_.frontier().dependencies_for(origin);
    }

    void deliver_local(const message& m) {
        buffer_.deliver_local(m.id, m.dependencies);
        delivered_.advance_to(m.id.replica, m.id.sequence);
    }

    /// Returns the dots that `m` delivered, sorted. `apply` is called for each message.
    template <class Apply>
    [[nodiscard]] std::vector<causality::dot> offer(const message& m, Apply&& apply) {
        std::vector<causality::dot> dots;
        const delivery::offer_outcome outcome = buffer_.offer(m, [&](message&& d) {
            require(d.id.sequence == delivered_[d.id.replica] + 1,
                    to_string(d.id) + " is delivered out of turn");
            require(delivered_.dominates(d.seen), to_string(d.id) + " is delivered before its causal past");
            delivered_.advance_to(d.id.replica, d.id.sequence);
            dots.push_back(d.id);
            apply(d);
        });
        require((outcome == delivery::offer_outcome::delivered) == !dots.empty() &&
                    outcome != delivery::offer_outcome::refused,
                to_string(m.id) + " has an outcome that is not what happened");
        std::ranges::sort(dots);
        return dots;
    }

    void require_drained(const causality::vector_clock& all) const {
        require(buffer_.delivered() == all && delivered_ == all, "not everything is delivered at the end");
        require(buffer_.counters().held_back == 0, "something is held back at the end");
    }

private:
    delivery::causal_buffer<message> buffer_;
    causality::vector_clock delivered_;
};

} // namespace sangam::conformance
