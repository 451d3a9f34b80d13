#define NCURSES_NOMACROS 1

#include <editor/screen.hpp>

#include <editor/errc.hpp>

#include <sangam/crdt/utf8.hpp>

#include <ncurses.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <clocale>
#include <cwchar>
#include <langinfo.h>
#include <optional>
#include <string_view>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace editor {
namespace {

constexpr int bars = 2; // lines below the text
constexpr short first_pair = 1;
constexpr short person_colors[] = {COLOR_YELLOW,  COLOR_CYAN, COLOR_GREEN,
                                   COLOR_MAGENTA, COLOR_BLUE, COLOR_RED};
constexpr char32_t replacement = U'\uFFFD';
constexpr std::string_view bracketed_paste_on = "\x1b[?2004h";
constexpr std::string_view bracketed_paste_off = "\x1b[?2004l";
constexpr std::size_t burst_bytes_min = 64; // more than any key sends
constexpr std::size_t burst_bytes_max = 1 << 20;
constexpr int burst_gap_ms = 5;

/// A locale in which the terminal takes UTF-8, also where none is set.
void use_utf8() {
    std::setlocale(LC_ALL, "");
    if (std::string_view(nl_langinfo(CODESET)) != "UTF-8") std::setlocale(LC_CTYPE, "C.UTF-8");
}

/// What stands in the cells of one character.
std::wstring glyph(char32_t character, std::size_t column) {
    if (character == U'\t') return std::wstring(cell_width(character, column), L' ');
    if (character < 0x20 || character == 0x7F) return {L'^', static_cast<wchar_t>(character ^ 0x40)};
    const auto wide = static_cast<wchar_t>(character);
    return std::wstring(1, ::wcwidth(wide) < 0 ? static_cast<wchar_t>(replacement) : wide);
}

wchar_t initial_of(const std::string& name) {
    const std::u32string scalars = sangam::crdt::utf8::to_scalars(name);
    if (scalars.empty() || ::wcwidth(static_cast<wchar_t>(scalars[0])) != 1) return L'?';
    return static_cast<wchar_t>(scalars[0]);
}

short pair_of(std::size_t person) {
    return static_cast<short>(first_pair + static_cast<short>(person % std::size(person_colors)));
}

/// The person whose cursor is at the position, as an index.
std::optional<std::size_t> person_at(const std::vector<person>& people, std::size_t position) {
    const auto found = std::ranges::find(people, position, &person::position);
    if (found == people.end()) return std::nullopt;
    return static_cast<std::size_t>(found - people.begin());
}

void put(int line, std::size_t column, const std::wstring& cells) {
    mvaddnwstr(line, static_cast<int>(column), cells.data(), static_cast<int>(cells.size()));
}

void draw_row(const page::line& shown, const std::vector<person>& people, int line) {
    std::size_t column = 0;
    for (std::size_t i = 0; i < shown.text.size(); ++i) {
        const char32_t character = shown.text[i];
        const std::size_t cells = cell_width(character, column);
        const auto who = person_at(people, shown.row.first + i);
        if (who) {
            attr_set(A_REVERSE | A_BOLD, pair_of(*who), nullptr);
            const bool blank = character == U' ' || character == U'\t';
            put(line, column,
                blank ? std::wstring(1, initial_of(people[*who].name)) : glyph(character, column));
            attr_set(A_NORMAL, 0, nullptr);
        } else if (cells > 0) {
            put(line, column, glyph(character, column));
        } else {
            const wchar_t mark = static_cast<wchar_t>(character);
            addnwstr(&mark, 1);
        }
        column += cells;
    }
    const auto who = shown.row.cut ? std::nullopt : person_at(people, shown.row.end);
    if (!who) return;
    attr_set(A_REVERSE | A_BOLD, pair_of(*who), nullptr);
    put(line, column, std::wstring(1, initial_of(people[*who].name)));
    attr_set(A_NORMAL, 0, nullptr);
}

void draw_bar(int line, const std::string& text) {
    const auto width = static_cast<std::size_t>(getmaxx(stdscr));
    std::size_t column = 0;
    for (const char32_t c : sangam::crdt::utf8::to_scalars(text)) {
        const std::size_t cells = cell_width(c, column);
        if (column + cells > width) break;
        if (cells > 0) put(line, column, glyph(c, column));
        column += cells;
    }
    if (column < width) put(line, column, std::wstring(width - column, L' '));
}

/// Past curses, which knows nothing of it.
void tell_terminal(std::string_view sequence) {
    [[maybe_unused]] const ssize_t put = ::write(STDOUT_FILENO, sequence.data(), sequence.size());
}

} // namespace

sangam::result<std::unique_ptr<screen>> screen::open() {
    if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) {
        return sangam::error{errc::bad_usage, "editing needs a terminal; without one use --headless"};
    }
    use_utf8();
    if (newterm(nullptr, stdout, stdin) == nullptr) {
        return sangam::error{errc::bad_usage, "the terminal's type is unknown: set TERM"};
    }
    raw();
    noecho();
    nonl();
    if (has_colors()) {
        start_color();
        use_default_colors();
        for (std::size_t i = 0; i < std::size(person_colors); ++i)
            init_pair(pair_of(i), person_colors[i], -1);
    }
    tell_terminal(bracketed_paste_on);
    return std::unique_ptr<screen>(new screen);
}

screen::~screen() {
    tell_terminal(bracketed_paste_off);
    endwin();
}

std::size_t screen::text_width() const {
    return static_cast<std::size_t>(std::max(getmaxx(stdscr) - 1, 2));
}

std::size_t screen::text_rows() const {
    return static_cast<std::size_t>(std::max(getmaxy(stdscr) - bars, 1));
}

void screen::resize() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
        resizeterm(size.ws_row, size.ws_col);
        clearok(curscr, true); // a terminal may have moved its cells about: draw all of them anew
    }
}

bool screen::read(std::string& bytes) {
    std::array<char, 1 << 14> piece{};
    const std::size_t before = bytes.size();
    // A terminal gives a paste in small pieces, one behind another: taken together they are one edit and one
    // drawing. Somebody who sends for ever must not keep the rest from being done.
    while (bytes.size() - before < burst_bytes_max) {
        const bool first = bytes.size() == before;
        pollfd source{STDIN_FILENO, POLLIN, 0};
        if (::poll(&source, 1, first ? 0 : burst_gap_ms) <= 0 || (source.revents & POLLIN) == 0) break;
        const ssize_t taken = ::read(STDIN_FILENO, piece.data(), piece.size());
        if (taken < 0 && (errno == EINTR || errno == EAGAIN)) break;
        if (taken <= 0) return false;
        bytes.append(piece.data(), static_cast<std::size_t>(taken));
        if (static_cast<std::size_t>(taken) < burst_bytes_min && first) break; // a key
    }
    return true;
}

void screen::draw(const page& shown, const std::vector<person>& people, const std::string& status,
                  const std::string& help) {
    werase(stdscr);
    const std::size_t height = text_rows();
    for (std::size_t line = 0; line < std::min(height, shown.lines.size()); ++line) {
        draw_row(shown.lines[line], people, static_cast<int>(line));
    }
    attr_set(A_REVERSE, 0, nullptr);
    draw_bar(static_cast<int>(height), status);
    attr_set(A_DIM, 0, nullptr);
    draw_bar(static_cast<int>(height) + 1, help);
    attr_set(A_NORMAL, 0, nullptr);
    ::move(static_cast<int>(shown.cursor_line), static_cast<int>(shown.cursor_column));
    wrefresh(stdscr);
}

} // namespace editor
