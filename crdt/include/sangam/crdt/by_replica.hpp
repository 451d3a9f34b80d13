#pragma once

#include <sangam/causality/replica_id.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

namespace sangam::crdt {

/// What a counter keeps of each replica. Most counters hear of one replica only: that share takes no heap.
///
/// Invariants: (B1) no share, one share, or a map of two and more, so that equal content is equal.
/// Cost: n replicas: finding, adding and erasing are O(log n).
/// Errors: only allocation throws, and then *this is unchanged.
/// Threads: const members may run together; anything else needs the caller's lock.
template <class Share>
class by_replica {
    static_assert(std::is_trivially_copyable_v<Share>);

public:
    by_replica() noexcept = default;
    by_replica(const by_replica& other) : held_(copy_of(other.held_)) {}
    by_replica(by_replica&& other) noexcept : held_(std::exchange(other.held_, {})) {}
    by_replica& operator=(const by_replica& other) {
        if (this != &other) {
            held_ = copy_of(other.held_);
        }
        return *this;
    }
    by_replica& operator=(by_replica&& other) noexcept {
        held_ = std::exchange(other.held_, {});
        return *this;
    }
    ~by_replica() = default;

    /// Valid until the next change.
    [[nodiscard]] const Share* find(causality::replica_id id) const noexcept {
        if (const single* const one = std::get_if<single>(&held_)) {
            return one->id == id ? &one->share : nullptr;
        }
        if (const several* const all = std::get_if<several>(&held_)) {
            const auto at = (*all)->find(id);
            return at == (*all)->end() ? nullptr : &at->second;
        }
        return nullptr;
    }

    /// The share of a replica, a new one if it has none. Valid until the next change.
    Share& of(causality::replica_id id) {
        if (several* const all = std::get_if<several>(&held_)) {
            return (**all)[id];
        }
        single* const one = std::get_if<single>(&held_);
        if (one == nullptr) {
            return held_.template emplace<single>(single{id, {}}).share;
        }
        if (one->id == id) {
            return one->share;
        }
        several all = std::make_unique<shares>();
        all->emplace(one->id, one->share);
        Share& added = (*all)[id];
        held_ = std::move(all);
        return added;
    }

    void erase(causality::replica_id id) noexcept {
        if (several* const all = std::get_if<several>(&held_)) {
            (*all)->erase(id);
            if ((*all)->size() == 1) {
                const auto& [left, share] = *(*all)->begin();
                held_ = single{left, share};
            }
        } else if (find(id) != nullptr) {
            held_ = nothing{};
        }
    }

    /// By increasing id: each(id, share).
    template <class Each>
    void for_each(Each each) const {
        if (const single* const one = std::get_if<single>(&held_)) {
            each(one->id, one->share);
        } else if (const several* const all = std::get_if<several>(&held_)) {
            for (const auto& [id, share] : **all) {
                each(id, share);
            }
        }
    }

    friend bool operator==(const by_replica& a, const by_replica& b) {
        const several* const left = std::get_if<several>(&a.held_);
        const several* const right = std::get_if<several>(&b.held_);
        return left != nullptr && right != nullptr ? **left == **right : a.held_ == b.held_;
    }

private:
    using shares = std::map<causality::replica_id, Share>;
    using nothing = std::monostate;
    struct single {
        causality::replica_id id;
        Share share;
        friend bool operator==(const single&, const single&) = default;
    };
    using several = std::unique_ptr<shares>;
    using state = std::variant<nothing, single, several>;

    [[nodiscard]] static state copy_of(const state& held) {
        if (const single* const one = std::get_if<single>(&held)) {
            return *one;
        }
        if (const several* const all = std::get_if<several>(&held)) {
            return std::make_unique<shares>(**all);
        }
        return nothing{};
    }

    state held_;
};

} // namespace sangam::crdt
