#pragma once

#include "edit_log.hpp"
#include "span_tree.hpp"
#include "text_id_set.hpp"
#include "text_ids.hpp"

#include <sangam/causality/replica_id.hpp>
#include <sangam/crdt/operation_context.hpp>
#include <sangam/crdt/rga_text.hpp>
#include <sangam/crdt/text_types.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sangam::crdt {

/// The order of a replicated sequence, whatever its elements are: what rga_text and rga_list have in common.
/// Who uses it keeps the content of each element under its serial: the next insert's first is `serials()`.
///
/// Cost: as rga_text says.
class rga_sequence {
public:
    rga_sequence() = default;
    /// What was stored. Preconditions: ids and spans hold the same serials, the log is about them;
    /// `by_serial` and `wide` as span_tree::build says; `again`: how many live erases each element has
    /// besides one, those of the log's base counted.
    rga_sequence(text_ids ids, std::span<const span_tree::span> spans,
                 std::span<const std::uint32_t> by_serial, std::vector<serial_t> wide, edit_log log,
                 interval_counts again);

    [[nodiscard]] const span_tree& tree() const noexcept { return tree_; }
    [[nodiscard]] const text_ids& ids() const noexcept { return ids_; }
    [[nodiscard]] const edit_log& log() const noexcept { return log_; }
    [[nodiscard]] std::size_t size() const noexcept { return tree_.totals().visible; }
    [[nodiscard]] serial_t serials() const noexcept { return ids_.size(); }

    // --- to prepare: `who` is named in errors; they throw errc::position_past_end and too_large

    void check_position(std::size_t position, const char* who) const {
        if (position > size()) throw_past_end(position, who);
    }
    void check_range(std::size_t position, std::size_t count, const char* who) const {
        if (position > size() || count > size() - position) throw_past_end(position, count, who);
    }
    /// The id of the first of `length` elements that `self` inserts next.
    [[nodiscard]] text_id next_id(std::uint64_t length, causality::replica_id self, const char* who) const;
    /// What an insert in front of the visible element at `position` is put behind.
    [[nodiscard]] std::optional<text_id> parent_at(std::size_t position) const;
    [[nodiscard]] serial_t serial_at(const span_tree::place& at) const noexcept {
        return tree_.span_at(at).first + at.offset;
    }
    /// The visible element in front of `position`; none: the start. Precondition: position <= size().
    [[nodiscard]] std::optional<span_tree::place> place_before(std::size_t position) const noexcept {
        if (position == 0) return std::nullopt;
        return find_visible_near(static_cast<std::uint32_t>(position - 1)).at;
    }
    /// The same for who inserts or erases there next: it is found at once then.
    [[nodiscard]] std::optional<span_tree::place> go_to_place_before(std::size_t position) noexcept {
        if (position == 0) return std::nullopt;
        next_.left = 0;
        here_ = find_visible_here(static_cast<std::uint32_t>(position - 1));
        return here_.at;
    }
    /// The ids of `count` visible elements from `position` on, in the order of the sequence.
    [[nodiscard]] std::vector<text_id_range> ids_at(std::size_t position, std::size_t count) const;

    // --- to judge an operation of `origin`; `pending` as rga_text::accepts says

    [[nodiscard]] bool accepts_insert(const text_id& first, std::uint64_t length,
                                      const std::optional<text_id>& parent, causality::replica_id origin,
                                      std::span<const text_id_range> pending) const;
    [[nodiscard]] bool accepts_erase(std::span<const text_id_range> ranges,
                                     std::span<const text_id_range> pending) const;
    [[nodiscard]] bool accepts_restore(std::span<const rga_text::erased_part> parts,
                                       std::span<const text_id_range> pending) const;
    [[nodiscard]] bool knows(const text_id& id) const noexcept { return ids_.find(id).length > 0; }

    // --- to apply one that is accepted. `wide`: which of the new elements take two UTF-16 units, increasing;
    // an insert that throws has changed nothing

    /// Returns where the new elements are.
    span_tree::place insert(const text_id& first, const std::optional<text_id>& parent, std::uint32_t length,
                            const operation_context& context, std::span<const std::uint32_t> wide = {});
    /// Hides what of the ranges is visible, and counts the erase of what is hidden already, once for each
    /// element; calls `hidden(place, length)` before each part that goes. If it throws, each part is either
    /// hidden and in the log, or as it was; `hidden` may throw, and then has been called for one part more.
    template <class Function>
    void erase(std::span<const text_id_range> ranges, const operation_context& context, Function&& hidden) {
        const auto once = each_once(ranges);
        for (const text_id_range& range : once ? std::span<const text_id_range>(*once) : ranges)
            erase_range(range, context, hidden);
    }
    /// Takes erases back, as far as they are here and no restore has taken them back; calls `shown(place,
    /// length)` before each part of which no erase is left, which then is visible. If it throws, each part is
    /// as it was, or as it will be, and what is in the log agrees; it may be called again. `shown` as
    /// `hidden`.
    template <class Function>
    void restore(std::span<const rga_text::erased_part> parts, const operation_context& context,
                 Function&& shown);

