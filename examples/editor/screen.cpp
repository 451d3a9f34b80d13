#define NCURSES_NOMACROS 1

#include <editor/screen.hpp>

#include <editor/errc.hpp>

#include <sangam/crdt/utf8.hpp>

#include <ncurses.h>

#include <algorithm>
#include <clocale>
#include <cwchar>
#include <langinfo.h>
#include <optional>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

namespace editor {
namespace {

constexpr int bars = 2; // lines below the text
constexpr short first_pair = 1;
constexpr short person_colors[] = {COLOR_YELLOW,  COLOR_CYAN, COLOR_GREEN,
                                   COLOR_MAGENTA, COLOR_BLUE, COLOR_RED};
constexpr char32_t replacement = U'\uFFFD';

constexpr wint_t control(char letter) {
    return static_cast<wint_t>(letter & 0x1F);
}

/// A locale in which the terminal takes UTF-8, also where none is set.
void use_utf8() {
    std::setlocale(LC_ALL, "");
    if (std::string_view(nl_langinfo(CODESET)) != "UTF-8") std::setlocale(LC_CTYPE, "C.UTF-8");
}

std::optional<key> function_key(wint_t code) {
    const auto move = [](motion how) { return key{key::kind::move, 0, how}; };
    switch (code) {
    case KEY_LEFT:
        return move(motion::left);
    case KEY_RIGHT:
        return move(motion::right);
    case KEY_UP:
        return move(motion::up);
    case KEY_DOWN:
        return move(motion::down);
    case KEY_HOME:
        return move(motion::row_start);
    case KEY_END:
        return move(motion::row_end);
    case KEY_PPAGE:
        return move(motion::page_up);
    case KEY_NPAGE:
        return move(motion::page_down);
    case KEY_BACKSPACE:
        return key{key::kind::erase_before};
    case KEY_DC:
        return key{key::kind::erase_after};
    case KEY_ENTER:
        return key{key::kind::character, U'\n'};
    default:
        return std::nullopt;
    }
}

std::optional<key> plain_key(wint_t code) {
    switch (code) {
    case control('A'):
        return key{key::kind::move, 0, motion::row_start};
    case control('E'):
        return key{key::kind::move, 0, motion::row_end};
    case control('H'):
    case 0x7F:
        return key{key::kind::erase_before};
    case control('D'):
        return key{key::kind::erase_after};
    case control('Z'):
        return key{key::kind::undo};
    case control('Y'):
        return key{key::kind::redo};
    case control('S'):
        return key{key::kind::save};
    case control('N'):
        return key{key::kind::network};
    case control('Q'):
        return key{key::kind::quit};
    case control('C'):
        return key{key::kind::help};
    case '\r':
    case '\n':
        return key{key::kind::character, U'\n'};
    case '\t':
        return key{key::kind::character, U'\t'};
    default:
        break;
    }
    const bool scalar = code >= 0x20 && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
    if (!scalar) return std::nullopt;
    return key{key::kind::character, static_cast<char32_t>(code)};
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
std::optional<std::size_t> person_at(const snapshot& seen, std::size_t position) {
    const auto found = std::ranges::find(seen.people, position, &person::position);
    if (found == seen.people.end()) return std::nullopt;
    return static_cast<std::size_t>(found - seen.people.begin());
}

void put(int line, std::size_t column, const std::wstring& cells) {
    mvaddnwstr(line, static_cast<int>(column), cells.data(), static_cast<int>(cells.size()));
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
    nodelay(stdscr, TRUE);
    keypad(stdscr, TRUE);
    set_escdelay(25);
    if (has_colors()) {
        start_color();
        use_default_colors();
        for (std::size_t i = 0; i < std::size(person_colors); ++i)
            init_pair(pair_of(i), person_colors[i], -1);
    }
    return std::unique_ptr<screen>(new screen);
}

screen::~screen() {
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

std::vector<key> screen::read_keys() {
    std::vector<key> keys;
    wint_t code = 0;
    for (int kind = get_wch(&code); kind != ERR; kind = get_wch(&code)) {
        const auto found = kind == KEY_CODE_YES ? function_key(code) : plain_key(code);
        if (found) keys.push_back(*found);
    }
    return keys;
}

void screen::scroll_to(std::size_t cursor_row, bool follow, std::size_t rows) {
    const std::size_t height = text_rows();
    // A text that still starts at the top stays there.
    if (!follow && top_row_ > 0) top_row_ = cursor_row - std::min(cursor_row, cursor_line_);
    if (cursor_row < top_row_) top_row_ = cursor_row;
    if (cursor_row >= top_row_ + height) top_row_ = cursor_row - height + 1;
    top_row_ = std::min(top_row_, rows - 1);
    cursor_line_ = cursor_row - top_row_;
}

void screen::draw_row(const snapshot& seen, const layout& rows, std::size_t row, int line) const {
    const layout::row& shown = rows.rows()[row];
    std::size_t column = 0;
    for (std::size_t i = shown.first; i < shown.end; ++i) {
        const std::size_t cells = cell_width(seen.text[i], column);
        const auto who = person_at(seen, i);
        if (who) {
            attr_set(A_REVERSE | A_BOLD, pair_of(*who), nullptr);
            const bool blank = seen.text[i] == U' ' || seen.text[i] == U'\t';
            put(line, column,
                blank ? std::wstring(1, initial_of(seen.people[*who].name)) : glyph(seen.text[i], column));
            attr_set(A_NORMAL, 0, nullptr);
        } else if (cells > 0) {
            put(line, column, glyph(seen.text[i], column));
        } else {
            const wchar_t mark = static_cast<wchar_t>(seen.text[i]);
            addnwstr(&mark, 1);
        }
        column += cells;
    }
    const auto who = shown.cut ? std::nullopt : person_at(seen, shown.end);
    if (!who) return;
    attr_set(A_REVERSE | A_BOLD, pair_of(*who), nullptr);
    put(line, column, std::wstring(1, initial_of(seen.people[*who].name)));
    attr_set(A_NORMAL, 0, nullptr);
}

void screen::draw_bar(int line, const std::string& text) const {
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

void screen::draw(const snapshot& seen, const layout& rows, const std::string& status,
                  const std::string& help, bool follow) {
    const std::size_t cursor_row = rows.row_of(seen.cursor);
    scroll_to(cursor_row, follow, rows.rows().size());
    werase(stdscr);
    const std::size_t height = text_rows();
    for (std::size_t line = 0; line < height && top_row_ + line < rows.rows().size(); ++line) {
        draw_row(seen, rows, top_row_ + line, static_cast<int>(line));
    }
    attr_set(A_REVERSE, 0, nullptr);
    draw_bar(static_cast<int>(height), status);
    attr_set(A_DIM, 0, nullptr);
    draw_bar(static_cast<int>(height) + 1, help);
    attr_set(A_NORMAL, 0, nullptr);
    ::move(static_cast<int>(cursor_line_), static_cast<int>(rows.column_of(seen.cursor)));
    wrefresh(stdscr);
}

} // namespace editor
