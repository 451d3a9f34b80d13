#pragma once

#include <sangam/delivery/answer_budget.hpp>
#include <sangam/delivery/catch_up.hpp>
#include <sangam/delivery/peer.hpp>
#include <sangam/delivery/send_window.hpp>
#include <sangam/engine/diagnosis.hpp>
#include <sangam/engine/event_log.hpp>
#include <sangam/engine/moment.hpp>
#include <sangam/engine/replica_state.hpp>
#include <sangam/engine/status.hpp>
#include <sangam/storage/operation_log.hpp>
#include <sangam/transport/frame.hpp>
#include <sangam/transport/links.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sangam::engine {

/// A replica's state and what guards it.
struct guarded_state {
    guarded_state(causality::replica_id self, const replica_options& options) : state(self, options) {}

    std::mutex mutex;
    std::condition_variable changed; ///< something was delivered, or the outbox has room again
    replica_state state;
};

/// Brings the messages of one replica to the log and to its peers, and theirs to it: greets, streams, answers
/// and asks for ranges.
///
/// Meaning: what is announced, streamed or served is in the log first (own messages are durable before they
///   are sent, others' before they are acknowledged).
/// Invariants: (Y1) every send is non-blocking, and its refusal is counted; (Y2) a frame that is rejected
///   changes nothing but counters and its own link, which is refused if its peer was greeted, and may be
///   greeted again after silence_ms_max; (Y3) own messages are streamed over one link to each replica,
///   however many there are; (Y4) an outgoing link over which nothing came for silence_ms_max, though this
///   side spoke, is connected anew, unless its peer refused; (Y5) over one link resume_bytes_max go unasked
///   to who catches up, and stream_bytes_first to stream_bytes_max, by what it has acknowledged, to who is
///   streamed to, besides one frame, until its clock says that it has them; one question is answered with
///   answer_bytes_max, besides one frame, and what is asked again and again waits for its answer_budget.
/// Cost: a frame costs its size; `step` costs O(links) besides what it sends.
/// Threads: one thread calls it (the replica's background thread, or a simulator); it locks the state for
///   short times.
class synchronizer final : public transport::frame_receiver {
public:
    struct identity {
        std::string name;
        std::string group;
        std::uint64_t session = 0; ///< drawn anew for every process
    };

    synchronizer(identity who, delivery::protocol_timing timing, guarded_state& shared,
                 storage::operation_log& log, event_log& events);

    /// The links to use from now on; nullptr cuts the network. All conversations start anew.
    void attach(transport::links* links);

    /// The time that holds for the frames that follow.
    void set_time(moment now) noexcept {
        now_ = now;
        diagnosis_.set_time(now);
    }
    void on_frame(transport::link_id link, std::string_view frame) override;
    void on_refused_connection(std::string_view why) override;
    void on_unreached(transport::link_id link, std::string_view why) override;

    /// Does what is due: moves the outbox to the log and the peers, greets, announces, asks and answers.
    void step(moment now);

    /// When `step` has something to do next, if nothing comes before.
    [[nodiscard]] std::uint64_t next_due_ms() const;

    /// True when every peer that is greeted, or may be because this replica connects to it, is known to have
    /// all own messages.
    [[nodiscard]] bool settled() const;

    [[nodiscard]] std::vector<peer_status> peers() const;
    [[nodiscard]] const network_counters& counters() const noexcept { return counters_; }
    [[nodiscard]] std::uint64_t log_bytes() const { return log_.size_bytes(); }
    /// What held-back messages wait for, at most `missing_told_max` dots.
    [[nodiscard]] std::vector<missing_status> missing() const;
    [[nodiscard]] const std::optional<id_conflict>& conflict() const noexcept {
        return diagnosis_.conflict();
    }

private:
    /// A range that a peer asked for (or that it is known to miss) and that is being sent.
    struct answer {
        struct frame_of_it {
            transport::outgoing_frame frame;
            std::uint64_t body_bytes = 0;
            std::uint64_t next = 0; ///< what `next` is when it was sent
            bool last = false;
        };

