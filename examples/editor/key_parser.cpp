#include <editor/key_parser.hpp>

#include <editor/limits.hpp>

#include <sangam/crdt/utf8.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace editor {
namespace {

constexpr char escape = '\x1b';
constexpr char32_t replacement = U'\uFFFD';
constexpr std::size_t sequence_bytes_max = 64;
constexpr std::string_view paste_end = "\x1b[201~";

constexpr char control(char letter) {
    return static_cast<char>(letter & 0x1F);
}

key move(motion how) {
    return {key::kind::move, 0, how, {}};
}

key enter() {
    return {key::kind::character, U'\n', {}, {}};
}

/// What a final letter of a sequence means; with Ctrl held.
std::optional<key> letter_key(char final, bool ctrl) {
    switch (final) {
    case 'A':
        return move(motion::up);
    case 'B':
        return move(motion::down);
    case 'C':
        return move(motion::right);
    case 'D':
        return move(motion::left);
    case 'H':
        return move(ctrl ? motion::text_start : motion::row_start);
    case 'F':
        return move(ctrl ? motion::text_end : motion::row_end);
    case 'M': // Enter of the keypad
        return enter();
    default:
        return std::nullopt;
    }
}

std::optional<key> numbered_key(std::string_view number, bool ctrl) {
    if (number == "1" || number == "7") return letter_key('H', ctrl);
    if (number == "4" || number == "8") return letter_key('F', ctrl);
    if (number == "3") return key{key::kind::erase_after, 0, {}, {}};
    if (number == "5") return move(motion::page_up);
    if (number == "6") return move(motion::page_down);
    return std::nullopt;
}

std::optional<key> control_key(char c) {
    const auto plain = [](key::kind what) { return key{what, 0, {}, {}}; };
    switch (c) {
    case control('A'):
        return move(motion::row_start);
    case control('E'):
        return move(motion::row_end);
    case control('H'):
    case '\x7F':
        return plain(key::kind::erase_before);
    case control('D'):
        return plain(key::kind::erase_after);
    case control('Z'):
        return plain(key::kind::undo);
    case control('Y'):
        return plain(key::kind::redo);
    case control('S'):
        return plain(key::kind::save);
    case control('N'):
        return plain(key::kind::network);
    case control('Q'):
        return plain(key::kind::quit);
    case control('C'):
        return plain(key::kind::help);
    case '\t':
        return key{key::kind::character, U'\t', {}, {}};
    default:
        return std::nullopt;
    }
}

/// Bytes of the character that begins like this; 0: none begins so.
std::size_t length_of(char first) {
    const auto byte = static_cast<unsigned char>(first);
    if (byte < 0x80) return 1;
    if (byte >= 0xC2 && byte < 0xE0) return 2;
    if (byte >= 0xE0 && byte < 0xF0) return 3;
    if (byte >= 0xF0 && byte < 0xF5) return 4;
    return 0;
}

bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// UTF-8 with a replacement for each byte that is none, and one newline for each line break.
std::string cleaned(std::string_view pasted) {
    std::string text;
    text.reserve(pasted.size());
    while (!pasted.empty()) {
        const std::size_t good = sangam::crdt::utf8::find_invalid(pasted).value_or(pasted.size());
        text.append(pasted.substr(0, good));
        if (good == pasted.size()) break;
        sangam::crdt::utf8::append(text, replacement);
        pasted.remove_prefix(good + 1);
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\n' && i > 0 && text[i - 1] == '\r') continue;
        text[kept] = text[i];
        ++kept;
    }
    text.resize(kept);
    std::ranges::replace(text, '\r', '\n');
    return text;
}

} // namespace

std::vector<key> key_parser::feed(std::string_view bytes) {
    std::vector<key> keys;
    begun_ += bytes;
    const std::string all = std::exchange(begun_, {});
    std::string_view rest = all;
    while (!rest.empty()) {
        const std::size_t used = take(rest, keys);
        if (used == 0) break;
        rest.remove_prefix(used);
    }
    begun_ = rest;
    return keys;
}

key_parser::waiting key_parser::waits() const noexcept {
    if (pasting_) return waiting::for_paste;
    return begun_.empty() ? waiting::for_nothing : waiting::for_rest;
}

std::vector<key> key_parser::time_out() {
    std::vector<key> keys;
    if (pasting_) {
        pasted_ += std::exchange(begun_, {});
        tell_paste(keys);
        pasting_ = false;
        return keys;
    }
    // What begins like a sequence and is none means nothing.
    if (begun_ == "\x1b") {
        keys.push_back({key::kind::escape, 0, {}, {}});
    } else if (!begun_.empty() && begun_.front() != escape) {
        keys.push_back({key::kind::character, replacement, {}, {}});
    }
    begun_.clear();
    return keys;
}

