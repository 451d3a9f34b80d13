#include <editor/presence.hpp>

#include <sangam/causality/replica_id.hpp>

#include <charconv>
#include <optional>
#include <string_view>

namespace editor {
namespace {

using sangam::crdt::text_bias;
using sangam::crdt::text_id;

constexpr std::string_view no_anchor = "end";

/// What stands before the next space; nothing if there is no space.
std::optional<std::string_view> next_word(std::string_view& rest) {
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    const std::string_view word = rest.substr(0, space);
    rest.remove_prefix(space + 1);
    return word;
}

std::optional<text_id> parse_anchor(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    text_id anchor;
    const char* const end = text.data() + colon;
    const auto [stopped, problem] = std::from_chars(text.data(), end, anchor.lamport);
    if (problem != std::errc() || stopped != end || anchor.lamport == 0) return std::nullopt;
    const auto replica = sangam::causality::parse_replica_id(text.substr(colon + 1));
    if (!replica) return std::nullopt;
    anchor.replica = *replica;
    return anchor;
}

} // namespace

sangam::crdt::value encode(const presence& shown) {
    std::string text = shown.cursor.bias == text_bias::left ? "left " : "right ";
    if (const auto& anchor = shown.cursor.anchor) {
        text += std::to_string(anchor->lamport) + ':' + to_string(anchor->replica);
    } else {
        text += no_anchor;
    }
    return text + ' ' + shown.name;
}

std::optional<presence> decode_presence(const sangam::crdt::value& stored) {
    const std::optional<std::string_view> text = stored.as_text();
    if (!text) return std::nullopt;
    std::string_view rest = *text;
    const auto bias = next_word(rest);
    const auto anchor = next_word(rest);
    if (!bias || !anchor || (*bias != "left" && *bias != "right")) return std::nullopt;
    presence shown;
    shown.name = rest;
    shown.cursor.bias = *bias == "left" ? text_bias::left : text_bias::right;
    if (*anchor != no_anchor) {
        shown.cursor.anchor = parse_anchor(*anchor);
        if (!shown.cursor.anchor) return std::nullopt;
    }
    return shown;
}

bool presence_pacer::due(const presence& now_shown, time_point now) const {
    if (!last_) return true;
    return has_news(now_shown) && now - last_time_ >= interval_;
}

void presence_pacer::written(presence shown, time_point now) {
    last_ = std::move(shown);
    last_time_ = now;
}

} // namespace editor