    /// The same for a change that is made here. Precondition: check_position or check_range.
    void insert_here(std::size_t position, std::uint32_t length, const operation_context& context,
                     const char* who, std::span<const std::uint32_t> wide = {});
    void erase_here(std::size_t position, std::size_t count, const operation_context& context);

    // --- keystrokes: one element behind the one that was inserted last, or one erased beside the one that
    // was erased last, in the next transaction of the same replica

    /// True iff any keystroke of this transaction is expected.
    [[nodiscard]] bool expects(const operation_context& context) const noexcept {
        return next_.is(context.id);
    }
    /// True iff an insert of one element here, or an accepted one of `first`, is the next keystroke.
    [[nodiscard]] bool continues_typing(std::size_t position,
                                        const operation_context& context) const noexcept {
        return next_.what == keystroke::type && is_next(position, context.id);
    }
    [[nodiscard]] bool continues_typing(const text_id& first, const std::optional<text_id>& parent,
                                        const operation_context& context) const noexcept {
        return next_.what == keystroke::type && next_.is(context.id) && parent &&
               parent->replica == first.replica && parent->lamport + 1 == first.lamport;
    }
    /// Precondition: continues_typing. The element is not wide.
    void type_one() noexcept {
        tree_.type(here_.at.leaf, here_.at.slot);
        ids_.lengthen(1);
        log_.lengthen();
        next_.done();
        ++next_.position;
    }
    /// No more than so many in a row.
    void limit_typing(std::size_t most) noexcept {
        next_.left = static_cast<std::uint32_t>(std::min<std::size_t>(next_.left, most));
    }
    /// True iff to erase one element here, or `id`, is the next keystroke.
    [[nodiscard]] bool continues_erasing(std::size_t position,
                                         const operation_context& context) const noexcept {
        return next_.what != keystroke::type && is_next(position, context.id);
    }
    [[nodiscard]] bool continues_erasing(const text_id& id, const operation_context& context) const noexcept {
        return next_.what != keystroke::type && next_.is(context.id) && id == next_.erased;
    }
    /// Precondition: continues_erasing.
    void erase_one() noexcept {
        if (next_.what == keystroke::backspace) {
            tree_.backspace(here_.at.leaf, here_.at.slot);
            log_.erase_one_before();
            --next_.position;
            next_.erased.lamport -= next_.erased.lamport > 0 ? 1 : 0;
        } else {
            tree_.delete_forward(here_.at.leaf, here_.at.slot);
            log_.erase_one_behind();
            next_.erased.lamport += next_.erased.lamport > 0 ? 1 : 0;
        }
        log_.lengthen();
        next_.done();
    }
    /// Where the next keystroke is, if that is known.
    [[nodiscard]] std::optional<std::size_t> next_position() const noexcept {
        if (here_.span_start == unknown) return std::nullopt;
        return next_.position;
    }
    /// Makes it known: so many visible elements are in front of what was inserted last, or of where it was
    /// erased.
    void found_at(std::size_t position) noexcept;

    /// What is typed next may belong elsewhere than behind what was typed last: find out.
    void forget_here() noexcept {
        here_ = {{no_serial, 0, 0}, unknown};
        next_.left = 0;
    }

    // --- what has been applied

    /// One step of an operation again: an insert of serials, or an erase of ids.
    struct insert_step {
        serial_t first = 0;
        std::uint32_t length = 0;
        text_id id; ///< the first one's
        std::optional<text_id> parent;
    };
    struct edit_step {
        std::optional<insert_step> inserted;
        std::vector<text_id_range> erased;
        std::vector<rga_text::erased_part> restored;
        causality::dot transaction; ///< if it is asked for
    };
    /// What was applied since, in order, in the longest steps; or each of one transaction. Precondition of
    /// the latter: no step is of the base.
    enum class joined : std::uint8_t { over_transactions, in_transactions };
    [[nodiscard]] std::vector<edit_step> steps_since(serial_t inserted, std::uint64_t named,
                                                     joined how) const;
    /// What the element was put behind: the nearest on its left whose id is less.
    [[nodiscard]] serial_t parent_of(serial_t serial) const;

    /// Calls back with the first serial of every run, as for_each_run has them, and its parent; of the others
    /// it is the one before. O(n).
    template <class Function>
    void for_each_parent(Function&& function) const;

    // --- cursors