std::size_t key_parser::take(std::string_view rest, std::vector<key>& keys) {
    if (pasting_) return take_pasted(rest, keys);
    const char first = rest.front();
    const bool after_return = std::exchange(after_return_, first == '\r');
    if (first == '\r' || first == '\n') {
        if (first == '\r' || !after_return) keys.push_back(enter());
        return 1;
    }
    if (first == escape) return take_escape(rest, keys);
    if (const auto found = control_key(first)) {
        keys.push_back(*found);
        return 1;
    }
    return take_character(rest, keys);
}

std::size_t key_parser::take_escape(std::string_view rest, std::vector<key>& keys) {
    if (rest.size() == 1) return 0;
    if (rest[1] == escape) return 1;
    if (rest[1] == '[') return take_sequence(rest, keys);
    if (rest[1] == 'O') {
        if (rest.size() == 2) return 0;
        if (const auto found = letter_key(rest[2], false)) keys.push_back(*found);
        return 3;
    }
    // Alt and a key: no key here. An escape in front of a control character is the escape key itself.
    if (static_cast<unsigned char>(rest[1]) < 0x20) return 1;
    const std::size_t length = std::max<std::size_t>(length_of(rest[1]), 1);
    return rest.size() <= length ? 0 : 1 + length;
}

std::size_t key_parser::take_sequence(std::string_view rest, std::vector<key>& keys) {
    std::size_t end = 2;
    if (rest.size() > 2 && rest[2] == '[') end = 3; // function keys of the Linux console
    while (end < std::min(rest.size(), sequence_bytes_max) && rest[end] >= 0x20 && rest[end] < 0x40)
        ++end;
    if (end == sequence_bytes_max) return end;
    if (end == rest.size()) return 0;
    const char final = rest[end];
    if (final < 0x40 || final > 0x7E) return end; // cut off: what comes now is no part of it
    const std::string_view parameters = rest.substr(2, end - 2);
    const std::size_t semicolon = parameters.find(';');
    // The second number is 1 and the held keys: 4 is Ctrl.
    const std::string_view held =
        semicolon == std::string_view::npos ? std::string_view() : parameters.substr(semicolon + 1);
    const bool ctrl = held.size() == 1 && held[0] >= '1' && held[0] <= '8' && ((held[0] - '1') & 4) != 0;
    if (final == '~' && parameters == "200") {
        pasting_ = true;
    } else if (final == '~') {
        if (const auto found = numbered_key(parameters.substr(0, semicolon), ctrl)) keys.push_back(*found);
    } else if (final != 'M' && !parameters.starts_with('[')) { // M: a mouse
        if (const auto found = letter_key(final, ctrl)) keys.push_back(*found);
    }
    return end + 1;
}

std::size_t key_parser::take_character(std::string_view rest, std::vector<key>& keys) {
    const auto replace = [&] {
        keys.push_back({key::kind::character, replacement, {}, {}});
        return std::size_t{1};
    };
    const std::size_t length = length_of(rest.front());
    if (length == 0) return replace();
    for (std::size_t i = 1; i < length; ++i) {
        if (i == rest.size()) return 0;
        if (!continues(rest[i])) return replace();
    }
    const std::string_view one = rest.substr(0, length);
    if (sangam::crdt::utf8::find_invalid(one)) return replace();
    const char32_t scalar = sangam::crdt::utf8::to_scalars(one).front();
    if (scalar >= 0x20) keys.push_back({key::kind::character, scalar, {}, {}});
    return length;
}

std::size_t key_parser::take_pasted(std::string_view rest, std::vector<key>& keys) {
    const std::size_t end = rest.find(paste_end);
    if (end != std::string_view::npos) {
        pasted_ += rest.substr(0, end);
        tell_paste(keys);
        pasting_ = false;
        return end + paste_end.size();
    }
    // The end may have begun.
    std::size_t begun = std::min(rest.size(), paste_end.size() - 1);
    while (begun > 0 && !paste_end.starts_with(rest.substr(rest.size() - begun)))
        --begun;
    pasted_ += rest.substr(0, rest.size() - begun);
    if (pasted_.size() > limits::paste_bytes_max) {
        // Not inside a character or a line break.
        std::size_t whole = pasted_.size();
        for (int i = 0; i < 4 && (continues(pasted_[whole - 1]) || length_of(pasted_[whole - 1]) > 1 ||
                                  pasted_[whole - 1] == '\r');
             ++i)
            --whole;
        std::string later = pasted_.substr(whole);
        pasted_.resize(whole);
        tell_paste(keys);
        pasted_ = std::move(later);
    }
    return rest.size() - begun;
}

void key_parser::tell_paste(std::vector<key>& keys) {
    std::string text = cleaned(std::exchange(pasted_, {}));
    if (!text.empty()) keys.push_back({key::kind::paste, 0, {}, std::move(text)});
}

} // namespace editor
