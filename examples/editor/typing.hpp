#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace editor {

/// Which edits a person takes for one, so that they are undone together: consecutive ones of a kind (typing,
/// erasing backwards, erasing forwards) without a pause. A newline ends what it belongs to; so do a moved
/// cursor and an undo.
class typing {
public:
    enum class kind { insert, erase_before, erase_after };
    using time_point = std::chrono::steady_clock::time_point;

    explicit typing(std::chrono::milliseconds pause_min) : pause_min_(pause_min) {}

    /// True iff an edit at `now` goes on with the one before. `inserted`: what it inserts.
    [[nodiscard]] bool goes_on(kind what, std::string_view inserted, time_point now);
    /// The next edit begins anew.
    void interrupt() noexcept { last_.reset(); }

private:
    std::chrono::milliseconds pause_min_;
    std::optional<kind> last_; ///< none: nothing goes on
    time_point last_time_{};
};

} // namespace editor
