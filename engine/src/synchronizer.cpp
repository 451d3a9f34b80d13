#include <sangam/causality/assert.hpp>
#include <sangam/engine/errc.hpp>
#include <sangam/engine/limits.hpp>
#include <sangam/engine/synchronizer.hpp>
#include <sangam/transport/codec.hpp>
#include <sangam/transport/errc.hpp>
#include <sangam/transport/limits.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace sangam::engine {

namespace {

constexpr std::size_t batches_per_step = 64;
constexpr std::size_t answer_frames_per_step = 256;
constexpr std::size_t messages_per_lock = 256;
constexpr std::uint64_t idle_step_ms = 100;
constexpr std::uint64_t retry_answer_ms_first = 2;
constexpr std::uint64_t retry_answer_ms_max = 32;

std::uint64_t saturating_minus(std::uint64_t a, std::uint64_t b) {
    return a > b ? a - b : 0;
}

static_assert(delivery::protocol_timing{}.announced_entries_max <= transport::limits::clock_entries_max);

/// As much of a clock as fits a hello, with the entries of both sides: the rest follows in heartbeats.
causality::vector_clock told_first(const causality::vector_clock& clock, std::size_t entries_max,
                                   causality::replica_id self, causality::replica_id other) {
    if (clock.entries().size() <= entries_max) {
        return clock;
    }
    causality::vector_clock part;
    for (const causality::clock_entry& entry : clock.entries().first(entries_max - 2)) {
        part.advance_to(entry.replica, entry.length);
    }
    part.advance_to(self, clock[self]);
    part.advance_to(other, clock[other]);
    return part;
}

} // namespace

synchronizer::synchronizer(identity who, delivery::protocol_timing timing, guarded_state& shared,
                           storage::operation_log& log, event_log& events)
    : who_(std::move(who)), timing_(timing), shared_(shared), log_(log), events_(events), diagnosis_(events),
      self_(shared.state.self()), catch_up_(timing) {}

void synchronizer::attach(transport::links* links) {
    conversations_.clear();
    catch_up_ = delivery::catch_up(timing_);
    answers_wait_ = false;
    links_ = links;
    if (!links_) {
        return;
    }
    for (const transport::link_id link : links_->outgoing()) {
        conversations_.emplace(link, conversation{.peer = delivery::peer(true, timing_, announcements_),
                                                  .unacknowledged = delivery::send_window(
                                                      timing_.stream_bytes_first, timing_.stream_bytes_max),
                                                  .answers = delivery::answer_budget(timing_),
                                                  .address = links_->address_of(link)});
    }
}

synchronizer::conversation& synchronizer::conversation_with(transport::link_id link) {
    const auto found = conversations_.find(link);
    if (found != conversations_.end()) {
        return found->second;
    }
    return conversations_
        .emplace(link, conversation{.peer = delivery::peer(false, timing_, announcements_),
                                    .unacknowledged = delivery::send_window(timing_.stream_bytes_first,
                                                                            timing_.stream_bytes_max),
                                    .answers = delivery::answer_budget(timing_),
                                    .opened_ms = now_.steady_ms})
        .first->second;
}

void synchronizer::drop(transport::link_id link) {
    catch_up_.forget(link);
    conversations_.erase(link);
    links_->forget(link);
}

transport::head synchronizer::make_head() const {
    transport::head head;
    head.group = who_.group;
    head.session = who_.session;
    return head;
}

transport::send_outcome synchronizer::send(transport::link_id link, const transport::head& head,
                                           std::string_view body) {
    return send(link, transport::outgoing_frame(transport::join_frame(encode_head(head), body)));
}

transport::send_outcome synchronizer::send(transport::link_id link, const transport::outgoing_frame& frame) {
    const transport::send_outcome outcome = links_->send(link, frame);
    if (outcome == transport::send_outcome::sent) {
        ++counters_.frames_sent;
        counters_.bytes_sent += frame.size();
    } else {
        ++counters_.sends_refused;
    }
    if (const auto with = conversations_.find(link); with != conversations_.end()) {
        with->second.last_send = outcome;
        with->second.unheard_since_ms = with->second.unheard_since_ms.value_or(now_.steady_ms);
    }
    return outcome;
}

void synchronizer::count_rejection(const error& reason) {
    ++counters_.frames_rejected;
    counters_.last_rejection = reason.message();
}

