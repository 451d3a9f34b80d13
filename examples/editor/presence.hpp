#pragma once

#include <sangam/crdt/text_types.hpp>
#include <sangam/crdt/value.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace editor {

/// Who somebody is and where in the text. Editors share it in the replicated map "presence", under their
/// replica's id.
struct presence {
    std::string name;
    sangam::crdt::text_cursor cursor;
    friend bool operator==(const presence&, const presence&) = default;
};

/// "left 17:0123456789abcdef alice"; "end" stands for a cursor that stays with no character.
[[nodiscard]] sangam::crdt::value encode(const presence& shown);

/// Nothing for any other value: others may write what they like.
[[nodiscard]] std::optional<presence> decode_presence(const sangam::crdt::value& stored);

/// Decides when to tell the others: when the place has changed, but not more often than the interval.
class presence_pacer {
public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit presence_pacer(std::chrono::milliseconds interval) : interval_(interval) {}

    /// True: write `now_shown` now.
    [[nodiscard]] bool due(const presence& now_shown, time_point now) const;
    /// The others do not know it yet.
    [[nodiscard]] bool has_news(const presence& now_shown) const { return last_ != now_shown; }
    void written(presence shown, time_point now);
    /// The others may have forgotten: the next `due` is true.
    void forget() { last_.reset(); }

private:
    std::chrono::milliseconds interval_;
    std::optional<presence> last_;
    time_point last_time_{};
};

} // namespace editor
