#include <editor/interactive.hpp>

#include <editor/errc.hpp>
#include <editor/files.hpp>
#include <editor/key_parser.hpp>
#include <editor/leaving.hpp>
#include <editor/log_file.hpp>
#include <editor/page.hpp>
#include <editor/quiet.hpp>
#include <editor/recorder.hpp>
#include <editor/save_file.hpp>
#include <editor/screen.hpp>
#include <editor/session.hpp>
#include <editor/status_text.hpp>
#include <editor/wakeup.hpp>

#include <sangam/crdt/utf8.hpp>
#include <sangam/replica.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include <poll.h>

namespace editor {
namespace {

using clock = std::chrono::steady_clock;

// Lag and what is held back grow without a word; that of links, peers and refusals wakes this editor.
constexpr std::chrono::milliseconds status_age_max{250};
constexpr std::chrono::milliseconds idle_status_age_max{2000};
constexpr std::chrono::milliseconds idle_after{2000};
constexpr std::chrono::milliseconds remote_draw_gap{16}; // nobody sees more
constexpr std::chrono::milliseconds key_rest_time{50};   // for the rest of a key that has begun
constexpr std::chrono::milliseconds paste_rest_time{1000};
constexpr std::chrono::milliseconds share_gap{100};
constexpr std::chrono::seconds message_time{4};
constexpr std::chrono::seconds record_patience{5};
constexpr const char* key_help = " ^S save   ^Z undo   ^Y redo   ^N cut or restore the network   ^Q quit";

const std::string& path_to_save_of(const options& chosen) {
    return chosen.save.empty() ? chosen.load : chosen.save;
}

class interactive_editor {
public:
    interactive_editor(const options& chosen, signals& signals, const sangam::replica& replica,
                       screen& terminal, const wakeup& changed, const wakeup& noticed)
        : chosen_(chosen), signals_(signals), replica_(replica), screen_(terminal), changed_(changed),
          noticed_(noticed), session_(replica) {}

    /// What was loaded is in a file already, if not in the one to save to: to leave it as it is loses
    /// nothing. `known`: what the file to save to is, unless it has a text that was never here.
    void start_with(std::string text, const file_state& known) {
        session_.start_with(text);
        saved_ = fingerprint_of(text);
        file_ = known;
    }

    /// Until the person quits. Whoever is stopped cannot be asked: what is unsaved is saved then.
    sangam::result<void> run() {
        refresh_status();
        draw();
        while (!finished_) {
            wait();
            handle_signals();
            if (changed_.take()) {
                remote_ = true;
                active_ = now_;
            }
            const bool noticed = noticed_.take();
            if (noticed) active_ = now_;
            handle_keys();
            if (noticed || now_ - status_time_ >= status_age()) refresh_status();
            share_cursor();
            if (remote_ && now_ - drawn_ >= remote_draw_gap) dirty_ = true;
            if (dirty_) draw();
        }
        if (!connected_.empty()) session_.leave();
        if (stopped_ && is_unsaved()) return store_unasked();
        return {};
    }

    [[nodiscard]] std::size_t edits() const noexcept { return session_.edits(); }

private:
    /// Whoever is alone with a text is not woken often for nothing.
    [[nodiscard]] std::chrono::milliseconds status_age() const {
        const bool idle = now_ - active_ >= idle_after && message_.empty();
        return idle ? idle_status_age_max : status_age_max;
    }

    /// How long nothing has to be done if nothing comes.
    [[nodiscard]] std::chrono::milliseconds patience() const {
        auto least =
            std::chrono::duration_cast<std::chrono::milliseconds>(status_time_ + status_age() - now_);
        if (parser_.waits() == key_parser::waiting::for_rest) least = std::min(least, key_rest_time);
        if (remote_) least = std::min(least, remote_draw_gap);
        if (share_later_) least = std::min(least, share_gap);
        return std::max(least, std::chrono::milliseconds(1));
    }

    void wait() {
        std::array<pollfd, 4> sources{{{0, POLLIN, 0},
                                       {changed_.descriptor(), POLLIN, 0},
                                       {noticed_.descriptor(), POLLIN, 0},
                                       {signals_.descriptor(), POLLIN, 0}}};
        ::poll(sources.data(), sources.size(), static_cast<int>(patience().count()));
        now_ = clock::now();
        if ((sources[0].revents & (POLLHUP | POLLERR)) != 0) stopped_ = true;
    }