void synchronizer::reject(const error& reason) {
    count_rejection(reason);
    diagnosis_.note(log_level::warning, "a frame was rejected", {{"reason", reason.message()}});
}

void synchronizer::refuse(transport::link_id link, conversation& with, const error& reason) {
    count_rejection(reason);
    diagnosis_.note(log_level::warning, "a link was refused", end_of(with), {{"reason", reason.message()}});
    fall_silent(link, with, reason.message());
    if (!with.refusal_sent) {
        transport::head head = make_head();
        head.content = transport::refusal{reason.message()};
        with.refusal_sent = send(link, head) == transport::send_outcome::sent;
    }
}

/// A greeted peer that sends what cannot be read is told so, and who it was is a part of the reason.
void synchronizer::refuse_unreadable(transport::link_id link, conversation& with, error reason) {
    const std::string at = with.address.empty() ? std::string() : " at " + with.address;
    reason.where = "from \"" + with.peer.name() + "\"" + at + ": " + reason.where;
    refuse(link, with, reason);
}

void synchronizer::fall_silent(transport::link_id link, conversation& with, std::string reason) {
    with.peer.on_refused(std::move(reason));
    with.refused_ms = now_.steady_ms;
    with.greet_again_ms = now_.steady_ms + timing_.silence_ms_max;
    with.answering.reset();
    catch_up_.forget(link);
}

/// What was wrong may have passed: a hello some time after the refusal begins anew, even in the same session.
void synchronizer::forgive(conversation& with) {
    if (with.peer.state() == delivery::peer_state::refused &&
        now_.steady_ms >= with.refused_ms + timing_.silence_ms_max) {
        with.peer = delivery::peer(with.peer.outgoing(), timing_, announcements_);
    }
}

void synchronizer::on_refused_connection(std::string_view why) {
    reject({transport::errc::malformed, "connection ended: " + std::string(why)});
}

void synchronizer::on_unreached(transport::link_id link, std::string_view why) {
    diagnosis_.note(log_level::info, "a link found nobody", end_of(conversation_with(link)),
                    {{"reason", std::string(why)}});
}

void synchronizer::on_frame(transport::link_id link, std::string_view frame) {
    ++counters_.frames_received;
    counters_.bytes_received += frame.size();
    if (!conversations_.contains(link) && conversations_.size() >= limits::conversations_max) {
        reject({transport::errc::too_large,
                "more than " + std::to_string(limits::conversations_max) + " links"});
        links_->forget(link);
        return;
    }
    conversation& with = conversation_with(link);
    with.unheard_since_ms.reset();
    const result<transport::frame_parts> parts = transport::split_frame(frame);
    const result<transport::head> decoded =
        parts ? transport::decode_head(parts->head, who_.group) : result<transport::head>(parts.error());
    if (!decoded) {
        const auto& code = decoded.error().code;
        const bool not_for_us =
            code == transport::errc::unknown_version || code == transport::errc::wrong_group;
        if (with.peer.greeted()) {
            refuse_unreadable(link, with, decoded.error());
        } else if (not_for_us) {
            refuse(link, with, decoded.error());
        } else {
            reject(decoded.error());
        }
        return;
    }
    const transport::head& head = *decoded;
    const std::string_view body = parts->body;
    const bool of_greeted_session = with.peer.on_frame(head.session, now_.steady_ms);
    if (const auto* hello = std::get_if<transport::hello>(&head.content)) {
        on_hello(link, with, head.session, *hello);
        return;
    }
    if (const auto* refusal = std::get_if<transport::refusal>(&head.content)) {
        diagnosis_.note(log_level::warning, "the other side refused a link", end_of(with),
                        {{"reason", refusal->reason}});
        fall_silent(link, with, "refused by the other side: " + refusal->reason);
        return;
    }
    if (with.peer.state() == delivery::peer_state::refused) {
        return;
    }
    if (!of_greeted_session) {
        if (now_.steady_ms >= with.greet_again_ms) {
            with.greet_again_ms = now_.steady_ms + timing_.hello_interval_ms;
            send_hello(link, with, true);
        }
        return;
    }
    if (const auto* heartbeat = std::get_if<transport::heartbeat>(&head.content)) {
        on_heartbeat(link, with, *heartbeat);
    } else if (std::holds_alternative<transport::stream>(head.content)) {
        on_stream(link, with, body);
    } else if (const auto* request = std::get_if<transport::range_request>(&head.content)) {
        on_range_request(with, *request);
    } else if (const auto* part = std::get_if<transport::range_answer>(&head.content)) {
        on_range_answer(link, with, *part, body);
    }
}

