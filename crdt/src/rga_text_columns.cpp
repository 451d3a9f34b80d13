#include <sangam/crdt/rga_text.hpp>

#include "radix_order.hpp"
#include "rga_text_state.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
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

/// The place in the columns of each author, in the order in which they are asked for.
class replica_places {
public:
    replica_places(const text_ids& ids, text_columns& columns)
        : ids_(ids), columns_(columns), place_(ids.replicas().size(), unseen) {}

    std::uint32_t of(text_ids::author_t author) {
        if (place_[author] == unseen) {
            place_[author] = static_cast<std::uint32_t>(columns_.replicas.size());
            columns_.replicas.push_back(ids_.replicas()[author]);
        }
        return place_[author];
    }

private:
    static constexpr std::uint32_t unseen = no_serial;
    const text_ids& ids_;
    text_columns& columns_;
    std::vector<std::uint32_t> place_;
};

/// The numbers of a state, by serial: how many characters stand in front, erased ones counted.
class rank_of_serial {
public:
    explicit rank_of_serial(const span_tree& tree) {
        std::vector<start> in_order;
        std::uint32_t rank = 0;
        tree.for_each([&](const span_tree::span& span) {
            in_order.push_back({span.first, rank});
            rank += span.length();
        });
        by_serial_.reserve(in_order.size());
        for (const std::uint32_t n : radix_order(static_cast<std::uint32_t>(in_order.size()), tree.size(),
                                                 [&](std::uint32_t i) { return in_order[i].serial; }))
            by_serial_.push_back(in_order[n]);
    }
    [[nodiscard]] std::uint32_t operator()(serial_t serial) const noexcept {
        const start& s = *(std::ranges::upper_bound(by_serial_, serial, {}, &start::serial) - 1);
        return s.rank + (serial - s.serial);
    }

private:
    struct start {
        serial_t serial = 0;
        std::uint32_t rank = 0;
    };
    std::vector<start> by_serial_;
};

void add_order(const span_tree& tree, const text_ids& ids, text_columns& columns) {
    replica_places places(ids, columns);
    bool visible = true;
    std::uint32_t length = 0;
    tree.for_each([&](const span_tree::span& span) {
        if (span.visible() != visible) {
            columns.shown.push_back(std::exchange(length, 0));
            visible = !visible;
        }
        length += span.length();
        for (serial_t serial = span.first; serial < span.end();) {
            const std::size_t number = ids.run_of(serial);
            const text_ids::run& run = ids.runs()[number];
            const serial_t end = std::min(span.end(), ids.end_of(number));
            append(columns.ids, {run.lamport + (serial - run.first), end - serial, places.of(run.author)});
            serial = end;
        }
    });
    if (length > 0) columns.shown.push_back(length);
}

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

/// The arrivals are in the order of serials; so are those of the base.
void add_arrivals(const text_ids& ids, text_columns& columns) {
    replica_places places(ids, columns);
    columns.ids.reserve(ids.runs().size());
    for (std::size_t number = 0; number < ids.runs().size(); ++number) {
        const text_ids::run& run = ids.runs()[number];
        columns.ids.push_back({run.lamport, ids.end_of(number) - run.first, places.of(run.author)});
    }
}

void add_log(const edit_log& log, std::uint64_t steps, text_columns& columns) {
    columns.base = log.base();
    columns.erased.reserve(log.named_runs().size());
    for (const edit_log::named_run& run : log.named_runs())
        columns.erased.push_back({run.inserted(), run.first, run.length(), run.backward()});
    columns.restores.reserve(log.restores().size());
    for (const edit_log::restore& r : log.restores())
        columns.restores.push_back({static_cast<std::uint32_t>(r.run), r.erases});
    columns.transactions.reserve(log.transaction_runs().size());
    for (const edit_log::transaction_run& run : log.transaction_runs()) {
        // The last transaction may have begun and done nothing.
        if (run.step < steps) columns.transactions.push_back({run.first, run.step, run.stride, run.count});
    }
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
    if (what == text_columns::kind::state) {
        add_order(s.sequence.tree(), s.sequence.ids(), columns);
        if (!s.marks.empty()) add_marks(s.marks, rank_of_serial(s.sequence.tree()), columns);
        return columns;
    }
    add_arrivals(s.sequence.ids(), columns);
    add_erased_text(s.sequence, s.bytes, columns.text);
    s.bytes.for_each_gap(
        [&](serial_t first, std::uint32_t length) { columns.gone.push_back({first, length}); });
    add_log(s.sequence.log(), total + s.sequence.log().named(), columns);
    add_marks(s.marks, std::identity(), columns);
    std::vector<placed_insert> placed;
    s.sequence.for_each_parent([&](serial_t first, serial_t parent) {
        if (parent == no_serial || parent + 1 != first)
            placed.push_back({first, parent == no_serial ? text_columns::no_parent : parent});
    });
    add_inserts(placed, total, columns);
    return columns;
}

} // namespace sangam::crdt
