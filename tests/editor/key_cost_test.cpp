#include "touched_memory.hpp"

#include <editor/layout.hpp>
#include <editor/motion.hpp>
#include <editor/page.hpp>
#include <editor/session.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using editor::test::kib_touched_by;

constexpr std::size_t width = 80;
constexpr std::size_t height = 24;

/// What all of it takes.
struct cost {
    std::size_t kib = std::numeric_limits<std::size_t>::max();
    std::size_t characters = 0; ///< of the text that the page read
};

/// A person at a text with a screen, as `interactive.cpp` puts them together.
class desk {
public:
    explicit desk(std::size_t bytes) : editing_(alone_) {
        constexpr std::string_view line =
            "All the world is a stage, and all the men and women merely players: exits.\n";
        std::string text;
        text.reserve(bytes + line.size());
        while (text.size() < bytes)
            text += line;
        editing_.start_with(text);
        size_ = text.size();
    }

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] editor::session& at() { return editing_; }

    void move(editor::motion how) {
        std::size_t target = 0;
        editing_.look({}, [&](const editor::snapshot& seen, const sangam::text_handle& text) {
            editor::layout rows(counted(text), width);
            target = mover_.move(rows, seen.cursor, how, height);
        });
        editing_.place_cursor(target);
    }

    void draw() {
        editing_.look({}, [&](const editor::snapshot& seen, const sangam::text_handle& text) {
            editor::layout rows(counted(text), width);
            const editor::page shown =
                make_page(rows, text.position_of(top_).value_or(0), seen.cursor, height);
            top_ = text.cursor_at(shown.top(), sangam::text_bias::right);
        });
    }

    /// The least of some times: now and then room is made for many, and other threads touch something.
    template <class Key>
    cost cost_of(Key key) {
        cost least;
        for (int i = 0; i < 3; ++i) {
            characters_ = 0;
            least.kib = std::min(least.kib, kib_touched_by([&] {
                                     key();
                                     draw();
                                 }));
            least.characters = std::max(least.characters, characters_);
        }
        return least;
    }

private:
    editor::text_source counted(const sangam::text_handle& text) {
        editor::text_source source = editor::source_of(text);
        source.read = [this, inner = std::move(source.read)](std::size_t first, std::size_t count) {
            characters_ += count;
            return inner(first, count);
        };
        return source;
    }

    sangam::replica alone_ = sangam::replica::open({.name = "alice"}).value();
    editor::session editing_;
    editor::mover mover_;
    sangam::text_cursor top_;
    std::size_t size_ = 0;
    std::size_t characters_ = 0;
};

struct named_cost {
    std::string key;
    cost took;
};

/// Of each key, where the text is in three thirds that were edited before, as a text is that people work on.
std::vector<named_cost> costs_of_keys(desk& person) {
    for (int i = 0; i < 100; ++i) {
        person.at().place_cursor(person.size() / 100 * static_cast<std::size_t>(i));
        person.at().insert("y");
    }
    std::vector<named_cost> found;
    for (const std::size_t place : {std::size_t{0}, person.size() / 2, person.size()}) {
        person.at().place_cursor(place);
        person.draw();
        auto& at = person.at();
        const auto add = [&](const char* key, auto press) { found.push_back({key, person.cost_of(press)}); };
        add("a letter", [&] { at.insert("y"); });
        add("Enter", [&] { at.type("\n"); });
        add("Backspace", [&] { at.erase_before(); });
        add("undo", [&] { at.undo(); });
        add("redo", [&] { at.redo(); });
        add("up", [&] { person.move(editor::motion::up); });
        add("Delete", [&] { at.erase_after(); });
        add("page up", [&] { person.move(editor::motion::page_up); });
        add("the start", [&] { person.move(editor::motion::text_start); });
        add("the end", [&] { person.move(editor::motion::text_end); });
    }
    return found;
}

} // namespace

// A walk along the text that allocates nothing costs as much as a copy, and no test saw one.
TEST_CASE("session: a key and its page touch no more memory in a text of 100 MB than in one of 1 MB") {
    desk small(1'000'000);
    desk large(100'000'000);
    const auto in_small = costs_of_keys(small);
    const auto in_large = costs_of_keys(large);
    for (std::size_t i = 0; i < in_small.size(); ++i) {
        INFO(in_small[i].key, " in third ", i * 3 / in_small.size(), ": ", in_small[i].took.kib, " and ",
             in_large[i].took.kib, " KiB touched, ", in_small[i].took.characters, " and ",
             in_large[i].took.characters, " characters read");
        // What other threads and the memory of a larger program add; the text has a hundred times as much.
        CHECK(in_large[i].took.kib < in_small[i].took.kib + 2000);
        CHECK(in_large[i].took.characters <= in_small[i].took.characters + 4 * width);
        CHECK(in_large[i].took.characters < 25'000);
    }
}
