#pragma once

#include "text_ids.hpp"

#include <sangam/causality/dot.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace sangam::crdt {

/// What was done to a sequence, in the order of application: which elements were erased after how many had
/// been inserted, and which transaction did it. Inserts need no entry: the order of serials is their log.
///
/// Elements that were there before the log begins, because the sequence was loaded without its history, are
/// its base: no entry tells who inserted them, or which of them had been erased by then.
///
/// One inserted or erased element is a step; those of the base come first. Transactions of one replica that
/// follow on each other with the same number of steps are one run, and so are erased elements with
/// consecutive serials. Cost: `begin` and `erase` O(1); 12 bytes a run of erased elements, 32 a run of
/// transactions.
class edit_log {
public:
    /// Elements that were erased one after another when `inserted` serials were there.
    struct erased_run {
        serial_t inserted = 0;
        serial_t first = 0;
        std::uint32_t bits = 0; ///< length * 2 + 1 if the last one was erased first

        [[nodiscard]] std::uint32_t length() const noexcept { return bits >> 1; }
        [[nodiscard]] bool backward() const noexcept { return (bits & 1) != 0; }
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
    edit_log(serial_t base, std::vector<erased_run> erased, std::vector<transaction_run> transactions);

    /// How many elements were there when the log begins.
    [[nodiscard]] serial_t base() const noexcept { return base_; }
    [[nodiscard]] std::uint64_t erased() const noexcept { return erased_; }
    [[nodiscard]] const std::vector<erased_run>& erased_runs() const noexcept { return erased_runs_; }
    [[nodiscard]] const std::vector<transaction_run>& transaction_runs() const noexcept {
        return transactions_;
    }

    /// What follows is of transaction `id`. `inserted`: how many serials there are.
    void begin(const causality::dot& id, serial_t inserted) {
        if (!transactions_.empty()) {
            transaction_run& last = transactions_.back();
            const std::uint64_t behind = id.sequence - last.first.sequence;
            if (id.replica == last.first.replica) {
                if (behind == last.count && last.next_step() == inserted + erased_) {
                    ++last.count;
                    return;
                }
                if (behind + 1 == last.count) return; // it goes on
            }
        }
        begin_run(id, inserted + erased_);
    }
    /// Makes room for one `erase`, which then does not throw.
    void reserve_erase() {
        if (erased_runs_.size() == erased_runs_.capacity())
            erased_runs_.reserve(erased_runs_.size() + erased_runs_.size() / 2 + 4);
    }
    /// Elements were erased. If it throws, nothing has changed.
    void erase(serial_t first, std::uint32_t length, serial_t inserted) {
        if (!erased_runs_.empty() && erased_runs_.back().inserted == inserted) {
            erased_run& last = erased_runs_.back();
            const bool single = last.length() == 1;
            if (length == 1 && first + 1 == last.first && (single || last.backward())) {
                erase_one_before();
                return;
            }
            if (first == last.first + last.length() && (single || !last.backward())) {
                last.bits = (last.bits & ~1U) + (length << 1);
                erased_ += length;
                return;
            }
        }
        erased_runs_.push_back({inserted, first, length << 1});
        erased_ += length;
    }

    /// True iff a transaction of one step, now, would lengthen the last run, and which one it would be.
    [[nodiscard]] bool expects_one(serial_t inserted) const noexcept {
        return transactions_.back().stride == 1 && inserted + erased_ == transactions_.back().next_step();
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
        const erased_run& last = erased_runs_.back();
        return last.first == serial && (last.backward() || last.length() == 1);
    }
    [[nodiscard]] bool erased_up_to(serial_t serial) const noexcept {
        const erased_run& last = erased_runs_.back();
        return last.first + last.length() == serial && (!last.backward() || last.length() == 1);
    }
    void erase_one_behind() noexcept {
        erased_run& last = erased_runs_.back();
        last.bits = (last.bits + 2) & ~1U;
        ++erased_;
    }
    void erase_one_before() noexcept {
        erased_run& last = erased_runs_.back();
        last.first -= 1;
        last.bits = (last.bits + 2) | 1;
        ++erased_;
    }

    /// The runs from erased step `since` on, the first one shortened to what is left of it.
    [[nodiscard]] std::vector<erased_run> erased_since(std::uint64_t since) const;

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

    serial_t base_ = 0;
    std::vector<erased_run> erased_runs_;
    std::vector<transaction_run> transactions_;
    std::uint64_t erased_ = 0;
};

} // namespace sangam::crdt
