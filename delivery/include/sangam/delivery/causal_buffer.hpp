#pragma once

#include <sangam/causality/assert.hpp>
#include <sangam/causality/frontier.hpp>
#include <sangam/causality/vector_clock.hpp>
#include <sangam/delivery/buffer_counters.hpp>
#include <sangam/delivery/dot_range.hpp>
#include <sangam/delivery/envelope.hpp>
#include <sangam/delivery/limits.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace sangam::delivery {

/// What became of a message that was offered.
enum class offer_outcome {
    delivered, ///< handed over at once, and with it all that only waited for it
    held_back, ///< kept until its predecessors are delivered
    duplicate, ///< delivered or held back before; dropped
    refused,   ///< a budget is used up, or no such message can be (sequence 0, its own future, dependencies
               ///< that do not increase); dropped
};

/// Hands messages over in causal order, whatever order they come in.
///
/// Meaning: a message (o, n) with dependencies D is delivered as soon as the delivered clock has o at n-1,
///   contains D, and the delivery limit (if there is one) contains (o, n). Every dot is delivered once. No
///   clock is asked: what a message says of its time never delays it. "As soon as": within the call that
///   made it so; after `deliver_local`, within the next call that takes a `deliver`.
/// Budgets: they bound what is held back; a message that can be delivered at once never counts. Over an
///   origin's budget its newest held-back message is dropped, over the total one the newest of the origin
///   that holds most bytes. A dropped message is to be fetched again.
/// Invariants: (B1) the order of delivery is a linear extension of happened-before; (B2) each held-back
///   message has exactly one index entry: under its first missing dot, as waiting for the
///   limit, or as ready; (B3) the budgets hold after every call; (B4) `delivered()` is causally closed.
/// Cost: h messages held back. offer and each delivery O(log h + d), d dependencies; a delivery looks only at
///   what waits for its very dot, never at the rest. No recursion.
/// Errors: none; outcomes. No time, no I/O.
/// Threads: none; the caller's lock. `deliver` must not call the buffer and must not throw.
/// Source: Birman, Schiper, Stephenson, "Lightweight causal and atomic group multicast" (1991), with
///   dependencies as in causality::frontier.
template <causal_message Message>
class causal_buffer {
public:
    explicit causal_buffer(buffer_limits limits = {}) : limits_(limits) {}

    /// Takes a message and calls `deliver(Message&&)` for everything that can now be handed over, in causal
    /// order.
    template <class Deliver>
    offer_outcome offer(Message message, Deliver&& deliver);

    /// Records that the local replica made `id`, its next dot, with these dependencies. What waited for it
    /// (nothing, unless a peer knew of it before: then the dot is in use twice) is handed over by the next
    /// `offer`, `release` or `limit_delivery`; a held-back message of the same dot is dropped as a duplicate.
    /// Precondition: id.sequence is the next of its replica, and the dependencies are delivered.
    void deliver_local(const causality::dot& id, std::span<const causality::dot> dependencies);

    /// Hands over what `deliver_local` has made ready.
    template <class Deliver>
    void release(Deliver&& deliver);

    /// From now on delivers only dots that `limit` contains (all, if there is none) and releases what that
    /// allows. Lowering it takes nothing back. `deliver_local` is never limited.
    template <class Deliver>
    void limit_delivery(std::optional<causality::vector_clock> limit, Deliver&& deliver);

    [[nodiscard]] const causality::vector_clock& delivered() const noexcept { return delivered_; }
    [[nodiscard]] const causality::frontier& frontier() const noexcept { return frontier_; }
    [[nodiscard]] const buffer_counters& counters() const noexcept { return counters_; }

    /// The first run of dots of `origin`, up to `known`, that is neither delivered nor held back.
    /// Cost: O(log h).
    [[nodiscard]] std::optional<dot_range> first_gap(causality::replica_id origin, std::uint64_t known) const;

    /// Held back for `origin` now.
    [[nodiscard]] std::size_t held_back(causality::replica_id origin) const;

