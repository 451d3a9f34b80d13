#include <editor/leaving.hpp>

#include <editor/errc.hpp>

#include <chrono>
#include <csignal>
#include <future>
#include <iostream>

namespace editor {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds leave_patience{10};
constexpr std::chrono::seconds quiet_patience{1};
constexpr std::chrono::milliseconds look_interval{10};

/// The signal that asked to stop is taken already. When a terminal goes, several come at once: only Ctrl-C is
/// somebody who does not want to wait.
bool is_interrupted(const signals& signals) {
    bool interrupted = false;
    while (const auto number = signals.take())
        interrupted = interrupted || *number == SIGINT;
    return interrupted;
}

sangam::result<void> close(const sangam::replica& replica, const signals& signals) {
    auto closing = std::async(std::launch::async, [&] { return replica.close(leave_patience); });
    const clock::time_point start = clock::now();
    bool told = false;
    while (closing.wait_for(look_interval) != std::future_status::ready) {
        if (!told && clock::now() - start >= quiet_patience) {
            std::cerr << "sangam-editor: what was written goes to the others; Ctrl-C ends without that\n";
            told = true;
        }
        if (is_interrupted(signals)) static_cast<void>(replica.close(std::chrono::milliseconds(0)));
    }
    return closing.get();
}

} // namespace

sangam::result<void> leave(const sangam::replica& replica, signals& signals, sangam::result<void> outcome) {
    const auto closed = close(replica, signals);
    if (closed) return outcome;
    const sangam::error left{errc::not_acknowledged, closed.error().where};
    if (outcome) return left;
    return sangam::error{outcome.error().code, outcome.error().where + "; " + explain(left)};
}

} // namespace editor
