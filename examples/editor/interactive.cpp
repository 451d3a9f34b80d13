#include <editor/interactive.hpp>

#include <editor/errc.hpp>
#include <editor/files.hpp>
#include <editor/quiet.hpp>
#include <editor/recorder.hpp>
#include <editor/screen.hpp>
#include <editor/session.hpp>
#include <editor/status_text.hpp>
#include <editor/wakeup.hpp>

#include <sangam/crdt/utf8.hpp>
#include <sangam/replica.hpp>

#include <array>
#include <chrono>
#include <csignal>
#include <utility>

#include <poll.h>

namespace editor {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds tick{100}; // how often the cursor is shared, and time-outs are looked at
constexpr std::chrono::milliseconds status_age_max{250};
constexpr std::chrono::seconds message_time{4};
constexpr std::chrono::seconds record_patience{5};
constexpr const char* key_help = " ^S save   ^Z undo   ^Y redo   ^N cut or restore the network   ^Q quit";

class interactive_editor {
public:
    interactive_editor(const options& chosen, signals& signals, const sangam::replica& replica,
                       screen& terminal, const wakeup& changed)
        : chosen_(chosen), signals_(signals), replica_(replica), screen_(terminal), changed_(changed),
          session_(replica) {}

    /// What was loaded is in a file already, if not in the one to save to: to leave it as it is loses
    /// nothing.
    void start_with(const std::string& text) {
        session_.start_with(text);
        saved_text_ = text;
    }

    /// Until the person quits. Whoever is stopped cannot be asked: what is unsaved is saved then.
    sangam::result<void> run() {
        refresh_status();
        draw(true);
        while (!finished_) {
            wait();
            handle_signals();
            const bool remote = changed_.take();
            const bool acted = handle_keys();
            const bool aged = clock::now() - status_time_ >= status_age_max;
            if (aged) refresh_status();
            share_cursor();
            if (remote || acted || aged || resized_) draw(acted || resized_);
            resized_ = false;
        }
        session_.leave();
        if (stopped_ && is_unsaved()) return store();
        return {};
    }

    [[nodiscard]] std::size_t edits() const noexcept { return session_.edits(); }

private:
    void wait() {
        std::array<pollfd, 3> sources{
            {{0, POLLIN, 0}, {changed_.descriptor(), POLLIN, 0}, {signals_.descriptor(), POLLIN, 0}}};
        ::poll(sources.data(), sources.size(), static_cast<int>(tick.count()));
        if ((sources[0].revents & (POLLHUP | POLLERR)) != 0) stopped_ = true;
    }

    void handle_signals() {
        while (const auto number = signals_.take()) {
            if (*number == SIGWINCH) {
                screen_.resize();
                resized_ = true;
            } else {
                stopped_ = true;
            }
        }
        if (stopped_) finished_ = true;
    }

    bool handle_keys() {
        const std::vector<key> keys = screen_.read_keys();
        std::string typed;
        for (const key& pressed : keys) {
            if (pressed.what == key::kind::character) {
                sangam::crdt::utf8::append(typed, pressed.character);
                continue;
            }
            insert(std::exchange(typed, {}));
            handle(pressed);
        }
        insert(typed);
        return !keys.empty();
    }

    void insert(const std::string& typed) {
        if (typed.empty()) return;
        session_.insert(typed, clock::now());
        mover_.forget_column();
    }