    [[nodiscard]] text_cursor cursor_at(std::size_t position, text_bias bias, const char* who) const;
    [[nodiscard]] std::optional<std::size_t> position_of(const text_cursor& cursor) const;
    [[nodiscard]] std::optional<text_cursor> cursor_behind(std::span<const text_id_range> ids) const;
    [[nodiscard]] text_cursor cursor_at_first(std::span<const text_id_range> ids) const;

    /// Every element in order: calls back with runs of consecutive ids, all visible or all hidden.
    template <class Function>
    void for_each_run(Function&& function) const;

    /// `gone`: which serials of the log's base had been erased when it begins; those behind its end were not.
    [[nodiscard]] std::string check_invariants(const std::vector<bool>& gone = {}) const;

private:
    [[nodiscard]] std::string check_next() const;
    [[noreturn]] void throw_past_end(std::size_t position, const char* who) const;
    [[noreturn]] void throw_past_end(std::size_t position, std::size_t count, const char* who) const;
    /// If it is not far from here_; else a place without a leaf.
    [[nodiscard]] span_tree::position_place find_from_here(std::uint32_t position) const noexcept {
        if (here_.span_start == unknown) return {{no_serial, 0, 0}, 0};
        return tree_.find_visible_from(here_, position);
    }
    [[nodiscard]] span_tree::position_place find_visible_near(std::uint32_t position) const noexcept;
    /// The same for who is about to change something.
    [[nodiscard]] span_tree::position_place find_visible_here(std::uint32_t position) noexcept;
    [[nodiscard]] span_tree::place next_visible(span_tree::place at, std::uint32_t position) noexcept;
    [[nodiscard]] bool lengthen_last(const text_id& first, const std::optional<text_id>& parent,
                                     std::uint32_t length, std::span<const std::uint32_t> wide);
    [[nodiscard]] std::vector<serial_t> parents() const;
    void append_ids(std::vector<text_id_range>& ranges, serial_t first, std::uint32_t length) const;
    /// A key holds the author and the Lamport number of an element: ids in a row have keys in a row.
    [[nodiscard]] edit_log::keyed key_of(serial_t serial) const noexcept;
    [[nodiscard]] std::vector<edit_log::named_keys>
    keys_of(std::span<const rga_text::erased_part> parts) const;
    template <class Function>
    void for_each_part(std::span<const text_id_range> ids, Function&& function) const;
    template <class Function>
    void erase_range(const text_id_range& range, const operation_context& context, Function& hidden);
    template <class Function>
    void take_back(const edit_log::erased_part& erased, span_tree::place& guess, Function&& shown);
    [[nodiscard]] std::string check_erases(const std::vector<bool>& gone) const;
    void remember_erased(span_tree::place at, span_tree::place behind, std::uint32_t position) noexcept;
    void expect_typing(causality::replica_id writer) noexcept;
    void expect_erasing() noexcept;
    void expect_erasing_ids() noexcept;
    /// Behind so many elements of here_.
    [[nodiscard]] std::size_t position_in_span(std::uint32_t length) const noexcept {
        return std::size_t{here_.span_start} + length;
    }
    [[nodiscard]] bool is_next(std::size_t position, const causality::dot& id) const noexcept {
        return next_.position == position && next_.is(id) && here_.span_start != unknown;
    }
    [[nodiscard]] const span_tree::place& guess_of(text_ids::author_t author) const noexcept {
        static constexpr span_tree::place none;
        return author < guesses_.size() ? guesses_[author] : none;
    }

    text_ids ids_;
    span_tree tree_;
    edit_log log_;
    interval_counts again_; ///< by serial: live erases of it besides one
    static constexpr std::uint32_t unknown = no_serial;

    /// A visible span next to the last change, if it is known where that is.
    span_tree::position_place here_{{no_serial, 0, 0}, unknown};
    /// What would only lengthen or shorten that span: which keystroke where, in which transaction, how often.
    struct keystroke {
        enum : std::uint32_t { type, backspace, delete_forward } what = type;
        std::uint32_t left = 0;
        std::size_t position = 0; ///< only if the place of here_ is known
        causality::dot id;
        text_id erased; ///< Lamport number 0: not known

        [[nodiscard]] bool is(const causality::dot& of) const noexcept { return id == of && left > 0; }
        void done() noexcept {
            --left;
            ++id.sequence;
        }
    };
    keystroke next_;
    std::vector<span_tree::place> guesses_; ///< by author: where its last change was
};