    void handle_signals() {
        while (const auto number = signals_.take()) {
            if (*number == SIGWINCH) {
                screen_.resize();
                dirty_ = true;
            } else {
                stopped_ = true;
            }
        }
        if (stopped_) finished_ = true;
    }

    void handle_keys() {
        std::string bytes;
        if (!screen_.read(bytes)) {
            stopped_ = true;
            finished_ = true;
        }
        std::vector<key> keys;
        if (!bytes.empty()) {
            heard_ = now_;
            active_ = now_;
            keys = parser_.feed(bytes);
        } else if (is_overdue()) {
            keys = parser_.time_out();
        }
        if (keys.empty()) return;
        dirty_ = true;
        try {
            handle_all(keys);
        } catch (const sangam::exception& e) {
            say(explain(e.reason())); // nothing has changed
        }
    }

    [[nodiscard]] bool is_overdue() const {
        switch (parser_.waits()) {
        case key_parser::waiting::for_rest:
            return now_ - heard_ >= key_rest_time;
        case key_parser::waiting::for_paste:
            return now_ - heard_ >= paste_rest_time;
        case key_parser::waiting::for_nothing:
            break;
        }
        return false;
    }

    /// Characters that came together are one edit.
    void handle_all(const std::vector<key>& keys) {
        std::string typed;
        for (const key& pressed : keys) {
            if (pressed.what == key::kind::character && !asked_) {
                sangam::crdt::utf8::append(typed, pressed.character);
                continue;
            }
            insert(std::exchange(typed, {}));
            if (asked_) {
                answer(pressed);
            } else {
                handle(pressed);
            }
        }
        insert(typed);
    }

    void insert(const std::string& typed) {
        if (typed.empty()) return;
        session_.type(typed, now_);
        mover_.forget_column();
    }

    void handle(const key& pressed) {
        if (pressed.what != key::kind::quit) quit_asked_ = false;
        switch (pressed.what) {
        case key::kind::character:
        case key::kind::escape:
            break;
        case key::kind::paste:
            session_.paste(pressed.text);
            mover_.forget_column();
            break;
        case key::kind::move:
            move(pressed.how);
            break;
        case key::kind::erase_before:
            session_.erase_before(now_);
            mover_.forget_column();
            break;
        case key::kind::erase_after:
            session_.erase_after(now_);
            break;
        case key::kind::undo:
            if (!session_.undo()) say("nothing to undo");
            mover_.forget_column();
            break;
        case key::kind::redo:
            if (!session_.redo()) say("nothing to redo");
            mover_.forget_column();
            break;
        case key::kind::save:
            save();
            break;
        case key::kind::network:
            switch_network();
            break;
        case key::kind::quit:
            quit();
            break;
        case key::kind::help:
            say("Ctrl-Q quits");
            break;
        }
    }

    void move(motion how) {
        std::size_t target = 0;
        session_.look({}, [&](const snapshot& seen, const sangam::text_handle& text) {
            layout rows(source_of(text), screen_.text_width());
            target = mover_.move(rows, seen.cursor, how, screen_.text_rows());
        });
        session_.place_cursor(target);
    }

    [[nodiscard]] std::string text() const { return replica_.text(text_key).str(); }
    [[nodiscard]] const std::string& path_to_save() const { return path_to_save_of(chosen_); }
    [[nodiscard]] bool is_unsaved() const {
        return !path_to_save().empty() && fingerprint_of(text()) != saved_;
    }

    /// Returns how many characters there are.
    sangam::result<std::size_t> store(const file_state* expected) {
        const std::string now = text();
        std::optional<file_state> replaced;
        auto written = write_file(path_to_save(), now, expected, &replaced);
        if (written) replaced = std::move(*written);
        if (replaced) { // also if it may not outlast a loss of power: it is no other program's
            file_ = std::move(*replaced);
            saved_ = fingerprint_of(now);
        }
        if (!written) return written.error();
        return sangam::crdt::utf8::count_scalars(now);
    }

    /// Never over what somebody else wrote.
    sangam::result<void> store_unasked() {
        const auto stored = store(&file_);
        if (stored) return {};
        if (!is_unsaved()) return stored.error();
        const auto beside = save_beside(path_to_save(), text());
        if (!beside) {
            return sangam::error{stored.error().code, stored.error().where + "; " + explain(beside.error())};
        }
        return sangam::error{stored.error().code, stored.error().where + "; the text is in " + *beside};
    }

