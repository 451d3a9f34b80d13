#include <sangam/crdt/text_history.hpp>

#include "rga_text_state.hpp"

#include <sangam/causality/assert.hpp>
#include <sangam/crdt/errc.hpp>

#include <algorithm>
#include <limits>
#include <span>
#include <string_view>

namespace sangam::crdt {
namespace {

/// Serials or steps [first, end).
template <class Number>
struct interval {
    Number first;
    Number end;
};
using serials = interval<serial_t>;
using steps = interval<std::uint64_t>;

template <class Number>
void append(std::vector<interval<Number>>& intervals, Number first, Number end) {
    if (first == end) return;
    if (!intervals.empty() && intervals.back().end == first) {
        intervals.back().end = end;
    } else {
        intervals.push_back({first, end});
    }
}

std::uint64_t steps_of(const rga_sequence& sequence) noexcept {
    return sequence.serials() + sequence.log().named();
}

std::uint64_t first_step_of_transactions(const rga_sequence& sequence) noexcept {
    const auto& runs = sequence.log().transaction_runs();
    return runs.empty() ? steps_of(sequence) : runs.front().step;
}

/// Calls back for every run of transactions that have steps: the run, how many of its transactions do, and
/// behind which step it ends.
template <class Function>
void for_each_transaction_run(const rga_sequence& sequence, Function&& function) {
    const auto& runs = sequence.log().transaction_runs();
    for (std::size_t n = 0; n < runs.size(); ++n) {
        const edit_log::transaction_run& r = runs[n];
        const std::uint64_t end = n + 1 < runs.size() ? runs[n + 1].step : steps_of(sequence);
        const std::uint64_t start_of_last = r.step + std::uint64_t{r.count - 1} * r.stride;
        const std::uint64_t count = r.count - (start_of_last == end ? 1U : 0U);
        if (count > 0) function(r, count, end);
    }
}

/// The steps of a version's transactions, increasing.
std::vector<steps> steps_in(const rga_sequence& sequence, const causality::vector_clock& when) {
    std::vector<steps> in;
    append<std::uint64_t>(in, 0, first_step_of_transactions(sequence));
    for_each_transaction_run(sequence,
                             [&](const edit_log::transaction_run& r, std::uint64_t count, std::uint64_t end) {
                                 const std::uint64_t known = when[r.first.replica];
                                 if (known < r.first.sequence) return;
                                 const std::uint64_t prefix = known - r.first.sequence + 1;
                                 append(in, r.step, prefix < count ? r.step + prefix * r.stride : end);
                             });
    return in;
}

/// Which serials some steps inserted and which they erased. Inserted ones are increasing.
struct effects {
    std::vector<serials> inserted;
    std::vector<serials> erased;
};

/// The erases that the restores among some steps take back. Increasing and apart. Of all restores the log
/// keeps them in order.
std::vector<steps> taken_back_by(const edit_log& log, std::span<const steps> of) {
    std::vector<const edit_log::restore*> in;
    for (const edit_log::restore& r : log.restores()) {
        const std::uint64_t step = log.named_runs()[r.run].inserted() + r.step;
        const auto part = std::ranges::upper_bound(of, step, {}, &steps::end);
        if (part != of.end() && part->first <= step) in.push_back(&r);
    }
    std::vector<steps> joined;
    if (in.size() == log.restores().size()) {
        log.taken_back().for_each(
            [&](std::uint64_t first, std::uint64_t end, std::uint32_t) { append(joined, first, end); });
        return joined;
    }
    std::vector<steps> all;
    for (const edit_log::restore* const r : in) {
        for (const edit_log::step_range& target : r->targets)
            all.push_back({target.first, target.end});
    }
    if (!std::ranges::is_sorted(all, {}, &steps::first)) std::ranges::sort(all, {}, &steps::first);
    for (const steps& next : all) {
        if (!joined.empty() && next.first <= joined.back().end) {
            joined.back().end = std::max(joined.back().end, next.end);
        } else {
            joined.push_back(next);
        }
    }
    return joined;
}

/// Appends the serials of what is live of the named steps [from, to) of a run that starts with step `start`.
void append_erased(std::vector<serials>& erased, const edit_log::named_run& run, std::uint64_t start,
                   steps named, std::span<const steps> taken_back) {
    auto next = std::ranges::upper_bound(taken_back, named.first, {}, &steps::end);
    while (named.first < named.end) {
        const std::uint64_t to =
            next == taken_back.end() ? named.end : std::clamp(next->first, named.first, named.end);
        if (named.first < to) {
            const serial_t first = run.serial_at(start, named.first, to);
            erased.push_back({first, first + static_cast<serial_t>(to - named.first)});
        }
        named.first = next == taken_back.end() ? to : std::max(to, next->end);
        if (next != taken_back.end()) ++next;
    }
}

effects effects_of(const edit_log& log, std::span<const steps> of) {
    effects all;
    const std::vector<edit_log::named_run>& runs = log.named_runs();
    const std::vector<steps> taken_back = taken_back_by(log, of);
    std::size_t next = 0;           // the first named run that does not end before `step`
    std::uint64_t named_before = 0; // steps in the runs before it
    for (const auto& [first, end] : of) {
        for (std::uint64_t step = first; step < end;) {
            while (next < runs.size() && runs[next].inserted() + named_before + runs[next].length() <= step)
                named_before += runs[next++].length();
            const std::uint64_t next_named = next < runs.size() ? runs[next].inserted() + named_before
                                                                : std::numeric_limits<std::uint64_t>::max();
            if (step < next_named) {
                const std::uint64_t to = std::min(end, next_named);
                append(all.inserted, static_cast<serial_t>(step - named_before),
                       static_cast<serial_t>(to - named_before));
                step = to;
                continue;
            }
            const edit_log::named_run& run = runs[next];
            const std::uint64_t to = std::min(end, next_named + run.length());
            const steps named{step - run.inserted(), to - run.inserted()};
            if (!run.restores()) append_erased(all.erased, run, named_before, named, taken_back);
            step = to;
        }
    }
    return all;
}

/// The serials that a version shows: increasing intervals that do not touch.
class shown_serials {
public:
    /// `bytes`: what had been erased before the log begins has no content.
    shown_serials(const rga_sequence& sequence, const text_bytes& bytes,
                  const causality::vector_clock& when) {
        effects all = effects_of(sequence.log(), steps_in(sequence, when));
        bytes.for_each_gap(
            [&](serial_t first, std::uint32_t length) { all.erased.push_back({first, first + length}); });
        std::ranges::sort(all.erased, {}, &serials::first);
        auto erased = all.erased.begin();
        for (const auto& [first, end] : all.inserted) {
            serial_t from = first;
            // One that is erased again, or erased without being inserted in this version, changes nothing.
            for (; erased != all.erased.end() && erased->first < end; ++erased) {
                if (erased->first > from) append(shown_, from, erased->first);
                from = std::max(from, erased->end);
                if (from >= end) break; // what is erased of the next interval too is looked at again
            }
            if (from < end) append(shown_, from, end);
        }
    }