void synchronizer::on_hello(transport::link_id link, conversation& with, std::uint64_t session,
                            const transport::hello& hello) {
    if (hello.replica == self_) {
        if (session != who_.session) {
            diagnosis_.on_own_id(hello.clock[self_], log_.clock()[self_], name_and_id(hello.name, self_));
        }
        refuse(link, with,
               {transport::errc::foreign_dot,
                session == who_.session ? std::string("this replica is connected to itself")
                                        : "replica id " + to_string(self_) + " is in use twice: here by \"" +
                                              who_.name + "\" and there by \"" + hello.name + "\""});
        return;
    }
    forgive(with);
    const delivery::peer_state before = with.peer.state();
    with.peer.on_hello(hello.replica, hello.name, session, hello.clock, self_, log_.clock()[self_],
                       now_.steady_ms, clock_entries_max());
    if (!with.peer.greeted()) {
        return;
    }
    if (before == delivery::peer_state::hello || before == delivery::peer_state::refused) {
        diagnosis_.note(log_level::info, "a peer was greeted", end_of(with));
    }
    diagnosis_.on_state(end_of(with), before);
    diagnosis_.on_own_dots(hello.clock[self_], log_.clock()[self_], end_of(with));
    look_for_second_session(with, session);
    with.answering.reset();
    with.unacknowledged.greeted();
    with.unacknowledged.acknowledged(with.peer.clock()[self_]);
    with.refusal_sent = false;
    catch_up_.learn(link, hello.clock, true, now_.steady_ms);
    with.hello_owed = with.hello_owed || hello.answer_wanted;
    answer_hello(link, with);
    start_resume(with);
}

/// An answer tells the whole clock: who asks for it in a loop is given one for each hello_interval_ms.
void synchronizer::answer_hello(transport::link_id link, conversation& with) {
    if (with.hello_owed && now_.steady_ms >= with.answer_hello_ms) {
        with.hello_owed = false;
        with.answer_hello_ms = now_.steady_ms + timing_.hello_interval_ms;
        send_hello(link, with, false);
    }
}

/// Two links to one replica are of one session. Two sessions that speak at the same time are two writers.
void synchronizer::look_for_second_session(const conversation& with, std::uint64_t session) {
    const bool twice = std::ranges::any_of(conversations_, [&](const auto& entry) {
        const delivery::peer& other = entry.second.peer;
        return other.greeted() && other.replica() == with.peer.replica() && other.session() != session;
    });
    if (twice) {
        diagnosis_.note(log_level::error,
                        "two sessions say that they are the same replica: its messages may contradict",
                        end_of(with));
    }
}

void synchronizer::look_for_missing_dots() {
    if (!diagnosis_.look_due()) {
        return;
    }
    std::vector<missing_dot> missing;
    {
        const std::lock_guard lock(shared_.mutex);
        for (const auto& o : shared_.state.buffer().missing(limits::missing_watched_max)) {
            missing.push_back({o.missing, o.waiting, 0});
        }
    }
    const auto is_here = [this](const causality::dot& id) {
        const std::lock_guard lock(shared_.mutex);
        return shared_.state.delivered().contains(id);
    };
    diagnosis_.look(missing, is_here, [this](const causality::dot& id) { return peers_that_have(id); });
}

std::vector<std::string> synchronizer::peers_that_have(const causality::dot& id) const {
    std::vector<std::string> names;
    for (const auto& [link, with] : conversations_) {
        if (with.peer.greeted() && with.peer.clock().contains(id)) {
            names.push_back(name_and_id(with.peer.name(), with.peer.replica()));
        }
    }
    return names;
}

std::vector<missing_status> synchronizer::missing() const {
    return diagnosis_.missing([this](const causality::dot& id) { return peers_that_have(id); });
}

void synchronizer::send_hello(transport::link_id link, conversation& with, bool answer_wanted) {
    transport::head head = make_head();
    head.content = transport::hello{
        self_, who_.name, told_first(log_.clock(), timing_.announced_entries_max, self_, with.peer.replica()),
        answer_wanted};
    send(link, head);
    with.peer.hello_sent(now_.steady_ms);
}