    void save() {
        if (path_to_save().empty()) return say("no file to save to: start with --save FILE");
        save(&file_);
    }

    void save(const file_state* expected) {
        const auto stored = store(expected);
        if (stored) {
            return say("saved " + std::to_string(*stored) + " characters to " + path_to_save());
        }
        if (stored.error().code == errc::file_changed) {
            asked_ = true;
        } else {
            say(explain(stored.error()));
        }
    }

    [[nodiscard]] std::string question() const {
        return std::string("The file ") +
               (file_.exists() ? "was changed by another program" : "exists, and was not read here") +
               ": o overwrites it, k takes its text, else back";
    }

    void answer(const key& pressed) {
        asked_ = false;
        if (pressed.what != key::kind::character) return say("not saved");
        if (pressed.character == U'o') return save(nullptr);
        if (pressed.character == U'k') return keep_theirs();
        say("not saved");
    }

    void keep_theirs() {
        auto theirs = read_text(path_to_save());
        if (!theirs) return say(explain(theirs.error()));
        session_.replace_with(theirs->bytes);
        mover_.forget_column();
        saved_ = theirs->state.content();
        file_ = std::move(theirs->state);
        say("took the text of " + path_to_save() + ": Ctrl-Z brings back what was here");
    }

    void switch_network() {
        if (chosen_.listen.empty() && chosen_.connect.empty()) {
            return say("there is no network: start with --listen or --connect");
        }
        const bool online = !status_.online;
        refresh_status(); // what others have is not known any more when the network is cut
        const auto acknowledged = acknowledged_by_all(status_);
        const auto switched = replica_.set_online(online);
        refresh_status();
        if (!switched) return say(explain(switched.error()));
        cut_at_ = online ? std::nullopt : acknowledged;
        say(online ? "the network is back" : "the network is cut: what you write is merged when it is back");
    }

    /// With a file to save to, unsaved text is worth a second Ctrl-Q, and so is what reaches nobody.
    void quit() {
        refresh_status();
        const bool unsaved = is_unsaved();
        const bool unsent = cut_at_ && status_.own_messages > *cut_at_;
        if ((!unsaved && !unsent) || quit_asked_) {
            finished_ = true;
            return;
        }
        quit_asked_ = true;
        say(unsaved ? "not saved: Ctrl-S saves, Ctrl-Q again quits without"
                    : "the network is cut, and others lack what you wrote: Ctrl-N restores it, Ctrl-Q again "
                      "quits");
    }

    void say(std::string message) {
        message_ = std::move(message);
        message_time_ = now_;
    }

    void refresh_status() {
        status_ = replica_.status();
        status_time_ = now_;
        std::set<sangam::replica_id> connected;
        for (const sangam::peer_status& peer : status_.peers) {
            if (status_.online && is_connected(peer)) connected.insert(peer.replica);
        }
        std::string described = " " + replica_.name() + " | " + describe(status_);
        if (described != described_ || connected != connected_) dirty_ = true;
        described_ = std::move(described);
        connected_ = std::move(connected);
        if (!message_.empty() && now_ - message_time_ >= message_time) {
            message_.clear();
            dirty_ = true;
        }
    }

    /// Nobody sees the cursor of somebody who is alone; writing it down would only make work for later.
    void share_cursor() { share_later_ = !connected_.empty() && !session_.share_cursor(now_); }

    void draw() {
        page shown;
        const snapshot seen =
            session_.look(connected_, [&](const snapshot& here, const sangam::text_handle& text) {
                layout rows(source_of(text), screen_.text_width());
                shown = make_page(rows, text.position_of(top_).value_or(0), here.cursor, screen_.text_rows());
                // A text that is shown from its start still is when something is put in front of it.
                top_ = shown.top() == 0 ? sangam::text_cursor()
                                        : text.cursor_at(shown.top(), sangam::text_bias::right);
            });
        screen_.draw(shown, seen.people, described_,
                     asked_             ? " " + question()
                     : message_.empty() ? key_help
                                        : " " + message_);
        drawn_ = now_;
        dirty_ = false;
        remote_ = false;
    }

    const options& chosen_;
    signals& signals_;
    const sangam::replica& replica_;
    screen& screen_;
    const wakeup& changed_;
    const wakeup& noticed_; ///< something about links or peers, which the log tells
    session session_;
    mover mover_;

