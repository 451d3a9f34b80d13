#pragma once

#include "interval_counts.hpp"
#include "text_ids.hpp"

#include <sangam/causality/dot.hpp>
#include <sangam/crdt/text_types.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace sangam::crdt {

/// What was done to a sequence, in the order of application: which elements were named by erases, and by
/// restores that take erases back, after how many had been inserted, and which transaction did it. Inserts
/// need no entry: the order of serials is their log.
///
/// Elements that were there before the log begins, because the sequence was loaded without its history, are
/// its base: no entry tells who inserted them, or which of them had been erased by then.
///
/// One element that is inserted, or named by an erase or a restore, is a step; those of the base come first.
/// Transactions of one replica that follow on each other with the same number of steps are one run, and so
/// are erased elements with consecutive serials. An erase is told by its step among the named ones: the step
/// gives the element, and the transaction whose dot is the erase's name. So an erase that nobody takes back
/// costs nothing more. Cost: `begin` and `erase` O(1); 12 bytes a run of named elements, 32 a run of
/// transactions; 80 bytes a restore, 24 a run of transactions whose erases it names, 16 to 64 a run of erases
/// that it takes back. From the first restore on 8 bytes more a run of named elements and 4 a run of
/// transactions, to find erases by their dots.
class edit_log {
public:
    /// Elements that were named one after another when `inserted` serials were there.
    struct named_run {
        std::uint32_t when = 0; ///< `inserted`, and the highest bit if a restore named them
        serial_t first = 0;
        std::uint32_t bits = 0; ///< length * 2 + 1 if the last one was erased first

        [[nodiscard]] serial_t inserted() const noexcept { return when & ~restore_bit; }
        [[nodiscard]] bool restores() const noexcept { return (when & restore_bit) != 0; }
        [[nodiscard]] std::uint32_t length() const noexcept { return bits >> 1; }
        [[nodiscard]] bool backward() const noexcept { return (bits & 1) != 0; }
        /// The serials of the named steps [from, to) of this run, of which the first is `start`.
        [[nodiscard]] serial_t serial_at(std::uint64_t start, std::uint64_t from,
                                         std::uint64_t to) const noexcept {
            return first + static_cast<serial_t>(backward() ? start + length() - to : from - start);
        }
    };
    static constexpr std::uint32_t restore_bit = std::uint32_t{1} << 31;

    /// Named steps [first, end).
    struct step_range {
        std::uint64_t first = 0;
        std::uint64_t end = 0;
        friend bool operator==(const step_range&, const step_range&) = default;
    };
    /// A restore: the named runs from `run` on, and of each whose erases it takes back.
    struct restore {
        std::uint64_t step = 0; ///< its first named step
        std::size_t run = 0;
        std::vector<dot_range> erases;
        std::vector<step_range> targets; ///< the erases that it names and that were here
    };
    /// `count` transactions with consecutive sequence numbers; each has `stride` steps, but the last has
    /// those up to the next run.
    struct transaction_run {
        causality::dot first;
        std::uint64_t step = 0;   ///< the first one's first
        std::uint32_t stride = 0; ///< 0: not known yet, with one transaction
        std::uint32_t count = 1;

        /// Where one more would have to begin.
        [[nodiscard]] std::uint64_t next_step() const noexcept {
            return stride == 0 ? no_step : step + std::uint64_t{count} * stride;
        }
    };
    static constexpr std::uint64_t no_step = std::numeric_limits<std::uint64_t>::max();

    edit_log() = default;
    /// A log as it was before it was stored. Precondition: runs as this class makes them.
    /// Of each restore `step` and `targets` are found out. Cost: also O(r log r) for r named runs if there
    /// are restores.
    edit_log(serial_t base, std::vector<named_run> named, std::vector<transaction_run> transactions,
             std::vector<restore> restores = {});

    /// How many elements were there when the log begins.
    [[nodiscard]] serial_t base() const noexcept { return base_; }
    /// How many elements were named, each time counted.
    [[nodiscard]] std::uint64_t named() const noexcept { return named_; }
    [[nodiscard]] const std::vector<named_run>& named_runs() const noexcept { return named_runs_; }
    [[nodiscard]] const std::vector<restore>& restores() const noexcept { return restores_; }
    /// The restore that a named run is of. Precondition: it is a restore's.
    [[nodiscard]] std::size_t restore_of(std::size_t run) const noexcept;
    /// The erases that were taken back, by named step: 1, all others 0.
    [[nodiscard]] const interval_counts& taken_back() const noexcept { return taken_back_; }
    [[nodiscard]] const std::vector<transaction_run>& transaction_runs() const noexcept {
        return transactions_;
    }

