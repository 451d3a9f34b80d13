#pragma once

#include <editor/key.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace editor {

/// Makes keys of the bytes that a terminal sends: UTF-8, control characters, the sequences of cursor keys as
/// xterm, tmux, the Linux console and their kin send them, and bracketed paste.
///
/// Meaning: the keys depend on the bytes alone and not on how they are cut into reads, but for what a silence
///   ends. A carriage return, a newline, and both together are Enter. What is no UTF-8 is U+FFFD. A sequence
///   that means nothing here is no key.
/// Invariants: (K1) what waits for its rest is an escape sequence of at most 64 bytes, a character of at most
///   3, a carriage return, or a paste of at most limits::paste_bytes_max, whose first part is told when it
///   would get longer.
class key_parser {
public:
    [[nodiscard]] std::vector<key> feed(std::string_view bytes);

    enum class waiting {
        for_nothing,
        for_rest, ///< of a key, which comes at once: a silence of some 50 ms means that there is none
        for_paste ///< to end, which may take a while
    };
    [[nodiscard]] waiting waits() const noexcept;
    /// Nothing came for as long as that: what waits for its rest is all that there is.
    [[nodiscard]] std::vector<key> time_out();

private:
    /// How many bytes of `rest`, not empty, were used; 0: they are the beginning of more.
    [[nodiscard]] std::size_t take(std::string_view rest, std::vector<key>& keys);
    [[nodiscard]] std::size_t take_escape(std::string_view rest, std::vector<key>& keys);
    [[nodiscard]] std::size_t take_sequence(std::string_view rest, std::vector<key>& keys);
    [[nodiscard]] std::size_t take_character(std::string_view rest, std::vector<key>& keys);
    [[nodiscard]] std::size_t take_pasted(std::string_view rest, std::vector<key>& keys);
    void tell_paste(std::vector<key>& keys);

    std::string begun_;  ///< what waits for its rest
    std::string pasted_; ///< as it came
    bool pasting_ = false;
    bool after_return_ = false; ///< a newline now belongs to the line break before
};

} // namespace editor
