#include <editor/headless.hpp>

#include <editor/errc.hpp>
#include <editor/files.hpp>
#include <editor/history.hpp>
#include <editor/leaving.hpp>
#include <editor/log_file.hpp>
#include <editor/player.hpp>
#include <editor/quiet.hpp>
#include <editor/session.hpp>
#include <editor/summary.hpp>
#include <editor/writer_plan.hpp>

#include <sangam/replica.hpp>

#include <chrono>
#include <iostream>
#include <optional>
#include <thread>

namespace editor {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_interval{20};
constexpr std::chrono::milliseconds progress_interval{500};

/// A history and who plays what of it.
struct script {
    history recorded;
    writer_plan plan;
};

sangam::result<std::optional<script>> load_script(const options& chosen) {
    if (chosen.history.empty()) return std::optional<script>();
    auto recorded = load_history(chosen.history);
    if (!recorded) return recorded.error();
    auto plan = plan_writers(*recorded);
    if (!plan) return plan.error();
    if (chosen.expect_exact && !recorded->end_content) {
        return sangam::error{errc::bad_usage, "--expect-exact: " + chosen.history + " has no endContent"};
    }
    return std::optional<script>({std::move(*recorded), std::move(*plan)});
}

sangam::result<std::size_t> choose_writer(const options& chosen, const script& played) {
    const std::size_t writers = played.plan.writers();
    if (!chosen.author && writers > 1) {
        return sangam::error{errc::bad_usage,
                             "the history has " + std::to_string(writers) + " writers: --author is missing"};
    }
    const std::size_t author = chosen.author.value_or(1);
    if (author > writers) {
        return sangam::error{errc::bad_usage, "--author " + std::to_string(author) + ": the history has " +
                                                  std::to_string(writers) +
                                                  (writers == 1 ? " writer" : " writers")};
    }
    return author - 1;
}

class headless {
public:
    headless(const options& chosen, signals& signals, const std::optional<script>& played,
             const sangam::replica& replica, file_state file)
        : chosen_(chosen), signals_(signals), script_(played), replica_(replica), file_(std::move(file)) {}

    void print_addresses() const {
        for (const std::string& address : replica_.status().listening) {
            std::cout << replica_.name() + ": listening at " + address + '\n' << std::flush;
        }
    }

    sangam::result<void> play(std::size_t writer) {
        player playing(script_->recorded, script_->plan, writer, replica_);
        return playing.play(chosen_.pace,
                            [this](const std::string& waiting_for) { return go_on(waiting_for); });
    }

    sangam::result<void> wait() {
        quiet_watch quiet(expectation());
        clock::time_point next_progress{};
        for (;;) {
            const sangam::replica_status status = replica_.status();
            if (chosen_.progress && clock::now() >= next_progress) {
                print_progress(status);
                next_progress = clock::now() + progress_interval;
            }
            if (chosen_.until_quiet) {
                if (quiet.look(status, clock::now())) return {};
                if (auto fine = go_on(quiet.missing()); !fine) return fine;
            } else if (signals_.stop_requested()) {
                return {};
            }
            std::this_thread::sleep_for(look_interval);
        }
    }

    sangam::result<void> finish() const {
        const std::string text = replica_.text(text_key).str();
        std::string line = summary_line(replica_.status(), text);
        const bool comparable = script_ && script_->recorded.end_content;
        const bool exact = comparable && *script_->recorded.end_content == text;
        if (comparable) line += exact ? ", exact" : ", differs from endContent";
        std::cout << line + '\n' << std::flush;
        if (!chosen_.save.empty()) {
            if (auto written = write_file(chosen_.save, text, &file_); !written) {
                return written.error();
            }
        }
        if (chosen_.expect_exact && !exact) {
            return sangam::error{errc::not_exact, "it differs from endContent of " + chosen_.history};
        }
        return {};
    }

private:
    [[nodiscard]] quiet_watch::expectation expectation() const {
        quiet_watch::expectation expected;
        if (script_) expected.messages = script_->plan.messages_total();
        expected.connect = chosen_.connect;
        expected.anybody = !script_ || !chosen_.connect.empty() || !chosen_.listen.empty();
        if (chosen_.until_quiet) expected.lasting = *chosen_.until_quiet;
        return expected;
    }

    sangam::result<void> go_on(const std::string& waiting_for) {
        if (signals_.stop_requested()) return sangam::error{errc::stopped, waiting_for};
        const clock::time_point now = clock::now();
        if (now - looked_ < look_interval) return {};
        looked_ = now;
        if (const std::uint64_t delivered = replica_.token().clock().total(); delivered != delivered_) {
            delivered_ = delivered;
            progressed_ = now;
        }
        if (now - progressed_ < chosen_.timeout) return {};
        return sangam::error{errc::timed_out, "nothing happened for " +
                                                  std::to_string(chosen_.timeout.count()) +
                                                  " ms: " + waiting_for};
    }

    void print_progress(const sangam::replica_status& status) const {
        std::string line = replica_.name() + ": " + std::to_string(replica_.text(text_key).size()) +
                           " characters, " + std::to_string(status.delivered.total());
        if (script_) line += " of " + std::to_string(script_->plan.messages_total());
        line += " messages, " + std::to_string(status.buffer.held_back) + " held back\n";
        std::cout << line << std::flush;
    }

    const options& chosen_;
    signals& signals_;
    const std::optional<script>& script_;
    const sangam::replica& replica_;
    file_state file_; ///< what the file to save to was at the start
    clock::time_point progressed_ = clock::now();
    clock::time_point looked_{};
    std::uint64_t delivered_ = 0;
};

} // namespace

sangam::result<void> run_headless(const options& chosen, signals& signals) {
    const auto played = load_script(chosen);
    if (!played) return played.error();
    const bool writes = chosen.what == options::mode::replay;
    std::size_t writer = 0;
    if (writes) {
        const auto chosen_writer = choose_writer(chosen, **played);
        if (!chosen_writer) return chosen_writer.error();
        writer = *chosen_writer;
    }
    std::string text;
    if (!chosen.load.empty()) {
        auto loaded = read_text(chosen.load);
        if (!loaded) return loaded.error();
        text = std::move(loaded->bytes);
    }
    file_state file;
    if (!chosen.save.empty()) {
        auto found = look_at_file(chosen.save);
        if (!found) return found.error();
        file = std::move(*found);
    }
    sangam::replica_options opening;
    opening.name = writes ? writer_name(writer) : chosen.name.empty() ? "watcher" : chosen.name;
    opening.group = chosen.group;
    opening.listen = chosen.listen;
    opening.peers = chosen.connect;
    if (writes) opening.deliver_up_to = sangam::vector_clock();
    if (!chosen.log.empty()) {
        const auto log = log_file::open(chosen.log, opening.name);
        if (!log) return log.error();
        opening.log = log->callback();
    }
    const auto replica = sangam::replica::open(std::move(opening));
    if (!replica) return replica.error();
    session(*replica).insert(text);

    headless run(chosen, signals, *played, *replica, std::move(file));
    run.print_addresses();
    sangam::result<void> done;
    if (writes) done = run.play(writer);
    if (done) done = run.wait();
    if (done) done = run.finish();
    return leave(*replica, signals, std::move(done));
}

} // namespace editor