    /// What follows is of transaction `id`. `inserted`: how many serials there are.
    void begin(const causality::dot& id, serial_t inserted) {
        if (!transactions_.empty()) {
            transaction_run& last = transactions_.back();
            const std::uint64_t behind = id.sequence - last.first.sequence;
            if (id.replica == last.first.replica) {
                if (behind == last.count && last.next_step() == inserted + named_) {
                    ++last.count;
                    return;
                }
                if (behind + 1 == last.count) return; // it goes on
            }
        }
        begin_run(id, inserted + named_);
    }
    /// Makes room for one `erase`, which then does not throw.
    void reserve_erase() {
        if (named_runs_.size() == named_runs_.capacity())
            named_runs_.reserve(named_runs_.size() + named_runs_.size() / 2 + 4);
    }
    /// Elements were erased. If it throws, nothing has changed.
    void erase(serial_t first, std::uint32_t length, serial_t inserted) {
        if (!named_runs_.empty() && named_runs_.back().when == inserted) {
            named_run& last = named_runs_.back();
            const bool single = last.length() == 1;
            if (length == 1 && first + 1 == last.first && (single || last.backward())) {
                erase_one_before();
                return;
            }
            if (first == last.first + last.length() && (single || !last.backward())) {
                last.bits = (last.bits & ~1U) + (length << 1);
                named_ += length;
                return;
            }
        }
        named_runs_.push_back({inserted, first, length << 1});
        named_ += length;
    }

    /// True iff a transaction of one step, now, would lengthen the last run, and which one it would be.
    [[nodiscard]] bool expects_one(serial_t inserted) const noexcept {
        return transactions_.back().stride == 1 && inserted + named_ == transactions_.back().next_step();
    }
    [[nodiscard]] causality::dot next() const noexcept {
        const transaction_run& last = transactions_.back();
        return {last.first.replica, last.first.sequence + last.count};
    }
    /// That transaction is there. Precondition: expects_one.
    void lengthen() noexcept { ++transactions_.back().count; }
    /// True iff the serial before `serial` (or `serial` itself), erased now, would lengthen the last run, as
    /// `erase_one_before` (or `erase_one_behind`) does.
    [[nodiscard]] bool erased_from(serial_t serial) const noexcept {
        const named_run& last = named_runs_.back();
        return last.first == serial && (last.backward() || last.length() == 1);
    }
    [[nodiscard]] bool erased_up_to(serial_t serial) const noexcept {
        const named_run& last = named_runs_.back();
        return last.first + last.length() == serial && (!last.backward() || last.length() == 1);
    }
    void erase_one_behind() noexcept {
        named_run& last = named_runs_.back();
        last.bits = (last.bits + 2) & ~1U;
        ++named_;
    }
    void erase_one_before() noexcept {
        named_run& last = named_runs_.back();
        last.first -= 1;
        last.bits = (last.bits + 2) | 1;
        ++named_;
    }

    /// The runs from named step `since` on, the first one shortened to what is left of it.
    [[nodiscard]] std::vector<named_run> named_since(std::uint64_t since) const;

    // --- restores

    /// Consecutive named steps of a run that are erases.
    struct erased_part {
        step_range steps;
        serial_t first = 0; ///< of as many serials
        bool backward = false;

