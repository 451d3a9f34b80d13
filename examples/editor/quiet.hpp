#pragma once

#include <sangam/engine/status.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace editor {

/// Tells when everything that is known anywhere is delivered everywhere.
///
/// Meaning: quiet is: every address in `connect` was reached at some time, and anybody at all if others are
///   expected; all expected messages are delivered here; nothing is held back; every connected replica
///   acknowledges exactly what is delivered here. Replicas that were here and are gone do not count.
class quiet_watch {
public:
    using time_point = std::chrono::steady_clock::time_point;

    struct expectation {
        std::optional<std::uint64_t> messages; ///< none: nobody knows how many there will be
        std::vector<std::string> connect;      ///< addresses that must have been reached
        bool anybody = false;                  ///< some replica must have been connected
        std::chrono::milliseconds lasting{1000};
    };

    explicit quiet_watch(expectation expected) : expected_(std::move(expected)) {}

    /// Looks at the replica as it is at `now`. True when it has been quiet, and nothing new has come, for as
    /// long as expected.
    bool look(const sangam::engine::replica_status& status, time_point now);

    /// What the last look found missing, for people; empty when quiet.
    [[nodiscard]] const std::string& missing() const noexcept { return missing_; }

private:
    [[nodiscard]] std::string find_missing(const sangam::engine::replica_status& status) const;

    expectation expected_;
    std::set<std::string> reached_;
    bool met_anybody_ = false;
    sangam::causality::vector_clock delivered_;
    std::optional<time_point> quiet_since_;
    std::string missing_;
};

/// How many own messages everybody is known to have: who is connected, and who was or is to be reached at an
/// address. None: there is nobody.
[[nodiscard]] std::optional<std::uint64_t> acknowledged_by_all(const sangam::engine::replica_status& status);

/// The link is usable: the other side was greeted and answers.
[[nodiscard]] bool is_connected(const sangam::engine::peer_status& peer) noexcept;

} // namespace editor
