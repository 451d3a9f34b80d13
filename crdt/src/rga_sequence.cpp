#include "rga_sequence.hpp"

#include <sangam/causality/assert.hpp>
#include <sangam/crdt/errc.hpp>
#include <sangam/crdt/limits.hpp>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

namespace sangam::crdt {
namespace {

/// How many ids from `id` on one of the increasing ranges holds without a gap.
std::uint64_t count_from(std::span<const text_id_range> ranges, const text_id& id) noexcept {
    const auto behind = std::ranges::upper_bound(ranges, id, {}, &text_id_range::first);
    if (behind == ranges.begin()) return 0;
    const text_id_range& range = *std::prev(behind);
    const std::uint64_t skipped = id.lamport - range.first.lamport;
    return range.first.replica == id.replica && skipped < range.length ? range.length - skipped : 0;
}

/// How many elements a sequence holds at most: their serials, shifted by one, fit into 32 bits.
constexpr std::uint32_t serials_max = no_serial / 2 - 1;

bool fits(const text_id& first, std::uint64_t length) noexcept {
    return length > 0 && first.lamport <= limits::lamport_max &&
           length - 1 <= limits::lamport_max - first.lamport;
}

/// True iff every id of the range is in the sequence or pending.
bool knows(const text_ids& ids, std::span<const text_id_range> pending, const text_id_range& range) {
    for (std::uint64_t done = 0; done < range.length;) {
        const text_id id{range.first.lamport + done, range.first.replica};
        const std::uint64_t known = std::max<std::uint64_t>(ids.find(id).length, count_from(pending, id));
        if (known == 0) return false;
        done += known;
    }
    return true;
}

void append(std::vector<text_id_range>& ranges, const text_id& first, std::uint64_t length) {
    if (!ranges.empty() && ranges.back().first.replica == first.replica &&
        ranges.back().first.lamport + ranges.back().length == first.lamport) {
        ranges.back().length += length;
    } else {
        ranges.push_back({first, length});
    }
}

} // namespace

rga_sequence::rga_sequence(text_ids ids, std::span<const span_tree::span> spans,
                           std::span<const std::uint32_t> by_serial, std::vector<serial_t> wide, edit_log log,
                           interval_counts again)
    : ids_(std::move(ids)), log_(std::move(log)), again_(std::move(again)) {
    tree_.build(spans, by_serial, std::move(wide));
}

void rga_sequence::throw_past_end(std::size_t position, const char* who) const {
    throw_misuse(errc::position_past_end, std::string(who) + ": position " + std::to_string(position) +
                                              ", size " + std::to_string(size()));
}

void rga_sequence::throw_past_end(std::size_t position, std::size_t count, const char* who) const {
    throw_misuse(errc::position_past_end, std::string(who) + ": position " + std::to_string(position) +
                                              ", count " + std::to_string(count) + ", size " +
                                              std::to_string(size()));
}

text_id rga_sequence::next_id(std::uint64_t length, causality::replica_id self, const char* who) const {
    const text_id first{ids_.greatest_lamport() + 1, self};
    const std::uint64_t room =
        limits::sequence_elements_max - std::min(serials(), limits::sequence_elements_max);
    if (length > room) {
        throw_misuse(errc::too_large, std::string(who) + ": " + std::to_string(length) +
                                          " more elements than " + std::to_string(serials()) + ", limit " +
                                          std::to_string(limits::sequence_elements_max));
    }
    return first;
}

std::optional<text_id> rga_sequence::parent_at(std::size_t position) const {
    if (position == 0) return std::nullopt;
    return ids_.id_of(serial_at(find_visible_near(static_cast<std::uint32_t>(position - 1)).at));
}

std::vector<text_id_range> rga_sequence::ids_at(std::size_t position, std::size_t count) const {
    std::vector<text_id_range> ranges;
    if (count == 0) return ranges;
    span_tree::place p = find_visible_near(static_cast<std::uint32_t>(position)).at;
    do {
        const span_tree::span s = tree_.span_at(p);
        if (!s.visible()) continue;
        const auto part = static_cast<std::uint32_t>(std::min<std::size_t>(s.length() - p.offset, count));
        append_ids(ranges, s.first + p.offset, part);
        count -= part;
    } while (count > 0 && tree_.advance(p));
    return ranges;
}

/// Appends the ids of consecutive serials.
void rga_sequence::append_ids(std::vector<text_id_range>& ranges, serial_t first,
                              std::uint32_t length) const {
    for (serial_t serial = first; serial < first + length;) {
        const std::size_t run = ids_.run_of(serial);
        const serial_t end = std::min(first + length, ids_.end_of(run));
        append(ranges, ids_.id_in(ids_.runs()[run], serial), end - serial);
        serial = end;
    }
}

bool rga_sequence::accepts_insert(const text_id& first, std::uint64_t length,
                                  const std::optional<text_id>& parent, causality::replica_id origin,
                                  std::span<const text_id_range> pending) const {
    std::uint64_t own = ids_.greatest_lamport(origin);
    std::uint64_t greatest = ids_.greatest_lamport();
    std::uint64_t coming = 0; // elements, or more
    if (!pending.empty()) {
        const std::uint64_t last = pending.back().first.lamport + (pending.back().length - 1);
        own = std::max(own, last);
        greatest = std::max(greatest, last);
        coming = last - pending.front().first.lamport + 1;
    }
    if (first.replica != origin || first.lamport <= own || !fits(first, length)) return false;
    // Every number up to the greatest is some element's, so whoever raises it inserts as many (decision 13).
    if (first.lamport > greatest + 1) return false;
    const std::uint64_t room = serials_max - serials();
    if (coming > room || length > room - coming) return false;
    return !parent || (parent->lamport < first.lamport && crdt::knows(ids_, pending, {*parent, 1}));
}

bool rga_sequence::accepts_erase(std::span<const text_id_range> ranges,
                                 std::span<const text_id_range> pending) const {
    const auto fit = [](const text_id_range& range) { return fits(range.first, range.length); };
    if (!std::ranges::all_of(ranges, fit)) return false;
    // To look a range up costs something for each run of its ids.
    const auto once = each_once(ranges);
    return std::ranges::all_of(once ? std::span<const text_id_range>(*once) : ranges,
                               [&](const text_id_range& range) { return crdt::knows(ids_, pending, range); });
}

bool rga_sequence::accepts_restore(std::span<const rga_text::erased_part> parts,
                                   std::span<const text_id_range> pending) const {
    std::vector<text_id_range> ranges;
    ranges.reserve(parts.size());
    for (const rga_text::erased_part& part : parts)
        ranges.push_back(part.ids);
    return accepts_erase(ranges, pending);
}

// --- applying

/// An insert that goes on where its author's last one ended, if nothing has come between, only lengthens:
/// here_ is then where it is. False, and nothing has changed, if it is another one.
bool rga_sequence::lengthen_last(const text_id& first, const std::optional<text_id>& parent,
                                 std::uint32_t length, std::span<const std::uint32_t> wide) {
    // The parent is the writer's last element, if the one before the first is known.
    if (!ids_.continues(first.replica) || parent != text_id{first.lamport - 1, first.replica}) return false;
    if (!wide.empty()) return false;
    const span_tree::place& last = guess_of(ids_.author_of(first.replica));
    if (last.leaf >= tree_.leaves() || last.slot >= tree_.spans_in(last.leaf)) return false;
    const span_tree::span s = tree_.span_at(last.leaf, last.slot);
    if (!s.visible() || s.end() != ids_.size()) return false;
    here_.at = {last.leaf, last.slot, s.length()};
    tree_.lengthen(here_.at, length);
    ids_.lengthen(length);
    return true;
}

span_tree::place rga_sequence::insert(const text_id& first, const std::optional<text_id>& parent,
                                      std::uint32_t length, const operation_context& context,
                                      std::span<const std::uint32_t> wide) {
    SANGAM_INVARIANT(length <= serials_max - serials());
    forget_here();
    log_.begin(context.id, ids_.size());
    if (lengthen_last(first, parent, length, wide)) {
        expect_typing(first.replica);
        return here_.at;
    }
    const text_ids::author_t author = ids_.reserve_for(first.replica);
    if (author >= guesses_.size()) guesses_.resize(author + 1);
    span_tree::place at;
    if (parent) {
        at = tree_.find(ids_.find(*parent).first, guesses_[author]);
        ++at.offset;
    }
    if (first.lamport <= ids_.greatest_lamport()) {
        ids_.index_least();
        at = tree_.skip_greater(at, ids_, first);
    }
    // What is right of the first element has a smaller id, and the others have greater ids still: none of
    // them skips.
    at = tree_.insert(tree_.reserve_at(at), length, ids_, first, wide);
    ids_.add(first, length, author);
    guesses_[author] = at;
    here_.at = at;
    if (wide.empty()) expect_typing(first.replica);
    return at;
}

void rga_sequence::insert_here(std::size_t position, std::uint32_t length, const operation_context& context,
                               const char* who, std::span<const std::uint32_t> wide) {
    const text_id first = next_id(length, context.id.replica, who);
    next_.left = 0;
    log_.begin(context.id, ids_.size());
    const bool same_run = ids_.continues(first.replica);
    const text_ids::author_t author = same_run ? 0 : ids_.reserve_for(first.replica);
    span_tree::place at;
    if (position > 0) {
        at = find_visible_here(static_cast<std::uint32_t>(position - 1)).at;
        ++at.offset;
    }
    forget_here();
    at = tree_.insert(tree_.reserve_at(at), length, ids_, first, wide);
    if (same_run) {
        ids_.lengthen(length);
    } else {
        ids_.add(first, length, author);
    }
    here_ = {at, static_cast<std::uint32_t>(position) - at.offset};
    if (wide.empty()) expect_typing(first.replica);
}

/// The first visible element behind a place, which is the one at `position`. Mostly it is in the same leaf.
span_tree::place rga_sequence::next_visible(span_tree::place at, std::uint32_t position) noexcept {
    while (!tree_.span_at(at).visible() || at.offset == tree_.span_at(at).length()) {
        if (!tree_.advance_in_leaf(at)) return find_visible_here(position).at;
    }
    return at;
}

void rga_sequence::erase_here(std::size_t position, std::size_t count, const operation_context& context) {
    if (count == 0) return; // there may be no element at the position
    next_.left = 0;
    log_.begin(context.id, ids_.size());
    span_tree::place at = find_visible_here(static_cast<std::uint32_t>(position)).at;
    forget_here();
    while (true) {
        const span_tree::span s = tree_.span_at(at);
        const auto part = static_cast<std::uint32_t>(std::min<std::size_t>(s.length() - at.offset, count));
        at = tree_.reserve_at(at);
        log_.erase(s.first + at.offset, part, ids_.size());
        const span_tree::place behind = tree_.hide(at, part);
        count -= part;
        if (count == 0) {
            remember_erased(at, behind, static_cast<std::uint32_t>(position));
            break;
        }
        at = next_visible(behind, static_cast<std::uint32_t>(position));
    }
    expect_erasing();
}

/// After something was hidden at `at`, in front of `behind`: here_ is a visible span beside it. `position`:
/// how many visible elements are before it, or unknown.
void rga_sequence::remember_erased(span_tree::place at, span_tree::place behind,
                                   std::uint32_t position) noexcept {
    here_.at = at.offset > 0 ? at : span_tree::place{behind.leaf, behind.slot, 0};
    const bool is_behind = at.offset == 0 && tree_.span_at(here_.at).visible();
    while (!tree_.span_at(here_.at).visible()) {
        if (here_.at.slot == 0) return forget_here();
        --here_.at.slot;
    }
    if (position != unknown)
        here_.span_start = is_behind ? position : position - tree_.span_at(here_.at).length();
}

/// A next element typed by `writer` would only lengthen the span where the last one was put.
void rga_sequence::expect_typing(causality::replica_id writer) noexcept {
    const span_tree::span& s = tree_.span_at(here_.at);
    if (!log_.expects_one(ids_.size()) || !ids_.continues(writer)) return;
    next_ = {keystroke::type,
             std::min(tree_.room_for_typing(),
                      limits::sequence_elements_max - std::min(serials(), limits::sequence_elements_max)),
             position_in_span(s.length()),
             log_.next(),
             {}};
}

/// The last element of the span, or its first, erased next, would only lengthen the hidden span beside it.
void rga_sequence::expect_erasing() noexcept {
    if (here_.at.leaf == no_serial) return;
    const span_tree::span& s = tree_.span_at(here_.at);
    if (!log_.expects_one(ids_.size()) || s.length() == 1 || tree_.wide_in(s.first, s.length()) > 0) return;
    if (log_.erased_from(s.end()) && tree_.is_hidden_from(here_.at.leaf, here_.at.slot + 1, s.end())) {
        next_ = {keystroke::backspace, s.length() - 1, position_in_span(s.length() - 1), log_.next(), {}};
    } else if (log_.erased_up_to(s.first) &&
               tree_.is_hidden_up_to(here_.at.leaf, here_.at.slot - 1, s.first)) {
        next_ = {keystroke::delete_forward, s.length() - 1, position_in_span(0), log_.next(), {}};
    }
}

/// The same for who erases by id: of elements with consecutive ids.
void rga_sequence::expect_erasing_ids() noexcept {
    expect_erasing();
    if (next_.left == 0) return;
    const span_tree::span& s = tree_.span_at(here_.at);
    const serial_t serial = next_.what == keystroke::backspace ? s.end() - 1 : s.first;
    const std::size_t run = ids_.run_of(serial);
    const serial_t first = ids_.runs()[run].first;
    next_.erased = ids_.id_in(ids_.runs()[run], serial);
    next_.left = std::min(next_.left, next_.what == keystroke::backspace ? serial - first + 1
                                                                         : ids_.end_of(run) - serial);
}

void rga_sequence::found_at(std::size_t position) noexcept {
    if (next_.left == 0) return;
    const std::uint32_t length = tree_.span_at(here_.at).length();
    const std::uint32_t in_front = next_.what == keystroke::type        ? here_.at.offset
                                   : next_.what == keystroke::backspace ? length
                                                                        : 0;
    here_.span_start = static_cast<std::uint32_t>(position) - in_front;
    next_.position = position_in_span(next_.what == keystroke::type        ? length
                                      : next_.what == keystroke::backspace ? length - 1
                                                                           : 0);
}

span_tree::position_place rga_sequence::find_visible_near(std::uint32_t position) const noexcept {
    const auto p = find_from_here(position);
    return p.at.leaf != no_serial ? p : tree_.find_visible(position);
}

span_tree::position_place rga_sequence::find_visible_here(std::uint32_t position) noexcept {
    const auto p = find_from_here(position);
    if (p.at.leaf != no_serial) return p;
    tree_.settle();
    return tree_.find_visible(position);
}

// --- what has been applied

serial_t rga_sequence::parent_of(serial_t serial) const {
    const text_id id = ids_.id_of(serial);
    span_tree::place p = tree_.find(serial);
    while (true) {
        const serial_t first = tree_.span_at(p).first;
        for (serial_t end = first + p.offset; end > first;) {
            const text_ids::run& r = ids_.runs()[ids_.run_of(end - 1)];
            const serial_t from = std::max(first, r.first);
            if (const std::uint32_t less = count_less(ids_.id_in(r, from), end - from, id); less > 0)
                return from + less - 1;
            end = from;
        }
        if (!tree_.retreat(p)) return no_serial;
        p.offset = tree_.span_at(p).length();
    }
}

/// The parent of every serial.
std::vector<serial_t> rga_sequence::parents() const {
    std::vector<serial_t> parent(serials());
    std::iota(parent.begin(), parent.end(), no_serial); // the one before
    for_each_parent([&](serial_t first, serial_t of_first) { parent[first] = of_first; });
    return parent;
}

/// No Lamport number is greater than the number of elements (decision 13), so 32 bits hold it.
edit_log::keyed rga_sequence::key_of(serial_t serial) const noexcept {
    const std::size_t number = ids_.run_of(serial);
    const text_ids::run& run = ids_.runs()[number];
    return {std::uint64_t{run.author} << 32 | (run.lamport + (serial - run.first)),
            ids_.end_of(number) - serial};
}

std::vector<edit_log::named_keys> rga_sequence::keys_of(std::span<const rga_text::erased_part> parts) const {
    std::vector<edit_log::named_keys> names;
    names.reserve(parts.size());
    for (const auto& [ids, erases] : parts)
        names.push_back({key_of(ids_.find(ids.first).first).key, ids.length, erases});
    return names;
}

namespace {

/// Transactions, or one that never ends, in the order of their steps.
class transaction_walk {
public:
    transaction_walk(const edit_log& log, std::uint64_t steps, std::uint64_t from, bool apart) {
        if (!apart) return;
        log.for_each_transaction(steps, [&](const causality::dot& id, std::uint64_t, std::uint64_t end) {
            if (end > from) ends_.emplace_back(end, id);
        });
    }
    /// How many of `count` steps from `step` on are of one transaction. Steps come in order.
    std::uint32_t within(std::uint64_t step, std::uint32_t count) {
        while (at_ < ends_.size() && ends_[at_].first <= step)
            ++at_;
        if (at_ == ends_.size()) return count;
        return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, ends_[at_].first - step));
    }
    /// That of the step that was asked for last.
    [[nodiscard]] causality::dot id() const {
        return at_ < ends_.size() ? ends_[at_].second : causality::dot();
    }

private:
    std::vector<std::pair<std::uint64_t, causality::dot>> ends_;
    std::size_t at_ = 0;
};

} // namespace

