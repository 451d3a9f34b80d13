#include <sangam/crdt/rga_text.hpp>

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

void append(std::vector<text_columns::span>& order, serial_t first, std::uint32_t length, bool visible) {
    if (!order.empty() && order.back().visible == visible &&
        order.back().first + order.back().length == first) {
        order.back().length += length;
    } else {
        order.push_back({first, length, visible});
    }
}

template <class Function>
void for_each_span(const span_tree& tree, Function&& function) {
    if (tree.empty()) return;
    span_tree::place p;
    do {
        function(tree.span_at(p));
    } while (tree.advance(p));
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
                append(columns.ids,
                       {r.lamport, length, static_cast<std::uint32_t>(columns.replicas.size())});
            }
            columns.replicas.push_back(ids.replicas()[author]);
        }
    }

    /// Calls back with the numbers of consecutive serials, in runs.
    template <class Function>
    void for_each(serial_t first, std::uint32_t length, Function&& function) const {
        if (same_) {
            function(first, length);
            return;
        }
        for (serial_t serial = first; serial < first + length;) {
            const std::size_t run = ids_.run_of(serial);
            const serial_t end = std::min(first + length, ids_.end_of(run));
            function(first_[run] + (serial - ids_.runs()[run].first), end - serial);
            serial = end;
        }
    }

private:
    const text_ids& ids_;
    std::vector<std::uint32_t> first_; ///< the number of a run's first
    bool same_ = true;                 ///< numbers are serials
};

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

} // namespace

text_columns rga_text::columns(text_columns::kind what) const {
    const state& s = get();
    const span_tree& tree = s.sequence.tree();
    text_columns columns;
    columns.what = what;
    columns.text = str();
    if (what == text_columns::kind::state) {
        const id_order numbers(s.sequence.ids(), columns);
        for_each_span(tree, [&](const span_tree::span& span) {
            numbers.for_each(span.first, span.length(), [&](std::uint32_t first, std::uint32_t length) {
                append(columns.order, first, length, span.visible());
            });
        });
        return columns;
    }
    add_arrivals(s.sequence.ids(), columns);
    std::vector<span_tree::span> hidden;
    for_each_span(tree, [&](const span_tree::span& span) {
        append(columns.order, span.first, span.length(), span.visible());
        if (!span.visible()) hidden.push_back(span);
    });
    std::ranges::sort(hidden, {}, &span_tree::span::first);
    for (const span_tree::span& span : hidden)
        columns.text.append(s.bytes.view(span.first, span.length()));
    s.bytes.for_each_gap([&](serial_t first, std::uint32_t length) { columns.gone.push_back({first, length}); });
    add_log(s.sequence.log(), s.sequence.serials() + s.sequence.log().erased(), columns);
    return columns;
}

} // namespace sangam::crdt
