#pragma once

#include <sangam/causality/dot.hpp>
#include <sangam/delivery/peer.hpp>
#include <sangam/engine/event_log.hpp>
#include <sangam/engine/missing_watch.hpp>
#include <sangam/engine/moment.hpp>
#include <sangam/engine/status.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sangam::engine {

/// What a replica notices of its links: events for the log, and for `status` the trouble that lasts (dots
/// that held-back messages wait for, an own id that others write under).
///
/// Cost: what it is told costs O(log events) and the event's text; `look` O(n log n) for n missing dots.
/// Threads: none; the synchronizer's. The log callback is called inside.
class diagnosis {
public:
    /// The other end of a link, as events name it.
    struct link_end {
        const delivery::peer& peer;
        std::string_view address; ///< empty for an incoming link
    };
    /// The linked peers that say they have a dot, by name and id.
    using holders = std::function<std::vector<std::string>(const causality::dot&)>;

    explicit diagnosis(event_log& events);

    /// The time that holds for the calls that follow.
    void set_time(moment now) noexcept { now_ = now; }

    void note(log_level level, std::string text, std::vector<log_event::field> fields);
    void note(log_level level, std::string text, link_end with, std::vector<log_event::field> more = {});

    /// Says when a peer begins or ends to lag: its state was `before`.
    void on_state(link_end with, delivery::peer_state before);

    /// A peer says that `known` dots of this replica exist, which has made `made`. More can be known only
    /// when the id is in use twice, or when somebody lies.
    void on_own_dots(std::uint64_t known, std::uint64_t made, link_end said_by);
    /// Another session greets with this replica's own id.
    void on_own_id(std::uint64_t known, std::uint64_t made, const std::string& said_by);

    /// Whether it is time to `look`.
    [[nodiscard]] bool look_due() const noexcept { return now_.steady_ms >= look_due_ms_; }
    /// What held-back messages wait for now: causal_buffer::missing.
    void look(std::span<const missing_dot> missing, const std::function<bool(const causality::dot&)>& is_here,
              const holders& who_has);

    /// At most limits::missing_told_max dots.
    [[nodiscard]] std::vector<missing_status> missing(const holders& who_has) const;
    [[nodiscard]] const std::optional<id_conflict>& conflict() const noexcept { return conflict_; }

private:
    /// Status names who said it last.
    void remember_conflict(std::uint64_t known, std::uint64_t made, std::string said_by);

    event_log& events_;
    moment now_;
    missing_watch missing_;
    std::uint64_t look_due_ms_ = 0;
    std::optional<id_conflict> conflict_;
    /// How many own dots each peer said to know, when that was too many: one lie must not hide what others
    /// say.
    std::map<causality::replica_id, std::uint64_t> own_dots_told_;
};

/// `"name" (id)`.
[[nodiscard]] std::string name_and_id(const std::string& name, causality::replica_id id);

} // namespace sangam::engine