    /// Dots that held-back messages wait for (each for its first missing one) and that are themselves neither
    /// delivered nor held back: what the holder of such a message has and this has not. Each origin's
    /// greatest, as a clock. For tests. Cost: O(h log h).
    [[nodiscard]] causality::vector_clock awaited() const;

    /// A dot that a held-back message waits for, and that message.
    struct obstacle_of {
        causality::dot missing;
        causality::dot waiting;
    };
    /// Of each replica the first dot that a held-back message waits for and that is itself neither delivered
    /// nor held back, with one message that waits for it; at most `most`, in the order of replicas.
    /// One of each is enough, and fair: a message waits for its own predecessor first, so who holds messages
    /// of n origins can make the buffer wait for dots of n others, and hide nothing else before that.
    /// Cost: O(log h) for each replica that is waited for, up to the last one that is told.
    [[nodiscard]] std::vector<obstacle_of> missing(std::size_t most) const;

    /// The first broken invariant in words; empty when all hold. For tests. Cost: O(h (log h + d)).
    [[nodiscard]] std::string check_invariants() const;

private:
    enum class obstacle { missing_dot, limit, nothing };

    /// What a message waits for: its key in one of the three indexes.
    struct wait {
        obstacle on = obstacle::nothing;
        causality::dot missing = {}; ///< missing_dot only
    };

    struct held_message {
        Message message;
        std::size_t satisfied; ///< so many of its dependencies, from the first on, are known to be delivered
        wait waits;
    };

    struct origin_queue {
        std::map<std::uint64_t, held_message> messages; ///< by sequence
        std::uint64_t run_to = 0; ///< those behind the last delivered one are held up to here without a gap
        std::size_t bytes = 0;
    };

    /// Delivered dots whose waiting messages are still to be looked at.
    using work_list = std::vector<causality::dot>;

    [[nodiscard]] static bool impossible(const envelope& message);
    [[nodiscard]] bool is_held(const causality::dot& id) const;
    [[nodiscard]] held_message& held(const causality::dot& id);

    [[nodiscard]] std::optional<causality::dot> first_missing(const envelope& message,
                                                              std::size_t& satisfied) const;
    [[nodiscard]] wait next_wait(const envelope& message, std::size_t& satisfied) const;

    void enter_index(const causality::dot& id, const wait& waits);
    void leave_index(const causality::dot& id, const wait& waits);
    void hold(Message message, std::size_t satisfied, const wait& waits);
    void extend_run(causality::replica_id origin, origin_queue& queue) const;
    void advance(const causality::dot& delivered);

    // By value, because the dot that a caller has may be part of the index entry that goes away.
    Message take(causality::dot id);
    template <class Deliver>
    void look_again(causality::dot id, work_list& work, Deliver& deliver);

    void count_bytes(causality::replica_id origin, origin_queue& queue, std::size_t bytes);
    void drop_newest(causality::replica_id origin);
    void keep_budgets(causality::replica_id origin);

    template <class Deliver>
    void hand_over(Message message, work_list& work, Deliver& deliver);
    template <class Deliver>
    void release_waiting(work_list& work, Deliver& deliver);

    [[nodiscard]] std::string check_message(const causality::dot& id, const held_message& entry) const;
    [[nodiscard]] std::string check_budgets() const;

    buffer_limits limits_;
    causality::vector_clock delivered_;
    causality::frontier frontier_;
    std::optional<causality::vector_clock> limit_;
    buffer_counters counters_;
    std::map<causality::replica_id, origin_queue> origins_; ///< those that have held-back messages
    std::set<std::pair<std::size_t, causality::replica_id>> origins_by_bytes_;
    std::set<std::pair<causality::dot, causality::dot>> waiting_for_dot_; ///< (missing, held back)
    std::set<causality::dot> waiting_for_limit_;                          ///< at most one of each origin
    std::set<causality::dot> ready_; ///< until the next call that takes a `deliver`
};