template <class Function>
void rga_sequence::erase_range(const text_id_range& range, const operation_context& context,
                               Function& hidden) {
    forget_here();
    log_.begin(context.id, ids_.size());
    const text_ids::author_t author = ids_.author_of(context.id.replica);
    span_tree::place guess = guess_of(author);
    text_id id = range.first;
    span_tree::place from{no_serial, 0, 0}; // where the last part was hidden, and what is behind it
    span_tree::place behind;
    for (std::uint64_t left = range.length; left > 0;) {
        const text_ids::found known = ids_.find(id);
        const auto length = static_cast<std::uint32_t>(std::min<std::uint64_t>(known.length, left));
        for (serial_t serial = known.first; serial < known.first + length;) {
            span_tree::place at = tree_.find(serial, guess);
            const span_tree::span s = tree_.span_at(at);
            const std::uint32_t part = std::min(s.end(), known.first + length) - serial;
            log_.reserve_erase();
            if (s.visible()) {
                at = tree_.reserve_at(at);
                hidden(at, part);
                from = at;
                at = behind = tree_.hide(at, part);
            } else {
                again_.prepare(serial, serial + part);
                again_.add(serial, serial + part);
            }
            log_.erase(serial, part, ids_.size());
            guess = at;
            serial += part;
        }
        id.lamport += length;
        left -= length;
    }
    if (author < guesses_.size()) guesses_[author] = guess;
    if (range.length == 1 && from.leaf != no_serial && log_.expects_one(ids_.size())) {
        remember_erased(from, behind, unknown);
        expect_erasing_ids();
    }
}

template <class Function>
void rga_sequence::restore(std::span<const rga_text::erased_part> parts, const operation_context& context,
                           Function&& shown) {
    forget_here();
    log_.begin(context.id, ids_.size());
    log_.index();
    std::vector<edit_log::restored_run> naming;
    const std::vector<edit_log::erased_part> erases = log_.find_erases(
        keys_of(parts), [this](serial_t serial) { return key_of(serial); }, ids_.size() + log_.named(),
        &naming);
    if (erases.empty()) return;
    log_.begin_restore(naming, ids_.size(), erases.size());
    span_tree::place guess{no_serial, 0, 0};
    for (const edit_log::erased_part& part : erases) {
        for (std::uint64_t step = part.steps.first; step < part.steps.end;) {
            const interval_counts::part same = log_.taken_back().part_at(step, part.steps.end);
            if (same.count == 0) {
                take_back(part.cut({step, same.end}), guess, shown);
            } else {
                log_.take_back_again({step, same.end});
            }
            step = same.end;
        }
    }
}

template <class Function>
void rga_sequence::take_back(const edit_log::erased_part& erased, span_tree::place& guess, Function&& shown) {
    for (serial_t serial = erased.first; serial < erased.first + erased.length();) {
        const interval_counts::part again = again_.part_at(serial, erased.first + erased.length());
        auto length = static_cast<std::uint32_t>(again.end - serial);
        span_tree::place at;
        if (again.count == 0) {
            at = tree_.find(serial, guess);
            length = std::min(length, tree_.span_at(at).end() - serial);
            at = tree_.reserve_at(at);
        } else {
            again_.prepare(serial, serial + length);
        }
        const edit_log::step_range steps = erased.steps_of(serial, length);
        log_.prepare_to_take_back(steps);
        if (again.count == 0) {
            shown(at, length);
            guess = tree_.show(at, length);
        } else {
            again_.subtract(serial, serial + length);
        }
        log_.take_back(steps);
        serial += length;
    }
}

template <class Function>
void rga_sequence::for_each_run(Function&& function) const {
    tree_.for_each([&](const span_tree::span& s) {
        for (serial_t serial = s.first; serial < s.end();) {
            const std::size_t run = ids_.run_of(serial);
            const serial_t end = std::min(s.end(), ids_.end_of(run));
            function(serial, ids_.id_in(ids_.runs()[run], serial), end - serial, s.visible());
            serial = end;
        }
    });
}

/// How many of `length` consecutive ids from `first` on are less than `id`.
[[nodiscard]] inline std::uint32_t count_less(const text_id& first, std::uint32_t length,
                                              const text_id& id) noexcept {
    if (!(first < id)) return 0;
    const std::uint64_t less = id.lamport - first.lamport + (first.replica < id.replica ? 1 : 0);
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(length, less));
}

template <class Function>
void rga_sequence::for_each_parent(Function&& function) const {
    struct piece {
        text_id id;
        serial_t first;
        std::uint32_t length;
    };
    std::vector<piece> open; // increasing ids: what may still be somebody's parent
    for_each_run([&](serial_t first, const text_id& id, std::uint32_t length, bool) {
        while (!open.empty()) {
            piece& last = open.back();
            last.length = count_less(last.id, last.length, id);
            if (last.length > 0) break;
            open.pop_back();
        }
        function(first, open.empty() ? no_serial : open.back().first + open.back().length - 1);
        open.push_back({id, first, length});
    });
}

} // namespace sangam::crdt