/// What peers name besides is not remembered: who invents origins costs no more, and who names true ones is
/// believed as they come in.
std::size_t synchronizer::clock_entries_max() const {
    return log_.clock().entries().size() + timing_.unknown_origins_max;
}

void synchronizer::on_heartbeat(transport::link_id link, conversation& with,
                                const transport::heartbeat& heartbeat) {
    const delivery::peer_state before = with.peer.state();
    if (!with.peer.on_heartbeat(heartbeat.announcement, self_, log_.clock()[self_], now_.steady_ms,
                                clock_entries_max())) {
        if (!with.peer.greeted()) {
            diagnosis_.note(log_level::info,
                            "a peer's clock refers to one that is not known here: it is greeted anew",
                            end_of(with));
            send_hello(link, with, true);
        }
        return;
    }
    diagnosis_.on_state(end_of(with), before);
    diagnosis_.on_own_dots(with.peer.clock()[self_], log_.clock()[self_], end_of(with));
    with.unacknowledged.acknowledged(with.peer.clock()[self_]);
    catch_up_.learn(link, with.peer.clock(), false, now_.steady_ms);
    start_resume(with);
}

/// A peer that misses little is sent the rest unasked, so that it can be streamed to again; not what it was
/// sent already: what got lost of that, it asks for.
void synchronizer::start_resume(conversation& with) {
    if (with.peer.resume_due() && !with.answering &&
        with.unacknowledged.in_flight() < timing_.resume_bytes_max) {
        const std::uint64_t has = std::max(with.peer.clock()[self_], with.unacknowledged.sent_to());
        with.answering = answer{{self_, has + 1, log_.clock()[self_]}, has + 1, false, {}};
        answers_wait_ = true;
    }
}

void synchronizer::on_stream(transport::link_id link, conversation& with, std::string_view body) {
    result<transport::batch> batch = transport::decode_batch(body);
    if (!batch) {
        refuse_unreadable(link, with, batch.error());
        return;
    }
    if (batch->origin != with.peer.replica()) {
        refuse(link, with,
               {transport::errc::foreign_dot, "\"" + with.peer.name() + "\" (" +
                                                  to_string(with.peer.replica()) + ") streams messages of " +
                                                  to_string(batch->origin)});
        return;
    }
    offer(std::move(*batch), with);
}

void synchronizer::on_range_request(conversation& with, const transport::range_request& request) {
    with.answering = answer{request.range, request.range.first, true, {}};
    answers_wait_ = true;
    ++counters_.range_requests_served;
}

void synchronizer::on_range_answer(transport::link_id link, conversation& with,
                                   const transport::range_answer& part, std::string_view body) {
    if (!body.empty()) {
        result<transport::batch> batch = transport::decode_batch(body);
        if (!batch) {
            refuse_unreadable(link, with, batch.error());
            return;
        }
        const std::string answerer = "\"" + with.peer.name() + "\" answers ";
        if (batch->origin != part.range.origin || batch->origin == self_) {
            refuse(link, with,
                   {transport::errc::foreign_dot, answerer + "for " + to_string(part.range.origin) +
                                                      " with messages of " + to_string(batch->origin)});
            return;
        }
        // Not a reason to refuse the link: it may answer a question that was asked before the link was
        // replaced.
        if (batch->origin != with.peer.replica() && !with.asked.contains(batch->origin)) {
            reject({transport::errc::foreign_dot,
                    answerer + "unasked with messages of " + to_string(batch->origin)});
            return;
        }
        if (const std::uint64_t taken = offer(std::move(*batch), with); taken > 0) {
            // A large message is worth many: what is slow is its link's bytes, not its count.
            const std::uint64_t worth = std::max<std::uint64_t>(taken, body.size() >> 10);
            catch_up_.brought(link, part.range.origin, worth, now_.steady_ms);
        }
    }
    if (part.last_part) {
        catch_up_.answered(link, part.range.origin, now_.steady_ms);
    }
}

