#pragma once

#include <sangam/causality/dot.hpp>
#include <sangam/crdt/operation.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sangam::engine {

/// One transaction's changes to one object, as `on_change` hears of them.
struct change {
    crdt::object_key object;
    causality::dot transaction; ///< who made it: transaction.replica
    bool local = false;         ///< made by this replica
    /// For a text: what happened, in order, positions as in crdt::text_patch. For a map: empty, also when a
    /// text inside changed.
    std::vector<crdt::text_patch> patches;
    /// For a text: where marks may have changed, as positions after all patches. What the patches insert may
    /// have marks as well: read them from the text.
    std::vector<crdt::text_range> formatted;
    /// For a map: the paths that were touched.
    std::vector<std::vector<crdt::map_key>> paths;
};

/// Must not throw, must not destroy its replica, and must not take a lock that a thread holds while it
/// writes, subscribes or drops a subscription: both would wait for ever (see replica, Threads).
using change_callback = std::function<void(const change&)>;

/// Keeps a callback registered; gives it up when destroyed. Afterwards the callback is not running and will
/// not run again (unless the subscription is destroyed inside it: then it finishes). Must not be destroyed
/// inside a transaction.
class subscription {
public:
    subscription() = default;
    explicit subscription(std::shared_ptr<void> registration) : registration_(std::move(registration)) {}

private:
    std::shared_ptr<void> registration_;
};

} // namespace sangam::engine
