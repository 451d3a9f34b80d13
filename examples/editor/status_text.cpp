#include <editor/status_text.hpp>

#include <editor/quiet.hpp>

#include <map>

namespace editor {
namespace {

/// What is on its way anyway is not worth a flicker.
constexpr std::uint64_t lag_shown_min = 20;

struct person {
    std::string name;
    std::uint64_t lag = 0;
};

std::string people(const sangam::engine::replica_status& status) {
    std::map<sangam::causality::replica_id, person> connected;
    for (const auto& peer : status.peers) {
        if (!is_connected(peer)) continue;
        const auto [entry, fresh] = connected.try_emplace(peer.replica, person{peer.name, peer.lag});
        // Of two links the one that knows more tells the truth.
        if (!fresh && peer.lag < entry->second.lag) entry->second.lag = peer.lag;
    }
    std::string text;
    std::size_t named = 0;
    for (const auto& [replica, who] : connected) {
        ++named;
        if (named > 1) text += named == connected.size() ? " and " : ", ";
        text += who.name;
        if (who.lag >= lag_shown_min) text += " (" + std::to_string(who.lag) + " behind)";
    }
    return text;
}

std::string refusals(const sangam::engine::replica_status& status) {
    std::string text;
    for (const auto& peer : status.peers) {
        if (peer.state == sangam::delivery::peer_state::refused) {
            text += ", refused " + (peer.name.empty() ? peer.address : peer.name) + ": " + peer.refusal;
        }
    }
    return text;
}

} // namespace

std::string describe(const sangam::engine::replica_status& status) {
    std::string text = "OFFLINE";
    if (status.online) {
        const std::string with = people(status);
        text = "online " + (with.empty() ? "alone" : "with " + with);
        if (with.empty() && !status.listening.empty())
            text += ", others are welcome at " + status.listening.front();
        text += refusals(status);
    }
    if (status.buffer.held_back > 0) text += ", " + std::to_string(status.buffer.held_back) + " held back";
    return text;
}

} // namespace editor