std::uint64_t synchronizer::offer(transport::batch batch, const conversation& from) {
    std::uint64_t own_length = 0; // that the messages say this replica has made
    for (const transport::message& m : batch.messages) {
        const auto own = std::ranges::lower_bound(m.dependencies, causality::dot{self_, 0});
        if (own != m.dependencies.end() && own->replica == self_) {
            own_length = std::max(own_length, own->sequence);
        }
    }
    diagnosis_.on_own_dots(own_length, log_.clock()[self_], end_of(from));
    std::uint64_t taken = 0;
    std::size_t next = 0;
    std::uint64_t dropped = 0;
    while (next < batch.messages.size()) {
        bool full = false;
        {
            const std::lock_guard lock(shared_.mutex);
            const std::size_t end = std::min(batch.messages.size(), next + messages_per_lock);
            const std::uint64_t dropped_before = shared_.state.buffer().counters().refused;
            for (; next < end; ++next) {
                const auto outcome = shared_.state.offer(std::move(batch.messages[next]), now_.wall_ms);
                taken += outcome == delivery::offer_outcome::delivered ||
                                 outcome == delivery::offer_outcome::held_back
                             ? 1
                             : 0;
            }
            dropped += shared_.state.buffer().counters().refused - dropped_before;
            outbox_waits_ = outbox_waits_ || shared_.state.outbox_messages() > 0;
            full = shared_.state.outbox_full();
        }
        if (full) {
            move_outbox();
        }
    }
    shared_.changed.notify_all();
    if (dropped != 0) {
        diagnosis_.note(log_level::warning,
                        "held-back messages were dropped over a budget; they are fetched again", end_of(from),
                        {{"dropped", std::to_string(dropped)}});
    }
    return taken;
}

void synchronizer::step(moment now) {
    set_time(now);
    std::vector<log_event> notices;
    {
        const std::lock_guard lock(shared_.mutex);
        shared_.state.tick(now.wall_ms);
        notices = shared_.state.take_notices();
    }
    for (log_event& event : notices) {
        events_.report(std::move(event), now.steady_ms);
    }
    move_outbox();
    look_for_missing_dots();
    if (!links_) {
        return;
    }
    greet_and_announce();
    continue_answers();
    ask_for_ranges();
}

void synchronizer::move_outbox() {
    bool full = false;
    for (std::size_t i = 0; i < batches_per_step || full; ++i) {
        transport::batch batch;
        {
            const std::lock_guard lock(shared_.mutex);
            batch.messages = shared_.state.take_batch();
            outbox_waits_ = shared_.state.outbox_messages() > 0;
            full = shared_.state.outbox_full();
        }
        if (batch.messages.empty()) {
            return;
        }
        shared_.changed.notify_all();
        batch.origin = batch.messages.front().id.replica;
        batch.first = batch.messages.front().id.sequence;
        const std::uint64_t last = batch.last();
        std::string bytes = transport::encode_batch(batch);
        const bool own = batch.origin == self_;
        if (own && links_) {
            const result<void> logged = log_.append({batch.origin, batch.first, last, bytes});
            SANGAM_INVARIANT(logged.has_value());
            stream(bytes);
        } else {
            const result<void> logged = log_.append({batch.origin, batch.first, last, std::move(bytes)});
            SANGAM_INVARIANT(logged.has_value());
        }
    }
}

void synchronizer::stream(std::string_view batch) {
    transport::head head = make_head();
    head.content = transport::stream{};
    const transport::outgoing_frame frame(transport::join_frame(encode_head(head), batch));
    std::set<causality::replica_id> reached;
    std::vector<transport::link_id> gone;
    for (auto& [link, with] : conversations_) {
        if (with.peer.state() != delivery::peer_state::streaming || reached.contains(with.peer.replica())) {
            continue;
        }
        if (with.unacknowledged.full()) {
            with.peer.on_send_refused();
            diagnosis_.on_state(end_of(with), delivery::peer_state::streaming);
            continue;
        }
        switch (send(link, frame)) {
        case transport::send_outcome::sent:
            with.unacknowledged.sent(log_.clock()[self_], batch.size());
            reached.insert(with.peer.replica());
            break;
        case transport::send_outcome::would_block:
            with.peer.on_send_refused();
            diagnosis_.on_state(end_of(with), delivery::peer_state::streaming);
            break;
        case transport::send_outcome::gone:
            gone.push_back(link);
            break;
        }
    }
    std::ranges::for_each(gone, [this](transport::link_id link) { drop(link); });
}

