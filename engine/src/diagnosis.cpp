#include <sangam/engine/diagnosis.hpp>

#include <sangam/engine/limits.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace sangam::engine {

std::string name_and_id(const std::string& name, causality::replica_id id) {
    return '"' + name + "\" (" + to_string(id) + ')';
}

diagnosis::diagnosis(event_log& events) : events_(events), missing_(limits::missing_patience_ms) {}

void diagnosis::note(log_level level, std::string text, std::vector<log_event::field> fields) {
    events_.report({level, std::move(text), std::move(fields)}, now_.steady_ms);
}

void diagnosis::note(log_level level, std::string text, link_end with, std::vector<log_event::field> more) {
    std::vector<log_event::field> fields{
        {"peer", with.peer.name()},
        {"replica", to_string(with.peer.replica())},
        {"address", with.address.empty() ? "incoming" : std::string(with.address)},
    };
    std::ranges::move(more, std::back_inserter(fields));
    note(level, std::move(text), std::move(fields));
}

void diagnosis::on_state(link_end with, delivery::peer_state before) {
    const delivery::peer_state state = with.peer.state();
    if (state == before) {
        return;
    }
    if (state == delivery::peer_state::lagging) {
        note(log_level::info, "a peer lags: what it was sent waits, and it will fetch what it misses", with);
    } else if (state == delivery::peer_state::streaming) {
        note(log_level::info, "a peer has all own messages and is sent new ones at once", with);
    }
}

void diagnosis::on_own_dots(std::uint64_t known, std::uint64_t made, link_end said_by) {
    if (known <= made) {
        return;
    }
    if (own_dots_told_.size() >= limits::conversations_max) {
        own_dots_told_.clear(); // so many strangers: they are told of again
    }
    std::uint64_t& told = own_dots_told_[said_by.peer.replica()];
    if (known <= told) {
        return;
    }
    told = known;
    remember_conflict(known, made, name_and_id(said_by.peer.name(), said_by.peer.replica()));
    note(log_level::error, "a peer has dots of this replica that it never made: its id is in use twice",
         said_by, {{"known there", std::to_string(known)}, {"made here", std::to_string(made)}});
}

void diagnosis::on_own_id(std::uint64_t known, std::uint64_t made, const std::string& said_by) {
    remember_conflict(known, made, said_by);
    note(log_level::error, "another session greets with this replica's id: it is in use twice",
         {{"peer", said_by}, {"known there", std::to_string(known)}, {"made here", std::to_string(made)}});
}

void diagnosis::remember_conflict(std::uint64_t known, std::uint64_t made, std::string said_by) {
    if (!conflict_) {
        conflict_ = id_conflict{known, made, {}, now_.wall_ms};
    }
    conflict_->length = std::max(conflict_->length, known);
    conflict_->said_by = std::move(said_by);
}

void diagnosis::look(std::span<const missing_dot> missing,
                     const std::function<bool(const causality::dot&)>& is_here, const holders& who_has) {
    look_due_ms_ = now_.steady_ms + limits::missing_look_ms;
    if (missing.empty() && missing_.empty()) {
        return;
    }
    const missing_watch::findings found = missing_.look(missing, is_here, now_);
    for (const missing_dot& m : found.overdue) {
        std::string known_to;
        for (const std::string& peer : who_has(m.missing)) {
            known_to += (known_to.empty() ? "" : ", ") + peer;
        }
        note(log_level::warning, "messages wait for one that does not come",
             {{"missing", to_string(m.missing)},
              {"named by", to_string(m.waiting)},
              {"since ms", std::to_string(m.since_ms)},
              {"peers that have it", known_to.empty() ? "none" : known_to}});
    }
    for (const missing_dot& m : found.arrived) {
        note(log_level::info, "a message that others waited for has come",
             {{"missing", to_string(m.missing)}});
    }
}

std::vector<missing_status> diagnosis::missing(const holders& who_has) const {
    std::vector<missing_status> told;
    for (const missing_dot& m : missing_.all()) {
        if (told.size() == limits::missing_told_max) {
            break;
        }
        told.push_back({m.missing, m.waiting, m.since_ms, who_has(m.missing)});
    }
    return told;
}

} // namespace sangam::engine