std::vector<rga_sequence::edit_step> rga_sequence::steps_since(serial_t inserted, std::uint64_t named,
                                                               joined how) const {
    const std::vector<edit_log::named_run> named_runs = log_.named_since(named);
    std::vector<serial_t> all_parents;
    if ((serials() - inserted) > serials() / 16) all_parents = parents();
    const auto parent_of_serial = [&](serial_t serial) {
        return all_parents.empty() ? parent_of(serial) : all_parents[serial];
    };
    transaction_walk transactions(log_, serials() + log_.named(), inserted + named,
                                  how == joined::in_transactions);

    std::vector<edit_step> steps;
    const auto add_inserted = [&](serial_t to) {
        while (inserted < to) {
            const std::size_t run = ids_.run_of(inserted);
            const std::uint32_t most =
                transactions.within(inserted + named, std::min(to, ids_.end_of(run)) - inserted);
            const serial_t parent = parent_of_serial(inserted);
            insert_step step{inserted, 1, ids_.id_of(inserted), {}};
            if (parent != no_serial) step.parent = ids_.id_of(parent);
            while (step.length < most &&
                   parent_of_serial(inserted + step.length) == inserted + step.length - 1)
                ++step.length;
            inserted += step.length;
            steps.push_back({step, {}, {}, transactions.id()});
        }
    };
    // True iff a step that names elements goes on with the last one.
    const auto goes_on = [&](const auto& last) {
        return !steps.empty() && !(steps.back().*last).empty() &&
               steps.back().transaction == transactions.id();
    };
    const std::size_t first_run = log_.named_runs().size() - named_runs.size();
    for (std::size_t n = 0; n < named_runs.size(); ++n) {
        const edit_log::named_run& run = named_runs[n];
        add_inserted(run.inserted());
        const std::uint64_t end = named + run.length();
        for (const std::uint64_t start = named; named < end;) {
            const std::uint32_t part =
                transactions.within(inserted + named, static_cast<std::uint32_t>(end - named));
            const serial_t first = run.serial_at(start, named, named + part);
            named += part;
            if (!run.restores()) {
                if (!goes_on(&edit_step::erased)) steps.push_back({{}, {}, {}, transactions.id()});
                append_ids(steps.back().erased, first, part);
                continue;
            }
            const edit_log::restore& r = log_.restores()[log_.restore_of(first_run + n)];
            if (!goes_on(&edit_step::restored) || r.run == first_run + n)
                steps.push_back({{}, {}, {}, transactions.id()});
            std::vector<text_id_range> ranges;
            append_ids(ranges, first, part);
            for (const text_id_range& range : ranges)
                steps.back().restored.push_back({range, r.erases[first_run + n - r.run]});
        }
    }
    add_inserted(serials());
    return steps;
}