/// A connection whose other end vanished without a word stays open for a quarter of an hour, and what is sent
/// over it goes nowhere; one that a listener broke by bytes that are no frames is never made again by itself.
/// Whoever refused this replica is silent rightly.
void synchronizer::reconnect_if_silent(transport::link_id link, conversation& with) {
    const bool answer_due =
        with.peer.state() != delivery::peer_state::refused || with.last_send != transport::send_outcome::sent;
    if (with.peer.outgoing() && answer_due && with.unheard_since_ms &&
        now_.steady_ms >= *with.unheard_since_ms + timing_.silence_ms_max) {
        diagnosis_.note(log_level::info, "a link is silent: its connection is made anew", end_of(with));
        with.unheard_since_ms.reset();
        links_->reconnect(link);
    }
}

/// Whoever refused may have been restarted with other options, and does not greet first on a link that it did
/// not open.
bool synchronizer::refused_long_enough(const conversation& with) const {
    return with.peer.state() == delivery::peer_state::refused && with.peer.outgoing() &&
           now_.steady_ms >= with.greet_again_ms;
}

void synchronizer::greet_and_announce() {
    std::vector<transport::link_id> gone;
    for (auto& [link, with] : conversations_) {
        const bool was_greeted = with.peer.greeted();
        with.peer.on_silence_check(now_.steady_ms);
        if (was_greeted && !with.peer.greeted()) {
            diagnosis_.note(log_level::warning, "a peer fell silent", end_of(with),
                            {{"for ms", std::to_string(timing_.silence_ms_max)}});
            catch_up_.forget(link);
            with.answering.reset();
        }
        reconnect_if_silent(link, with);
        if (!with.peer.outgoing() && !with.peer.greeted() &&
            now_.steady_ms >= std::max(with.opened_ms, with.refused_ms) + timing_.silence_ms_max) {
            gone.push_back(link); // strangers must not keep the place of those who come
            continue;
        }
        answer_hello(link, with);
        if (with.peer.hello_due(now_.steady_ms)) {
            send_hello(link, with, true);
        } else if (refused_long_enough(with)) {
            with.greet_again_ms = now_.steady_ms + timing_.silence_ms_max;
            send_hello(link, with, true);
        } else if (with.peer.heartbeat_due(log_.clock(), now_.steady_ms)) {
            transport::head head = make_head();
            const delivery::clock_announcement announcement =
                with.peer.announce(log_.clock(), now_.steady_ms);
            announcements_ = std::max(announcements_, announcement.number);
            head.content = transport::heartbeat{announcement};
            if (send(link, head) == transport::send_outcome::gone) {
                gone.push_back(link);
            }
        }
    }
    std::ranges::for_each(gone, [this](transport::link_id link) { drop(link); });
}

void synchronizer::continue_answers() {
    if (!answers_wait_) {
        return;
    }
    answers_wait_ = false;
    for (auto& [link, with] : conversations_) {
        if (with.answering) {
            if (now_.steady_ms >= with.answering->retry_at_ms) {
                continue_answer(link, with);
            }
            answers_wait_ = answers_wait_ || with.answering.has_value();
        }
    }
}

void synchronizer::continue_answer(transport::link_id link, conversation& with) {
    answer& current = *with.answering;
    for (std::size_t i = 0; i < answer_frames_per_step; ++i) {
        if (current.asked && !with.answers.allows(log_.size_bytes(), now_.steady_ms)) {
            current.retry_later(now_.steady_ms);
            return;
        }
        if (!current.part) {
            current.part = next_part(current);
        }
        if (send(link, current.part->frame) != transport::send_outcome::sent) {
            current.retry_later(now_.steady_ms);
            return;
        }
        const answer::frame_of_it sent = std::move(*current.part);
        current.part.reset();
        current.retry_ms = 0;
        if (current.asked) {
            with.answers.spend(sent.body_bytes, log_.size_bytes());
        } else if (sent.body_bytes != 0) {
            with.unacknowledged.sent(sent.next - 1, sent.body_bytes);
        }
        current.next = sent.next;
        current.bytes += sent.body_bytes;
        if (sent.last) {
            if (current.range.origin == self_) {
                const delivery::peer_state before = with.peer.state();
                with.peer.on_range_served(current.next - 1, log_.clock()[self_]);
                diagnosis_.on_state(end_of(with), before);
            }
            with.answering.reset();
            return;
        }
    }
}