    void handle(const key& pressed) {
        if (pressed.what != key::kind::quit) quit_asked_ = false;
        switch (pressed.what) {
        case key::kind::character:
            break;
        case key::kind::move:
            move(pressed.how);
            break;
        case key::kind::erase_before:
            session_.erase_before(clock::now());
            mover_.forget_column();
            break;
        case key::kind::erase_after:
            session_.erase_after(clock::now());
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
        const snapshot seen = session_.look({});
        const layout rows(seen.text, screen_.text_width());
        session_.place_cursor(mover_.move(rows, seen.cursor, how, screen_.text_rows(), seen.text.size()));
    }

    [[nodiscard]] std::string text() const { return replica_.text(text_key).str(); }
    [[nodiscard]] const std::string& path_to_save() const {
        return chosen_.save.empty() ? chosen_.load : chosen_.save;
    }
    [[nodiscard]] bool is_unsaved() const { return !path_to_save().empty() && text() != saved_text_; }

    sangam::result<void> store() {
        std::string now = text();
        auto written = write_file(path_to_save(), now);
        if (written) saved_text_ = std::move(now);
        return written;
    }

    void save() {
        if (path_to_save().empty()) return say("no file to save to: start with --save FILE");
        if (const auto stored = store(); !stored) return say(stored.error().message());
        say("saved " + std::to_string(sangam::crdt::utf8::count_scalars(saved_text_)) + " characters to " +
            path_to_save());
    }

    void switch_network() {
        const bool online = !status_.online;
        const auto switched = replica_.set_online(online);
        refresh_status();
        if (!switched) return say(switched.error().message());
        say(online ? "the network is back" : "the network is cut: what you write is merged when it is back");
    }

    /// With a file to save to, unsaved text is worth a second Ctrl-Q.
    void quit() {
        if (!is_unsaved() || quit_asked_) {
            finished_ = true;
            return;
        }
        quit_asked_ = true;
        say("not saved: Ctrl-S saves, Ctrl-Q again quits without");
    }

    void say(std::string message) {
        message_ = std::move(message);
        message_time_ = clock::now();
    }

    void refresh_status() {
        status_ = replica_.status();
        status_time_ = clock::now();
        connected_.clear();
        for (const sangam::peer_status& peer : status_.peers) {
            if (status_.online && is_connected(peer)) connected_.insert(peer.replica);
        }
    }

    /// Nobody sees the cursor of somebody who is alone; writing it down would only make work for later.
    void share_cursor() {
        if (!connected_.empty()) session_.share_cursor(clock::now());
    }

    void draw(bool follow) {
        const snapshot seen = session_.look(connected_);
        const layout rows(seen.text, screen_.text_width());
        const bool fresh = !message_.empty() && clock::now() - message_time_ < message_time;
        screen_.draw(seen, rows, " " + replica_.name() + " | " + describe(status_),
                     fresh ? " " + message_ : key_help, follow);
    }

    const options& chosen_;
    signals& signals_;
    const sangam::replica& replica_;
    screen& screen_;
    const wakeup& changed_;
    session session_;
    mover mover_;

    sangam::replica_status status_;
    clock::time_point status_time_{};
    std::set<sangam::replica_id> connected_;
    std::string message_;
    clock::time_point message_time_{};
    std::string saved_text_;
    bool quit_asked_ = false;
    bool resized_ = false;
    bool finished_ = false;
    bool stopped_ = false; ///< by a signal, or the terminal is gone
};

sangam::result<void> write_record(const options& chosen, const sangam::replica& replica, recorder& recording,
                                  std::size_t edits) {
    if (!recording.wait_for(edits, record_patience)) {
        return sangam::error{errc::cannot_write, chosen.record + ": not all edits were told in time"};
    }
    return save_record(chosen.record, recording.finish(replica.name()));
}

} // namespace

sangam::result<void> edit_interactively(const options& chosen, signals& signals) {
    std::string text;
    if (!chosen.load.empty()) {
        auto loaded = read_text(chosen.load);
        if (!loaded) return loaded.error();
        text = std::move(*loaded);
    }
    sangam::replica_options opening;
    opening.name = chosen.name;
    opening.group = chosen.group;
    opening.listen = chosen.listen;
    opening.peers = chosen.connect;
    opening.deliver_up_to = sangam::vector_clock(); // nothing may be delivered before the recorder listens
    const auto replica = sangam::replica::open(std::move(opening));
    if (!replica) return replica.error();

    const wakeup changed;
    recorder recording(replica->id());
    const auto text_changes = replica->on_change(text_key, [&](const sangam::change& change) {
        recording.hear(change);
        changed.ring();
    });
    const auto presence_changes =
        replica->on_change(presence_key, [&](const sangam::change&) { changed.ring(); });

    std::size_t edits = 0;
    sangam::result<void> left;
    {
        auto terminal = screen::open();
        if (!terminal) return terminal.error();
        interactive_editor editing(chosen, signals, *replica, **terminal, changed);
        editing.start_with(text);
        replica->deliver_all();
        left = editing.run();
        edits = editing.edits();
    }
    if (chosen.record.empty()) return left;
    const auto recorded = write_record(chosen, *replica, recording, edits);
    return left ? recorded : left;
}

} // namespace editor
