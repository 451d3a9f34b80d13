#pragma once

#include <sangam/engine/change.hpp>
#include <sangam/engine/limits.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sangam::engine {

/// Whoever wants to hear of the changes of one key.
struct listener {
    std::uint64_t number = 0; ///< of its registration
    std::string key;
    change_callback callback;
    bool dropped = false; ///< for whoever calls back, under a lock of its own: hears of nothing any more
    bool awaited = false; ///< likewise: whoever drops it waits for its callback, and then lets go of it
};

/// What `listener` is to hear next.
struct notice {
    std::shared_ptr<listener> to;
    std::shared_ptr<const change> what;
};

/// The changes that wait for callbacks, bounded.
///
/// Meaning: a queue for each listener, of the changes of its key since it was added. Notices are taken in the
/// order of the changes, and of the listeners' registrations for one change. When more waits than allowed,
///   those with the longest queues lose all that they have not heard, until half is free: they hear of one
///   change that says `missed`, and then of what was pushed after it was taken. The same happens to whoever's
///   queue gets no memory.
/// Invariants: (F1) at most changes_max changes and bytes_max bytes wait after every `push`, a change counted
///   once for each listener; (F2) a listener that has missed something has an empty queue until it is told.
/// Cost: push and take O(log listeners) for each listener that hears; giving up O(listeners log listeners),
///   and frees at least half of what may wait.
/// Errors: `add` and `take` throw when there is no memory; everything else takes none that it has to have.
/// Threads: none; the caller's lock.
class change_feed {
public:
    struct bounds {
        std::size_t changes_max = limits::changes_waiting_max;
        std::size_t bytes_max = limits::changes_waiting_bytes_max;
    };

    change_feed() : change_feed(bounds()) {}
    explicit change_feed(bounds most) : most_(most) {}

    /// Called whenever something waits and nothing did.
    void on_waiting(std::function<void()> call) { on_waiting_ = std::move(call); }

    std::shared_ptr<listener> add(std::string key, change_callback callback);
    void remove(std::uint64_t number) noexcept;
    struct reader;
    /// Removes all; the caller lets them go when it has no lock. Takes no memory.
    [[nodiscard]] std::map<std::uint64_t, reader> remove_all() noexcept;
    [[nodiscard]] bool anybody_listens_to(const std::string& key) const {
        return !keys_.empty() && keys_.contains(key);
    }

    void push(change&& c) noexcept;
    /// At most `most` notices, and not many more bytes than `bytes`.
    [[nodiscard]] std::vector<notice> take(std::size_t most, std::size_t bytes);

    /// How many changes wait for this listener.
    [[nodiscard]] std::size_t waiting_for(std::uint64_t number) const;
    /// Takes the oldest changes out of this listener's queue, untold.
    void forget_oldest(std::uint64_t number, std::size_t count);

    [[nodiscard]] bool empty() const noexcept { return ready_.empty(); }
    [[nodiscard]] std::size_t waiting() const noexcept { return changes_; }
    [[nodiscard]] std::size_t waiting_bytes() const noexcept { return bytes_; }
    /// How many changes were given up, counted once for each listener.
    [[nodiscard]] std::uint64_t given_up() const noexcept { return given_up_; }

    struct waiting_change {
        std::uint64_t number;
        std::shared_ptr<const change> what;
        std::size_t bytes;
    };
    /// (number of the change, of the listener)
    using ready_set = std::set<std::pair<std::uint64_t, std::uint64_t>>;
    struct reader {
        std::shared_ptr<listener> who;
        std::deque<waiting_change> queue = {};
        std::size_t bytes = 0;
        /// Since which change, and the kind that the last one was about.
        std::optional<std::pair<std::uint64_t, crdt::object_kind>> missed = {};
        ready_set::node_type place = {}; ///< in ready_, while it is not there
    };

private:
    [[nodiscard]] static std::optional<std::uint64_t> next_of(const reader& r);
    void put(reader& r, const waiting_change& c, crdt::object_kind kind) noexcept;
    void pop(reader& r) noexcept;
    void drop_queue(reader& r) noexcept;
    void give_up(reader& r) noexcept;
    void miss(reader& r, std::uint64_t first, crdt::object_kind kind) noexcept;
    void make_room() noexcept;
    void enter(reader& r, std::uint64_t change) noexcept;
    void leave(reader& r, std::uint64_t change) noexcept;

    bounds most_;
    std::function<void()> on_waiting_;
    std::map<std::uint64_t, reader> readers_;
    std::unordered_map<std::string, std::vector<std::uint64_t>> keys_;
    ready_set ready_; ///< the next of each that has something to hear
    std::size_t changes_ = 0;
    std::size_t bytes_ = 0;
    std::uint64_t last_listener_ = 0;
    std::uint64_t last_change_ = 0;
    std::uint64_t given_up_ = 0;
};

/// The memory that a change takes while it waits.
[[nodiscard]] std::size_t memory_of(const change& c);

} // namespace sangam::engine
