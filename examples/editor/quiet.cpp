#include <editor/quiet.hpp>

#include <algorithm>
#include <map>

namespace editor {
namespace {

/// What each connected replica is known to have, whichever of its links told it.
auto acknowledgements(const sangam::engine::replica_status& status) {
    struct acknowledgement {
        std::string name;
        sangam::causality::vector_clock clock;
    };
    std::map<sangam::causality::replica_id, acknowledgement> found;
    for (const auto& peer : status.peers) {
        if (!is_connected(peer)) continue;
        found[peer.replica].name = peer.name;
        found[peer.replica].clock.merge(peer.clock);
    }
    return found;
}

} // namespace

bool is_connected(const sangam::engine::peer_status& peer) noexcept {
    return peer.state != sangam::delivery::peer_state::hello &&
           peer.state != sangam::delivery::peer_state::refused;
}

std::optional<std::uint64_t> acknowledged_by_all(const sangam::engine::replica_status& status) {
    std::optional<std::uint64_t> least;
    const auto count = [&](const sangam::causality::vector_clock& clock) {
        const std::uint64_t known = clock[status.id];
        least = std::min(least.value_or(known), known);
    };
    for (const auto& [replica, acknowledged] : acknowledgements(status))
        count(acknowledged.clock);
    for (const auto& peer : status.peers) {
        if (peer.state == sangam::delivery::peer_state::hello && !peer.address.empty()) count(peer.clock);
    }
    return least;
}

bool quiet_watch::look(const sangam::engine::replica_status& status, time_point now) {
    for (const auto& peer : status.peers) {
        if (!is_connected(peer)) continue;
        met_anybody_ = true;
        if (!peer.address.empty()) reached_.insert(peer.address);
    }
    missing_ = find_missing(status);
    if (!missing_.empty() || status.delivered != delivered_) quiet_since_.reset();
    delivered_ = status.delivered;
    if (!missing_.empty()) return false;
    if (!quiet_since_) quiet_since_ = now;
    return now - *quiet_since_ >= expected_.lasting;
}

std::string quiet_watch::find_missing(const sangam::engine::replica_status& status) const {
    for (const auto& peer : status.peers) {
        if (peer.state == sangam::delivery::peer_state::refused) {
            return (peer.address.empty() ? peer.name : peer.address) +
                   " cannot be spoken with: " + peer.refusal;
        }
    }
    for (const std::string& address : expected_.connect) {
        if (!reached_.contains(address)) return "nobody was reached at " + address;
    }
    if (expected_.anybody && !met_anybody_) return "nobody has connected";
    const std::uint64_t delivered = status.delivered.total();
    if (expected_.messages && delivered < *expected_.messages) {
        return std::to_string(*expected_.messages - delivered) + " of " +
               std::to_string(*expected_.messages) + " messages are not delivered here, " +
               std::to_string(status.buffer.held_back) + " are held back";
    }
    if (status.buffer.held_back > 0)
        return std::to_string(status.buffer.held_back) + " messages are held back";
    for (const auto& [replica, acknowledged] : acknowledgements(status)) {
        if (acknowledged.clock == status.delivered) continue;
        const std::uint64_t theirs = acknowledged.clock.total();
        return acknowledged.name + " acknowledges " + std::to_string(theirs) + " messages, here are " +
               std::to_string(delivered);
    }
    return {};
}

} // namespace editor