// --- cursors

text_cursor rga_sequence::cursor_at(std::size_t position, text_bias bias, const char* who) const {
    check_position(position, who);
    if (position == (bias == text_bias::left ? 0 : size())) return {std::nullopt, bias};
    return {parent_at(bias == text_bias::left ? position : position + 1), bias};
}

std::optional<std::size_t> rga_sequence::position_of(const text_cursor& cursor) const {
    if (!cursor.anchor) return cursor.bias == text_bias::left ? 0 : size();
    const text_ids::found anchor = ids_.find(*cursor.anchor);
    if (anchor.length == 0) return std::nullopt;
    const span_tree::place p = tree_.find(anchor.first);
    const bool behind = cursor.bias == text_bias::left && tree_.span_at(p).visible();
    return tree_.before(p).visible + (behind ? 1U : 0U);
}

/// Calls back with parts of these elements that are of one span: where it begins, and how long it is.
template <class Function>
void rga_sequence::for_each_part(std::span<const text_id_range> ids, Function&& function) const {
    for (const text_id_range& range : ids) {
        for (std::uint64_t done = 0; done < range.length;) {
            const text_ids::found known = ids_.find({range.first.lamport + done, range.first.replica});
            SANGAM_ASSERT(known.length > 0);
            const span_tree::place at = tree_.find(known.first);
            const std::uint32_t in_span = tree_.span_at(at).length() - at.offset;
            const auto length = static_cast<std::uint32_t>(
                std::min<std::uint64_t>({known.length, in_span, range.length - done}));
            function(at, length);
            done += length;
        }
    }
}