template <causal_message Message>
template <class Deliver>
offer_outcome causal_buffer<Message>::offer(Message message, Deliver&& deliver) {
    release(deliver);
    const causality::dot id = message.id;
    if (impossible(message)) {
        ++counters_.refused;
        return offer_outcome::refused;
    }
    if (delivered_.contains(id) || is_held(id)) {
        ++counters_.duplicates;
        return offer_outcome::duplicate;
    }
    std::size_t satisfied = 0;
    const wait waits = next_wait(message, satisfied);
    if (waits.on == obstacle::nothing) {
        work_list work;
        hand_over(std::move(message), work, deliver);
        release_waiting(work, deliver);
        return offer_outcome::delivered;
    }
    if (message.size_bytes > std::min(limits_.bytes_per_origin_max, limits_.bytes_max)) {
        ++counters_.refused; // nothing that is held back could make room for it
        return offer_outcome::refused;
    }
    hold(std::move(message), satisfied, waits);
    keep_budgets(id.replica);
    counters_.held_back_most = std::max(counters_.held_back_most, counters_.held_back);
    return is_held(id) ? offer_outcome::held_back : offer_outcome::refused;
}

template <causal_message Message>
void causal_buffer<Message>::deliver_local(const causality::dot& id,
                                           std::span<const causality::dot> dependencies) {
    SANGAM_INVARIANT(id.sequence == delivered_[id.replica] + 1);
    SANGAM_ASSERT(
        std::ranges::all_of(dependencies, [&](const causality::dot& d) { return delivered_.contains(d); }));
    if (is_held(id)) {
        static_cast<void>(take(id));
        ++counters_.duplicates;
    }
    advance(id);
    frontier_.deliver(id, dependencies);
    for (auto at = waiting_for_dot_.lower_bound({id, {}}); at != waiting_for_dot_.end() && at->first == id;) {
        const causality::dot waiting = at->second;
        at = waiting_for_dot_.erase(at);
        held_message& entry = held(waiting);
        entry.waits = next_wait(entry.message, entry.satisfied);
        enter_index(waiting, entry.waits);
    }
}

template <causal_message Message>
template <class Deliver>
void causal_buffer<Message>::release(Deliver&& deliver) {
    work_list work;
    while (!ready_.empty()) {
        look_again(*ready_.begin(), work, deliver);
        release_waiting(work, deliver);
    }
}

template <causal_message Message>
template <class Deliver>
void causal_buffer<Message>::limit_delivery(std::optional<causality::vector_clock> limit, Deliver&& deliver) {
    limit_ = std::move(limit);
    release(deliver);
    const work_list limited(waiting_for_limit_.begin(), waiting_for_limit_.end());
    work_list work;
    for (const causality::dot& id : limited) {
        look_again(id, work, deliver);
    }
    release_waiting(work, deliver);
}

template <causal_message Message>
std::optional<dot_range> causal_buffer<Message>::first_gap(causality::replica_id origin,
                                                           std::uint64_t known) const {
    const auto queue = origins_.find(origin);
    if (queue == origins_.end()) {
        const std::uint64_t reached = delivered_[origin];
        return reached >= known ? std::nullopt : std::optional(dot_range{origin, reached + 1, known});
    }
    const std::uint64_t reached = queue->second.run_to;
    if (reached >= known) {
        return std::nullopt;
    }
    const auto next = queue->second.messages.upper_bound(reached);
    const bool held_later = next != queue->second.messages.end();
    return dot_range{origin, reached + 1, held_later ? std::min(known, next->first - 1) : known};
}

template <causal_message Message>
std::size_t causal_buffer<Message>::held_back(causality::replica_id origin) const {
    const auto queue = origins_.find(origin);
    return queue == origins_.end() ? 0 : queue->second.messages.size();
}

template <causal_message Message>
causality::vector_clock causal_buffer<Message>::awaited() const {
    causality::vector_clock clock;
    for (const auto& [missing, waiting] : waiting_for_dot_) {
        if (!is_held(missing)) {
            clock.advance_to(missing.replica, missing.sequence);
        }
    }
    return clock;
}

