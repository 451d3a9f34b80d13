#include <sangam/crdt/rga_text.hpp>

#include "radix_order.hpp"
#include "rga_text_state.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace sangam::crdt {
namespace {

void append(std::vector<text_columns::id_run>& ids, const text_columns::id_run& run) {
    if (!ids.empty() && ids.back().replica == run.replica &&
        ids.back().lamport + ids.back().length == run.lamport) {
        ids.back().length += run.length;
    } else {
        ids.push_back(run);
    }
}

/// The numbers of a state, run by run of the ids.
class id_order {
public:
    id_order(const text_ids& ids, text_columns& columns) : ids_(ids), first_(ids.runs().size()) {
        std::vector<text_ids::author_t> authors;
        for (text_ids::author_t author = 0; author < ids.replicas().size(); ++author) {
            if (!ids.runs_by(author).empty()) authors.push_back(author);
        }
        std::ranges::sort(authors, {}, [&](text_ids::author_t author) { return ids.replicas()[author]; });
        std::uint32_t number = 0;
        for (const text_ids::author_t author : authors) {
            for (const std::uint32_t run : ids.runs_by(author)) {
                const text_ids::run& r = ids.runs()[run];
                const std::uint32_t length = ids.end_of(run) - r.first;
                first_[run] = number;
                same_ = same_ && number == r.first;
                number += length;
                append(columns.ids, {r.lamport, length, static_cast<std::uint32_t>(columns.replicas.size())});
            }
            columns.replicas.push_back(ids.replicas()[author]);
        }
    }

    /// The number of a serial.
    [[nodiscard]] std::uint32_t operator()(serial_t serial) const noexcept {
        if (same_) return serial;
        const std::size_t run = ids_.run_of(serial);
        return first_[run] + (serial - ids_.runs()[run].first);
    }

private:
    const text_ids& ids_;
    std::vector<std::uint32_t> first_; ///< the number of a run's first
    bool same_ = true;                 ///< numbers are serials
};

struct placed_insert {
    std::uint32_t first = 0;
    std::uint32_t parent = 0;
};

/// Puts the inserts into the order of their numbers.
void add_inserts(const std::vector<placed_insert>& placed, std::uint32_t total, text_columns& columns) {
    columns.inserts.resize(placed.size());
    const std::vector<std::uint32_t> order = radix_order(static_cast<std::uint32_t>(placed.size()), total,
                                                         [&](std::uint32_t n) { return placed[n].first; });
    std::uint32_t end = total;
    for (std::size_t n = order.size(); n-- > 0;) {
        const placed_insert& p = placed[order[n]];
        columns.inserts[n] = {end - p.first, p.parent};
        end = p.first;
    }
}

void add_arrivals(const text_ids& ids, text_columns& columns) {
    constexpr std::uint32_t unseen = no_serial;
    std::vector<std::uint32_t> place(ids.replicas().size(), unseen);
    columns.ids.reserve(ids.runs().size());
    for (std::size_t run = 0; run < ids.runs().size(); ++run) {
        const text_ids::run& r = ids.runs()[run];
        if (place[r.author] == unseen) {
            place[r.author] = static_cast<std::uint32_t>(columns.replicas.size());
            columns.replicas.push_back(ids.replicas()[r.author]);
        }
        columns.ids.push_back({r.lamport, ids.end_of(run) - r.first, place[r.author]});
    }
}

void add_log(const edit_log& log, std::uint64_t steps, text_columns& columns) {
    columns.base = log.base();
    columns.erased.reserve(log.erased_runs().size());
    for (const edit_log::erased_run& run : log.erased_runs())
        columns.erased.push_back({run.inserted, run.first, run.length(), run.backward()});
    columns.transactions.reserve(log.transaction_runs().size());
    for (const edit_log::transaction_run& run : log.transaction_runs()) {
        // The last transaction may have begun and done nothing.
        if (run.step < steps) columns.transactions.push_back({run.first, run.step, run.stride, run.count});
    }
}

void add_shown(const span_tree& tree, text_columns& columns) {
    bool visible = true;
    std::uint32_t length = 0;
    tree.for_each([&](const span_tree::span& span) {
        if (span.visible() != visible) {
            columns.shown.push_back(std::exchange(length, 0));
            visible = !visible;
        }
        length += span.length();
    });
    if (length > 0) columns.shown.push_back(length);
}

void add_erased_text(const rga_sequence& sequence, const text_bytes& bytes, std::string& text) {
    std::vector<span_tree::span> hidden;
    sequence.tree().for_each([&](const span_tree::span& span) {
        if (!span.visible()) hidden.push_back(span);
    });
    const std::vector<std::uint32_t> order =
        radix_order(static_cast<std::uint32_t>(hidden.size()), sequence.serials(),
                    [&](std::uint32_t n) { return hidden[n].first; });
    for (const std::uint32_t n : order)
        text.append(bytes.view(hidden[n].first, hidden[n].length()));
}

template <class NumberOf>
void add_marks(const text_marks& marks, const NumberOf& number_of, text_columns& columns) {
    columns.marks.reserve(marks.tracks().size());
    for (const text_marks::track& track : marks.tracks()) {
        text_columns::mark_track& to = columns.marks.emplace_back();
        to.name = track.name;
        to.segments.reserve(track.segments.size());
        for (const text_marks::segment& s : track.segments) {
            const std::uint32_t number =
                s.from.serial == no_serial ? text_columns::no_number : number_of(s.from.serial);
            to.segments.push_back({{number, s.from.bias}, {s.last.time, s.last.id, s.last.content}});
        }
    }
}

} // namespace

text_columns rga_text::columns(text_columns::kind what) const {
    const state& s = get();
    const serial_t total = s.sequence.serials();
    text_columns columns;
    columns.what = what;
    columns.text = str();
    std::vector<placed_insert> placed;
    const auto place = [&](const auto& number_of) {
        s.sequence.for_each_parent([&](serial_t first, serial_t parent) {
            const std::uint32_t number = number_of(first);
            const std::uint32_t behind = parent == no_serial ? text_columns::no_parent : number_of(parent);
            if (behind == text_columns::no_parent || behind + 1 != number) placed.push_back({number, behind});
        });
        add_marks(s.marks, number_of, columns);
    };
    if (what == text_columns::kind::state) {
        place(id_order(s.sequence.ids(), columns));
        add_shown(s.sequence.tree(), columns);
    } else {
        place([](serial_t serial) { return serial; });
        add_arrivals(s.sequence.ids(), columns);
        add_erased_text(s.sequence, s.bytes, columns.text);
        s.bytes.for_each_gap(
            [&](serial_t first, std::uint32_t length) { columns.gone.push_back({first, length}); });
        add_log(s.sequence.log(), total + s.sequence.log().erased(), columns);
    }
    add_inserts(placed, total, columns);
    return columns;
}

} // namespace sangam::crdt