    key_parser parser_;
    clock::time_point now_ = clock::now();
    clock::time_point heard_{}; ///< when the last bytes came
    clock::time_point drawn_{};
    clock::time_point active_ = clock::now(); ///< when anything happened last
    bool dirty_ = false;                      ///< the screen shows something that is not so any more
    bool remote_ = false;                     ///< others have done something that is not drawn yet
    sangam::text_cursor top_;

    sangam::replica_status status_;
    /// Own messages that all others had when the network was cut, as long as it is; none: there was nobody.
    std::optional<std::uint64_t> cut_at_;
    std::string described_;
    clock::time_point status_time_{};
    std::set<sangam::replica_id> connected_;
    bool share_later_ = false;
    std::string message_;
    clock::time_point message_time_{};
    file_state file_; ///< what the file to save to is, as far as is known here
    fingerprint saved_{};
    bool asked_ = false; ///< what to do with a file that somebody else wrote
    bool quit_asked_ = false;
    bool finished_ = false;
    bool stopped_ = false; ///< by a signal, or the terminal is gone
};

sangam::result<void> write_record(const options& chosen, const sangam::replica& replica, recorder& recording,
                                  std::size_t edits) {
    const bool told = recording.wait_for(edits, record_patience);
    const record made = recording.finish(replica.name());
    if (auto saved = save_record(chosen.record, made); !saved) return saved;
    if (told) return {};
    return sangam::error{errc::bad_record,
                         chosen.record + (made.complete ? ": not all edits were told in time"
                                                        : ": more was edited than could be written "
                                                          "down, so it has gaps")};
}

struct start_of_editing {
    std::string text;
    file_state file; ///< to save to, if its text is this one; else none
};

/// Whoever may not be written over is found before anything is typed.
sangam::result<start_of_editing> read_start(const options& chosen) {
    start_of_editing start;
    if (!chosen.load.empty()) {
        auto loaded = read_text(chosen.load);
        if (!loaded) return loaded.error();
        start.text = std::move(loaded->bytes);
        start.file = loaded->state;
    }
    if (chosen.save.empty() || chosen.save == chosen.load) return start;
    const auto found = look_at_file(chosen.save);
    if (!found) return found.error();
    const bool same = found->content() == fingerprint_of(start.text);
    start.file = same ? *found : file_state();
    return start;
}

} // namespace

sangam::result<void> edit_interactively(const options& chosen, signals& signals) {
    auto start = read_start(chosen);
    if (!start) return start.error();
    sangam::replica_options opening;
    opening.name = chosen.name;
    opening.group = chosen.group;
    opening.listen = chosen.listen;
    opening.peers = chosen.connect;
    const auto noticed =
        std::make_shared<const wakeup>(); // shared with callbacks, which may outlive the replica
    opening.log = [noticed](const sangam::engine::log_event&) { noticed->ring(); };
    if (!chosen.log.empty()) {
        const auto log = log_file::open(chosen.log, chosen.name);
        if (!log) return log.error();
        opening.log = [noticed, write = log->callback()](const sangam::engine::log_event& event) {
            write(event);
            noticed->ring();
        };
    }
    opening.deliver_up_to = sangam::vector_clock(); // nothing may be delivered before the recorder listens
    const auto replica = sangam::replica::open(std::move(opening));
    if (!replica) return replica.error();

    const wakeup changed;
    const auto ring = [&](const sangam::change& change) {
        if (!change.local) changed.ring();
    };
    // It holds the whole text, so only who wants a record has one.
    std::optional<recorder> recording;
    if (!chosen.record.empty()) recording.emplace(replica->id());
    const auto text_changes = replica->on_change(text_key, [&](const sangam::change& change) {
        if (recording) recording->hear(change);
        ring(change);
    });
    const auto presence_changes = replica->on_change(presence_key, ring);

    std::size_t edits = 0;
    sangam::result<void> left;
    {
        auto terminal = screen::open();
        if (!terminal) return terminal.error();
        interactive_editor editing(chosen, signals, *replica, **terminal, changed, *noticed);
        editing.start_with(std::exchange(start->text, {}), start->file);
        replica->deliver_all();
        left = editing.run();
        edits = editing.edits();
    }
    if (recording) {
        const auto recorded = write_record(chosen, *replica, *recording, edits);
        if (left) left = recorded;
    }
    return leave(*replica, signals, std::move(left));
}

} // namespace editor