template <causal_message Message>
auto causal_buffer<Message>::missing(std::size_t most) const -> std::vector<obstacle_of> {
    constexpr causality::dot greatest{causality::replica_id{UINT64_MAX}, UINT64_MAX};
    std::vector<obstacle_of> all;
    for (auto at = waiting_for_dot_.begin(); at != waiting_for_dot_.end() && all.size() < most;) {
        const causality::replica_id replica = at->first.replica;
        const auto queue = origins_.find(replica);
        const std::uint64_t here = queue == origins_.end() ? 0 : queue->second.run_to;
        // Whatever is held beyond the run waits for its predecessor, so the first dot waited for is not held.
        at = waiting_for_dot_.upper_bound({{replica, here}, greatest});
        if (at != waiting_for_dot_.end() && at->first.replica == replica) {
            all.push_back({at->first, at->second});
        }
        at = waiting_for_dot_.upper_bound({{replica, UINT64_MAX}, greatest});
    }
    return all;
}

/// Decoding refuses such messages; here they would wait for ever, or leave a wrong frontier.
template <causal_message Message>
bool causal_buffer<Message>::impossible(const envelope& message) {
    const auto not_less = [](const causality::dot& a, const causality::dot& b) { return !(a < b); };
    return message.id.sequence == 0 ||
           std::ranges::adjacent_find(message.dependencies, not_less) != message.dependencies.end() ||
           std::ranges::any_of(message.dependencies, [&](const causality::dot& d) {
               return d.sequence == 0 ||
                      (d.replica == message.id.replica && d.sequence >= message.id.sequence);
           });
}

template <causal_message Message>
bool causal_buffer<Message>::is_held(const causality::dot& id) const {
    const auto queue = origins_.find(id.replica);
    return queue != origins_.end() && queue->second.messages.contains(id.sequence);
}

template <causal_message Message>
auto causal_buffer<Message>::held(const causality::dot& id) -> held_message& {
    const auto queue = origins_.find(id.replica);
    SANGAM_INVARIANT(queue != origins_.end());
    const auto entry = queue->second.messages.find(id.sequence);
    SANGAM_INVARIANT(entry != queue->second.messages.end());
    return entry->second;
}

/// What is delivered stays so: each dependency is looked up until it is found delivered, and never again.
template <causal_message Message>
std::optional<causality::dot> causal_buffer<Message>::first_missing(const envelope& message,
                                                                    std::size_t& satisfied) const {
    if (delivered_[message.id.replica] < message.id.sequence - 1) {
        return causality::dot{message.id.replica, message.id.sequence - 1};
    }
    while (satisfied < message.dependencies.size()) {
        if (!delivered_.contains(message.dependencies[satisfied])) {
            return message.dependencies[satisfied];
        }
        ++satisfied;
    }
    return std::nullopt;
}

template <causal_message Message>
auto causal_buffer<Message>::next_wait(const envelope& message, std::size_t& satisfied) const -> wait {
    if (const auto missing = first_missing(message, satisfied)) {
        return {obstacle::missing_dot, *missing};
    }
    if (limit_ && !limit_->contains(message.id)) {
        return {obstacle::limit};
    }
    return {};
}

template <causal_message Message>
void causal_buffer<Message>::enter_index(const causality::dot& id, const wait& waits) {
    switch (waits.on) {
    case obstacle::missing_dot:
        waiting_for_dot_.emplace(waits.missing, id);
        break;
    case obstacle::limit:
        waiting_for_limit_.insert(id);
        break;
    case obstacle::nothing:
        ready_.insert(id);
        break;
    }
}

template <causal_message Message>
void causal_buffer<Message>::leave_index(const causality::dot& id, const wait& waits) {
    switch (waits.on) {
    case obstacle::missing_dot:
        waiting_for_dot_.erase({waits.missing, id});
        break;
    case obstacle::limit:
        waiting_for_limit_.erase(id);
        break;
    case obstacle::nothing:
        ready_.erase(id);
        break;
    }
}