        [[nodiscard]] std::uint32_t length() const noexcept {
            return static_cast<std::uint32_t>(steps.end - steps.first);
        }
        /// The steps of some of its serials.
        [[nodiscard]] step_range steps_of(serial_t from, std::uint32_t count) const noexcept {
            const std::uint64_t in_front = from - first;
            const std::uint64_t step = backward ? steps.end - in_front - count : steps.first + in_front;
            return {step, step + count};
        }
        [[nodiscard]] erased_part part(serial_t from, std::uint32_t count) const noexcept {
            return {steps_of(from, count), from, backward};
        }
        /// Those of some of its steps.
        [[nodiscard]] erased_part cut(const step_range& some) const noexcept {
            const std::uint64_t in_front = backward ? steps.end - some.end : some.first - steps.first;
            return {some, first + static_cast<serial_t>(in_front), backward};
        }
    };
    /// Consecutive serials, and the transactions whose erases of them are taken back.
    struct restored_run {
        serial_t first = 0;
        std::uint32_t length = 0;
        dot_range erases;
    };
    /// Elements with consecutive keys, and the transactions whose erases of them are named. Keys are what who
    /// names them has in one range, so that a name costs one range: ids, where serials would be many.
    struct named_keys {
        std::uint64_t first = 0;
        std::uint64_t length = 0;
        dot_range erases;
    };
    /// The key of an element, and how many from it on have consecutive serials and keys.
    struct keyed {
        std::uint64_t key = 0;
        std::uint64_t length = 0;
    };
    using key_function = std::function<keyed(serial_t)>;
    /// The erases that are named, of the steps before `end` (of all, inserts too), taken back or not: in the
    /// order of their steps, each once. Cost: O((n + e + f) log n) for n names, e runs of erases (cut where
    /// keys are not consecutive) by the transactions that any of them names, and f parts that are found;
    /// besides O(what is not indexed) for each sequence number where a range of transactions begins or ends.
    /// `naming`: gets what names an erase, each pair of an element and a transaction once; a range of
    /// transactions begins and ends with some that are here.
    [[nodiscard]] std::vector<erased_part> find_erases(std::vector<named_keys> names,
                                                       const key_function& key_of, std::uint64_t end,
                                                       std::vector<restored_run>* naming = nullptr) const;
    /// Makes `find_erases` fast for all that is here. Amortised O(1) a run.
    void index();
    /// A restore begins that names these runs; it will take back so many parts. If it throws, nothing has
    /// changed.
    void begin_restore(std::span<const restored_run> runs, serial_t inserted, std::size_t parts);
    /// The last restore takes these erases back, which no restore had taken back yet, or which one had
    /// ("again"). Precondition: of the first, `prepare_to_take_back`, which may throw.
    void prepare_to_take_back(const step_range& steps) { taken_back_.prepare(steps.first, steps.end); }
    void take_back(const step_range& steps) noexcept {
        taken_back_.add(steps.first, steps.end);
        add_target(steps);
    }
    void take_back_again(const step_range& steps) noexcept { add_target(steps); }

    /// Empty, or what is wrong: what is taken back is what restores have taken back.
    [[nodiscard]] std::string check_restores() const;

    /// Calls back with the erases that are not taken back.
    template <class Function>
    void for_each_live_erase(Function&& function) const {
        std::uint64_t start = 0;
        for (const named_run& run : named_runs_) {
            const std::uint64_t end = start + run.length();
            for (std::uint64_t step = start; step < end && !run.restores();) {
                const interval_counts::part part = taken_back_.part_at(step, end);
                if (part.count == 0)
                    function(run.serial_at(start, step, part.end),
                             static_cast<std::uint32_t>(part.end - step));
                step = part.end;
            }
            start = end;
        }
    }

    /// Calls back for every transaction in order: its dot, and its steps [from, to). `steps`: how many there
    /// are.
    template <class Function>
    void for_each_transaction(std::uint64_t steps, Function&& function) const {
        for (std::size_t n = 0; n < transactions_.size(); ++n) {
            const transaction_run& r = transactions_[n];
            const std::uint64_t end = n + 1 < transactions_.size() ? transactions_[n + 1].step : steps;
            for (std::uint64_t i = 0; i < r.count; ++i) {
                const std::uint64_t from = r.step + i * r.stride;
                const std::uint64_t to = i + 1 < r.count ? from + r.stride : end;
                if (from < to) function(causality::dot{r.first.replica, r.first.sequence + i}, from, to);
            }
        }
    }

private:
    void begin_run(const causality::dot& id, std::uint64_t step);
    void find_erases_by_one(std::span<const named_keys> names, const key_function& key_of, std::uint64_t end,
                            std::vector<erased_part>& found, std::vector<restored_run>* naming) const;
    static void unite(std::vector<restored_run>& runs, std::size_t from);
    void add_target(const step_range& steps) noexcept;
    /// The steps of transactions, and from the first to the last of these that is here.
    struct known_steps {
        std::vector<step_range> steps;
        dot_range transactions;
    };
    [[nodiscard]] known_steps steps_of(const dot_range& transactions, std::uint64_t end) const;
    void append_steps(known_steps& known, std::size_t number, const dot_range& transactions,
                      std::uint64_t end) const;
    template <class Function>
    void for_each_erase_in(const step_range& steps, Function&& function) const;
    void find_targets(restore& r);

    serial_t base_ = 0;
    std::vector<named_run> named_runs_;
    std::vector<transaction_run> transactions_;
    std::uint64_t named_ = 0;
    std::vector<restore> restores_;
    interval_counts taken_back_;
    /// What `index` has seen: where the named runs start, and the transaction runs of each replica. The last
    /// of these is not among them: it may become another's.
    std::vector<std::uint64_t> starts_;
    std::map<causality::replica_id, std::vector<std::uint32_t>> runs_by_;
    std::size_t indexed_transactions_ = 0;
};

} // namespace sangam::crdt
