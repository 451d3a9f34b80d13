#pragma once

#include <sangam/causality/replica_id.hpp>
#include <sangam/crdt/object.hpp>
#include <sangam/crdt/operation.hpp>

#include <functional>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

namespace sangam::engine {

/// Where an object is: a key of the keyspace and, inside a map, the way on.
struct object_address {
    crdt::object_key object;
    std::vector<crdt::map_key> path;

    [[nodiscard]] crdt::object_kind kind() const noexcept {
        return path.empty() ? object.kind : path.back().kind;
    }
    friend auto operator<=>(const object_address&, const object_address&) = default;
};

/// Collects what a handle's call wants to do to the object at its address.
class operation_list {
public:
    operation_list(const object_address& address, std::vector<crdt::keyed_operation>& into)
        : address_(address), into_(into) {}

    void add(crdt::leaf_operation leaf) {
        into_.push_back({address_.object, address_.path, std::move(leaf)});
    }
    /// An operation of the map at the address.
    void add(crdt::map_operation op) {
        std::vector<crdt::map_key> path = address_.path;
        path.insert(path.end(), std::make_move_iterator(op.path.begin()),
                    std::make_move_iterator(op.path.end()));
        into_.push_back({address_.object, std::move(path), std::move(op.leaf)});
    }

private:
    const object_address& address_;
    std::vector<crdt::keyed_operation>& into_;
};

/// What a handle works on: a replica (each call is a transaction of its own) or an open transaction.
/// Threads: a replica's is safe from any thread; a transaction's belongs to its callback.
class executor {
public:
    using reader = std::function<void(const crdt::object&)>;
    using preparer = std::function<void(const crdt::object&, causality::replica_id self, operation_list&)>;

    virtual ~executor() = default;

    /// Shows the object as it is, an empty one if it does not exist. Throws `exception` with
    /// errc::wrong_type, closed.
    virtual void read(const object_address& address, const reader& read) const = 0;

    /// One transaction (or a part of the open one): lets each step look at the object as the steps before
    /// left it and list operations, and applies them. Throws as `read`, and what the first step throws; then
    /// nothing has changed. Later steps must not throw, and the step that first lists operations must have
    /// checked that those of all steps together fit a message.
    virtual void write(const object_address& address, std::span<const preparer> steps) = 0;
    void write(const object_address& address, const preparer& prepare) {
        write(address, std::span(&prepare, 1));
    }

    /// Calls back as soon as what the running `write` does is part of the replica's state: at once, for an
    /// open transaction when it is committed, never if it is given up. Precondition: called by the last step
    /// of a `write`. The callback does not throw, and does not use the replica, whose lock it has.
    virtual void when_committed(std::function<void()> then) { then(); }

protected:
    executor() = default;
    executor(const executor&) = default;
    executor& operator=(const executor&) = default;
};

} // namespace sangam::engine