std::optional<text_cursor> rga_sequence::cursor_behind(std::span<const text_id_range> ids) const {
    std::uint32_t greatest = 0; // how many are in front of the cursor
    serial_t last = no_serial;
    for_each_part(ids, [&](const span_tree::place& at, std::uint32_t length) {
        if (!tree_.span_at(at).visible()) return;
        const std::uint32_t end = tree_.before(at).visible + length;
        if (end <= greatest) return;
        greatest = end;
        last = serial_at(at) + length - 1;
    });
    if (last == no_serial) return std::nullopt;
    return text_cursor{ids_.id_of(last), text_bias::left};
}

text_cursor rga_sequence::cursor_at_first(std::span<const text_id_range> ids) const {
    std::uint32_t least = unknown;
    serial_t first = no_serial;
    for_each_part(ids, [&](const span_tree::place& at, std::uint32_t) {
        const std::uint32_t in_front = tree_.before(at).visible;
        if (first != no_serial && in_front >= least) return;
        least = in_front;
        first = serial_at(at);
    });
    return {ids_.id_of(first),
            tree_.span_at(tree_.find(first)).visible() ? text_bias::right : text_bias::left};
}

/// What is hidden has a live erase, and those that it has besides one are counted.
std::string rga_sequence::check_erases(const std::vector<bool>& gone) const {
    std::vector<std::uint32_t> live(serials());
    for (serial_t serial = 0; serial < gone.size(); ++serial)
        live[serial] = gone[serial] ? 1 : 0;
    for (const edit_log::named_run& run : log_.named_runs()) {
        if (run.first + run.length() > run.inserted()) return "T5: erased before it was inserted";
    }
    log_.for_each_live_erase([&](serial_t first, std::uint32_t length) {
        for (serial_t serial = first; serial < first + length; ++serial)
            ++live[serial];
    });
    std::string broken;
    for_each_run([&](serial_t first, const text_id&, std::uint32_t length, bool visible) {
        for (serial_t serial = first; serial < first + length; ++serial) {
            if ((live[serial] > 0) == visible)
                broken = "T5: the log and the tree differ about what is erased";
            if (again_.part_at(serial, serial + 1).count != std::max(live[serial], 1U) - 1)
                broken = "T7: the number of erases is wrong";
        }
    });
    return broken.empty() ? log_.check_restores() : broken;
}