synchronizer::answer::frame_of_it synchronizer::next_part(const answer& current) const {
    const delivery::dot_range& range = current.range;
    const result<const storage::log_record*> record = log_.find(range.origin, current.next);
    SANGAM_INVARIANT(record.has_value());
    const bool found = *record != nullptr && current.next <= range.last;
    const std::uint64_t next = found ? (*record)->last + 1 : current.next;
    const std::string_view body = found ? std::string_view((*record)->bytes) : std::string_view();
    const std::uint64_t bytes_max = current.asked ? timing_.answer_bytes_max : timing_.resume_bytes_max;
    const bool last = !found || next > range.last || next > log_.clock()[range.origin] ||
                      current.bytes + body.size() >= bytes_max;
    transport::head head = make_head();
    head.content = transport::range_answer{range, last};
    return {transport::outgoing_frame(transport::join_frame(encode_head(head), body)), body.size(), next,
            last};
}

/// What a link does not take now is kept as it is, and tried again less and less often.
void synchronizer::answer::retry_later(std::uint64_t now_ms) {
    retry_ms = std::clamp(2 * retry_ms, retry_answer_ms_first, retry_answer_ms_max);
    retry_at_ms = now_ms + retry_ms;
}

void synchronizer::ask_for_ranges() {
    const auto first_gap = [this](causality::replica_id origin, std::uint64_t known) {
        const std::lock_guard lock(shared_.mutex); // for one origin, so that writers come in between
        const auto gap = shared_.state.buffer().first_gap(origin, known);
        // What would be delivered next takes no room, and it is what makes room.
        const bool next = gap && gap->first == shared_.state.delivered()[origin] + 1;
        return next || shared_.state.has_room_for(origin) ? gap : std::nullopt;
    };
    const std::vector<delivery::range_question> questions =
        catch_up_.questions(self_, first_gap, now_.steady_ms);
    for (const delivery::catch_up::failure& failed : catch_up_.take_failures()) {
        diagnosis_.note(log_level::warning, "a peer did not give what it says it has: others are asked first",
                        end_of(conversations_.at(failed.link)), {{"dot", to_string(failed.first)}});
    }
    for (const delivery::range_question& question : questions) {
        transport::head head = make_head();
        head.content = transport::range_request{question.range};
        conversations_.at(question.link).asked.insert(question.range.origin);
        if (send(question.link, head) == transport::send_outcome::sent) {
            ++counters_.range_requests_sent;
        } else {
            catch_up_.not_sent(question.link);
        }
    }
}

std::uint64_t synchronizer::next_due_ms() const {
    const std::uint64_t now = now_.steady_ms;
    if (outbox_waits_) {
        return now;
    }
    std::uint64_t due = now + idle_step_ms;
    for (const auto& [link, with] : conversations_) {
        due = std::min(due, with.peer.next_due_ms(log_.clock(), now));
        if (with.hello_owed) {
            due = std::min(due, with.answer_hello_ms);
        }
        if (with.answering) {
            due = std::min(due, std::max(with.answering->retry_at_ms, now));
        }
    }
    if (const auto questions = catch_up_.next_due_ms()) {
        due = std::min(due, *questions);
    }
    return std::max(due, now + (due <= now ? 1 : 0));
}

bool synchronizer::settled() const {
    return std::ranges::all_of(conversations_, [this](const auto& entry) {
        const delivery::peer& peer = entry.second.peer;
        const bool may_be_greeted = peer.outgoing() && peer.state() != delivery::peer_state::refused;
        return peer.clock()[self_] >= log_.clock()[self_] || (!peer.greeted() && !may_be_greeted);
    });
}

std::vector<peer_status> synchronizer::peers() const {
    std::vector<peer_status> all;
    for (const auto& [link, with] : conversations_) {
        peer_status status;
        status.address = with.address;
        status.state = with.peer.state();
        status.replica = with.peer.replica();
        status.name = with.peer.name();
        status.clock = with.peer.clock();
        for (const causality::clock_entry& entry : log_.clock().entries()) {
            status.lag += saturating_minus(entry.length, with.peer.clock()[entry.replica]);
        }
        status.refusal = with.peer.refusal();
        all.push_back(std::move(status));
    }
    return all;
}

} // namespace sangam::engine
