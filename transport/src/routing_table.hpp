#pragma once

#include <sangam/transport/links.hpp>

#include <atomic>
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace sangam::transport {

/// The incoming links of a ROUTER: which routing id is which link.
///
/// Invariants: (R1) at most `size_max` links; the caller forgets the one that makes room for a new one; (R2)
/// a link id names one routing id for ever. Cost: O(log n) a call.
class routing_table {
public:
    routing_table(link_id first, std::size_t size_max) : next_(first), size_max_(size_max) {}

    struct route {
        link_id link;
        std::string routing_id;
        std::shared_ptr<std::atomic<std::size_t>> queued; ///< bytes that wait to be sent
    };

    /// The link that has to be forgotten before `routing_id` is heard: the one that was silent longest, when
    /// there is no room for a new one. nullptr when there is.
    [[nodiscard]] const route* in_the_way_of(std::string_view routing_id) const {
        const bool room =
            order_.size() < size_max_ || by_routing_id_.find(routing_id) != by_routing_id_.end();
        return room ? nullptr : &order_.front();
    }

    /// The link that a frame of `routing_id` came by, now the one heard last.
    link_id heard(std::string_view routing_id) {
        if (const auto known = by_routing_id_.find(routing_id); known != by_routing_id_.end()) {
            order_.splice(order_.end(), order_, known->second);
            return known->second->link;
        }
        order_.push_back({next_++, std::string(routing_id), std::make_shared<std::atomic<std::size_t>>(0)});
        const auto at = std::prev(order_.end());
        by_routing_id_.emplace(at->routing_id, at);
        by_link_.emplace(at->link, at);
        return at->link;
    }

    /// nullptr when the link is not known, or not any more. Valid until the next call that changes the table.
    [[nodiscard]] const route* find(link_id link) const {
        const auto at = by_link_.find(link);
        return at == by_link_.end() ? nullptr : &*at->second;
    }

    void forget(link_id link) {
        const auto at = by_link_.find(link);
        if (at == by_link_.end()) {
            return;
        }
        const auto entry_at = at->second;
        by_routing_id_.erase(by_routing_id_.find(entry_at->routing_id));
        by_link_.erase(at);
        order_.erase(entry_at);
    }

    [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }

private:
    std::list<route> order_; ///< the one that was silent longest first
    std::map<std::string, std::list<route>::iterator, std::less<>> by_routing_id_;
    std::map<link_id, std::list<route>::iterator> by_link_;
    link_id next_;
    std::size_t size_max_;
};

} // namespace sangam::transport
