#pragma once

#include "specification/observed.hpp"
#include "specification/or_map.hpp"
#include "specification/print.hpp"
#include "specification/run.hpp"
#include "specification/text_checks.hpp"
#include "specification/text_gap.hpp"
#include "specification/user.hpp"

#include <deque>
#include <map>

namespace sangam::specification {

/// What one transaction sends, and what its user meant.
struct message {
    event meant;
    std::vector<crdt::keyed_operation> operations;
};

/// A keyspace beside the history that it has delivered. After every step the one is compared with what the
/// other means.
class replica {
public:
    explicit replica(causality::replica_id id) : id_(id) {}

    [[nodiscard]] causality::replica_id id() const { return id_; }
    [[nodiscard]] const causality::vector_clock& delivered() const { return delivered_; }

    /// Runs a transaction of `steps` steps on objects of `menu` and appends what it sends to `sent`.
    void transact(std::span<const crdt::object_key> menu, std::size_t steps, std::uint64_t wall_ms,
                  const draw& choose, std::deque<message>& sent) {
        message& m = sent.emplace_back();
        m.meant = {{id_, delivered_[id_] + 1}, delivered_, clock_.tick(wall_ms), {}};
        for (; steps > 0; --steps) {
            const crdt::object_key& key = menu[choose(menu.size())];
            intent done = use(at(key), id_, choose);
            check_place(key, done, m);
            for (crdt::keyed_operation& op : done.operations) {
                op.object = key;
                apply(op, m);
                m.operations.push_back(std::move(op));
            }
            if (done.after && shown(at(key), done.path) != *done.after) {
                fail(key, "a local change landed elsewhere: " + to_string(done.what) + " of a text shows " +
                              to_string(shown_text(at(key), done.path)) + ", not " +
                              to_string(done.after->text));
            }
            m.meant.steps.push_back({key, std::move(done.path), std::move(done.what)});
        }
        record(m);
    }

    /// Precondition: the causal past of `m` is delivered, `m` is not.
    void deliver(const message& m) {
        std::map<std::pair<crdt::object_key, std::vector<crdt::map_key>>, std::vector<crdt::text_id_range>>
            pending;
        for (const crdt::keyed_operation& op : m.operations) {
            std::vector<crdt::text_id_range>& inserted = pending[{op.object, op.path}];
            if (!at(op.object).accepts(op.path, op.leaf, m.meant.id.replica, inserted)) {
                fail(op.object,
                     "an operation that a correct replica made is not accepted: " + to_string(m.meant));
                return;
            }
            if (const std::optional<crdt::text_id_range> range = inserted_range(op.leaf)) {
                inserted.push_back(*range);
            }
        }
        for (const crdt::keyed_operation& op : m.operations) {
            apply(op, m);
        }
        clock_.observe(m.meant.time);
        record(m);
    }

    /// Equal delivered sets must be equal states.
    void compare_with(const replica& other) {
        if (delivered_ == other.delivered_ && objects_ != other.objects_) {
            fail(log_.back()->steps.empty() ? crdt::object_key() : log_.back()->steps.back().object,
                 "has delivered the same as " + causality::to_string(other.id_) + " but differs from it");
        }
    }

    /// What went wrong first, with the history of that replica; empty if nothing did.
    [[nodiscard]] const std::string& problem() const { return problem_; }

private:
    [[nodiscard]] crdt::object& at(const crdt::object_key& key) {
        return objects_.try_emplace(key, key.kind).first->second;
    }

    void apply(const crdt::keyed_operation& op, const message& m) {
        crdt::object& object = at(op.object);
        const std::u32string before = shown_text(object, op.path);
        std::vector<crdt::text_patch> patches;
        object.apply(op.path, op.leaf, {m.meant.id, m.meant.time}, &patches);
        if (shown_text(object, op.path) != patched(before, patches)) {
            fail(op.object, "the patches do not turn the text before into the text after");
        }
    }

    /// A text inserts where the rule about erased characters says.
    void check_place(const crdt::object_key& key, const intent& done, const message& m) {
        const insert* const inserted = std::get_if<insert>(&done.what);
        if (inserted == nullptr || !done.position) return;
        std::vector<const event*> so_far = log_;
        so_far.push_back(&m.meant);
        history all = history_of(so_far, key);
        for (const crdt::map_key& inner : done.path)
            all = under(all, inner);
        if (inserted_behind(all, *done.position) != inserted->after)
            fail(key, "an insert at " + std::to_string(*done.position) + " goes behind another character");
    }

    void record(const message& m) {
        delivered_.advance_to(m.meant.id.replica, m.meant.id.sequence);
        log_.push_back(&m.meant);
        std::ranges::for_each(m.operations, [&](const crdt::keyed_operation& op) { check_stored(op); });
        for (const step& s : m.meant.steps) {
            const crdt::object& object = at(s.object);
            const meaning expected = specified(s.object.kind, history_of(log_, s.object));
            const meaning shown = observed(object);
            if (shown != expected) {
                fail(s.object, "is " + to_string(shown) + " and should be " + to_string(expected));
            } else if (const std::string wrong =
                           check_sequence(object, expected) + check_ranks(object, expected);
                       !wrong.empty()) {
                fail(s.object, wrong);
            }
        }
    }

    /// Invariant M1 of maps: a value that equals a new one is not stored.
    void check_stored(const crdt::keyed_operation& op) {
        const crdt::or_map* const map = at(op.object).as<crdt::or_map>();
        for (std::size_t length = 1; length <= op.path.size(); ++length) {
            const crdt::object* const found = map->find(std::span(op.path).first(length));
            if (found != nullptr && *found == crdt::object(op.path[length - 1].kind)) {
                fail(op.object, "stores a value that equals a new one: " + to_string(op.path[length - 1]));
            }
        }
    }

    void fail(const crdt::object_key& key, const std::string& what) {
        if (problem_.empty()) {
            problem_ =
                "replica " + causality::to_string(id_) + ", " + to_string(key) + ": " + what + "\ndelivered:";
            for (const event* const e : log_) {
                problem_ += "\n  " + to_string(*e);
            }
            problem_ += drawable(log_);
        }
    }

    causality::replica_id id_;
    causality::hybrid_clock clock_;
    causality::vector_clock delivered_;
    std::vector<const event*> log_;
    std::map<crdt::object_key, crdt::object> objects_;
    std::string problem_;
};

} // namespace sangam::specification
