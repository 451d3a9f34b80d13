#pragma once

#include <functional>
#include <string>
#include <vector>

namespace sangam::engine {

/// How much an event matters to whoever runs the application.
enum class log_level {
    debug,   ///< of use to whoever looks for a fault of the library
    info,    ///< the network came, went or healed
    warning, ///< something was refused, dropped or is late; the replica goes on
    error,   ///< data or the replica itself is in danger: somebody should look
};

[[nodiscard]] const char* to_string(log_level level) noexcept;

/// One thing that a replica noticed.
///
/// Meaning: `text` is a fixed sentence, the same for all events of one kind, so that events can be counted
/// and searched by it; what differs stands in `fields`, in a fixed order for each text.
struct log_event {
    struct field {
        std::string name;
        std::string value;
        friend bool operator==(const field&, const field&) = default;
    };

    log_level level = log_level::info;
    std::string text;
    std::vector<field> fields;

    /// "warning: a frame was rejected (reason: \"...\", link: \"3\")".
    [[nodiscard]] std::string message() const;
    friend bool operator==(const log_event&, const log_event&) = default;
};

/// Hears of events. Called on the replica's threads and inside `open`, one call at a time, without any lock
/// of it. It should return soon: the network waits for it. It must not use any replica (would_deadlock); it
/// may destroy one. What it throws is dropped.
using log_callback = std::function<void(const log_event&)>;

} // namespace sangam::engine