template <causal_message Message>
void causal_buffer<Message>::hold(Message message, std::size_t satisfied, const wait& waits) {
    const causality::dot id = message.id;
    const std::size_t bytes = message.size_bytes;
    origin_queue& queue = origins_[id.replica];
    queue.messages.emplace(id.sequence, held_message{std::move(message), satisfied, waits});
    extend_run(id.replica, queue);
    count_bytes(id.replica, queue, queue.bytes + bytes);
    enter_index(id, waits);
    ++counters_.held_back;
}

/// Each held-back message is passed once, however long the run.
template <causal_message Message>
void causal_buffer<Message>::extend_run(causality::replica_id origin, origin_queue& queue) const {
    queue.run_to = std::max(queue.run_to, delivered_[origin]);
    for (auto at = queue.messages.upper_bound(queue.run_to);
         at != queue.messages.end() && at->first == queue.run_to + 1; ++at) {
        ++queue.run_to;
    }
}

template <causal_message Message>
void causal_buffer<Message>::advance(const causality::dot& delivered) {
    delivered_.advance_to(delivered.replica, delivered.sequence);
    if (const auto queue = origins_.find(delivered.replica); queue != origins_.end()) {
        extend_run(delivered.replica, queue->second);
    }
}

template <causal_message Message>
Message causal_buffer<Message>::take(causality::dot id) {
    const auto at = origins_.find(id.replica);
    SANGAM_INVARIANT(at != origins_.end());
    origin_queue& queue = at->second;
    auto node = queue.messages.extract(id.sequence);
    SANGAM_INVARIANT(!node.empty());
    leave_index(id, node.mapped().waits);
    count_bytes(id.replica, queue, queue.bytes - node.mapped().message.size_bytes);
    if (queue.messages.empty()) {
        origins_by_bytes_.erase({queue.bytes, id.replica});
        origins_.erase(at);
    }
    --counters_.held_back;
    return std::move(node.mapped().message);
}

template <causal_message Message>
void causal_buffer<Message>::count_bytes(causality::replica_id origin, origin_queue& queue,
                                         std::size_t bytes) {
    origins_by_bytes_.erase({queue.bytes, origin});
    counters_.held_back_bytes = counters_.held_back_bytes - queue.bytes + bytes;
    queue.bytes = bytes;
    origins_by_bytes_.emplace(bytes, origin);
}

template <causal_message Message>
void causal_buffer<Message>::drop_newest(causality::replica_id origin) {
    origin_queue& queue = origins_.at(origin);
    const std::uint64_t newest = queue.messages.rbegin()->first;
    queue.run_to = std::min(queue.run_to, newest - 1);
    static_cast<void>(take({origin, newest}));
    ++counters_.refused;
}

template <causal_message Message>
void causal_buffer<Message>::keep_budgets(causality::replica_id origin) {
    for (auto at = origins_.find(origin);
         at != origins_.end() && (at->second.messages.size() > limits_.messages_per_origin_max ||
                                  at->second.bytes > limits_.bytes_per_origin_max);
         at = origins_.find(origin)) {
        drop_newest(origin);
    }
    while (counters_.held_back > limits_.messages_max || counters_.held_back_bytes > limits_.bytes_max) {
        drop_newest(origins_by_bytes_.rbegin()->second);
    }
}

template <causal_message Message>
template <class Deliver>
void causal_buffer<Message>::hand_over(Message message, work_list& work, Deliver& deliver) {
    advance(message.id);
    frontier_.deliver(message.id, message.dependencies);
    ++counters_.delivered;
    work.push_back(message.id);
    deliver(std::move(message));
}

/// What `id` waited for has come: hands it over, or files it under what it waits for now.
template <causal_message Message>
template <class Deliver>
void causal_buffer<Message>::look_again(causality::dot id, work_list& work, Deliver& deliver) {
    held_message& entry = held(id);
    const wait waits = next_wait(entry.message, entry.satisfied);
    if (waits.on == obstacle::nothing) {
        hand_over(take(id), work, deliver);
        return;
    }
    leave_index(id, entry.waits);
    entry.waits = waits;
    enter_index(id, waits);
}

