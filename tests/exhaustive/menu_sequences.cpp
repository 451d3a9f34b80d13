#include "exhaustive/menus.hpp"

#include <string>
#include <type_traits>

namespace sangam::exhaustive {
namespace {

using specification::intent;
using specification::shown_sequence;

/// One scalar of one byte and, when there are two, one of two bytes; others for each dot.
[[nodiscard]] std::u32string scalars(const causality::dot& id, std::size_t count) {
    std::u32string text{static_cast<char32_t>(U'a' + mark(id) - 1)};
    text.append(count - 1, static_cast<char32_t>(U'\u00e0' + mark(id) - 1));
    return text;
}

[[nodiscard]] intent insertion(const crdt::rga_text& text, std::size_t position, std::size_t count,
                               const causality::dot& id, shown_sequence shown) {
    const std::u32string added = scalars(id, count);
    std::string utf8;
    for (const char32_t scalar : added) {
        crdt::utf8::append(utf8, scalar);
    }
    const crdt::rga_text::insert_op op = text.insert(position, utf8, id.replica);
    shown.text.insert(position, added);
    return {{}, specification::insert{op.parent, added}, {{{}, {}, crdt::rga_text::operation(op)}}, shown};
}

[[nodiscard]] intent insertion(const crdt::rga_list& list, std::size_t position, std::size_t count,
                               const causality::dot& id, shown_sequence shown) {
    std::vector<crdt::value> added{static_cast<std::int64_t>(mark(id))};
    added.resize(count, -static_cast<std::int64_t>(mark(id)));
    const crdt::rga_list::insert_op op = list.insert(position, added, id.replica);
    shown.values.insert(shown.values.begin() + static_cast<std::ptrdiff_t>(position), added.begin(),
                        added.end());
    return {
        {}, specification::insert_values{op.parent, added}, {{{}, {}, crdt::rga_list::operation(op)}}, shown};
}

template <class Sequence>
[[nodiscard]] intent erasure(const Sequence& sequence, std::size_t position, std::size_t count,
                             shown_sequence shown) {
    specification::erase what;
    for (std::size_t skipped = 0; const auto& e : sequence.elements()) {
        if (e.visible && skipped++ >= position && what.elements.size() < count) {
            what.elements.push_back(e.id);
        }
    }
    if (const auto at = static_cast<std::ptrdiff_t>(position); shown.values.empty()) {
        shown.text.erase(position, count);
    } else {
        shown.values.erase(shown.values.begin() + at,
                           shown.values.begin() + at + static_cast<std::ptrdiff_t>(count));
    }
    return {{},
            std::move(what),
            {{{}, {}, typename Sequence::operation(sequence.erase(position, count))}},
            std::move(shown)};
}

/// What each transaction erased, of all characters and, if there are several, of the first; taken back. And
/// all erased, the hidden ones too, as who undoes does it.
void add_restores(offers& offered, const crdt::rga_text& text) {
    std::vector<crdt::text_id> all;
    crdt::rga_text::erase_op op;
    for (const auto& e : text.elements()) {
        all.push_back(e.id);
        op.ranges.push_back({e.id, 1});
    }
    if (all.size() > text.size()) {
        offered.add({{}, specification::erase{all}, {{{}, {}, crdt::rga_text::operation(op)}}, {}});
    }
    for (const causality::dot& erase : specification::erases_of(text)) {
        offered.add(specification::restore_text(all, {erase}));
        if (all.size() > 1) {
            offered.add(specification::restore_text({all.front()}, {erase}));
        }
    }
}

/// Inserts of 1 to `run_max` elements anywhere, erasures of 1 to `range_max` that stand together,
/// and what takes erasures in a text back.
template <class Sequence>
[[nodiscard]] std::vector<object_choice> edits(const crdt::object& seen, const causality::dot& id,
                                               std::size_t run_max, std::size_t range_max) {
    const Sequence& sequence = *seen.as<Sequence>();
    const shown_sequence shown = specification::shown(seen, {});
    offers offered(seen);
    for (std::size_t position = 0; position <= sequence.size(); ++position) {
        for (std::size_t count = 1; count <= run_max; ++count) {
            offered.add(insertion(sequence, position, count, id, shown));
        }
        for (std::size_t count = 1; count <= std::min(range_max, sequence.size() - position); ++count) {
            offered.add(erasure(sequence, position, count, shown));
        }
    }
    if constexpr (std::is_same_v<Sequence, crdt::rga_text>) {
        add_restores(offered, sequence);
    }
    return std::move(offered).all();
}

constexpr std::size_t run_max = 2;
constexpr std::size_t range_max = 3; ///< so that a range begins and ends inside of runs

} // namespace

std::vector<object_choice> rga_text_menu(const crdt::object& seen, const crdt::operation_context& next) {
    return edits<crdt::rga_text>(seen, next.id, 1, 1);
}

std::vector<object_choice> rga_list_menu(const crdt::object& seen, const crdt::operation_context& next) {
    return edits<crdt::rga_list>(seen, next.id, 1, 1);
}

std::vector<object_choice> rga_text_runs_menu(const crdt::object& seen, const crdt::operation_context& next) {
    return edits<crdt::rga_text>(seen, next.id, run_max, range_max);
}

std::vector<object_choice> rga_text_marks_menu(const crdt::object& seen,
                                               const crdt::operation_context& next) {
    const crdt::rga_text& text = *seen.as<crdt::rga_text>();
    const shown_sequence shown = specification::shown(seen, {});
    const auto content = static_cast<std::int64_t>(mark(next.id));
    offers offered(seen);
    for (std::size_t position = 0; position < text.size(); ++position) {
        offered.add(insertion(text, position, 1, next.id, shown));
        offered.add(erasure(text, position, 1, shown));
        offered.add_at_two_times(
            specification::mark_text(text, position, 1, "m", content, crdt::mark_growth::after));
    }
    offered.add(insertion(text, text.size(), 1, next.id, shown));
    add_restores(offered, text);
    if (!text.empty()) {
        offered.add(specification::mark_text(text, 0, text.size(), "m", content, crdt::mark_growth::before));
        offered.add(specification::mark_text(text, 0, text.size(), "m", {}, crdt::mark_growth::none));
    }
    return std::move(offered).all();
}

std::vector<object_choice> rga_list_runs_menu(const crdt::object& seen, const crdt::operation_context& next) {
    return edits<crdt::rga_list>(seen, next.id, run_max, range_max);
}

} // namespace sangam::exhaustive