std::string rga_sequence::check_invariants(const std::vector<bool>& gone) const {
    if (std::string broken = ids_.check_invariants(); !broken.empty()) return broken;
    if (std::string broken = tree_.check_invariants(ids_); !broken.empty()) return broken;
    if (tree_.size() != ids_.size()) return "the tree has other serials than the ids";
    if (gone.size() > log_.base() || log_.base() > serials()) return "T5: the base of the log is wrong";
    std::string broken = check_erases(gone);
    if (here_.span_start != unknown &&
        (!tree_.span_at(here_.at).visible() ||
         tree_.before({here_.at.leaf, here_.at.slot, 0}).visible != here_.span_start))
        return "the remembered place is wrong";
    if (broken.empty() && next_.left > 0) broken = check_next();
    return broken;
}

/// The next keystroke would find everything as it needs it.
std::string rga_sequence::check_next() const {
    const span_tree::span& s = tree_.span_at(here_.at);
    if (!s.visible()) return "the next keystroke's span is hidden";
    if (!log_.expects_one(ids_.size()) || next_.id != log_.next())
        return "the log does not expect the next keystroke";
    std::uint32_t in_front = s.length(); // of it, of the span
    serial_t erased = s.end() - 1;
    switch (next_.what) {
    case keystroke::type:
        if (s.end() != ids_.size() || !ids_.continues(next_.id.replica) ||
            next_.left > tree_.room_for_typing())
            return "what is typed next would not lengthen the last run";
        break;
    case keystroke::backspace:
        if (!tree_.is_hidden_from(here_.at.leaf, here_.at.slot + 1, s.end()) || !log_.erased_from(s.end()))
            return "no tombstone begins where the next backspace is";
        --in_front;
        break;
    case keystroke::delete_forward:
        if (!tree_.is_hidden_up_to(here_.at.leaf, here_.at.slot - 1, s.first) || !log_.erased_up_to(s.first))
            return "no tombstone ends where the next delete is";
        in_front = 0;
        erased = s.first;
        break;
    }
    if (here_.span_start != unknown && next_.position != position_in_span(in_front))
        return "the next keystroke is elsewhere";
    if (next_.what == keystroke::type) return {};
    if (next_.left >= s.length() || tree_.wide_in(s.first, s.length()) > 0)
        return "the next keystrokes would leave nothing of their span, or are wide";
    if (next_.erased.lamport > 0 && ids_.id_of(erased) != next_.erased)
        return "the next to go has another id";
    return {};
}

} // namespace sangam::crdt
