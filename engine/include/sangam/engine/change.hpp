#pragma once

#include <sangam/causality/dot.hpp>
#include <sangam/crdt/operation.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sangam::engine {

class transaction;

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

    /// The callback was too slow: changes that it has not heard of are given up, the last one of `object`,
    /// and only these two fields and `begin_anew` mean anything. Read what is called `object.name` anew.
    bool missed = false;
    /// For `missed`: runs its argument as a transaction that finds exactly the state before the next change
    /// that the callback hears of, as the beginning of on_change does. So a copy that it takes and that
    /// follows the patches from then on stays equal. Without it the callback hears of what came after it was
    /// called: good enough for whoever reads the whole object each time. Only inside the callback that was
    /// given it (else closed). Throws as transact does; then the callback hears on as if it was not called.
    std::function<void(const std::function<void(engine::transaction&)>&)> begin_anew;
};

/// Runs on a thread of its own, so it may take its time, write and wait like any other code. An exception
/// that leaves it is told to replica_options::log and replica_status, and the next change is heard as ever.
using change_callback = std::function<void(const change&)>;

/// Keeps a callback registered; gives it up when destroyed. Afterwards the callback is not running and will
/// not run again. Where that cannot be waited for it only does not run again: inside a callback, of whichever
/// replica, one that runs may still finish; inside a transaction it may until the transaction is over. May
/// outlive the replica. Threads: whoever destroys it must not hold a lock that the callback takes.
class subscription {
public:
    subscription() = default;
    explicit subscription(std::shared_ptr<void> registration) : registration_(std::move(registration)) {}

private:
    std::shared_ptr<void> registration_;
};

} // namespace sangam::engine
