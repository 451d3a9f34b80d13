#pragma once

#include <sangam/causality/dot.hpp>
#include <sangam/engine/moment.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

namespace sangam::engine {

/// A dot that a held-back message waits for and that is not here.
struct missing_dot {
    causality::dot missing;
    causality::dot waiting;     ///< the message that names `missing`; its author says that the dot exists
    std::uint64_t since_ms = 0; ///< wall clock: since when the message is known to wait
    friend bool operator==(const missing_dot&, const missing_dot&) = default;
};

/// Remembers since when dots are missing, and says when one has been missing for too long.
///
/// Meaning: a dot is overdue when it was missing in every look of the last `patience_ms`. It is reported as
///   overdue once, and as arrived once if it was overdue before and is here. One that is not asked for any
///   more though it is not here (what waited for it was dropped) is forgotten without a word.
/// Cost: a look is O(n log n) for n missing dots.
/// Threads: none; the caller's lock.
class missing_watch {
public:
    explicit missing_watch(std::uint64_t patience_ms) : patience_ms_(patience_ms) {}

    struct findings {
        std::vector<missing_dot> overdue; ///< since this look
        std::vector<missing_dot> arrived; ///< were overdue, and are not missing any more
    };

    /// `missing`: what causal_buffer::missing says now, `since_ms` not filled in.
    /// `is_here`: whether a dot is delivered.
    findings look(std::span<const missing_dot> missing,
                  const std::function<bool(const causality::dot&)>& is_here, moment now);

    /// What was missing at the last look.
    [[nodiscard]] std::vector<missing_dot> all() const;
    [[nodiscard]] bool empty() const noexcept { return dots_.empty(); }

private:
    struct entry {
        missing_dot dot;
        std::uint64_t since_steady_ms = 0;
        bool overdue = false;
    };

    std::uint64_t patience_ms_;
    std::map<causality::dot, entry> dots_; ///< by missing dot
};

} // namespace sangam::engine
