#pragma once

#include "context.hpp"

#include <sangam/crdt/rga_text.hpp>
#include <sangam/crdt/text_columns.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace sangam::crdt::test {

using kind = text_columns::kind;

inline constexpr std::uint32_t none = text_columns::no_parent;

/// Replica 7 writes "abcd"; replica 3 puts "X" behind "b", and erases "c"; 7 erases "d".
inline rga_text example() {
    rga_text text;
    text.local_insert(0, "abcd", at(7, 1));
    text.local_insert(2, "X", at(3, 1));
    text.local_erase(3, 1, at(3, 2));
    text.local_erase(3, 1, at(7, 2));
    return text;
}

inline text_columns example_state() {
    text_columns c;
    c.what = kind::state;
    c.replicas = {{7}, {3}};
    c.ids = {{1, 2, 0}, {5, 1, 1}, {3, 2, 0}};
    c.shown = {3, 2};
    c.text = "abX";
    return c;
}

inline text_columns example_history() {
    text_columns c;
    c.what = kind::history;
    c.replicas = {{7}, {3}};
    c.ids = {{1, 4, 0}, {5, 1, 1}};
    c.inserts = {{4, none}, {1, 1}};
    c.text = "abXcd";
    c.erased = {{5, 2, 2, false}};
    c.transactions = {{{{7}, 1}, 0, 0, 1}, {{{3}, 1}, 4, 1, 2}, {{{7}, 2}, 6, 0, 1}};
    return c;
}

/// What is said of a character that is put behind one that its author has not seen.
inline std::string refused_parent(int insert, int number, int lamport, int parent, int lamport_of_parent,
                                  const std::string& greater = "Lamport number") {
    const auto named = [](int which, int with) {
        return "number " + std::to_string(which) + " (Lamport number " + std::to_string(with) + ")";
    };
    return "crdt: invalid columns: inserts[" + std::to_string(insert) + "]: " + named(number, lamport) +
           " is put behind " + named(parent, lamport_of_parent) + ", whose " + greater + " is not less";
}

/// What is wrong with columns when `change` has been done to them.
inline std::string wrong(text_columns columns, const std::function<void(text_columns&)>& change) {
    change(columns);
    const auto made = rga_text::from_columns(columns);
    return made ? "nothing" : made.error().message();
}

} // namespace sangam::crdt::test