template <causal_message Message>
template <class Deliver>
void causal_buffer<Message>::release_waiting(work_list& work, Deliver& deliver) {
    while (!work.empty()) {
        const causality::dot delivered = work.back();
        work.pop_back();
        for (auto at = waiting_for_dot_.lower_bound({delivered, {}});
             at != waiting_for_dot_.end() && at->first == delivered;
             at = waiting_for_dot_.lower_bound({delivered, {}})) {
            look_again(at->second, work, deliver);
        }
    }
}

template <causal_message Message>
std::string causal_buffer<Message>::check_invariants() const {
    std::size_t held_back = 0;
    for (const auto& [origin, queue] : origins_) {
        for (const auto& [sequence, entry] : queue.messages) {
            ++held_back;
            if (std::string broken = check_message({origin, sequence}, entry); !broken.empty()) {
                return broken;
            }
        }
    }
    const std::size_t entries = waiting_for_dot_.size() + waiting_for_limit_.size() + ready_.size();
    if (held_back != counters_.held_back || entries != held_back) {
        return "B2: " + std::to_string(held_back) + " held back, " + std::to_string(entries) +
               " index entries";
    }
    for (const causality::dot& d : frontier_.dots()) {
        if (d.sequence != delivered_[d.replica]) {
            return "B4: " + causality::to_string(d) +
                   " is in the frontier and not the last delivered of its replica";
        }
    }
    return check_budgets();
}

/// (B2) for one message: its index entry is there and tells the truth.
template <causal_message Message>
std::string causal_buffer<Message>::check_message(const causality::dot& id, const held_message& entry) const {
    const std::string name = "B2: " + causality::to_string(id);
    if (entry.message.id != id || delivered_.contains(id)) {
        return name + " is held back under another dot, or delivered";
    }
    std::size_t satisfied = 0;
    const auto missing = first_missing(entry.message, satisfied);
    if (satisfied < entry.satisfied || missing.has_value() != (entry.waits.on == obstacle::missing_dot)) {
        return name + " waits for the wrong kind of thing";
    }
    switch (entry.waits.on) {
    case obstacle::missing_dot:
        return *missing == entry.waits.missing && waiting_for_dot_.contains({*missing, id})
                   ? ""
                   : name + " has no index entry under its first missing dot";
    case obstacle::limit:
        return waiting_for_limit_.contains(id) && limit_ && !limit_->contains(id)
                   ? ""
                   : name + " does not wait for the limit";
    case obstacle::nothing:
        return ready_.contains(id) ? "" : name + " is ready and not in its index";
    }
    return name;
}

template <causal_message Message>
std::string causal_buffer<Message>::check_budgets() const {
    std::size_t bytes_in_all = 0;
    for (const auto& [origin, queue] : origins_) {
        std::size_t bytes = 0;
        std::uint64_t run_to = delivered_[origin];
        for (const auto& [sequence, entry] : queue.messages) {
            bytes += entry.message.size_bytes;
            run_to += sequence == run_to + 1 ? 1 : 0;
        }
        bytes_in_all += bytes;
        if (run_to != queue.run_to) {
            return "B3: " + causality::to_string(origin) + " is held without a gap to " +
                   std::to_string(run_to) + ", not to " + std::to_string(queue.run_to);
        }
        if (queue.messages.empty() || bytes != queue.bytes || !origins_by_bytes_.contains({bytes, origin})) {
            return "B3: the bytes of " + causality::to_string(origin) + " are miscounted";
        }
        if (queue.messages.size() > limits_.messages_per_origin_max || bytes > limits_.bytes_per_origin_max) {
            return "B3: " + causality::to_string(origin) + " is over its budget";
        }
    }
    if (bytes_in_all != counters_.held_back_bytes || origins_by_bytes_.size() != origins_.size()) {
        return "B3: the bytes of all origins are miscounted";
    }
    const bool over = counters_.held_back > limits_.messages_max || bytes_in_all > limits_.bytes_max;
    return over ? "B3: over the total budget" : "";
}

} // namespace sangam::delivery