    [[nodiscard]] std::size_t size() const noexcept {
        std::size_t count = 0;
        for (const auto& [first, end] : shown_)
            count += end - first;
        return count;
    }
    /// Whether a serial is shown, and up to where on the way to `end` the same holds.
    struct part {
        bool shown;
        serial_t end;
    };
    [[nodiscard]] part part_at(serial_t serial, serial_t end) const noexcept {
        const auto behind = std::ranges::upper_bound(shown_, serial, {}, &serials::end);
        if (behind == shown_.end()) return {false, end};
        if (serial < behind->first) return {false, std::min(end, behind->first)};
        return {true, std::min(end, behind->end)};
    }

private:
    std::vector<serials> shown_;
};

/// Makes patches of characters that come left to right.
class patch_writer {
public:
    void keep(std::size_t count) noexcept {
        position_ += count;
        open_ = false;
    }
    void erase(std::size_t count) { patch().erased += count; }
    void insert(std::string_view text, std::size_t count) {
        patch().inserted += text;
        position_ += count;
    }
    [[nodiscard]] std::vector<text_patch> take() { return std::move(patches_); }

private:
    text_patch& patch() {
        if (!open_) patches_.push_back({position_, 0, {}});
        open_ = true;
        return patches_.back();
    }

    std::vector<text_patch> patches_;
    std::size_t position_ = 0; // in the version that comes out
    bool open_ = false;        // nothing was kept behind the last patch
};

result<void> check_known(const causality::vector_clock& base, const causality::vector_clock& when) {
    if (when.dominates(base)) return {};
    return error{errc::unknown_version, "version \"" + to_string(when) +
                                            "\" of a text that is known from \"" + to_string(base) + "\" on"};
}

} // namespace

const text_history::version& text_history::base() const noexcept {
    return text_->get().base;
}

result<std::string> text_history::str(const version& when) const {
    if (auto known = check_known(base(), when); !known) return known.error();
    const rga_text::state& s = text_->get();
    const shown_serials shown(s.sequence, s.bytes, when);
    std::string text;
    text.reserve(shown.size());
    s.sequence.tree().for_each([&](const span_tree::span& span) {
        for (serial_t serial = span.first; serial < span.end();) {
            const auto part = shown.part_at(serial, span.end());
            if (part.shown) text.append(s.bytes.view(serial, part.end - serial));
            serial = part.end;
        }
    });
    return text;
}

result<std::size_t> text_history::size(const version& when) const {
    if (auto known = check_known(base(), when); !known) return known.error();
    const rga_text::state& s = text_->get();
    return shown_serials(s.sequence, s.bytes, when).size();
}

result<std::vector<text_patch>> text_history::patches(const version& from, const version& to) const {
    for (const version* const when : {&from, &to}) {
        if (auto known = check_known(base(), *when); !known) return known.error();
    }
    const rga_text::state& s = text_->get();
    const shown_serials before(s.sequence, s.bytes, from);
    const shown_serials after(s.sequence, s.bytes, to);
    patch_writer patches;
    s.sequence.tree().for_each([&](const span_tree::span& span) {
        for (serial_t serial = span.first; serial < span.end();) {
            const auto was = before.part_at(serial, span.end());
            const auto is = after.part_at(serial, was.end);
            const serial_t count = is.end - serial;
            if (was.shown && is.shown) {
                patches.keep(count);
            } else if (was.shown) {
                patches.erase(count);
            } else if (is.shown) {
                patches.insert(s.bytes.view(serial, count), count);
            }
            serial = is.end;
        }
    });
    return patches.take();
}

std::vector<text_history::transaction> text_history::transactions() const {
    const rga_sequence& sequence = text_->get().sequence;
    const std::vector<edit_log::named_run>& runs = sequence.log().named_runs();
    std::vector<transaction> all;
    all.reserve(size_in_transactions());
    std::size_t next = 0;           // the first named run that does not end before the transaction
    std::uint64_t named_before = 0; // steps in the runs before it
    sequence.log().for_each_transaction(
        steps_of(sequence), [&](const causality::dot& id, std::uint64_t from, std::uint64_t to) {
            std::uint64_t erased = 0;
            std::uint64_t restored = 0;
            for (; next < runs.size(); named_before += runs[next++].length()) {
                const std::uint64_t first = runs[next].inserted() + named_before;
                const std::uint64_t end = first + runs[next].length();
                if (first < to && from < end)
                    (runs[next].restores() ? restored : erased) += std::min(to, end) - std::max(from, first);
                if (end > to) break;
            }
            all.push_back({id, to - from - erased - restored, erased, restored});
        });
    return all;
}

std::uint64_t text_history::size_in_transactions() const noexcept {
    std::uint64_t all = 0;
    for_each_transaction_run(text_->get().sequence, [&](const edit_log::transaction_run&, std::uint64_t count,
                                                        std::uint64_t) { all += count; });
    return all;
}

text_history::version text_history::version_after(std::uint64_t count) const {
    version when = base();
    std::uint64_t left = count;
    for_each_transaction_run(text_->get().sequence,
                             [&](const edit_log::transaction_run& r, std::uint64_t in_run, std::uint64_t) {
                                 const std::uint64_t taken = std::min(left, in_run);
                                 if (taken > 0)
                                     when.advance_to(r.first.replica, r.first.sequence + taken - 1);
                                 left -= taken;
                             });
    SANGAM_ASSERT(left == 0);
    return when;
}

text_history rga_text::history() const noexcept {
    return text_history(*this);
}

} // namespace sangam::crdt