        void retry_later(std::uint64_t now_ms);

        delivery::dot_range range;
        std::uint64_t next = 0;
        bool asked = true;
        std::optional<frame_of_it> part = {}; ///< the next one, if the link did not take it yet
        std::uint64_t bytes = 0;              ///< sent
        std::uint64_t retry_ms = 0;
        std::uint64_t retry_at_ms = 0;
    };
    struct conversation {
        delivery::peer peer;
        delivery::send_window unacknowledged; ///< own messages that were sent unasked
        delivery::answer_budget answers;
        std::string address = {};
        std::optional<answer> answering = {};
        std::set<causality::replica_id> asked = {}; ///< whose messages were asked for over this link
        bool refusal_sent = false;
        bool hello_owed = false;
        std::uint64_t answer_hello_ms = 0; ///< hellos are not answered before
        std::uint64_t greet_again_ms =
            0; ///< frames of an ungreeted session are answered with a hello, not oftener than this
        std::uint64_t opened_ms = 0;  ///< when its first frame came, for an incoming link
        std::uint64_t refused_ms = 0; ///< when it was refused last, by either side
        std::optional<std::uint64_t> unheard_since_ms =
            {}; ///< when the first was sent, or tried, since a frame came
        transport::send_outcome last_send = transport::send_outcome::sent;
    };

    conversation& conversation_with(transport::link_id link);
    void drop(transport::link_id link);
    transport::send_outcome send(transport::link_id link, const transport::head& head,
                                 std::string_view body = {});
    transport::send_outcome send(transport::link_id link, const transport::outgoing_frame& frame);
    [[nodiscard]] transport::head make_head() const;
    void count_rejection(const error& reason);
    void reject(const error& reason);
    void refuse(transport::link_id link, conversation& with, const error& reason);
    void refuse_unreadable(transport::link_id link, conversation& with, error reason);
    void fall_silent(transport::link_id link, conversation& with, std::string reason);
    void forgive(conversation& with);
    void reconnect_if_silent(transport::link_id link, conversation& with);

    void on_hello(transport::link_id link, conversation& with, std::uint64_t session,
                  const transport::hello& hello);
    void on_heartbeat(transport::link_id link, conversation& with, const transport::heartbeat& heartbeat);
    void on_stream(transport::link_id link, conversation& with, std::string_view body);
    void on_range_request(conversation& with, const transport::range_request& request);
    void on_range_answer(transport::link_id link, conversation& with, const transport::range_answer& part,
                         std::string_view body);
    /// How many messages were new.
    std::uint64_t offer(transport::batch batch, const conversation& from);
    void look_for_second_session(const conversation& with, std::uint64_t session);
    void look_for_missing_dots();
    [[nodiscard]] std::vector<std::string> peers_that_have(const causality::dot& id) const;
    [[nodiscard]] static diagnosis::link_end end_of(const conversation& with) {
        return {with.peer, with.address};
    }

    [[nodiscard]] std::size_t clock_entries_max() const;
    void send_hello(transport::link_id link, conversation& with, bool answer_wanted);
    void answer_hello(transport::link_id link, conversation& with);
    void start_resume(conversation& with);
    void move_outbox();
    void stream(std::string_view batch);
    [[nodiscard]] bool refused_long_enough(const conversation& with) const;
    void greet_and_announce();
    void continue_answers();
    void continue_answer(transport::link_id link, conversation& with);
    [[nodiscard]] answer::frame_of_it next_part(const answer& current) const;
    void ask_for_ranges();

    identity who_;
    delivery::protocol_timing timing_;
    guarded_state& shared_;
    storage::operation_log& log_;
    event_log& events_;
    diagnosis diagnosis_;
    causality::replica_id self_;
    transport::links* links_ = nullptr;
    moment now_;
    std::map<transport::link_id, conversation> conversations_;
    delivery::catch_up catch_up_;
    network_counters counters_;
    std::uint64_t announcements_ = 0; ///< the greatest number of a clock announcement in this session
    bool answers_wait_ = false;
    bool outbox_waits_ = false;
};

} // namespace sangam::engine
